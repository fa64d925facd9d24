"""Programs come out of files, pickles do not: not even where PyTorch itself would read them."""

from __future__ import annotations

import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from cilens.errors import FileError
from cilens.models.preprocess.record import Preprocess
from cilens.models.torch.archive import without_log
from cilens.models.torch.model import TorchModel, load_torch

P = Preprocess((8, 8), scale=2, mean=(0.1, 0.2, 0.3), std=(1, 2, 3))
IMAGES = np.random.default_rng(0).random((7, 8, 8, 3), dtype=np.float32)
NAMES = '["a", "b", "c", "d"]'

torchscript = pytest.mark.filterwarnings("ignore:.torch.jit.* is deprecated:DeprecationWarning")


class Evil:
    """Unpickled, it leaves a file behind."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Callable, tuple[Path]]:
        return Path.touch, (self.mark,)


@pytest.fixture
def net() -> torch.nn.Module:
    torch.manual_seed(0)
    layers = torch.nn.Conv2d(3, 5, 3), torch.nn.BatchNorm2d(5), torch.nn.ReLU()
    head = torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(5, 4)
    return torch.nn.Sequential(*layers, torch.nn.Dropout(), *head).eval()


@pytest.fixture
def wanted(net: torch.nn.Module) -> np.ndarray:
    return TorchModel(net, P)(IMAGES)


def export(net: torch.nn.Module, path: Path, rows: int | None = None, **extra: str) -> str:
    """Write a .pt2 file, for any number of rows or for a fixed one."""
    example = torch.zeros(rows or 2, 3, 8, 8)
    shapes = None if rows else ({0: torch.export.Dim("rows")},)
    program = torch.export.export(net, (example,), dynamic_shapes=shapes)
    named = {f"cilens.{key}": text for key, text in extra.items()}
    torch.export.save(program, path, extra_files=named)
    return str(path)


def rewrite(path: str, change: Callable[[str, bytes], tuple[str, bytes] | None]) -> str:
    """Change the entries of an archive; the name comes without its first folder."""
    with zipfile.ZipFile(path) as file:
        entries = {name: file.read(name) for name in file.namelist()}
    with zipfile.ZipFile(path, "w") as file:
        for name, data in entries.items():
            root, _, inner = name.partition("/")
            changed = change(inner, data)
            if changed is not None:
                file.writestr(f"{root}/{changed[0]}", changed[1])
    return path


# ---- what works


@pytest.mark.parametrize("rows", [None, 1, 4])
def test_an_exported_program(
    net: torch.nn.Module, wanted: np.ndarray, tmp_path: Path, rows: int | None
) -> None:
    model = load_torch(export(net, tmp_path / "net.pt2", rows), preprocess=P)
    assert model.batch == rows
    np.testing.assert_allclose(model(IMAGES), wanted, atol=1e-6)


@torchscript
@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("suffix", ["ts", "pt"])
def test_torchscript(
    net: torch.nn.Module, wanted: np.ndarray, tmp_path: Path, frozen: bool, suffix: str
) -> None:
    path = str(tmp_path / f"net.{suffix}")
    script = torch.jit.script(net)
    torch.jit.save(torch.jit.freeze(script) if frozen else script, path)
    np.testing.assert_allclose(load_torch(path, preprocess=P)(IMAGES), wanted, atol=1e-6)


@torchscript
def test_torchscript_saved_in_training_mode_is_read_in_evaluation_mode(
    net: torch.nn.Module, wanted: np.ndarray, tmp_path: Path
) -> None:
    path = str(tmp_path / "net.ts")
    torch.jit.save(torch.jit.script(net.train()), path)
    np.testing.assert_allclose(load_torch(path, preprocess=P)(IMAGES), wanted, atol=1e-6)


def test_the_contents_say_what_it_is(
    net: torch.nn.Module, wanted: np.ndarray, tmp_path: Path
) -> None:
    path = Path(export(net, tmp_path / "net.pt2")).rename(tmp_path / "net.pt")
    np.testing.assert_allclose(load_torch(str(path), preprocess=P)(IMAGES), wanted, atol=1e-6)


def test_the_file_states_preprocessing_and_names(net: torch.nn.Module, tmp_path: Path) -> None:
    path = export(net, tmp_path / "net.pt2", preprocess=P.to_json(), class_names=NAMES)
    model = load_torch(path, activation="softmax")
    assert (model.preprocess, model.class_names) == (P, ("a", "b", "c", "d"))
    np.testing.assert_allclose(model(IMAGES).sum(axis=1), 1, atol=1e-6)
    assert load_torch(path, class_names=("e", "f", "g", "h")).class_names[0] == "e"


@torchscript
def test_torchscript_states_them_too(net: torch.nn.Module, tmp_path: Path) -> None:
    path = str(tmp_path / "net.ts")
    stated = {"cilens.preprocess": P.to_json(), "cilens.class_names": NAMES}
    torch.jit.save(torch.jit.script(net), path, _extra_files=stated)
    assert load_torch(path).preprocess == P


def test_a_copy_reads_the_file_again(
    net: torch.nn.Module, wanted: np.ndarray, tmp_path: Path
) -> None:
    path = export(net, tmp_path / "net.pt2")
    data = pickle.dumps(load_torch(path, preprocess=P))
    assert len(data) < 1000
    np.testing.assert_allclose(pickle.loads(data)(IMAGES), wanted, atol=1e-6)
    Path(path).unlink()
    with pytest.raises(FileError, match=r"net\.pt2 cannot be read: No such file"):
        pickle.loads(data)


# ---- nothing is unpickled


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("suffix", ["pt", "pt2", "ts"])
def test_checkpoints_are_refused(tmp_path: Path, zipped: bool, suffix: str) -> None:
    path, mark = tmp_path / f"net.{suffix}", tmp_path / "mark"
    torch.save(Evil(mark), path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(FileError, match=r"is a pickled checkpoint: cilens never unpickles a file"):
        load_torch(str(path), preprocess=P)
    path.write_bytes(pickle.dumps(Evil(mark)))
    with pytest.raises(FileError, match=r"pass cilens\.TorchModel\(module, preprocess\), or write"):
        load_torch(str(path), preprocess=P)
    assert not mark.exists()


def test_example_inputs_are_left_out(
    net: torch.nn.Module, wanted: np.ndarray, tmp_path: Path
) -> None:
    """PyTorch reads these as a pickle, with all rights where it has to."""
    mark, path = tmp_path / "mark", export(net, tmp_path / "net.pt2")

    def change(name: str, data: bytes) -> tuple[str, bytes]:
        if name.startswith("data/sample_inputs/"):
            torch.save((Evil(mark),), tmp_path / "evil")
            data = (tmp_path / "evil").read_bytes()
        return name, data

    model = load_torch(rewrite(path, change), preprocess=P)
    np.testing.assert_allclose(model(IMAGES), wanted, atol=1e-6)
    assert not mark.exists()
    with without_log("torch._export.serde"):
        torch.export.load(path)  # the trap is a real one
    assert mark.exists()


def stained(entry: dict[str, object]) -> Callable[[str, bytes], tuple[str, bytes]]:
    """Return a change that gives a program's first weight other properties."""

    def change(name: str, data: bytes) -> tuple[str, bytes]:
        if name.endswith("weights_config.json"):
            config = json.loads(data)
            next(iter(config["config"].values())).update(entry)
            data = json.dumps(config).encode()
        return name, data

    return change


