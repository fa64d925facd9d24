"""What attacks by ONNX files share: networks from images `x` to `y`, and how each is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import cilens
from cilens.errors import CilensError, FileError
from cilens.models.inspect.description import describe

P = cilens.Preprocess((8, 8))
IMAGES = np.full((1, 8, 8, 3), 0.5, np.float32)
FLOAT, INT = TensorProto.FLOAT, TensorProto.INT64
node = helper.make_node


def write(path: Path, nodes, initializers=(), *, functions=(), outputs=("y",)) -> Path:
    """Write a network from images `x` to `y`."""
    graph = helper.make_graph(
        nodes,
        "attack",
        [helper.make_tensor_value_info("x", FLOAT, ["n", 3, 8, 8])],
        [helper.make_tensor_value_info(name, FLOAT, None) for name in outputs],
        [
            one if isinstance(one, onnx.TensorProto) else numpy_helper.from_array(*one)
            for one in initializers
        ],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("f", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=9, functions=list(functions))
    path.write_bytes(model.SerializeToString())
    return path


def whole(name: str, *numbers: int):
    return np.array(numbers, np.int64), name


def means(of: str = "x") -> onnx.NodeProto:
    return node("ReduceMean", [of], ["mean"], axes=[2, 3], keepdims=0)


def weights_elsewhere(path: Path, location: str, **more: object) -> Path:
    """Write a network whose three weights are in another file."""
    tensor = onnx.TensorProto(name="w", data_type=FLOAT, dims=[3])
    tensor.data_location = onnx.TensorProto.EXTERNAL
    for key, value in {"location": location, **more}.items():
        tensor.external_data.add(key=key, value=str(value))
    return write(path, [means(), node("Mul", ["mean", "w"], ["y"])], [tensor])


def refused(path: Path, message: str, error: type[CilensError] = FileError) -> None:
    for ask in (
        lambda: cilens.load_model(path, preprocess=P)(IMAGES),
        lambda: cilens.load_model(path, preprocess=P, runtime="openvino")(IMAGES),
        lambda: describe(str(path)).ask("y", np.zeros((1, 3, 8, 8), np.float32)),
    ):
        with pytest.raises(error, match=message) as caught:
            ask()
        assert "\n" not in str(caught.value)
        assert path.name in str(caught.value)
