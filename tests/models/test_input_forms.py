"""Networks that take images in other forms: flat, without channels, B, G, R, as integers, in bands.

Each is one linear layer over all pixels, so its scores can be written down.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

import cilens
import tiny_onnx
import tiny_tflite
from cilens import KerasModel, LiteRtModel, OnnxModel, TorchModel
from cilens.errors import InputError
from cilens.models.preprocess.record import Preprocess
from cilens.models.torch.model import load_torch
from keras_networks import keras

WEIGHTS = np.random.default_rng(0).normal(size=(6 * 6, 3)).astype(np.float32)
IMAGES = np.random.default_rng(1).random((4, 6, 6, 1), dtype=np.float32)
SCORES = IMAGES.reshape(4, -1).astype(np.float64) @ WEIGHTS
FORMS = {"NHW": (6, 6), "flat_HWC": (36,), "flat_CHW": (36,), "NHWC": (6, 6, 1), "NCHW": (1, 6, 6)}


def linear(
    path: Path, shape: tuple[int, ...], weights: np.ndarray = WEIGHTS, dtype: str = "float32"
) -> str:
    """Write a linear layer over all numbers of a row."""
    kind = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    nodes = [
        helper.make_node("Cast", ["x"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Flatten", ["float"], ["flat"]),
        helper.make_node("MatMul", ["flat", "w"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes,
        "linear",
        [helper.make_tensor_value_info("x", kind, ["n", *shape])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", weights.shape[1]])],
        [numpy_helper.from_array(weights, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)
    return str(path)


def keras_linear(shape: tuple[int, ...], dtype: str = "float32") -> keras.Model:
    picture = keras.Input(shape, dtype=dtype)
    dense = keras.layers.Dense(3, use_bias=False, name="dense")
    numbers = keras.layers.Flatten()(picture) if len(shape) > 1 else picture
    model = keras.Model(picture, dense(keras.ops.cast(numbers, "float32")))
    dense.set_weights([WEIGHTS])
    return model


def tflite_linear(path: Path, shape: tuple[int, ...], dtype: str = "float32") -> str:
    net = tiny_tflite.Builder()
    taken = numbers = net.tensor("x", (1, *shape), dtype)
    if dtype != "float32":
        numbers = net.operator("CAST", [taken], net.tensor("float", (1, *shape)))
    kernel = net.tensor("kernel", (3, 36), data=np.ascontiguousarray(WEIGHTS.T))
    bias = net.tensor("bias", (3,), data=np.zeros(3))
    options = tiny_tflite.schema.FullyConnectedOptionsT()
    scores = net.operator(
        "FULLY_CONNECTED", [numbers, kernel, bias], net.tensor("scores", (1, 3)), options
    )
    return str(net.write(path, [taken], [scores]))


def torch_linear(shape: tuple[int, ...]) -> torch.nn.Module:
    module = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(36, 3, bias=False)).eval()
    module[1].weight.data = torch.from_numpy(WEIGHTS.T.copy())
    return module


@pytest.mark.parametrize("layout", FORMS)
@pytest.mark.parametrize("framework", ["onnx", "keras", "litert", "torch", "program"])
def test_the_same_scores_in_every_form(tmp_path: Path, framework: str, layout: str) -> None:
    p, shape = Preprocess((6, 6), 1, layout=layout), FORMS[layout]
    if framework == "onnx":
        model = OnnxModel(linear(tmp_path / "net.onnx", shape), p)
    elif framework == "keras":
        model = KerasModel(keras_linear(shape), p)
    elif framework == "litert":
        model = LiteRtModel(tflite_linear(tmp_path / "net.tflite", shape), p)
    elif framework == "torch":
        model = TorchModel(torch_linear(shape), p)
    else:
        rows = {"images": {0: torch.export.Dim("rows")}}
        example = (torch.zeros(2, *shape),)
        program = torch.export.export(
            torch_linear(shape), example, dynamic_shapes=tuple(rows.values())
        )
        model = TorchModel(program.module(), p)
    np.testing.assert_allclose(model(IMAGES), SCORES, rtol=1e-4, atol=1e-5)


def test_an_exported_program_without_channels_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "net.pt2"
    torch.export.save(torch.export.export(torch_linear((6, 6)), (torch.zeros(2, 6, 6),)), path)
    model = load_torch(str(path), preprocess=Preprocess((6, 6), 1, layout="NHW"))
    np.testing.assert_allclose(model(IMAGES), SCORES, rtol=1e-4, atol=1e-5)
    with pytest.raises(InputError, match=r"takes \(2, 6, 6\); .*; state layout=NHW$"):
        load_torch(str(path), preprocess=Preprocess((6, 6), 1))


def test_the_explanation_does_not_depend_on_the_form(tmp_path: Path) -> None:
    method = cilens.ContextualImportance(cilens.Grid(3, 3))
    found = [
        method(
            OnnxModel(
                linear(tmp_path / f"{layout}.onnx", shape),
                Preprocess((6, 6), 1, layout=layout),
                output_range=(-20, 20),
            ),
            IMAGES[0],
        ).influence
        for layout, shape in FORMS.items()
    ]
    for one in found[1:]:
        np.testing.assert_allclose(one, found[0], atol=1e-6)
    assert np.ptp(found[0]) > 0.01


@pytest.mark.parametrize(
    ("shape", "way"),
    [
        (("n", 6, 6), r"takes \(n, 6, 6\); .*; state layout=NHW$"),
        (("n", 36), r"takes \(n, 36\); .*; state layout=flat_HWC$"),
    ],
)
def test_another_form_than_stated_says_which(tmp_path, shape, way):
    path = linear(tmp_path / "net.onnx", shape[1:])
    with pytest.raises(InputError, match=way):
        OnnxModel(path, Preprocess((6, 6), 1))


def test_the_order_of_flat_colours_is_asked_for(tmp_path: Path) -> None:
    path = linear(tmp_path / "net.onnx", (12,), np.zeros((12, 2), np.float32))
    with pytest.raises(InputError, match=r"state layout=flat_CHW or flat_HWC$"):
        OnnxModel(path, Preprocess((2, 2)))
    with pytest.raises(InputError, match=r"'size=2x2,channels=3,scale=.*,layout=\?'"):
        OnnxModel(path)


def test_flat_colours_are_laid_out_as_stated(tmp_path: Path) -> None:
    images = np.random.default_rng(2).random((3, 2, 2, 3), dtype=np.float32)
    weights = np.random.default_rng(3).normal(size=(12, 2)).astype(np.float32)
    path = linear(tmp_path / "net.onnx", (12,), weights)
    for layout, rows in (("flat_HWC", images), ("flat_CHW", images.transpose(0, 3, 1, 2))):
        model = OnnxModel(path, Preprocess((2, 2), layout=layout))
        np.testing.assert_allclose(model(images), rows.reshape(3, -1) @ weights, rtol=1e-4)


def test_a_red_picture_is_red_to_a_network_of_caffe(tmp_path: Path) -> None:
    path = tiny_onnx.write(tmp_path / "net.onnx", ("Softmax",))
    red = np.zeros((8, 8, 3), np.float32)
    red[..., 0] = 1.0
    caffe = Preprocess((8, 8), scale=255, mean=(103.939, 116.779, 123.68), order="BGR")
    names = ("blue", "green", "red")
    model = cilens.load_model(path, preprocess=caffe, class_names=names)
    assert names[int(model(red[None])[0].argmax())] == "red"
    with pytest.raises(InputError, match="state order=BGR"):
        Preprocess((8, 8), scale=255, mean=(103.939, 116.779, 123.68))
    stated = Preprocess((8, 8), scale=255, mean=(103.939, 116.779, 123.68), order="RGB")
    model = cilens.load_model(path, preprocess=stated, class_names=names)
    assert names[int(model(red[None])[0].argmax())] == "blue"


@pytest.mark.parametrize("dtype", ["int8", "int32", "int64", "uint16", "uint8"])
@pytest.mark.parametrize("framework", ["onnx", "keras", "litert"])
def test_integers_are_fed_as_the_network_takes_them(tmp_path, framework, dtype):
    shape = (6, 6)
    p = Preprocess((6, 6), 1, layout="NHW", scale=100, dtype=dtype)
    if framework == "onnx":
        model = OnnxModel(linear(tmp_path / "net.onnx", shape, dtype=dtype), p)
    elif framework == "keras":
        model = KerasModel(keras_linear(shape, dtype), p)
    elif dtype in ("int32", "int64", "uint8"):
        model = LiteRtModel(tflite_linear(tmp_path / "net.tflite", shape, dtype), p)
    else:
        pytest.skip("LiteRT casts no such type")
    whole = np.rint(IMAGES * np.float32(100)).reshape(4, -1)
    np.testing.assert_allclose(model(IMAGES), whole @ WEIGHTS, rtol=1e-4, atol=1e-3)


def test_advice_about_types_can_be_followed():
    network = keras_linear((6, 6), "int32")
    with pytest.raises(InputError, match=r"takes int32; got float32; state dtype=int32$"):
        KerasModel(network, Preprocess((6, 6), 1, layout="NHW"))
    KerasModel(network, Preprocess((6, 6), 1, layout="NHW", dtype="int32"))


@pytest.mark.parametrize("channels", [2, 4, 5, 12])
def test_any_number_of_bands(tmp_path: Path, channels: int) -> None:
    images = np.random.default_rng(4).random((3, 2, 2, channels), dtype=np.float32)
    weights = np.random.default_rng(5).normal(size=(4 * channels, 2)).astype(np.float32)
    path = linear(tmp_path / "net.onnx", (channels, 2, 2), weights)
    mean = tuple(np.linspace(0, 1, channels))
    model = OnnxModel(path, Preprocess((2, 2), channels, mean=mean))
    fed = (images - np.array(mean)).transpose(0, 3, 1, 2).reshape(3, -1)
    np.testing.assert_allclose(model(images), fed @ weights, rtol=1e-4, atol=1e-5)


def test_channels_last_in_memory_needs_four_axes():
    with pytest.raises(InputError, match="channels_last is for batches of four axes"):
        TorchModel(torch_linear((6, 6)), Preprocess((6, 6), 1, layout="NHW"), channels_last=True)


def test_padding_reaches_the_network_and_not_the_explanation(tmp_path: Path) -> None:
    """A network that sees grey bars above and below; all of its influence lies on the image."""
    path = tiny_onnx.write(tmp_path / "net.onnx")
    p = Preprocess((8, 8), fit="pad", pad=0.5, resample="nearest")
    model = OnnxModel(path, p)
    image = np.ones((10, 20, 3), np.float32)
    assert model(model.view(image).image[None])[0] == pytest.approx([0.75] * 3)
    method = cilens.ContextualImportance(cilens.Grid(1, 2), (cilens.Constant(0.0),))
    explanation = method(model, image)
    assert explanation.segments.shape == (4, 8)
    assert explanation.box == (0, 0, 10, 20)
    np.testing.assert_allclose(explanation.influence, 0.25)
