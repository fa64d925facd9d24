"""A PyTorch file that cannot be used says why in one line, and PyTorch logs nothing."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from cilens.errors import FileError, InputError, ModelError
from cilens.models.preprocess.record import Preprocess
from cilens.models.torch.model import load_torch

P = Preprocess((8, 8))


def export(path: Path, module: torch.nn.Module, *examples: torch.Tensor) -> str:
    torch.export.save(torch.export.export(module, examples), path)
    return str(path)


@pytest.fixture
def flat(tmp_path: Path) -> str:
    return export(tmp_path / "net.pt2", torch.nn.Flatten().eval(), torch.zeros(2, 3, 8, 8))


def test_preprocessing_that_is_stated_nowhere(flat: str, tmp_path: Path) -> None:
    message = r"net\.pt2 does not say how an image becomes its input \(float32\), \(2, 3, 8, 8\): "
    with pytest.raises(InputError, match=message):
        load_torch(flat)


@pytest.mark.filterwarnings("ignore:.torch.jit.* is deprecated:DeprecationWarning")
def test_preprocessing_that_torchscript_does_not_state(tmp_path: Path) -> None:
    path = str(tmp_path / "net.ts")
    torch.jit.save(torch.jit.script(torch.nn.Flatten().eval()), path)
    with pytest.raises(InputError, match=r"input \(of a type unknown\), \(\?, \?, \?, \?\): state"):
        load_torch(path)


@pytest.mark.parametrize(
    ("preprocess", "message"),
    [
        (Preprocess((8, 9)), r"takes \(2, 3, 8, 8\); got \(2, 3, 8, 9\)"),
        (Preprocess((8, 8), dtype="float16"), "takes float32; got float16"),
    ],
)
def test_preprocessing_that_does_not_agree(flat: str, preprocess: Preprocess, message: str) -> None:
    with pytest.raises(InputError, match=message):
        load_torch(flat, preprocess=preprocess)


def test_a_program_in_training_mode(tmp_path: Path) -> None:
    module = torch.nn.Sequential(torch.nn.Dropout(), torch.nn.Flatten())
    path = export(tmp_path / "net.pt2", module.train(), torch.zeros(2, 3, 8, 8))
    with pytest.raises(InputError, match=r"in training mode: export it after module\.eval\(\)"):
        load_torch(path, preprocess=P)


def test_inputs_that_are_no_images(tmp_path: Path) -> None:
    path = export(tmp_path / "net.pt2", torch.nn.Flatten().eval(), torch.zeros(2, 8, 8))
    with pytest.raises(InputError, match=r"takes \(2, 8, 8\); .*; state channels=1,layout=NHW$"):
        load_torch(path, preprocess=P)


def test_several_inputs(tmp_path: Path) -> None:
    examples = torch.zeros(2, 5), torch.zeros(2, 5)
    path = export(tmp_path / "net.pt2", torch.nn.CosineSimilarity().eval(), *examples)
    with pytest.raises(InputError, match="must have one input, the images; it has 2"):
        load_torch(path, preprocess=P)


def test_an_output_that_is_not_there(flat: str) -> None:
    model = load_torch(flat, preprocess=P, output="logits")
    with pytest.raises(
        ModelError, match=r"'logits' picks a part of a .*; got Tensor: leave it out"
    ):
        model(np.zeros((2, 8, 8, 3)))


@pytest.mark.parametrize("device", ["gpu", "cuda:99"])
def test_a_device_that_is_not_there(flat: str, device: str) -> None:
    with pytest.raises(InputError, match=f"device '{device}' cannot be used here: "):
        load_torch(flat, preprocess=P, device=device)


@pytest.mark.parametrize("content", [b"", b"no network at all " * 99, b"PK\x03\x04" + bytes(99)])
def test_files_that_are_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.pt2"
    path.write_bytes(content)
    with pytest.raises(FileError, match=r"bad\.pt2 is not a PyTorch file, or a damaged one"):
        load_torch(str(path), preprocess=P)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"none\.pt2 cannot be read: No such file or directory"):
        load_torch(str(tmp_path / "none.pt2"), preprocess=P)
    with pytest.raises(FileError, match="cannot be read: Is a directory"):
        load_torch(str(tmp_path), preprocess=P)


def test_a_zip_of_something_else(tmp_path: Path) -> None:
    path = tmp_path / "arrays.pt"
    with path.open("wb") as file:
        np.savez(file, a=np.zeros(3))
    with pytest.raises(FileError, match=r"neither a torch\.export program .* nor TorchScript"):
        load_torch(str(path), preprocess=P)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file(flat: str, share: float) -> None:
    whole = Path(flat).read_bytes()
    Path(flat).write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(FileError, match=r"net\.pt2 is not a PyTorch file, or a damaged one"):
        load_torch(flat, preprocess=P)


@pytest.mark.parametrize(
    ("entry", "content"),
    [
        ("net/models/model.json", b"{}"),
        ("net/models/model.json", b"nothing"),
        ("net/data/weights/model_weights_config.json", b"[]"),
        ("net/data/weights/model_weights_config.json", b"{"),
        ("net/archive_version", b"99"),
    ],
)
def test_a_damaged_program(
    flat: str, caplog: pytest.LogCaptureFixture, entry: str, content: bytes
) -> None:
    with zipfile.ZipFile(flat) as file:
        entries = {name: file.read(name) for name in file.namelist()}
    with zipfile.ZipFile(flat, "w") as file:
        for name, data in (entries | {entry: content}).items():
            file.writestr(name, data)
    with pytest.raises(
        FileError, match=r"net\.pt2:? (is not a|is damaged|cannot be loaded|ExportedProgram)"
    ) as caught:
        load_torch(flat, preprocess=P)
    assert "\n" not in str(caught.value)
    assert not caplog.records
