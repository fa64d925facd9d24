"""An ONNX file whose scores one can write down: its classes are an image's red, green and blue."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

KINDS = {"float32": TensorProto.FLOAT, "float16": TensorProto.FLOAT16, "uint8": TensorProto.UINT8}


def write(
    path: Path,
    ending: tuple[str, ...] = (),
    *,
    outputs: tuple[str, ...] = (),
    shape: tuple[int | str, ...] = ("n", 3, 8, 8),
    gain: float = 1.0,
    dtype: str = "float32",
    metadata: dict[str, str] | None = None,
    axis: int | None = None,
) -> Path:
    """Write mean colours times `gain`, and what `ending` makes of them."""
    first = shape[1] == 3
    nodes = [
        helper.make_node("Cast", ["x"], ["float"], to=TensorProto.FLOAT),
        helper.make_node(
            "ReduceMean", ["float"], ["mean"], axes=[2, 3] if first else [1, 2], keepdims=0
        ),
        helper.make_node("Mul", ["mean", "gain"], ["logits"]),
        *(helper.make_node(kind, ["logits"], [kind.lower()], axis=axis) for kind in ending),
    ]
    graph = helper.make_graph(
        nodes,
        "colours",
        [helper.make_tensor_value_info("x", KINDS[dtype], shape)],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, [shape[0], 3])
            for name in outputs or (nodes[-1].output[0],)
        ],
        [numpy_helper.from_array(np.array(gain, np.float32), "gain")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, metadata or {})
    onnx.save(model, path)
    return path


WEIGHTS = np.random.default_rng(0).normal(size=(192, 3)).astype(np.float32)


def write_baked(path: Path) -> Path:
    """Write a network with a Reshape to one row inside, as exporters leave it."""
    graph = helper.make_graph(
        [
            helper.make_node("Reshape", ["x", "shape"], ["flat"]),
            helper.make_node("MatMul", ["flat", "weights"], ["logits"]),
            helper.make_node("Softmax", ["logits"], ["y"], axis=1),
        ],
        "baked",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, 8, 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 3])],
        [
            numpy_helper.from_array(np.array([1, 192]), "shape"),
            numpy_helper.from_array(WEIGHTS, "weights"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)
    return path


def two_inputs(path: Path, name: str = "weight") -> Path:
    """Write mean colours times a second input."""
    model = onnx.load(write(path))
    model.graph.input.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 3]))
    model.graph.node.append(helper.make_node("Mul", ["logits", name], ["y"]))
    model.graph.output[0].name = "y"
    onnx.save(model, path)
    return path
