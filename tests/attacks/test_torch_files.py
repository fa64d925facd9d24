"""PyTorch files without trust, and with it: archives that lie about what is in them, bombs."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import zipfile
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
import torch

import cilens
from cilens.cli import main
from cilens.errors import CilensError, FileError
from support.torch_files import (
    IMAGES,
    P,
    export,
    first_expression,
    refused,
    rewrite,
    script,
    touch,
)


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    return tmp_path / "mark"


# ---- programs need trust


@pytest.mark.parametrize("suffix", ["pt2", "ts", "pt", "PT2"])
def test_no_program_is_loaded_without_trust(tmp_path: Path, suffix: str) -> None:
    path = export(tmp_path / "net.pt2").rename(tmp_path / f"net.{suffix}")
    message = r"is a program, .* trust=True \(--trust\) .* ONNX \(\.onnx\), .* \(\.safetensors\)"
    with pytest.raises(FileError, match=message):
        cilens.load_model(path, preprocess=P)
    with pytest.raises(FileError, match=message):
        cilens.load_model(tmp_path / f"none.{suffix}")


def test_the_command_line_asks_for_trust_too(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    export(tmp_path / "net.pt2")
    PIL.Image.new("RGB", (8, 8), "tan").save("small.png")
    command = ["explain", "small.png", "--model", "net.pt2", "--activation", "softmax"]
    command += ["--preprocess", str(P), "--segmenter", "grid:rows=2,columns=2", "--json"]
    assert main(command) != 0
    assert "is a program, which PyTorch runs with your rights" in capsys.readouterr().err
    assert main([*command, "--trust"]) == 0


def test_no_statement_beside_a_file_gives_trust(tmp_path: Path) -> None:
    path = export(tmp_path / "net.pt2")
    (tmp_path / "net.cilens.toml").write_text("trust = true\n")
    with pytest.raises(FileError, match="is a program"):
        cilens.load_model(path, preprocess=P)


def test_a_weight_that_is_larger_than_its_bytes(tmp_path: Path) -> None:
    def grown(name: str, data: bytes) -> bytes:
        if name.endswith("weights_config.json"):
            config = json.loads(data)
            meta = config["config"]["layer.weight"]["tensor_meta"]
            meta["sizes"], meta["strides"] = [{"as_int": 10**6}] * 2, [{"as_int": 0}] * 2
            return json.dumps(config).encode()
        return data

    path = rewrite(export(tmp_path / "net.pt2"), grown)
    refused(path, r"'layer\.weight' declares 1,000,000,000,000 elements and stores 576")


def test_weights_that_are_not_there(tmp_path: Path) -> None:
    def emptied(name: str, data: bytes) -> bytes:
        return b"" if name == "data/weights/weight_0" else data

    refused(rewrite(export(tmp_path / "net.pt2"), emptied), r"reaches to element 576 of the 0")


# ---- memory


class Bomb(torch.nn.Module):
    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images.flatten(1) + torch.zeros([100_000, 30_000]).sum()


def test_a_step_that_takes_memory(tmp_path: Path) -> None:
    message = r"too much memory for one image of shape \(1, 3, 8, 8\): aten\.zeros.* hold 12,"
    refused(script(tmp_path / "net.ts", Bomb()), message)
    small = torch.export.export(Bomb().eval(), (torch.zeros(1, 3, 8, 8),), strict=False)
    torch.export.save(small, tmp_path / "net.pt2")
    refused(tmp_path / "net.pt2", message)


# ---- archives


def test_entries_that_unpack_to_more(tmp_path: Path) -> None:
    path = script(tmp_path / "net.ts")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as file:
        file.writestr("net/data/9", bytes(80 * 2**20))
    assert path.stat().st_size < 2**18
    refused(path, r"declares 8\d,\d{3},\d{3} bytes in a file of .*10 times the file and 64 MiB")


@pytest.mark.parametrize(
    "name",
    ["../../mark", "/mark", "net/../mark", "net\\mark", "C:mark", "net/\x1b[2J", "net/\udc80"],
)
def test_entries_that_lead_elsewhere(tmp_path: Path, name: str) -> None:
    path = export(tmp_path / "net.pt2")
    entry = zipfile.ZipInfo("placeholder")
    entry.filename = name
    with zipfile.ZipFile(path, "a") as file:
        try:
            file.writestr(entry, b"")
        except UnicodeEncodeError:
            pytest.skip("Python writes no such name")
    refused(path, "has an entry .* which is no plain name")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_entries_that_are_there_twice(tmp_path: Path) -> None:
    """One reader takes the first, another the last: what is checked must be what is read."""
    path = export(tmp_path / "net.pt2")
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("net/models/model.json", b"{}")
    refused(path, "has two entries 'net/models/model.json'")


def test_entries_beside_the_folder_that_is_read(tmp_path: Path) -> None:
    path = export(tmp_path / "net.pt2")
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("other/models/model.json", b"{}")
    refused(path, "it holds 2 folders")


def test_other_programs_in_the_file_are_left_out(tmp_path: Path, mark: Path) -> None:
    path = export(tmp_path / "net.pt2")
    with zipfile.ZipFile(path) as file:
        found = json.loads(file.read("net/models/model.json"))
    first_expression(found)["expr_str"] = touch(mark)
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("net/models/other.json", json.dumps(found))
        file.writestr("net/data/sample_inputs/other.pt", b"")
        for kind in ("weights", "constants"):
            file.writestr(f"net/data/{kind}/other_{kind}_config.json", b'{"config": {}}')
    with contextlib.suppress(CilensError):
        cilens.load_model(path, preprocess=P, trust=True)(IMAGES)
    assert not mark.exists()


@pytest.mark.parametrize(
    "value", [b"\xff\xfe", b'"a"', b"[1, 2, 3]", b'["\\ud800", "b", "c"]', b"[" * 100_000]
)
def test_metadata_that_are_none(tmp_path: Path, value: bytes) -> None:
    path = export(tmp_path / "net.pt2")
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("net/extra/cilens.class_names", value)
    with pytest.raises(CilensError) as caught:
        cilens.load_model(path, preprocess=P, trust=True)
    assert str(caught.value).isprintable()


def test_every_cut_of_a_file_is_refused(tmp_path: Path) -> None:
    for kind in (export(tmp_path / "net.pt2"), script(tmp_path / "net.ts")):
        whole = kind.read_bytes()
        for share in np.linspace(0, 0.99, 12):
            kind.write_bytes(whole[: int(share * len(whole))])
            with pytest.raises(CilensError):
                cilens.load_model(kind, preprocess=P, trust=True)


def test_the_process_is_left_as_it_was(tmp_path: Path) -> None:
    before = dict(os.environ), list(sys.path), io.DEFAULT_BUFFER_SIZE, torch.is_grad_enabled()
    cilens.load_model(export(tmp_path / "net.pt2"), preprocess=P, trust=True)(IMAGES)
    assert (dict(os.environ), list(sys.path), io.DEFAULT_BUFFER_SIZE, True) == before
