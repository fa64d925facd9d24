"""OpenVINO answers as ONNX Runtime does, or it is said that it does not."""

from __future__ import annotations

import contextlib
import json
import pickle
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import cilens
import onnx_attacks as attacks
import tiny_onnx
from cilens.cli import main
from cilens.errors import CilensWarning, FileError, InputError, MissingDependencyError, ModelError
from cilens.models import model_path
from cilens.models.onnx import openvino
from cilens.models.onnx.model import OnnxModel
from cilens.testing import check_model

P = cilens.Preprocess((8, 8), scale=2, mean=(0.1, 0.2, 0.3), std=(1, 2, 3))


def images(rows: int) -> np.ndarray:
    return np.random.default_rng(rows).random((rows, 8, 8, 3), dtype=np.float32)


FORMS = {
    "any rows": {},
    "four rows": {"shape": (4, 3, 8, 8)},
    "channels last": {"shape": ("n", 8, 8, 3), "layout": "NHWC"},
    "two outputs": {"ending": ("Softmax",), "outputs": {"logits": ["n", 4], "softmax": ["n", 4]}},
    "weights beside it": {"external": True},
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_scores_are_those_of_onnx_runtime(write_onnx: Callable, form: dict) -> None:
    path = write_onnx(**form)
    layout = {"layout": form.get("layout", "NCHW")}
    stated = {"preprocess": cilens.Preprocess((8, 8), **layout), "activation": "softmax"}
    if "outputs" in form:
        stated |= {"output": "logits"}
    slow, fast = OnnxModel(path, **stated), OnnxModel(path, runtime="openvino", **stated)
    for rows in (1, 3, 9):
        np.testing.assert_allclose(fast(images(rows)), slow(images(rows)), atol=1e-6)
    np.testing.assert_array_equal(fast(images(9)), fast(images(9)))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(fast))(images(9)), fast(images(9)))


def test_it_is_openvino_that_answers(write_onnx: Callable, monkeypatch) -> None:
    model, asked = OnnxModel(write_onnx(), P, runtime="openvino"), []
    check_model(model, images(1)[0])
    real = openvino.Compiled.run
    monkeypatch.setattr(
        openvino.Compiled, "run", lambda *given: (asked.append(given), real(*given))[1]
    )
    monkeypatch.setattr("cilens.models.onnx.model.at_once", None)  # checked once, and no more
    model(images(3))
    assert len(asked) == 1


def test_the_shipped_networks() -> None:
    for name, image in (("digits", "mnist:0"), ("imagenet", "skimage:chelsea")):
        method = cilens.ContextualImportance(cilens.Grid(3, 3))
        fast, slow = (
            method(cilens.load_model(name, runtime=runtime), cilens.read_image(image))
            for runtime in ("openvino", None)
        )
        np.testing.assert_allclose(fast.scores, slow.scores, atol=5e-6)
        np.testing.assert_allclose(fast.influence, slow.influence, atol=5e-6)
        assert (fast.computed_by, slow.computed_by) == ("openvino", "onnx")


