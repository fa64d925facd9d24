"""A PyTorch module is asked as it stands: in evaluation mode, on its device, unchanged."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cilens.errors import InputError, ModelError
from cilens.models.onnx.model import OnnxModel
from cilens.models.preprocess.record import FitError, Preprocess
from cilens.models.torch.model import TorchModel
from cilens.testing import check_model
from cilens.types import ImageModel

P = Preprocess((8, 8), scale=2, mean=(0.1, 0.2, 0.3), std=(1, 2, 3))


class Net(torch.nn.Module):
    """The network of conftest, with a dropout that training would use."""

    def __init__(self, kernel: np.ndarray, linear: np.ndarray, bias: np.ndarray) -> None:
        super().__init__()
        self.kernel, self.linear, self.bias = map(torch.from_numpy, (kernel, linear, bias))
        self.dropout = torch.nn.Dropout()
        self.asked: list[torch.Tensor] = []

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        assert torch.is_inference_mode_enabled()
        self.asked.append(images)
        positive = torch.nn.functional.conv2d(images, self.kernel).relu()
        return self.dropout(positive.mean(dim=(2, 3)) @ self.linear + self.bias)


@dataclass
class Answer:
    logits: torch.Tensor


class Wrapped(torch.nn.Module):
    """Whatever a function makes of the mean of the images."""

    def __init__(self, wrap: Callable[[torch.Tensor], object]) -> None:
        super().__init__()
        self.wrap = wrap

    def forward(self, images: torch.Tensor) -> object:
        return self.wrap(images.mean(dim=(2, 3)))


@pytest.fixture
def net(network_weights: Callable) -> Net:
    return Net(*network_weights(3, 4)).eval()


def images(rows: int, channels: int = 3) -> np.ndarray:
    return np.random.default_rng(rows).random((rows, 8, 8, channels), dtype=np.float32)


@pytest.mark.parametrize("activation", ["none", "softmax", "sigmoid"])
def test_scores_are_those_of_the_same_network_in_onnx(
    net: Net, write_onnx: Callable, activation: str
) -> None:
    ours = TorchModel(net, P, activation=activation)(images(7))
    theirs = OnnxModel(write_onnx(), P, activation=activation)(images(7))
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, theirs, atol=2e-6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.integers(1, 9), batch=st.integers(1, 9))
def test_a_batch_split_changes_no_answer(net: Net, rows: int, batch: int) -> None:
    model, whole = TorchModel(net, P), images(rows)
    parts = [model(whole[start : start + batch]) for start in range(0, rows, batch)]
    np.testing.assert_allclose(np.concatenate(parts), model(whole), atol=2e-6)
    fixed = TorchModel(net, P, batch=batch)
    np.testing.assert_allclose(fixed(whole), model(whole), atol=2e-6)
    assert len(net.asked[-2]) == batch or rows == batch


def test_a_single_sigmoid_is_two_classes() -> None:
    module = Wrapped(lambda means: means[:, 0]).eval()
    p = 1 / (1 + np.exp(-images(5, 1).mean(axis=(1, 2))))
    model = TorchModel(module, Preprocess((8, 8), 1), ("cat", "dog"), activation="sigmoid")
    np.testing.assert_allclose(model(images(5, 1)), np.hstack([1 - p, p]), atol=1e-6)


def test_nothing_is_recorded_for_gradients(net: Net) -> None:
    net.linear.requires_grad_()
    assert TorchModel(net, P)(images(2)).shape == (2, 4)
    assert len(net.asked) == 1


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_layout_is_the_shape_and_channels_last_the_memory(layout: str) -> None:
    seen: list[torch.Tensor] = []

    def keep(images: torch.Tensor) -> torch.Tensor:
        seen.append(images)
        return images.flatten(1)

    module = torch.nn.Module().eval()
    module.forward = keep
    p = Preprocess((8, 8), layout=layout)
    for channels_last in (False, True):
        TorchModel(module, p, channels_last=channels_last)(images(2))
    shape = (2, 3, 8, 8) if layout == "NCHW" else (2, 8, 8, 3)
    assert [tuple(one.shape) for one in seen] == [shape, shape]
    assert seen[0].is_contiguous()
    assert seen[1].is_contiguous(memory_format=torch.channels_last)


def test_channels_last_changes_no_answer(net: Net) -> None:
    wanted = TorchModel(net, P)(images(5))
    np.testing.assert_allclose(TorchModel(net, P, channels_last=True)(images(5)), wanted, atol=2e-6)


def test_autocast_computes_in_half_precision(net: Net) -> None:
    wanted = TorchModel(net, P)(images(5))
    scores = TorchModel(net, P, autocast="bfloat16")(images(5))
    assert scores.dtype == np.float32
    assert 1e-4 < np.abs(scores - wanted).max() < 0.1


def test_what_numpy_has_no_type_for_becomes_float32() -> None:
    scores = TorchModel(Wrapped(lambda means: means.bfloat16()).eval(), P)(images(2))
    assert scores.dtype == np.float32


@pytest.mark.parametrize("dtype", ["float64", "float16"])
def test_precision_is_that_of_the_module(dtype: str) -> None:
    module = Wrapped(lambda means: means).eval()
    scores = TorchModel(module, Preprocess((8, 8), dtype=dtype))(images(2))
    assert scores.dtype == (np.float64 if dtype == "float64" else np.float32)


def test_training_mode_is_refused_and_left_alone(net: Net) -> None:
    model = TorchModel(net, P)
    net.dropout.train()
    for ask in (lambda: TorchModel(net, P), lambda: model(images(2))):
        with pytest.raises(InputError, match=r"in training mode: call module\.eval\(\) first"):
            ask()
    assert net.dropout.training
    assert not net.training


def test_a_traced_graph_has_the_mode_of_its_modules(net: Net) -> None:
    layers = torch.nn.Sequential(torch.nn.Dropout(), torch.nn.Flatten())
    graph = torch.fx.symbolic_trace(layers)
    with pytest.raises(InputError, match="the program is in training mode"):
        TorchModel(graph, P)
    assert TorchModel(graph.eval(), P)(images(2)).shape == (2, 192)


def test_an_exported_program_at_hand_needs_no_eval(net: Net) -> None:
    layers = torch.nn.Sequential(torch.nn.Dropout(), torch.nn.Flatten())
    example = (torch.zeros(2, 3, 8, 8),)
    with pytest.raises(InputError, match=r"in training mode: export it after module\.eval\(\)"):
        TorchModel(torch.export.export(layers, example).module(), P)
    exported = torch.export.export(layers.eval(), example).module()
    assert TorchModel(exported, P)(images(2)).shape == (2, 192)


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        ({"device": "meta"}, r"on device='meta'; it is on 'cpu': call module\.to\('meta'\) first"),
        ({"device": "gpu"}, "device 'gpu' cannot be used here: Expected one of cpu"),
        ({"activation": "relu"}, "unknown activation 'relu'"),
        ({"autocast": "bfloat"}, "unknown autocast precision 'bfloat'; did you mean 'bfloat16'"),
        ({"class_names": "cat"}, "class_names must be a sequence of texts"),
        ({"batch": 0}, "batch must be at least 1; got 0"),
    ],
)
def test_settings_that_are_wrong(stated: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        TorchModel(torch.nn.Linear(2, 2).eval(), P, **stated)


class Pair(NamedTuple):
    hidden: torch.Tensor
    logits: torch.Tensor


SEVERAL = {
    "dict": lambda means: {"hidden": None, "logits": means},
    "Answer": Answer,
    "tuple": lambda means: (None, means),
    "Pair": lambda means: Pair(means * 2, means),
}


@pytest.mark.parametrize(
    ("kind", "output"),
    [("dict", "logits"), ("Answer", "logits"), ("tuple", 1), ("tuple", "1"), ("Pair", "logits")],
)
def test_the_output_that_is_named_holds_the_scores(kind: str, output: str | int) -> None:
    picked = TorchModel(Wrapped(SEVERAL[kind]).eval(), P, output=output)
    plain = TorchModel(Wrapped(lambda means: means).eval(), P)
    np.testing.assert_array_equal(picked(images(2)), plain(images(2)))
    check_model(picked, images(1)[0])


@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        ("dict", "'hidden', 'logits': state output='logits', or whichever"),
        ("Answer", "'logits': state output='logits'"),
        ("tuple", "0, 1: state output=0"),
        ("Pair", "0, 1, 'hidden', 'logits': state output='logits'"),
    ],
)
def test_several_outputs_are_listed_where_none_is_named(kind: str, parts: str) -> None:
    model = TorchModel(Wrapped(SEVERAL[kind]).eval(), P)
    with pytest.raises(ModelError, match=f"must say which of several .* {kind} with {parts}"):
        model(images(2))


@pytest.mark.parametrize(
    ("kind", "output", "message"),
    [
        ("dict", "logit", r"unknown output 'logit'; did you mean 'logits'\? \(known: hidden, log"),
        ("tuple", 2, r"unknown output '2' \(known: 0, 1\)"),
        ("dict", "hidden", "scores must be one tensor; got NoneType"),
    ],
)
def test_an_output_that_is_none(kind: str, output: str | int, message: str) -> None:
    with pytest.raises((InputError, ModelError), match=message):
        TorchModel(Wrapped(SEVERAL[kind]).eval(), P, output=output)(images(2))


@pytest.mark.parametrize(
    ("wrap", "message"),
    [
        (lambda means: means[:1], r"one row of scores for each image, \(2, classes\); got .*1, 3"),
        (lambda means: means.argmax(dim=1), "must be floating-point scores; got int64"),
    ],
)
def test_answers_of_another_form(wrap: Callable, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        TorchModel(Wrapped(wrap).eval(), P)(images(2))


def test_names_are_counted(net: Net) -> None:
    with pytest.raises(InputError, match="network's output: 4; got 2"):
        TorchModel(net, P, ("a", "b"))(images(2))


def test_images_that_do_not_fit(net: Net) -> None:
    model = TorchModel(net, P)
    for ask in (lambda: model.view(np.zeros((9, 8, 3))), lambda: model(np.zeros((2, 9, 8, 3)))):
        with pytest.raises(FitError, match=r"wants 8 x 8 .* got 9 x 8"):
            ask()
    with pytest.raises(InputError, match="at least one image"):
        model(images(2)[:0])


def test_it_is_an_image_model_a_value_and_travels(net: Net) -> None:
    model = TorchModel(net, P, ["a", "b", "c", "d"])
    assert isinstance(model, ImageModel)
    assert model == TorchModel(net, P, ("a", "b", "c", "d"))
    assert hash(model) == hash(TorchModel(net, P, ("a", "b", "c", "d")))
    assert repr(model).startswith("TorchModel(preprocess=Preprocess(size=(8, 8)")
    layers = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(192, 4)).eval()
    copy = pickle.loads(pickle.dumps(TorchModel(layers, P)))
    np.testing.assert_array_equal(copy(images(2)), TorchModel(layers, P)(images(2)))


def test_without_torch_the_message_has_the_command() -> None:
    script = """
import sys
sys.modules["torch"] = None
import cilens
for ask in (
    lambda: cilens.TorchModel,
    lambda: cilens.load_model("net.pt2", trust=True),
    lambda: cilens.load_model("net.safetensors"),
    lambda: cilens.OnnxForward,
):
    try:
        ask()
    except cilens.MissingDependencyError as error:
        print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    line = 'a PyTorch model (.pt2, .ts, .pt) needs torch: pip install "cilens[torch]"\n'
    assert done.stdout == line * 3 + line.replace("a PyTorch model (.pt2, .ts, .pt)", "OnnxForward")
