"""ONNX Runtime stands in for a module while it gives the same answers, and no longer."""

from __future__ import annotations

import pickle
import sys
import warnings
from collections.abc import Callable

import numpy as np
import pytest
import torch
from captum.attr import FeatureAblation
from torch import nn

import cilens
from cilens.captum import ContextualImportance
from cilens.errors import CilensWarning, InputError, MissingDependencyError, ModelError
from cilens.models import scores
from cilens.models.onnx.runtime import TOLERANCE
from cilens.models.preprocess.record import Preprocess
from cilens.models.torch import runtime as torch_runtime
from cilens.models.torch.model import TorchModel
from cilens.models.torch.runtime import OnnxForward
from cilens.testing import check_model

P = Preprocess((8, 8), scale=2, mean=(0.1, 0.2, 0.3), std=(1, 2, 3))


class Net(nn.Module):
    """A convolution and a linear layer; the class counts how often PyTorch runs it."""

    runs = 0

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.convolution = nn.Conv2d(3, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.last = nn.Linear(4, 5)
        self.factor = 2.0

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        Net.runs += 1
        means = self.norm(self.convolution(images)).relu().mean(dim=(2, 3))
        return self.last(means) * self.factor


class Wrapped(nn.Module):
    """Whatever a function makes of the mean of the images."""

    def __init__(self, wrap: Callable[[torch.Tensor], object]) -> None:
        super().__init__()
        self.wrap = wrap

    def forward(self, images: torch.Tensor) -> object:
        return self.wrap(images.mean(dim=(2, 3)))


@pytest.fixture
def net() -> Net:
    return Net().eval()


def images(rows: int) -> np.ndarray:
    return np.random.default_rng(rows).random((rows, 8, 8, 3), dtype=np.float32)


def exports(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count exports from here on."""
    found: list[int] = []
    real = torch_runtime._exported
    monkeypatch.setattr(
        torch_runtime, "_exported", lambda *given: (found.append(1), real(*given))[1]
    )
    return found


def test_scores_are_pytorchs_for_any_number_of_rows(net: Net) -> None:
    fast, slow = (TorchModel(net, P, activation="softmax", runtime=r) for r in ("onnx", "torch"))
    for rows in (3, 1, 9):
        np.testing.assert_allclose(fast(images(rows)), slow(images(rows)), atol=1e-6)
    runs = Net.runs
    fast(images(9))
    assert Net.runs == runs  # it is ONNX Runtime that answered
    check_model(fast, images(1)[0])


def test_the_explanation_is_the_same(net: Net) -> None:
    image, method = images(1)[0], cilens.ContextualImportance(cilens.Grid(2, 2))
    one, other = (
        method(TorchModel(net, P, activation="softmax", runtime=r), image)
        for r in ("onnx", "torch")
    )
    np.testing.assert_allclose(one.influence, other.influence, atol=1e-6)


CHANGES = {
    "weights in place": lambda net: net.last.bias.data.add_(1.0),
    "a hook": lambda net: net.last.register_forward_hook(lambda part, given, out: out + 1),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_module_that_changed_gives_no_stale_answer(
    net: Net, change: Callable[[Net], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    fast, counted = TorchModel(net, P, runtime="onnx"), exports(monkeypatch)
    before = fast(images(2))
    change(net)
    after = fast(images(2))
    assert before.shape != after.shape or np.abs(before - after).max() > 1e-3
    np.testing.assert_allclose(after, TorchModel(net, P)(images(2)), atol=1e-5)
    fast(images(3))
    assert len(counted) == 2


def test_a_module_that_is_trained_is_refused_as_ever(net: Net) -> None:
    fast = TorchModel(net, P, runtime="onnx")
    net.norm.train()
    with pytest.raises(InputError, match=r"in training mode: call module\.eval\(\) first"):
        fast(images(2))


def test_images_of_another_size_are_another_export(net: Net, monkeypatch) -> None:
    fast, counted = OnnxForward(net), exports(monkeypatch)
    for size in (8, 9, 9):
        given = torch.rand(2, 3, size, size)
        torch.testing.assert_close(fast(given), net(given).detach(), atol=1e-5, rtol=0)
    assert len(counted) == 2


def test_a_fixed_number_of_rows_is_kept() -> None:
    module = nn.Sequential(nn.Unflatten(0, (4, 1)), nn.Flatten(), nn.Linear(192, 3)).eval()
    model = TorchModel(module, P, batch=4, runtime="onnx")
    np.testing.assert_allclose(
        model(images(6)), TorchModel(module, P, batch=4)(images(6)), atol=1e-5
    )


def test_an_exported_program_runs_too(net: Net) -> None:
    rows = ({0: torch.export.Dim.DYNAMIC},)
    program = torch.export.export(net, (torch.zeros(2, 3, 8, 8),), dynamic_shapes=rows).module()
    fast = TorchModel(program, P, runtime="onnx")
    np.testing.assert_allclose(fast(images(5)), TorchModel(net, P)(images(5)), atol=1e-5)
    assert fast._fast()._made.run is not None


def test_the_output_that_is_named() -> None:
    module = Wrapped(lambda means: {"hidden": means * 2, "logits": means}).eval()
    fast = TorchModel(module, P, output="logits", runtime="onnx")
    slow = TorchModel(module, P, output="logits")
    np.testing.assert_allclose(fast(images(2)), slow(images(2)), atol=1e-6)
    with pytest.raises(ModelError, match="must say which of several"):
        TorchModel(module, P, runtime="onnx")(images(2))


def test_half_precision_comes_back_as_float32(net: Net) -> None:
    module = Wrapped(lambda means: means.bfloat16()).eval()
    scores = TorchModel(module, P, runtime="onnx")(images(2))
    assert scores.dtype == np.float32


NOT_ALIKE = {
    "chance": (lambda means: means + torch.rand(()), r"exported, its outputs differ by"),
    "a branch": (
        lambda means: means if means.sum() > 0 else -means,
        "it cannot be exported: Could not guard on data-dependent expression",
    ),
    "what is no number": (lambda means: means * torch.nan, "its outputs differ by nan"),
    "rows together": (lambda means: means - means.mean(dim=0), "its outputs differ by"),
    "another shape": (lambda means: means.sum(dim=0), r"it puts out \(3,\) for 6 images"),
}


@pytest.mark.parametrize(("wrap", "why"), NOT_ALIKE.values(), ids=NOT_ALIKE)
def test_pytorch_answers_and_a_warning_says_why(
    wrap: Callable, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = Wrapped(wrap).eval()
    fast, given = OnnxForward(module), torch.rand(6, 3, 8, 8)
    with pytest.warns(CilensWarning, match=f"PyTorch runs the module, not ONNX Runtime.* {why}"):
        first = fast(given)
    assert first.shape == module(given).shape
    counted = exports(monkeypatch)
    fast(given)  # warns no more, and does not try again
    assert not counted


@pytest.mark.filterwarnings("ignore:.torch.jit.* is deprecated:DeprecationWarning")
def test_a_script_is_run_by_pytorch(net: Net) -> None:
    script = torch.jit.script(nn.Sequential(nn.Flatten(), nn.Linear(192, 2)).eval())
    with pytest.warns(CilensWarning, match="it cannot be exported: it is TorchScript"):
        scores = TorchModel(script, P, runtime="onnx")(images(2))
    np.testing.assert_array_equal(scores, TorchModel(script, P)(images(2)))


@pytest.mark.parametrize("far", [False, True])
def test_the_tolerance(net: Net, far: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    real = torch_runtime._run
    by = TOLERANCE * (1.1 if far else 0.9)
    monkeypatch.setattr(torch_runtime, "_run", lambda *given: real(*given) + by)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        OnnxForward(net)(torch.ones(2, 3, 8, 8))
    assert [one.category for one in told] == ([CilensWarning] if far else [])


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        ({"runtime": "onxx"}, r"unknown runtime 'onxx'; did you mean 'onnx'"),
        ({"autocast": "bfloat16", "runtime": "onnx"}, "needs device='cpu' and no autocast"),
    ],
)
def test_settings_that_are_wrong(net: Net, stated: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        TorchModel(net, P, **stated)


def test_a_tensor_elsewhere(net: Net) -> None:
    with pytest.raises(InputError, match="images must be on the processor; got 'meta'"):
        OnnxForward(net)(torch.ones(2, 3, 8, 8).to("meta"))


def test_without_onnxscript_the_message_has_the_command(net: Net, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    with pytest.raises(MissingDependencyError, match=r'onnxscript: pip install "cilens\[torch\]"'):
        TorchModel(net, P, runtime="onnx")


def test_large_images_are_asked_a_few_at_a_time(net: Net, monkeypatch) -> None:
    given, fast, asked = torch.rand(7, 3, 8, 8), OnnxForward(net), []
    whole = fast(given)
    run = fast._made.run

    def watched(rows: list[np.ndarray]) -> list[np.ndarray]:
        asked.extend(map(len, rows))
        return run(rows)

    monkeypatch.setattr(scores, "AT_ONCE", 3 * 3 * 8 * 8)
    fast.__dict__["_made"] = fast._made._replace(run=watched)
    torch.testing.assert_close(fast(given), whole, rtol=0, atol=1e-6)
    assert asked == [3, 2, 2]


def test_it_stands_behind_captums_interface(net: Net) -> None:
    given, mask = torch.rand(2, 3, 8, 8), torch.arange(64).reshape(1, 1, 8, 8) // 16
    ours = ContextualImportance(OnnxForward(net)).attribute(
        given, target=1, feature_mask=mask, baselines=0.5, perturbations_per_eval=3
    )
    runs = Net.runs
    theirs = FeatureAblation(net).attribute(given, target=1, feature_mask=mask, baselines=0.5)
    assert Net.runs > runs
    torch.testing.assert_close(ours, theirs.detach(), rtol=0, atol=1e-5)


def test_copies_leave_the_session_behind() -> None:
    layers = nn.Sequential(nn.Flatten(), nn.Linear(192, 4)).eval()
    model = TorchModel(layers, P, runtime="onnx")
    scores = model(images(2))
    copy = pickle.loads(pickle.dumps(model))
    assert "_forward" not in vars(copy)
    np.testing.assert_array_equal(copy(images(2)), scores)
    assert "_made" not in vars(pickle.loads(pickle.dumps(model._fast())))
