"""The last grid of ONNX files: found in the graph, and believed where the scores confirm it."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from cilens import OnnxModel, Preprocess, StatedModel, load_model, scoring
from cilens.errors import InputError, ModelError
from cilens.perturbation import Constant
from cilens.proxy.head import linked
from cilens.scoring.question import Question
from cilens.types import Cells

RNG = np.random.default_rng(0)
WEIGHTS = RNG.normal(size=(5, 4)).astype(np.float32)
BIAS = RNG.normal(size=5).astype(np.float32)
FILTERS = RNG.normal(size=(4, 3, 4, 4)).astype(np.float32)


def network(path, tail, *, batch="n", dtype=np.float32, extra=()):
    """Write a convolution to a grid of 2 x 2 with four channels, and what follows."""
    nodes = [helper.make_node("Conv", ["x", "filters"], ["grid"], strides=[4, 4]), *tail]
    constants = {"filters": FILTERS, "w": WEIGHTS, "wt": WEIGHTS.T, "b": BIAS}
    constants |= {"w4": WEIGHTS[..., None, None], "axes": np.array([1, 2]), "two": np.array(2.0)}
    used = {name for node in nodes for name in node.input}
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, 3, 8, 8])],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
            for name in (nodes[-1].output[0], *extra)
        ],
        [
            numpy_helper.from_array(np.ascontiguousarray(value, None), name)
            if value.dtype.kind == "i"
            else numpy_helper.from_array(np.asarray(value, dtype), name)
            for name, value in constants.items()
            if name in used
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.save(model, path)
    plain = Preprocess((8, 8), scale=1.0, mean=0.0, std=1.0)
    return OnnxModel(str(path), plain, output=nodes[-1].output[0])


def node(kind, inputs, output, **settings):
    return helper.make_node(kind, inputs.split(), [output], **settings)


POOL = node("GlobalAveragePool", "grid", "pool")
FLAT = node("Flatten", "pool", "flat")
GEMM = node("Gemm", "flat w b", "y", transB=1)
LAST = node("Transpose", "grid", "last", perm=[0, 2, 3, 1])
TAILS = {
    "gemm": [POOL, FLAT, GEMM],
    "softmax": [POOL, FLAT, node("Gemm", "flat w b", "z", transB=1), node("Softmax", "z", "y")],
    "sigmoid": [POOL, FLAT, node("Gemm", "flat w b", "z", transB=1), node("Sigmoid", "z", "y")],
    "matmul": [POOL, FLAT, node("MatMul", "flat wt", "z"), node("Add", "z b", "y")],
    "added first": [POOL, FLAT, node("MatMul", "flat wt", "z"), node("Add", "b z", "y")],
    "no bias": [POOL, FLAT, node("MatMul", "flat wt", "y")],
    "convolution": [POOL, node("Conv", "pool w4 b", "z"), node("Flatten", "z", "y")],
    "channels are classes": [POOL, node("Flatten", "pool", "y")],
    "channels last": [
        LAST, node("ReduceMean", "last axes", "flat", keepdims=0), GEMM,
    ],
}  # fmt: skip
OTHERS = {
    "maximum": [node("GlobalMaxPool", "grid", "pool"), FLAT, GEMM],
    "two layers": [
        POOL, FLAT, node("Gemm", "flat w b", "h", transB=1), node("Relu", "h", "y"),
    ],
    "no pool": [node("Flatten", "grid", "y")],
    "scaled": [POOL, FLAT, node("Gemm", "flat w b", "y", transB=1, alpha=2.0)],
}  # fmt: skip


def images(n=3):
    return RNG.random((n, 8, 8, 3), dtype=np.float32)


@pytest.mark.parametrize("tail", TAILS)
def test_the_mean_of_the_cells_is_the_logit(tail, tmp_path):
    model = network(tmp_path / "net.onnx", TAILS[tail])
    head, seen = model.head(), model.cells(batch := images())
    assert head.where.startswith("the mean over ")
    np.testing.assert_allclose(seen.scores, model(batch), atol=1e-6)
    assert seen.features.shape == (3, 4, 2, 2)
    cells = head.cells(seen.features, range(seen.scores.shape[1]))
    np.testing.assert_allclose(linked(cells.mean(axis=(2, 3)), head.link), seen.scores, atol=1e-5)
    assert head.link == (tail if tail in ("softmax", "sigmoid") else "none")


@pytest.mark.parametrize("tail", OTHERS)
def test_a_network_with_another_end_shows_none(tail, tmp_path):
    model = network(tmp_path / "net.onnx", OTHERS[tail])
    assert model.head() is None
    with pytest.raises(InputError, match=r"net\.onnx does not show one: look from outside"):
        model.cells(images())


def test_a_network_of_a_fixed_batch_is_filled_up(tmp_path):
    model = network(tmp_path / "net.onnx", TAILS["softmax"], batch=4)
    seen = model.cells(batch := images(6))
    assert seen.features.shape == (6, 4, 2, 2)
    np.testing.assert_allclose(seen.scores, model(batch), atol=1e-6)


def test_a_grid_that_is_put_out_anyway_is_no_hindrance(tmp_path):
    assert network(tmp_path / "net.onnx", TAILS["gemm"], extra=("grid",)).head() is not None


def test_the_shipped_networks():
    assert load_model("imagenet").head().weights.shape == (1000, 1280)
    assert load_model("digits").head() is None


def test_a_look_goes_through_the_loop_and_through_what_is_stated(tmp_path):
    model = network(tmp_path / "net.onnx", TAILS["softmax"])
    image, segments = images(1)[0], np.repeat([[0] * 4 + [1] * 4], 8, axis=0)
    coalitions = np.array([[True, True], [True, False], [False, True]])
    for asked in (model, StatedModel(model, batch_size=2)):
        question = Question(image, segments, coalitions, Constant(0.0), inside=True)
        plain = question._replace(inside=False)
        inside, outside = scoring.score(asked, [question, plain], batch_size=4)
        assert inside.features.shape == (3, 4, 2, 2)
        assert outside.features is None
        np.testing.assert_allclose(inside.scores, outside.scores, atol=1e-6)
        assert asked.head().link == "softmax"


def test_a_model_without_a_grid_is_refused_a_look():
    question = Question(
        np.ones((2, 2, 1)), np.zeros((2, 2), int), np.ones((1, 1), bool), Constant(0.0), inside=True
    )
    with pytest.raises(InputError, match="a model of type function does not show one"):
        list(scoring.score(lambda batch: batch.mean(axis=(1, 2)), [question]))


class Faulty:
    """A model whose features are of other rows."""

    def head(self):
        return None

    def cells(self, batch):
        return Cells(self(batch), np.zeros((len(batch) + 1, 1, 2, 2)))

    def __call__(self, batch):
        return batch.mean(axis=(1, 2))


def test_features_of_other_rows_are_refused():
    with pytest.raises(ModelError, match=r"here of 2 rows; got shape \(3, 1, 2, 2\)"):
        scoring.look_batch(Faulty(), np.ones((2, 2, 2, 1)))
