"""Weights go into the network that a named function makes: all of them, and no others."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

import cilens
from cilens.errors import FileError, InputError
from cilens.models.preprocess.record import Preprocess
from cilens.models.torch.model import TorchModel
from cilens.models.torch.weights import find_function
from cilens.testing import check_model

P = Preprocess((8, 8))
IMAGES = np.random.default_rng(0).random((3, 8, 8, 3), dtype=np.float32)

OWN = """
import torch
from torch import nn

def make():
    layers = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(144, 5))
    return layers

def make_half():
    return make().half()

def make_tied():
    layers = nn.Sequential(nn.Flatten(), nn.Linear(192, 192), nn.Linear(192, 192))
    layers[2].weight = layers[1].weight
    return layers

def make_nothing():
    return {"no": "module"}

def make_with(classes):
    return nn.Linear(2, classes)

not_a_function = 3
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Put a module of the user's own where Python finds it; return its names."""
    (tmp_path / "own_nets.py").write_text(OWN, encoding="utf-8")
    (tmp_path / "broken_nets.py").write_text("1 / 0", encoding="utf-8")
    (tmp_path / "needy_nets.py").write_text("import no_such_package", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("own_nets", "broken_nets", "needy_nets"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    names: dict[str, object] = {}
    exec(OWN, names)
    return names


def made(own: dict, function: str = "make") -> nn.Module:
    torch.manual_seed(1)
    module = own[function]()
    for buffer in module.buffers():
        buffer.add_(1)
    return module.eval()


def saved(tmp_path: Path, weights: dict, metadata: dict | None = None) -> str:
    path = str(tmp_path / "weights.safetensors")
    save_file(weights, path, metadata)
    return path


def load(path: str, factory: str | None = "own_nets:make", **stated) -> TorchModel:
    return cilens.load_model(path, factory=factory, **{"preprocess": P, **stated})


def test_the_weights_are_those_of_the_file(own: dict, tmp_path: Path) -> None:
    module = made(own)
    model = load(saved(tmp_path, module.state_dict()), activation="softmax")
    assert not model.module.training
    wanted = TorchModel(module, P, activation="softmax")(IMAGES)
    np.testing.assert_array_equal(model(IMAGES), wanted)
    check_model(model, IMAGES[0])


def test_the_file_can_say_what_it_takes(own: dict, tmp_path: Path) -> None:
    stated = {"cilens.preprocess": P.to_json(), "cilens.class_names": '["a", "b", "c", "d", "e"]'}
    path = saved(tmp_path, made(own).state_dict(), stated)
    model = load(path, preprocess=None)
    assert model.preprocess == P
    assert model.class_names == ("a", "b", "c", "d", "e")
    assert load(path, class_names=list("vwxyz")).class_names == ("v", "w", "x", "y", "z")


def test_weights_under_two_names_stand_in_the_file_once(own: dict, tmp_path: Path) -> None:
    module = made(own, "make_tied")
    weights = {k: v for k, v in module.state_dict().items() if k != "2.weight"}
    model = load(saved(tmp_path, weights), "own_nets:make_tied")
    np.testing.assert_array_equal(model(IMAGES), TorchModel(module, P)(IMAGES))


def test_half_precision_widens_exactly_and_does_not_narrow(own: dict, tmp_path: Path) -> None:
    weights = made(own).half().state_dict()
    model = load(saved(tmp_path, weights))
    assert torch.equal(model.module[3].weight, weights["3.weight"].float())
    path = saved(tmp_path, made(own).state_dict())
    with pytest.raises(
        InputError, match=r"'0\.weight' is float32 in the file and float16 in the mo"
    ):
        load(path, "own_nets:make_half")


CHANGES: dict[str, tuple[Callable[[dict], object], str]] = {
    "missing": (lambda w: [w.pop("3.weight"), w.pop("0.bias")], "lacks '0.bias', '3.weight'$"),
    "unexpected": (lambda w: w.update(head=torch.zeros(1)), "the module lacks 'head'$"),
    "both": (
        lambda w: w.update(head=w.pop("3.bias")),
        "the file lacks '3.bias'; the module lacks 'head'$",
    ),
    "shape": (
        lambda w: w.update({"3.weight": torch.zeros(9, 144)}),
        r"'3.weight' is \(9, 144\) in the file and \(5, 144\) in the module$",
    ),
    "everything": (
        lambda w: [w.update({f"module.{name}": w.pop(name)}) for name in list(w)],
        "the file lacks '0.weight', .* and 4 more; the module lacks 'module.0.bias', .* 4 more$",
    ),
    "all shapes": (
        lambda w: w.update({name: torch.zeros(2, 2, 2) for name in w}),
        "'1.num_batches_tracked' is .*; and 4 more$",
    ),
}


@pytest.mark.parametrize(("change", "message"), CHANGES.values(), ids=CHANGES)
def test_what_does_not_fit_is_named(own, tmp_path, change, message) -> None:
    weights = {name: one.clone() for name, one in made(own).state_dict().items()}
    change(weights)
    path = saved(tmp_path, weights)
    pattern = rf"weights\.safetensors does not fit the module of own_nets:make: .*{message}"
    with pytest.raises(InputError, match=pattern):
        load(path)


@pytest.mark.parametrize(
    ("factory", "message"),
    [
        (
            None,
            r"holds weights and no network: state the function of yours that makes it, factory=",
        ),
        ("own_nets", r"must name a function as package\.module:function does; got 'own_nets'"),
        ("own_nets:", "must name a function as"),
        ("own nets:make()", "must name a function as"),
        ("own_nets:mak", r"unknown function of own_nets 'mak'; did you mean 'make'\?"),
        ("own_nets:not_a_function", "unknown function of own_nets 'not_a_function'"),
        ("own_netz:make", r"there is no module 'own_netz' in .*, …$"),
        ("own_nets.sub:make", r"there is no module 'own_nets.sub' in"),
        ("broken_nets:make", r"^importing broken_nets raised ZeroDivisionError: division by zero$"),
        (
            "needy_nets:make",
            r"^importing needy_nets raised ModuleNotFoundError: No module named 'no",
        ),
        ("own_nets:make_nothing", r"must return a torch\.nn\.Module; got dict$"),
        ("own_nets:make_with", r"own_nets:make_with raised TypeError: .*missing 1 required posit"),
    ],
)
def test_a_factory_that_makes_no_network(own, tmp_path, factory, message) -> None:
    path = saved(tmp_path, made(own).state_dict())
    with pytest.raises(InputError, match=message) as caught:
        load(path, factory)
    assert "\n" not in str(caught.value)


def test_without_a_preprocess_nothing_is_run(own: dict, tmp_path: Path) -> None:
    path = saved(tmp_path, made(own).state_dict())
    with pytest.raises(InputError, match="does not say how an image becomes its network's input"):
        load(path, "broken_nets:make", preprocess=None)
    assert "broken_nets" not in sys.modules


def test_a_file_beside_the_weights_names_no_code(own: dict, tmp_path: Path) -> None:
    path = saved(tmp_path, made(own).state_dict())
    Path(f"{path}.cilens.toml").write_text('factory = "own_nets:make"\n')
    with pytest.raises(FileError, match="unknown key 'factory'"):
        load(path)


def test_a_factory_for_a_file_with_a_network(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"factory is for \.safetensors files; net\.onnx holds"):
        cilens.load_model("net.onnx", factory="own_nets:make")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"", "is not a safetensors file, or a damaged one"),
        (b"\x80\x04\x95" + bytes(60), "is not a safetensors file, or a damaged one"),
    ],
)
def test_files_that_are_none(own: dict, tmp_path: Path, content: bytes | None, message) -> None:
    path = tmp_path / "net.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FileError, match=message) as caught:
        load(str(path))
    assert "\n" not in str(caught.value)


def test_a_damaged_file(own: dict, tmp_path: Path) -> None:
    path = Path(saved(tmp_path, made(own).state_dict()))
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(FileError, match="is not a safetensors file, or a damaged one"):
        load(str(path))


def test_a_function_by_its_name() -> None:
    assert find_function("os.path:join") is __import__("os").path.join


def test_without_safetensors_the_message_has_the_command() -> None:
    script = """
import sys
sys.modules["safetensors"] = None
import cilens
try:
    cilens.load_model("net.safetensors", factory="a:b")
except cilens.MissingDependencyError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == ('a .safetensors file needs safetensors: pip install "cilens[torch]"\n')
