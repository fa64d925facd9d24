"""Tiny networks whose weights are known: a convolution, a mean over the picture, a linear layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

TYPES = {
    "float32": TensorProto.FLOAT,
    "float16": TensorProto.FLOAT16,
    "float64": TensorProto.DOUBLE,
    "uint8": TensorProto.UINT8,
}

WriteOnnx = Callable[..., str]


class Weights(NamedTuple):
    kernel: np.ndarray  # (out, in, 3, 3)
    linear: np.ndarray  # (out, classes)
    bias: np.ndarray  # (classes,)


def weights(channels: int, classes: int) -> Weights:
    rng = np.random.default_rng(7)
    return Weights(
        rng.normal(size=(5, channels, 3, 3)).astype(np.float32),
        rng.normal(size=(5, classes)).astype(np.float32),
        rng.normal(size=classes).astype(np.float32),
    )


@pytest.fixture
def network_weights() -> Callable[[int, int], Weights]:
    return weights


def steps(layout: str, ending: tuple[str, ...]) -> list[onnx.NodeProto]:
    """Return the network's nodes; `ending` adds operators to the logits, each an output."""
    nodes = [helper.make_node("Cast", ["x"], ["float"], to=TensorProto.FLOAT)]
    if layout == "NHWC":
        nodes.append(helper.make_node("Transpose", ["float"], ["first"], perm=[0, 3, 1, 2]))
    return [
        *nodes,
        helper.make_node("Conv", [nodes[-1].output[0], "kernel"], ["convolved"]),
        helper.make_node("Relu", ["convolved"], ["positive"]),
        helper.make_node("GlobalAveragePool", ["positive"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["flat"]),
        helper.make_node("Gemm", ["flat", "linear", "bias"], ["logits"]),
        *(helper.make_node(kind, ["logits"], [kind.lower()]) for kind in ending),
    ]


@pytest.fixture
def write_onnx(tmp_path: Path) -> WriteOnnx:
    """Return a function that writes a network of the form asked for, and returns its path."""

    def write(
        shape: Sequence[int | str | None] = ("n", 3, 8, 8),
        *,
        layout: str = "NCHW",
        dtype: str = "float32",
        classes: int = 4,
        ending: tuple[str, ...] = (),
        outputs: dict[str, list[int | str]] | None = None,
        opset: int = 17,
        metadata: dict[str, str] | None = None,
        external: bool = False,
    ) -> str:
        nodes = steps(layout, ending)
        outputs = outputs or {nodes[-1].output[0]: [shape[0], classes]}
        known = weights(shape[1 if layout == "NCHW" else 3], classes)._asdict()
        graph = helper.make_graph(
            nodes,
            "net",
            [helper.make_tensor_value_info("x", TYPES[dtype], shape)],
            [value(name, of) for name, of in outputs.items()],
            [numpy_helper.from_array(array, name) for name, array in known.items()],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
        model.ir_version = 10
        helper.set_model_props(model, metadata or {})
        path = tmp_path / "net.onnx"
        onnx.save_model(
            model, path, save_as_external_data=external, location="weights.bin", size_threshold=0
        )
        return str(path)

    return write


def value(name: str, shape: list[int | str]) -> onnx.ValueInfoProto:
    kind = TensorProto.INT64 if name == "argmax" else TensorProto.FLOAT
    return helper.make_tensor_value_info(name, kind, shape)
