"""An ONNX file does what it and the caller state, or says in one line why it cannot."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper, save
from scipy import special

import tiny_onnx
from cilens.errors import FileError
from cilens.models import scores
from cilens.models.onnx.model import OnnxModel
from cilens.models.preprocess.record import Preprocess
from cilens.types import ImageModel

P = Preprocess((8, 8), scale=2, mean=(0.1, 0.2, 0.3), std=(1, 2, 3))


def images(rows: int, channels: int = 3) -> np.ndarray:
    return np.random.default_rng(rows).random((rows, 8, 8, channels), dtype=np.float32)


def logits(weights: object, tensor: np.ndarray) -> np.ndarray:
    """Compute the network of conftest in float64: its input is (rows, channels, height, width)."""
    kernel, linear, bias = (array.astype(np.float64) for array in weights)
    windows = np.lib.stride_tricks.sliding_window_view(tensor.astype(np.float64), (3, 3), (2, 3))
    convolved = np.einsum("nchwij,kcij->nkhw", windows, kernel)
    return np.maximum(convolved, 0).mean(axis=(2, 3)) @ linear + bias


def expected(weights: object, batch: np.ndarray, p: Preprocess) -> np.ndarray:
    values = (batch.astype(np.float64) * p.scale - np.asarray(p.mean)) / np.asarray(p.std)
    return logits(weights, values.transpose(0, 3, 1, 2))


@pytest.mark.parametrize("opset", [17, 20, 23])
@pytest.mark.parametrize(
    ("layout", "shape"),
    [("NCHW", ("n", 3, 8, 8)), ("NHWC", (None, 8, 8, 3)), ("NCHW", ("n", 3, "h", "w"))],
)
def test_scores_are_those_of_the_network(
    write_onnx: Callable, network_weights: Callable, layout: str, shape: tuple, opset: int
) -> None:
    p = replace(P, layout=layout)
    model = OnnxModel(write_onnx(shape, layout=layout, opset=opset), p)
    batch = images(3)
    scores = model(batch)
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, expected(network_weights(3, 4), batch, p), atol=1e-5)


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_a_network_of_bytes(write_onnx: Callable, network_weights: Callable, layout: str) -> None:
    shape = ("n", 1, 8, 8) if layout == "NCHW" else ("n", 8, 8, 1)
    p = Preprocess((8, 8), 1, scale=255, layout=layout, dtype="uint8")
    model = OnnxModel(write_onnx(shape, layout=layout, dtype="uint8"), p)
    batch = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 1)) / np.float32(255)
    scores = model(batch)
    np.testing.assert_allclose(scores, expected(network_weights(1, 4), batch, p), rtol=1e-5)


@pytest.mark.parametrize(("dtype", "tolerance"), [("float16", 0.02), ("float64", 1e-5)])
def test_a_network_of_other_floats(
    write_onnx: Callable, network_weights: Callable, dtype: str, tolerance: float
) -> None:
    p = replace(P, dtype=dtype)
    model = OnnxModel(write_onnx(dtype=dtype), p)
    np.testing.assert_allclose(
        model(images(3)), expected(network_weights(3, 4), images(3), p), atol=tolerance
    )


@pytest.mark.parametrize("rows", [1, 3, 4, 7, 8])
def test_a_fixed_batch_answers_any_number(
    write_onnx: Callable, network_weights: Callable, rows: int
) -> None:
    model = OnnxModel(write_onnx((4, 3, 8, 8)), P)
    scores = model(images(rows))
    assert scores.shape == (rows, 4)
    np.testing.assert_allclose(scores, expected(network_weights(3, 4), images(rows), P), atol=1e-5)


def test_one_of_several_outputs(write_onnx: Callable, network_weights: Callable) -> None:
    path = write_onnx(ending=("Softmax",), outputs={"logits": ["n", 4], "softmax": ["n", 4]})
    wanted = expected(network_weights(3, 4), images(3), P)
    np.testing.assert_allclose(OnnxModel(path, P, output="logits")(images(3)), wanted, atol=1e-5)
    for model in (
        OnnxModel(path, P, output="softmax"),
        OnnxModel(path, P, output="logits", activation="softmax"),
    ):
        np.testing.assert_allclose(model(images(3)), special.softmax(wanted, axis=1), atol=1e-6)


@pytest.mark.parametrize("shape", [["n", 1], ["n", "k"]])
@pytest.mark.parametrize(
    ("ending", "activation", "names"),
    [
        ((), "sigmoid", ()),
        ((), "sigmoid", ("cat", "dog")),
        (("Sigmoid",), "none", ("cat", "dog")),
    ],
)
def test_a_single_sigmoid_is_two_classes(
    write_onnx: Callable,
    network_weights: Callable,
    ending: tuple,
    activation: str,
    names: tuple,
    shape: list,
) -> None:
    outputs = {"sigmoid" if ending else "logits": shape}
    path = write_onnx(classes=1, ending=ending, outputs=outputs)
    model = OnnxModel(path, P, names, activation=activation)
    p = special.expit(expected(network_weights(3, 1), images(3), P))
    np.testing.assert_allclose(model(images(3)), np.hstack([1 - p, p]), atol=1e-6)
    assert model.class_names == names


def test_a_single_output_stays_one_where_nobody_says_more(write_onnx: Callable) -> None:
    path = write_onnx(classes=1)
    assert OnnxModel(path, P)(images(3)).shape == (3, 1)
    assert OnnxModel(path, P, ("age",))(images(3)).shape == (3, 1)


@pytest.mark.parametrize(("kind", "shape"), [("squeeze", ["n"]), ("mean", ["n", 5, 1, 1])])
def test_outputs_of_other_ranks(write_onnx: Callable, kind: str, shape: list) -> None:
    ending = ("Squeeze",) if kind == "squeeze" else ()
    model = OnnxModel(write_onnx(classes=1, ending=ending, outputs={kind: shape}), P)
    assert model(images(3)).shape == (3, 1 if kind == "squeeze" else 5)


def test_metadata_stands_in_the_fields(write_onnx: Callable) -> None:
    path = write_onnx(
        metadata={"cilens.preprocess": P.to_json(), "cilens.class_names": '["a", "b", "c", "d"]'}
    )
    model = OnnxModel(path)
    assert model.preprocess == P
    assert model.class_names == ("a", "b", "c", "d")
    assert model.output == "logits"
    assert model == OnnxModel(path, P, ("a", "b", "c", "d"), "logits")
    assert hash(model) == hash(OnnxModel(path))
    np.testing.assert_array_equal(model(images(2)), OnnxModel(path, P)(images(2)))


def test_what_the_caller_states_comes_first(write_onnx: Callable) -> None:
    path = write_onnx(
        metadata={"cilens.preprocess": P.to_json(), "cilens.class_names": '["a", "b", "c", "d"]'}
    )
    other = replace(P, scale=3)
    model = OnnxModel(path, other, ("e", "f", "g", "h"))
    assert (model.preprocess, model.class_names) == (other, ("e", "f", "g", "h"))


def test_it_is_an_image_model_and_says_what_it_is(write_onnx: Callable) -> None:
    model = OnnxModel(write_onnx(), P, [f"class {i}" for i in range(4)])
    assert isinstance(model, ImageModel)
    assert repr(model).startswith("OnnxModel(path='")
    assert "class 0" not in repr(model)
    view = model.view(np.zeros((8, 8, 3)))
    assert view.box == (0.0, 0.0, 8.0, 8.0)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.integers(1, 9), batch=st.integers(1, 9), seed=st.integers(0, 99))
def test_a_batch_split_changes_no_answer(
    write_onnx: Callable, rows: int, batch: int, seed: int
) -> None:
    model = OnnxModel(write_onnx(), P)
    whole = np.random.default_rng(seed).random((rows, 8, 8, 3), dtype=np.float32)
    parts = [model(whole[start : start + batch]) for start in range(0, rows, batch)]
    np.testing.assert_allclose(np.concatenate(parts), model(whole), atol=2e-6)


def test_the_same_batch_gives_the_same_bits(write_onnx: Callable) -> None:
    path = write_onnx()
    first = OnnxModel(path, P)(images(9))
    for threads in (0, 1, 2):
        np.testing.assert_array_equal(OnnxModel(path, P, threads=threads)(images(9)), first)


def test_the_session_is_made_once(write_onnx: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    real = onnxruntime.InferenceSession

    def counted(path: str, *given: object, **named: object) -> object:
        assert named["enable_fallback"] is False
        made.append(path)
        return real(path, *given, **named)

    monkeypatch.setattr(onnxruntime, "InferenceSession", counted)
    model = OnnxModel(write_onnx(), P)
    copy = pickle.loads(pickle.dumps(model))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: copy(images(2)), range(16)))
    model.view(np.zeros((8, 8, 3)))
    assert made == [model.path] * 2
    assert all((answer == answers[0]).all() for answer in answers)


def test_a_pickled_copy_is_equal_and_small(write_onnx: Callable) -> None:
    model = OnnxModel(write_onnx(), P, ("a", "b", "c", "d"))
    data = pickle.dumps(model)
    copy = pickle.loads(data)
    assert len(data) < 1000
    assert copy == model
    np.testing.assert_array_equal(copy(images(2)), model(images(2)))


def test_a_pickled_copy_misses_its_file(write_onnx: Callable) -> None:
    copy = pickle.loads(pickle.dumps(OnnxModel(write_onnx(), P)))
    Path(copy.path).unlink()
    with pytest.raises(FileError, match=r"net\.onnx cannot be read: No such file"):
        copy(images(2))


def test_inputs_are_left_alone(write_onnx: Callable) -> None:
    batch = images(3)
    batch.setflags(write=False)
    before = batch.copy()
    OnnxModel(write_onnx(), P)(batch)
    np.testing.assert_array_equal(batch, before)


def test_large_images_go_to_the_processor_a_few_at_a_time(tmp_path: Path, monkeypatch) -> None:
    model = OnnxModel(str(tiny_onnx.write(tmp_path / "net.onnx")), Preprocess((8, 8)))
    whole, asked, opened = model(images(7)), [], model._open()

    def watched(output: str, parts: list[np.ndarray]) -> list[np.ndarray]:
        asked.extend(map(len, parts))
        return opened.network.several(output, parts)

    network = opened.network._replace(several=watched)
    monkeypatch.setitem(model.__dict__, "_opened", opened._replace(network=network))
    monkeypatch.setattr(scores, "AT_ONCE", 3 * 3 * 8 * 8)
    np.testing.assert_allclose(model(images(7)), whole, atol=1e-6)
    assert asked == [3, 2, 2]


def test_a_network_quantised_inside_is_one_like_others(tmp_path: Path) -> None:
    """Mean colours of a picture in steps of 1/64: never off by more than half a step."""
    names, ends = ("x", "steps", "again", "mean"), ("scale", "zero")
    steps = [
        helper.make_node("QuantizeLinear", ["x", *ends], ["steps"]),
        helper.make_node("DequantizeLinear", ["steps", *ends], ["again"]),
        helper.make_node("ReduceMean", ["again"], ["mean"], axes=[2, 3], keepdims=0),
    ]
    graph = helper.make_graph(
        steps,
        "quantised",
        [helper.make_tensor_value_info(names[0], TensorProto.FLOAT, ("n", 3, 8, 8))],
        [helper.make_tensor_value_info(names[-1], TensorProto.FLOAT, ("n", 3))],
        [
            numpy_helper.from_array(np.array(1 / 64, dtype=np.float32), "scale"),
            numpy_helper.from_array(np.array(0, dtype=np.uint8), "zero"),
        ],
    )
    opsets = [helper.make_opsetid("", 17)]
    save(helper.make_model(graph, opset_imports=opsets, ir_version=8), tmp_path / "net.onnx")
    given = images(5)
    scores = OnnxModel(str(tmp_path / "net.onnx"), Preprocess((8, 8)))(given)
    np.testing.assert_allclose(scores, given.mean(axis=(1, 2)), atol=1 / 128)
    assert (scores != given.mean(axis=(1, 2))).any()
