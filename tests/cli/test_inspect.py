"""`cilens inspect`: what a new user sees, and what is kept beside the file."""

from __future__ import annotations

from pathlib import Path

import PIL.Image
import pytest

import keras_networks
import tiny_onnx
import tiny_tflite
from cilens.models.preprocess.record import Preprocess
from cilens.models.sidecar import read_stated, stated_path

WHOLE = "fit=stretch,scale=255,mean=127,std=128"


@pytest.fixture
def green(tmp_path: Path) -> Path:
    path = tmp_path / "green.png"
    PIL.Image.new("RGB", (12, 10), (0, 255, 0)).save(path)
    return path


@pytest.fixture
def logits(tmp_path: Path) -> Path:
    return tiny_onnx.write(tmp_path / "net.onnx")


def test_what_is_printed(run, logits: Path) -> None:
    ran = run("inspect", logits)
    assert (ran.code, ran.err) == (0, "")
    for text in ("(n, 3, 8, 8) float32", "logits", "(n, 3)", "NCHW", "Not known, and not guessed"):
        assert text in ran.out
    assert '--preprocess "size=8x8,channels=3,fit=?,scale=?,mean=?,std=?' in ran.out
    assert ran.out.rstrip().endswith("--activation ?")
    assert not stated_path(logits).exists()


def test_json(run, logits: Path, green: Path) -> None:
    record = run("inspect", logits, "--image", green, "--json").json()
    assert record["inputs"] == [{"name": "x", "dtype": "float32", "shape": ["n", 3, 8, 8]}]
    (output,) = record["outputs"]
    assert output["looks"]["high"] == 255
    assert output["looks"]["activation"] is None
    assert record["known"]["layout"]["value"] == "NCHW"
    assert list(record["unknown"]) == ["fit", "scale", "mean", "std", "activation"]
    assert record["saved"] is None
    assert record["preprocess"] in record["command"]


def test_the_shipped_network_says_all(run) -> None:
    record = run("inspect", "digits", "--image", "mnist:0", "--json").json()
    assert record["unknown"] == {}
    assert record["command"].endswith("--activation none")
    run("inspect", "digits", "--save").refused("digits comes with cilens")


def test_what_is_stated_is_saved_and_used(run, logits: Path, green: Path) -> None:
    ran = run("inspect", logits, "--preprocess", WHOLE, "--activation", "softmax")
    assert ran.code == 0
    assert f"Written: {stated_path(logits)}" in ran.out
    stated = read_stated(logits)
    assert stated.preprocess == Preprocess((8, 8), fit="stretch", scale=255, mean=127, std=128)
    assert stated.activation == "softmax"
    given = ("explain", green, "--model", logits, "--json")
    (record,) = run(*given).json()
    assert record["predicted"]["index"] == 1
    assert 0.5 < record["predicted"]["score"] < 1
    run(*given[:-1], "--activation", "none").refused("scores must lie in the output range", code=1)
    run(*given, "--preprocess", "size=9x9").refused("takes (n, 3, 8, 8)", "net.onnx.cilens.toml")


def test_the_printed_line_is_what_works(run, logits: Path, green: Path) -> None:
    line = run("inspect", logits, "--preprocess", WHOLE, "--json").json()["preprocess"]
    stated_path(logits).unlink()
    given = ("explain", green, "--model", logits, "--preprocess", line)
    assert run(*given, "--activation", "softmax").code == 0


def test_nothing_is_saved_half_known(run, logits: Path) -> None:
    run("inspect", logits, "--save").refused("nothing is saved", "fit:", "scale:", "std:")
    run("inspect", logits, "--preprocess", "scale=255").refused("nothing is saved", "mean:")
    assert not stated_path(logits).exists()


def test_class_names(run, logits: Path, tmp_path: Path) -> None:
    names = tmp_path / "names.txt"
    names.write_text("red\ngreen\n")
    given = ("inspect", logits, "--preprocess", WHOLE, "--class-names", names)
    run(*given).refused("class_names must name each class of the network's output: 3; got 2")
    names.write_text("red\ngreen\nblue\n")
    assert "3: red, green, blue" in run(*given).out
    assert read_stated(logits).class_names == ("red", "green", "blue")
    assert run("inspect", logits, "--json").json()["classes"] == ["red", "green", "blue"]


def test_several_outputs(run, tmp_path: Path, green: Path) -> None:
    path = tiny_onnx.write(tmp_path / "two.onnx", ("Softmax",), outputs=("logits", "softmax"))
    ran = run("inspect", path, "--image", green)
    assert ran.out.rstrip().endswith("--activation ? --output-name ?")
    given = ("inspect", path, "--image", green, "--preprocess", WHOLE)
    run(*given).refused("output: which of the outputs holds the scores")
    ran = run(*given, "--output-name", "softmax")
    assert ran.out.rstrip().endswith("--activation none --output-name softmax")
    assert read_stated(path).output == "softmax"
    assert run("explain", green, "--model", path).code == 0


def test_an_activation_twice(run, tmp_path: Path, green: Path) -> None:
    path = tiny_onnx.write(tmp_path / "soft.onnx", ("Softmax",))
    ran = run("inspect", path, "--image", green, "--activation", "softmax")
    assert "Caution: output 'softmax'" in ran.out


def test_a_network_that_answers_nan(run, tmp_path: Path, green: Path) -> None:
    path = tiny_onnx.write(tmp_path / "nan.onnx", gain=float("nan"))
    assert "not finite in 6 rows: preprocessing may be wrong" in run(
        "inspect", path, "--image", green
    ).out.replace("\n", " ")
    (output,) = run("inspect", path, "--image", green, "--json").json()["outputs"]
    assert (output["looks"]["low"], output["looks"]["activation"]) == (None, None)


def test_what_is_refused(run, logits: Path, tmp_path: Path) -> None:
    run("inspect", tmp_path / "net.pt2").refused("reads model files")
    run("inspect", tmp_path / "none.onnx").refused("cannot be read: No such file")
    run("inspect", logits, "--activation", "softmx").refused("did you mean 'softmax'")
    run("inspect", logits, "--preprocess", "layout=NHWC," + WHOLE).refused("state layout=NCHW")
    stated_path(logits).write_text("nothing")
    run("inspect", logits).refused("net.onnx.cilens.toml must be TOML")


@pytest.mark.parametrize("suffix", ["keras", "tflite"])
def test_other_files_are_inspected_too(run, tmp_path: Path, green: Path, suffix: str) -> None:
    path = tmp_path / f"net.{suffix}"
    if suffix == "tflite":
        tiny_tflite.colours(path)
    else:
        keras_networks.means(lambda mean: mean).save(path)
    record = run("inspect", path, "--image", green, "--json").json()
    assert record["preprocess"] == "size=8x8,channels=3,fit=?,scale=?,mean=?,std=?,layout=NHWC"
    assert run("inspect", path, "--preprocess", WHOLE, "--activation", "softmax").code == 0
    assert read_stated(path).preprocess.layout == "NHWC"
    (record,) = run("explain", green, "--model", path, "--json").json()
    assert record["predicted"]["index"] == 1
