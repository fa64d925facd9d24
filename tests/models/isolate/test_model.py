"""A model in a separate process answers as it does here, and its failures are told."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import cilens
import tiny_onnx
from cilens import InputError, IsolatedModel, Limits, LiteRtModel, OnnxModel
from cilens.errors import FileError, ModelError
from cilens.models.inspect.description import describe
from cilens.models.isolate import model as isolated
from cilens.models.preprocess.record import FitError
from cilens.testing import check_model
from cilens.types import ImageModel

P = cilens.Preprocess((8, 8))
IMAGES = np.random.default_rng(0).random((3, 8, 8, 3), dtype=np.float32)


@pytest.fixture
def path(tmp_path: Path) -> str:
    own = {"cilens.preprocess": P.to_json(), "cilens.class_names": '["red", "green", "blue"]'}
    return str(tiny_onnx.write(tmp_path / "net.onnx", ("Softmax",), metadata=own))


def test_it_answers_as_here(path: str) -> None:
    here, there = cilens.load_model(path), cilens.load_model(path, isolate=True)
    assert isinstance(here, OnnxModel)
    assert isinstance(there, IsolatedModel)
    assert isinstance(there, ImageModel)
    assert (there.preprocess, there.class_names) == (here.preprocess, here.class_names)
    np.testing.assert_array_equal(there(IMAGES), here(IMAGES))
    np.testing.assert_array_equal(there.view(IMAGES[0]).image, here.view(IMAGES[0]).image)
    check_model(there, IMAGES[0])
    if sys.platform == "linux":
        assert there.kept[:2] == ("writes", "memory")


def test_an_explanation_is_that_of_here() -> None:
    image = cilens.read_image("mnist:0")
    here, there = (
        cilens.explain(cilens.load_model("digits", isolate=isolate), image)
        for isolate in (False, True)
    )
    np.testing.assert_array_equal(there.influence, here.influence)


def test_a_program_of_pytorch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = "torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(192, 2))"
    script = f"import torch\ndef make():\n    return {made}\n"
    (tmp_path / "its_factory.py").write_text(script, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    from safetensors.torch import save_file

    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(192, 2))
    save_file(network.state_dict(), tmp_path / "net.safetensors")
    model = cilens.load_model(
        tmp_path / "net.safetensors", preprocess=P, factory="its_factory:make", isolate=True
    )
    with torch.no_grad():
        right = network(torch.tensor(IMAGES.transpose(0, 3, 1, 2))).numpy()
    np.testing.assert_allclose(model(IMAGES), right, atol=1e-6)
    assert "its_factory" not in sys.modules


def test_it_is_a_value_and_travels(path: str) -> None:
    model = cilens.load_model(path, isolate=Limits(memory=2**30), timeout=60)
    assert model.limits == Limits(2**30, 60)
    assert model == IsolatedModel(
        path, P, ("red", "green", "blue"), "softmax", limits=Limits(2**30, 60)
    )
    assert hash(model) == hash(cilens.load_model(path, isolate=Limits(2**30, 60)))
    assert "limits=Limits(memory=1073741824, timeout=60.0)" in repr(model)
    assert len(pickle.dumps(model)) < 1000
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model))(IMAGES), model(IMAGES))


def test_what_does_not_fit_is_told_as_here(path: str) -> None:
    model = cilens.load_model(path, isolate=True)
    for ask in (lambda: model.view(np.zeros((9, 8, 3))), lambda: model(np.zeros((2, 9, 8, 3)))):
        with pytest.raises(FitError, match=r"wants 8 x 8 .* got 9 x 8"):
            ask()
    digits = cilens.load_model("digits", isolate=True)
    with pytest.raises(FitError, match=r"\(--model imagenet\)$"):
        digits.view(np.zeros((9, 8, 3)))
    for isolate in (False, True):
        with pytest.raises(FileError, match=r"none\.onnx cannot be read: No such file"):
            cilens.load_model("none.onnx", isolate=isolate)
        with pytest.raises(InputError, match="network's output: 3; got 1"):
            cilens.load_model(path, class_names=["a"], isolate=isolate)


def test_a_child_that_has_ended_is_started_anew(path: str) -> None:
    model = cilens.load_model(path, isolate=True)
    before, first = model(IMAGES), model._open().child
    first._process.kill()
    with pytest.raises(ModelError, match=r"ended the process made for it \(SIGKILL\)"):
        model(IMAGES)
    np.testing.assert_array_equal(model(IMAGES), before)
    assert model._open().child is not first


class Liar:
    """A child that says what a test wants."""

    def __init__(self, texts, answer=None) -> None:
        self.texts, self.answer, self.alive = texts, answer, True

    def __call__(self, *_):
        return self

    def ask(self, *_):
        return self.answer

    def close(self) -> None:
        self.alive = False


GOOD = {"preprocess": P.to_json(), "class_names": ["a", "b"], "output": None, "computed_by": "onnx"}


@pytest.mark.parametrize(
    ("lie", "message"),
    [
        ({"preprocess": 5}, "preprocess must be text"),
        ({"preprocess": '{"size": "huge"}'}, "size must be"),
        ({"class_names": "ab"}, r"class_names must be \(text, …\)"),
        ({"class_names": [1, 2]}, r"class_names must be \(text, …\)"),
        ({"computed_by": 5}, "computed_by must be text"),
        ({"output": ["a"]}, "output must be text or a whole number"),
        ({"output": "a" * 10**5}, "output must be within bounds"),
    ],
)
def test_a_lie_about_the_model(monkeypatch: pytest.MonkeyPatch, lie: dict, message: str) -> None:
    liar = Liar({**GOOD, **lie})
    monkeypatch.setattr(isolated, "Child", liar)
    with pytest.raises(
        FileError, match=rf"^net\.bin cannot be opened in a separate process.*{message}"
    ):
        IsolatedModel("net.bin")
    assert not liar.alive


@pytest.mark.parametrize("shape", [(3,), (2, 2), (3, 2, 1), ()])
def test_an_answer_of_another_shape(monkeypatch: pytest.MonkeyPatch, shape: tuple) -> None:
    monkeypatch.setattr(isolated, "Child", Liar(GOOD, np.zeros(shape)))
    with pytest.raises(ModelError, match=r"one row of scores for each image, \(3, classes\)"):
        IsolatedModel("net.bin")(IMAGES)


def test_a_file_is_described_as_here(path: str) -> None:
    here, there = describe(path), describe(path, isolate=True)
    assert there._replace(ask=None, child=None) == here._replace(ask=None, several=None, streams=0)
    fed = IMAGES.transpose(0, 3, 1, 2)
    np.testing.assert_array_equal(there.ask("softmax", fed), here.ask("softmax", fed))


@pytest.mark.slow
def test_which_limits_hold(path: str, tmp_path: Path) -> None:
    tiny_tflite = pytest.importorskip("tiny_tflite")
    lite = tiny_tflite.colours(tmp_path / "net.tflite")
    last = cilens.Preprocess((8, 8), layout="NHWC")
    assert cilens.load_model(path, timeout=7).timeout == 7
    assert cilens.load_model(lite, preprocess=last, timeout=7).limits == Limits(timeout=7)
    model = cilens.load_model(lite, preprocess=last, isolate=Limits(2**31))
    assert isinstance(model, LiteRtModel)
    assert model.limits == Limits(2**31)
    torch.export.save(
        torch.export.export(torch.nn.Flatten().eval(), (torch.zeros(2, 3, 8, 8),)),
        tmp_path / "net.pt2",
    )
    with pytest.raises(InputError, match=r"timeout is kept for \.onnx and \.tflite files, and"):
        cilens.load_model(tmp_path / "net.pt2", preprocess=P, trust=True, timeout=7)
    for isolate in (False, True):
        with pytest.raises(FileError, match=r"is a program, .*: state trust=True"):
            cilens.load_model(tmp_path / "net.pt2", preprocess=P, isolate=isolate)
    model = cilens.load_model(tmp_path / "net.pt2", preprocess=P, isolate=True, trust=True)
    assert model(IMAGES).shape == (3, 192)


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        ({"memory": 2**20}, "268435456 .256 MB. or more; got 1048576"),
        ({"memory": 1e10}, "whole number of bytes"),
        ({"timeout": 0}, "a number of seconds above 0; got 0"),
        ({"timeout": float("nan")}, "above 0; got nan"),
        ({"timeout": float("inf")}, "above 0; got inf"),
        ({"timeout": "5"}, "above 0; got '5'"),
    ],
)
def test_limits_that_are_none(stated: dict, message: str, unchecked: None) -> None:
    with pytest.raises(InputError, match=message):
        Limits(**stated)


@pytest.mark.slow
def test_a_keras_file(tmp_path: Path) -> None:
    """Keras and PyTorch look for a folder to write to when they are imported."""
    from keras_networks import keras

    network = keras.Sequential(
        [keras.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(4)]
    )
    network.save(tmp_path / "net.keras")
    last = cilens.Preprocess((8, 8), layout="NHWC")
    model = cilens.load_model(tmp_path / "net.keras", preprocess=last, isolate=True)
    np.testing.assert_allclose(model(IMAGES), network.predict(IMAGES, verbose=0), atol=1e-5)
