"""What is read from an ONNX file is what the onnx package reads, and what ONNX Runtime computes."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import numpy as np
import pytest

import cilens
from cilens.errors import FileError
from cilens.paper.activations import stages
from cilens.paper.onnx_file import Layer, Network, read_network

DIGITS = Path(str(resources.files("cilens.models") / "shipped" / "data" / "digits.onnx"))


@pytest.mark.parametrize("name", ["digits.onnx", "imagenet.onnx"])
def test_layers_and_weights_are_those_of_the_onnx_package(name):
    onnx = pytest.importorskip("onnx")
    model = onnx.load(DIGITS.with_name(name))
    found = read_network(DIGITS.with_name(name))
    assert [(n.op_type, tuple(n.input), tuple(n.output)) for n in model.graph.node] == [
        layer[:3] for layer in found.layers
    ]
    for node, layer in zip(model.graph.node, found.layers, strict=True):
        numbers = {a.name: tuple(a.ints) or (a.i,) for a in node.attribute if a.type in (2, 7)}
        assert {name: layer.numbers[name] for name in numbers} == numbers
    arrays = {t.name: onnx.numpy_helper.to_array(t) for t in model.graph.initializer}
    floats = {name for name, array in arrays.items() if array.dtype.kind == "f"}
    assert set(found.weights) == floats
    for one in floats:
        np.testing.assert_array_equal(found.weights[one], arrays[one])


def test_numbers_not_stored_raw_and_whole_numbers(tmp_path):
    onnx = pytest.importorskip("onnx")
    helper, proto = onnx.helper, onnx.TensorProto
    weights = [
        helper.make_tensor("listed", proto.FLOAT, [2, 1], [0.5, -2.0]),
        helper.make_tensor("double", proto.DOUBLE, [1], np.array([1 / 3]).tobytes(), raw=True),
        helper.make_tensor("whole", proto.INT64, [2], [3, -1]),
    ]
    node = helper.make_node("MatMul", ["a", "listed"], ["b"], alpha=0.5, name="n")
    places = [helper.make_tensor_value_info(name, proto.FLOAT, [1, 2]) for name in "ab"]
    graph = helper.make_graph([node], "g", places[:1], places[1:], weights)
    onnx.save(helper.make_model(graph), tmp_path / "a.onnx")
    found = read_network(tmp_path / "a.onnx")
    assert found.weights["listed"].tolist() == [[0.5], [-2.0]]
    assert found.weights["double"].tolist() == [1 / 3]
    assert set(found.weights) == {"listed", "double"}
    assert found.filters() is None
    np.testing.assert_array_equal(found.weight(found.layers[0]), [[0.5], [-2.0]])


@pytest.mark.parametrize("index", [18, 285])
def test_stages_end_in_the_scores_of_onnx_runtime(index):
    model, image = cilens.load_model("digits"), cilens.read_image(f"mnist:{index}")
    (tensor,) = model.preprocess.tensor(image[None])
    found = stages(read_network(DIGITS), tensor)
    assert [stage.layer.kind for stage in found][-3:] == ["Flatten", "Gemm", "Softmax"]
    assert [s.values.shape for s in found if s.layer.kind == "Relu"] == [
        (8, 28, 28), (16, 14, 14), (32, 7, 7),
    ]  # fmt: skip
    assert [stage.weights for stage in found if stage.weights] == [784, 80, 1168, 4640, 15690]
    np.testing.assert_allclose(found[-1].values, model(image[None])[0], atol=1e-6)


def test_stages_end_where_a_layer_is_not_known_or_not_next():
    image = np.zeros((1, 4, 4))
    relu = Layer("Relu", ("image",), ("a",), {})
    for other in (
        Layer("LSTM", ("a",), ("b",), {}),
        Layer("Relu", ("image",), ("b",), {}),
        Layer("Conv", ("a", "w", "b"), ("c",), {"strides": (2, 2)}),
        Layer("MaxPool", ("a",), ("b",), {"kernel_shape": (3, 3), "strides": (2, 2)}),
    ):
        assert len(stages(Network((relu, other), {}), image)) == 1


@pytest.mark.parametrize("cut", [1, 100, 5000, 91000])
def test_damaged_files_are_refused(tmp_path, cut):
    (tmp_path / "cut.onnx").write_bytes(DIGITS.read_bytes()[:cut])
    with pytest.raises(FileError, match="is not an ONNX file, or a damaged one"):
        read_network(tmp_path / "cut.onnx")


@pytest.mark.parametrize(
    "data", [b"", b"not an onnx file at all", b"\x0f\x01", b"\x3a\x02\x0a\x00"]
)
def test_other_files_are_refused(tmp_path, data):
    (tmp_path / "other.onnx").write_bytes(data)
    with pytest.raises(FileError, match="is not an ONNX file"):
        read_network(tmp_path / "other.onnx")
    with pytest.raises(FileError, match="cannot be read"):
        read_network(tmp_path / "none.onnx")


def message(*fields: tuple[int, int | bytes]) -> bytes:
    """Write a message of protocol buffers, numbers below 128 only."""
    parts = []
    for number, value in fields:
        if isinstance(value, int):
            parts.append(bytes([number << 3, value]))
        else:
            parts.append(bytes([number << 3 | 2, len(value)]) + value)
    return b"".join(parts)


def test_shapes_may_be_packed_and_unknown_fields_are_passed_over(tmp_path):
    values = np.array([[1.5, -2.0, 0.25]], np.float32).tobytes()
    tensor = message((1, bytes([1, 3])), (2, 1), (8, b"w"), (9, values))
    node = message((1, b"x"), (1, b"w"), (2, b"y"), (3, b"name"), (4, b"Relu"))
    graph = message((1, node), (5, tensor))
    fixed = bytes([12 << 3 | 5, 1, 2, 3, 4]) + bytes([13 << 3 | 1]) + bytes(8)
    (tmp_path / "a.onnx").write_bytes(message((1, 8)) + fixed + message((7, graph)))
    found = read_network(tmp_path / "a.onnx")
    assert found.layers == (Layer("Relu", ("x", "w"), ("y",), {}),)
    assert found.weights["w"].tolist() == [[1.5, -2.0, 0.25]]
    (tmp_path / "b.onnx").write_bytes(message((7, message((1, message((4, 5)))))))
    with pytest.raises(FileError, match="a number where a text should be"):
        read_network(tmp_path / "b.onnx")