def test_the_result_says_what_computed(tmp_path: Path, capsys) -> None:
    assert main(["explain", "mnist:0", "--runtime", "openvino", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["computed_by"] == "openvino"
    model = cilens.Grouped(cilens.load_model("digits", runtime="openvino"), {"even": (0, 2)})
    found = cilens.explain(model, cilens.read_image("mnist:0"))
    found.save(tmp_path / "a.npz")
    assert cilens.Explanation.load(tmp_path / "a.npz").computed_by == "openvino"
    bright = cilens.explain(lambda batch: batch.mean(axis=(1, 2)), np.ones((8, 8)))
    assert bright.computed_by is None


@pytest.mark.filterwarnings("ignore:.torch.jit.* is deprecated:DeprecationWarning")
def test_in_a_process_of_its_own(tmp_path: Path) -> None:
    model = cilens.load_model("digits", runtime="openvino", isolate=True)
    digits = np.random.default_rng(0).random((3, 28, 28, 1), dtype=np.float32)
    np.testing.assert_allclose(model(digits), cilens.load_model("digits")(digits), atol=1e-6)
    assert model.computed_by == "openvino"
    script = torch.jit.script(nn.Sequential(nn.Flatten(), nn.Linear(192, 2)).eval())
    script.save(str(tmp_path / "net.ts"))
    stated = {"preprocess": P, "trust": True, "runtime": "onnx"}
    model = cilens.load_model(tmp_path / "net.ts", isolate=True, **stated)
    with pytest.raises(ModelError, match="PyTorch runs the module, not ONNX Runtime"):
        model(images(2))  # a warning there would be seen by nobody


def squares(path: Path, *nodes: object) -> Path:
    """Write a network with an operator that OpenVINO lacks, or that answers by chance."""
    return attacks.write(path, [*nodes, attacks.means("made")], outputs=("mean",))


def test_what_openvino_cannot_run_is_refused(tmp_path: Path) -> None:
    last = [attacks.node("Det", ["x"], ["made"]), attacks.node("Flatten", ["made"], ["y"])]
    path = attacks.write(tmp_path / "net.onnx", last)
    assert cilens.load_model(path, preprocess=P)(images(2)).shape == (2, 3)
    with pytest.raises(FileError, match=r"OpenVINO 20.*operations: Det-17; state runtime='onnx'"):
        cilens.load_model(path, preprocess=P, runtime="openvino")


def test_other_answers_are_refused(tmp_path: Path) -> None:
    path = squares(tmp_path / "net.onnx", attacks.node("RandomNormalLike", ["x"], ["made"]))
    model = cilens.load_model(path, preprocess=P, runtime="openvino")
    for _ in range(2):  # the second batch is refused as the first
        with pytest.raises(ModelError, match=r"as ONNX Runtime does.* differ by .*runtime='onnx'"):
            model(images(2))


def test_what_takes_long_is_stopped(write_onnx: Callable, monkeypatch) -> None:
    model, stopped = OnnxModel(write_onnx(), P, runtime="openvino", timeout=2), threading.Event()
    monkeypatch.setattr(openvino.Compiled, "run", lambda *_: stopped.wait(60))
    monkeypatch.setattr(openvino.Compiled, "stop", lambda _: stopped.set())
    with pytest.raises(ModelError, match=r"asking .*net.onnx took longer than 2 s"):
        model(images(2))
    assert stopped.is_set()


def test_a_network_that_is_stopped_can_be_asked_again() -> None:
    compiled = openvino.Compiled(model_path("imagenet"), 2, 2)
    pieces = [{0: np.zeros((4, 3, 224, 224), np.float32)}] * 3
    whole = compiled.run(pieces)
    for _ in range(3):
        stop = threading.Timer(0.02, compiled.stop)
        stop.start()
        with contextlib.suppress(RuntimeError):  # of a request that was on its way
            compiled.run(pieces)
        stop.join()
        np.testing.assert_array_equal(compiled.run(pieces), whole)


def test_a_failure_is_told_in_a_line_and_leaves_no_trace(write_onnx: Callable) -> None:
    compiled = openvino.Compiled(write_onnx())
    good, bad = np.zeros((2, 3, 8, 8), np.float32), np.zeros((2, 4, 8, 8), np.float32)
    with pytest.raises(RuntimeError, match=r"^[^\n]*incompatible[^\n]*$"):
        compiled.run([{0: good}, {0: bad}])
    assert compiled.run([{"x": good}], "logits")[0].shape == (2, 4)


REFUSED = {
    "an unknown one": ({"runtime": "openvinos"}, "did you mean 'openvino'"),
    "PyTorch": ({"runtime": "torch"}, "a .onnx file is run by onnx or openvino"),
}


@pytest.mark.parametrize(("stated", "message"), REFUSED.values(), ids=REFUSED)
def test_runtimes_that_cannot_be(tmp_path: Path, stated: dict, message: str) -> None:
    path = tiny_onnx.write(tmp_path / "net.onnx")
    with pytest.raises(InputError, match=message):
        cilens.load_model(path, preprocess=P, **stated)


def test_frameworks_without_a_choice(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a \.keras file is run by its own framework alone"):
        cilens.load_model(tmp_path / "net.keras", runtime="openvino")
    with pytest.raises(InputError, match="needs the default providers"):
        OnnxModel("net.onnx", runtime="openvino", providers=("CUDAExecutionProvider",))


def test_without_openvino_the_message_has_the_command(monkeypatch) -> None:
    monkeypatch.delitem(sys.modules, "cilens.models.onnx.openvino")
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(MissingDependencyError, match=r'pip install "cilens\[openvino\]"'):
        cilens.load_model("digits", runtime="openvino")


def test_a_module_of_pytorch() -> None:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 5)).eval()
    fast = cilens.TorchModel(module, P, runtime="openvino")
    np.testing.assert_allclose(fast(images(9)), cilens.TorchModel(module, P)(images(9)), atol=1e-5)
    assert fast.computed_by == "openvino"
    script = cilens.TorchModel(torch.nn.Flatten().eval(), P, runtime="openvino")
    script.module.register_forward_hook(lambda part, given, out: out + torch.rand(()))
    with pytest.warns(CilensWarning, match="PyTorch runs the module, not OpenVINO"):
        script(images(2))
    assert script.computed_by == "torch"
