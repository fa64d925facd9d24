"""What the README and the pages show runs, and prints what they say."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import PIL.Image
import pytest

import keras_networks
import tiny_onnx
import tiny_tflite
from cilens.cli import main
from cilens.models.preprocess.record import Preprocess

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
VISION = ROOT / "docs" / "how-to" / "explain-a-pretrained-network.md"  # make test-vision runs it
PAGES = [
    page
    for folder in ("tutorial", "how-to")
    for page in sorted((ROOT / "docs" / folder).glob("*.md"))
    if page != VISION
]


def blocks(language: str, text: str = README) -> list[str]:
    """Return a text's code blocks in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def words(text: str) -> str:
    """Return a text without its line breaks and the seconds it took."""
    return re.sub(r"\d+\.\d+ s\b", "… s", " ".join(text.split()))


def test_the_python_runs_from_top_to_bottom(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    assert len(blocks("python")) >= 3
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), names)
    assert names["explanation"].predicted == 3
    assert (tmp_path / "three.npz").is_file()


def put_networks(text: str) -> None:
    """Put the model files that a text names where it looks for them."""
    network = ROOT / "src" / "cilens" / "models" / "shipped" / "data" / "imagenet.onnx"
    Path("net.onnx").symlink_to(network)
    if "patient.onnx" in text:
        tiny_onnx.two_inputs(Path("patient.onnx"), "age")
    if "net.keras" in text:
        keras_networks.means(lambda mean: mean).save("net.keras")
    if "net.tflite" in text:
        stated = Preprocess((32, 32), fit="crop", layout="NHWC").to_json()
        tiny_tflite.colours(
            Path("net.tflite"),
            shape=(1, 32, 32, 3),
            dtype="uint8",
            steps=(1 / 128, 128),
            cilens_preprocess=stated,
        )


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_the_pages_code_runs_from_top_to_bottom(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    put_networks(page.read_text(encoding="utf-8"))
    code = blocks("python", page.read_text(encoding="utf-8"))
    assert code
    for block in code:
        exec(compile(block, page.name, "exec"), names)


COMMANDS = [
    block for page in PAGES for block in blocks("console", page.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("block", [*blocks("console"), *COMMANDS])
def test_the_commands_run_and_print_what_is_shown(block, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    command, _, shown = block.replace("\\\n", "").partition("\n")
    for name in ("cat.jpg", "photo.jpg"):
        PIL.Image.new("RGB", (300, 260), "tan").save(name)
    Path("photos").mkdir()
    PIL.Image.new("RGB", (300, 260), "teal").save("photos/sea.jpg")
    Path("names.txt").write_text("\n".join(f"class {i}" for i in range(1000)), encoding="utf-8")
    put_networks(command)
    arguments = shlex.split(command.removeprefix("$ cilens "))
    if "--factory" in arguments:  # what the page has made before
        page = (ROOT / "docs/how-to/explain-a-pytorch-network.md").read_text(encoding="utf-8")
        first, _, saving, _ = blocks("python", page)
        exec(first.partition("model =")[0] + saving, {})
        imports, _, function = first.partition("def make")
        Path("my_nets.py").write_text(f"{imports}def make{function.partition('network =')[0]}")
        monkeypatch.setattr(sys, "path", [*sys.path])
        monkeypatch.delitem(sys.modules, "my_nets", raising=False)
    if "reproduce" in arguments:  # minutes of work: tests/cli/test_reproduce.py runs it, on few
        arguments += ["--help"]
    if (
        "softmax" in arguments and "--factory" not in arguments
    ):  # the shipped network ends in its own softmax
        arguments[arguments.index("softmax")] = "none"
    assert main(arguments) == 0
    assert words(shown) in words(capsys.readouterr().out)


def test_the_page_that_is_run_elsewhere_is_there():
    assert VISION.is_file()


def test_its_pictures_are_there():
    pictures = re.findall(r"!\[[^]]+\]\(([^)]+)\)", README)
    assert pictures
    assert all((ROOT / picture).is_file() for picture in pictures)