@pytest.mark.parametrize("entry", [{"use_pickle": True}, {"path_name": "opaque_obj_0"}])
def test_pickled_weights_are_refused(
    net: torch.nn.Module, tmp_path: Path, entry: dict[str, object]
) -> None:
    path = rewrite(export(net, tmp_path / "net.pt2"), stained(entry))
    with pytest.raises(FileError, match=r"holds pickled tensors or objects \(data/weights/model_"):
        load_torch(path, preprocess=P)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("data/weights/model.pt", "holds pickled tensors or objects"),
        ("data/constants/model.pt", "holds pickled tensors or objects"),
        ("data/aotinductor/model/net.so", "holds compiled code"),
    ],
)
def test_other_forms_are_refused(
    net: torch.nn.Module, tmp_path: Path, name: str, message: str
) -> None:
    path = export(net, tmp_path / "net.pt2")
    with zipfile.ZipFile(path, "a") as file:
        file.writestr(f"net/{name}", b"anything")
    with pytest.raises(FileError, match=message):
        load_torch(path, preprocess=P)


def test_the_old_form_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "net.pt2"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("serialized_exported_program.json", "{}")
        file.writestr("serialized_state_dict.pt", b"a pickle")
    with pytest.raises(FileError, match="an exported program of an old form, with pickles"):
        load_torch(str(path), preprocess=P)


class Both(torch.nn.Module):
    def __init__(self, net: torch.nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, images: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"mean": images.mean(dim=(1, 2, 3)), "logits": self.net(images)}


def test_a_program_of_several_outputs(
    net: torch.nn.Module, wanted: np.ndarray, tmp_path: Path
) -> None:
    path = export(Both(net).eval(), tmp_path / "net.pt2")
    model = load_torch(path, preprocess=P, output="logits")
    np.testing.assert_allclose(model(IMAGES), wanted, atol=1e-6)
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy(IMAGES), model(IMAGES))
