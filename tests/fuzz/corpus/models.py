"""Networks of a few weights in every format, each with the mean colours or a layer or two."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np

Files = Iterator[tuple[str, bytes]]

CLASSES = '["red", "green", "blue"]'


def onnx_networks() -> Files:
    """Give ONNX: types, orders of axes, endings, metadata, and weights in the file."""
    import tiny_onnx
    from cilens.models.preprocess.record import Preprocess

    path = Path(tempfile.mkdtemp()) / "net.onnx"

    def says(**options: object) -> dict[str, str]:
        stated = Preprocess((8, 8), **options).to_json()
        return {"cilens.class_names": CLASSES, "cilens.preprocess": stated}

    for name, options in {
        "plain": {},
        "stated": {"metadata": says()},
        "softmax": {"ending": ("Softmax",)},
        "endings": {"ending": ("Softmax", "Sigmoid"), "outputs": ("softmax", "sigmoid")},
        "half": {"dtype": "float16", "metadata": says(dtype="float16")},
        "bytes": {
            "dtype": "uint8",
            "shape": (1, 8, 8, 3),
            "metadata": says(dtype="uint8", scale=255, layout="NHWC"),
        },
        "any-size": {"shape": ("n", 3, "height", "width")},
    }.items():
        yield f"{name}.onnx", tiny_onnx.write(path, **options).read_bytes()
    yield "control.onnx", _with_control_flow(path)
    yield "convolution.onnx", _convolution(path)


def _with_control_flow(path: Path) -> bytes:
    """Write a loop of three rounds around the mean colours, and a choice of two graphs."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    body = helper.make_graph(
        [
            helper.make_node("Identity", ["on"], ["still"]),
            helper.make_node("Mul", ["state", "gain"], ["next"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("round", TensorProto.INT64, []),
            helper.make_tensor_value_info("on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("state", TensorProto.FLOAT, None),
        ],
        [
            helper.make_tensor_value_info("still", TensorProto.BOOL, []),
            helper.make_tensor_value_info("next", TensorProto.FLOAT, None),
        ],
    )
    graph = helper.make_graph(
        [
            helper.make_node("ReduceMean", ["x"], ["mean"], axes=[2, 3], keepdims=0),
            helper.make_node("Loop", ["rounds", "", "mean"], ["scores"], body=body),
        ],
        "loop",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ("n", 3, 8, 8))],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ("n", 3))],
        [
            numpy_helper.from_array(np.array(0.9, np.float32), "gain"),
            numpy_helper.from_array(np.array(3, np.int64), "rounds"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)
    return path.read_bytes()


def _convolution(path: Path) -> bytes:
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    rng = np.random.default_rng(7)
    arrays = {"kernel": rng.normal(size=(2, 3, 3, 3)), "linear": rng.normal(size=(2, 3))}
    nodes = [
        helper.make_node("Conv", ["x", "kernel"], ["convolved"], pads=[1, 1, 1, 1], strides=[2, 2]),
        helper.make_node("Relu", ["convolved"], ["positive"]),
        helper.make_node("MaxPool", ["positive"], ["pooled"], kernel_shape=[2, 2]),
        helper.make_node("GlobalAveragePool", ["pooled"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["flat"]),
        helper.make_node("MatMul", ["flat", "linear"], ["logits"]),
    ]
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ("n", 3, 8, 8))],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ("n", 3))],
        [numpy_helper.from_array(a.astype(np.float32), name) for name, a in arrays.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)
    return path.read_bytes()


def tflite_networks() -> Files:
    """Give TFLite: floats, quantised, with metadata, labels, a convolution, a custom operator."""
    import zipfile

    import tiny_tflite
    from cilens.models.preprocess.record import Preprocess

    path = Path(tempfile.mkdtemp()) / "net.tflite"
    stated = Preprocess((8, 8), layout="NHWC").to_json()
    for name, options in {
        "plain": {},
        "stated": {"cilens_preprocess": stated, "cilens_class_names": CLASSES},
        "any-rows": {"shape": (-1, 8, 8, 3)},
        "quantised": {"dtype": "uint8", "steps": (1 / 255, 0)},
        "signed": {"dtype": "int8", "steps": (1 / 255, -128)},
        "fixed": {"fixed": True},
    }.items():
        tiny_tflite.colours(path, **options)
        yield f"{name}.tflite", path.read_bytes()
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("labels.txt", "red\ngreen\nblue\n")
    yield "labelled.tflite", path.read_bytes()
    yield "network.tflite", _lite_network(path)


def _lite_network(path: Path) -> bytes:
    from types import SimpleNamespace

    import tiny_tflite

    rng = np.random.default_rng(7)
    weights = SimpleNamespace(
        kernel=rng.normal(size=(5, 3, 3, 3)).astype(np.float32),
        linear=rng.normal(size=(5, 3)).astype(np.float32),
        bias=np.zeros(3, np.float32),
    )
    return tiny_tflite.network(path, weights, ending="SOFTMAX").read_bytes()


def keras_networks() -> Files:
    """Give .keras files: layers in a row, a graph, and one that holds Python code."""
    import keras_networks as made_by
    from keras_networks import keras

    path = Path(tempfile.mkdtemp()) / "net.keras"
    row = [
        keras.Input((8, 8, 3)),
        keras.layers.Rescaling(0.5),
        keras.layers.Conv2D(2, 3, activation="relu"),
        keras.layers.BatchNormalization(),
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dense(3, activation="softmax"),
    ]
    code = [keras.Input((8, 8, 3)), keras.layers.Lambda(lambda x: x), row[4]]
    for name, model in {
        "row": keras.Sequential(row),
        "graph": made_by.means(keras.layers.Activation("sigmoid")),
        "code": keras.Sequential(code),
    }.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.save(path)
        yield f"{name}.keras", path.read_bytes()


def _module() -> object:
    import torch

    torch.manual_seed(0)
    layers = torch.nn.Conv2d(3, 2, 3), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(1)
    return torch.nn.Sequential(*layers, torch.nn.Flatten(), torch.nn.Linear(2, 3)).eval()


def make() -> object:
    """Return the module that weights go into; the factory that the readers name."""
    return _module()


def weights() -> Files:
    """Give safetensors: whole, with metadata, in half precision, with a tensor too many."""
    import torch
    from safetensors.torch import save

    state = dict(_module().state_dict())
    yield "plain.safetensors", save(state)
    yield "stated.safetensors", save(state, {"cilens.class_names": CLASSES, "format": "pt"})
    yield "half.safetensors", save({name: value.half() for name, value in state.items()})
    yield "more.safetensors", save(state | {"more": torch.zeros(2, 0, 3)})


def programs() -> Files:
    """Give programs of `torch.export`: any number of rows, one row, with metadata."""
    import torch

    path = Path(tempfile.mkdtemp()) / "net.pt2"
    any_rows = ({0: torch.export.Dim("rows")},)
    for name, rows, shapes, extra in (
        ("any", 2, any_rows, {}),
        ("one", 1, None, {}),
        ("stated", 2, any_rows, {"cilens.class_names": CLASSES}),
    ):
        example = (torch.zeros(rows, 3, 8, 8),)
        program = torch.export.export(_module(), example, dynamic_shapes=shapes)
        torch.export.save(program, path, extra_files=extra)
        yield f"{name}.pt2", path.read_bytes()


def scripts() -> Files:
    """Give TorchScript: traced, scripted with a branch and a loop, and with metadata."""
    import torch

    path = Path(tempfile.mkdtemp()) / "net.ts"
    example = torch.zeros(2, 3, 8, 8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        traced = torch.jit.trace(_module(), example)
        for name, extra in (("traced.ts", {}), ("stated.pt", {"cilens.class_names": CLASSES})):
            torch.jit.save(traced, path, _extra_files=extra)
            yield name, path.read_bytes()
        torch.jit.save(torch.jit.script(_module()), path)
        yield "scripted.ts", path.read_bytes()
