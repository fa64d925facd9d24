"""What a network takes: images as stated, and constants of the shapes that are declared."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

import cilens
import tiny_tflite
from cilens import KerasModel
from cilens.errors import InputError
from cilens.models.inputs import (
    check_constants,
    check_input,
    feed,
    images_of,
    not_stated,
    read_constants,
)
from cilens.models.metadata import Tensor
from cilens.models.preprocess.record import Preprocess
from cilens.models.sidecar import Stated, read_stated, write_stated
from keras_networks import keras


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        (("n", 1, 28, 28), "size=28x28,channels=1,scale=?,mean=?,std=?,layout=NCHW"),
        ((None, 224, 192, 3), "size=224x192,channels=3,scale=?,mean=?,std=?,layout=NHWC"),
        ((1, 3, "h", "w"), "size=any,channels=3,scale=?,mean=?,std=?,layout=NCHW"),
        ((1, "c", 8, 8), "size=8x8,channels=?,scale=?,mean=?,std=?,layout=NCHW"),
        (("n", 28, 20), "size=28x20,channels=1,scale=?,mean=?,std=?,layout=NHW"),
        (("n", 784), "size=28x28,channels=1,scale=?,mean=?,std=?,layout=flat_HWC"),
        (("n", 3072), "size=32x32,channels=3,scale=?,mean=?,std=?,layout=?"),
        (("n", 77), "size=?,channels=?,scale=?,mean=?,std=?,layout=?"),
        (("n", "k"), "size=?,channels=?,scale=?,mean=?,std=?,layout=?"),
    ],
)
def test_what_to_state_follows_the_shape(shape: tuple[int | str | None, ...], text: str) -> None:
    assert f"Preprocess.parse({text!r})" in str(not_stated("a.onnx", "input 'x'", shape))


@pytest.mark.parametrize(
    ("shape", "preprocess"),
    [
        (("n", 3, 8, 6), Preprocess((8, 6))),
        ((4, 8, 6, 3), Preprocess((8, 6), layout="NHWC")),
        (("n", 3, "h", None), Preprocess((8, 6))),
        (("n", "c", "h", "w"), Preprocess()),
    ],
)
def test_shapes_that_agree(shape: tuple[int | str | None, ...], preprocess: Preprocess) -> None:
    check_input("a.onnx", shape, "float32", preprocess)


@pytest.mark.parametrize(
    ("shape", "preprocess", "message"),
    [
        (("n", 3, 8, 8), Preprocess((8, 6)), r"takes \(n, 3, 8, 8\); got \(n, 3, 8, 6\) from size"),
        (("n", 3, 8, 8), Preprocess((8, 8), 1), r"takes \(n, 3, 8, 8\); got \(n, 1, 8, 8\) from"),
        (("n", 3, 8, 8), Preprocess(), r"takes \(n, 3, 8, 8\); got \(n, 3, \?, \?\) from size=any"),
        ((None, 8, 8, 3), Preprocess((8, 8)), r"takes \(\?, 8, 8, 3\); .*; state layout=NHWC$"),
        ((1, 3, 8, 8), Preprocess((8, 8), layout="NHWC"), r"; state layout=NCHW$"),
    ],
)
def test_shapes_that_disagree_are_both_named(
    shape: tuple[int | str | None, ...], preprocess: Preprocess, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        check_input("a.onnx", shape, "float32", preprocess)


def test_types_that_disagree_are_both_named() -> None:
    with pytest.raises(InputError, match=r"a\.onnx takes uint8; got float32"):
        check_input("a.onnx", ("n", 3, 8, 8), "uint8", Preprocess((8, 8)))


SHAPED = {
    "age": ("n", 1),
    "two": ("n", 2),
    "plain": (),
    "fixed": (1, 3),
    "free": ("n", "k"),
}


@pytest.mark.parametrize(
    ("name", "value", "fed"),
    [
        ("age", 41, [[41.0], [41.0]]),
        ("age", [41], [[41.0], [41.0]]),
        ("two", 5, [[5.0, 5.0], [5.0, 5.0]]),
        ("two", (1, 2), [[1.0, 2.0], [1.0, 2.0]]),
        ("plain", 0.5, 0.5),
        ("fixed", np.arange(3), [[0.0, 1.0, 2.0]]),
        ("free", (1, 2, 3), [[1.0, 2.0, 3.0]] * 2),
    ],
)
def test_a_constant_takes_the_shape_that_is_declared(name, value, fed):
    tensor = Tensor(name, "float32", SHAPED[name])
    found = feed([tensor], check_constants({name: value}), 2)[name]
    assert found.dtype == np.float32
    assert found.tolist() == fed


@pytest.mark.parametrize(
    ("dtype", "value", "message"),
    [
        ("float32", [1, 2, 3], r"must fit float32 of shape \(n, 2\); got a value of shape \(3,\)"),
        ("int32", 0.5, r"must fit int32 of shape \(n, 2\); got 0.5"),
        ("uint8", -1, "must fit uint8"),
        ("uint8", 256, "must fit uint8"),
        ("bool", 2, "must fit bool"),
        ("float16", 1e6, "must fit float16"),
        ("tensor(string)", 1, r"must fit tensor\(string\)"),
    ],
)
def test_a_constant_that_does_not_fit(dtype, value, message):
    with pytest.raises(InputError, match=rf"inputs\['x'\] {message}"):
        feed([Tensor("x", dtype, ("n", 2))], check_constants({"x": value}), 2)


def test_a_free_axis_needs_as_many_numbers():
    with pytest.raises(
        InputError, match="give a list of numbers, as long as the axis that is free"
    ):
        feed([Tensor("x", "float32", ("n", "k"))], check_constants({"x": 1}), 2)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({3: 1}, "inputs must be named by texts; got 3"),
        ({"age": "old"}, r"inputs\['age'\] must be a finite number"),
        ({"age": float("nan")}, r"inputs\['age'\] must be a finite number"),
        ({"age": []}, r"inputs\['age'\] must be a finite number"),
        ({"age": [[1], [1, 2]]}, r"inputs\['age'\] must be a finite number"),
        ({"age": None}, r"inputs\['age'\] must be a finite number"),
    ],
)
def test_constants_that_are_none(inputs, message):
    with pytest.raises(InputError, match=message):
        check_constants(inputs)


@pytest.mark.parametrize("text", ["age", "=41", "age=", "age=old", "age=1/x"])
def test_constants_on_the_command_line_that_are_none(text):
    with pytest.raises(
        InputError, match=r"NAME=VALUE, as in age=41|must be a number, true or false"
    ):
        read_constants([text])
    with pytest.raises(InputError, match="the input 'age' is stated twice"):
        read_constants(["age=1", "age=2"])


def test_which_input_is_the_images():
    image, age = Tensor("x", "float32", ("n", 3, 8, 8)), Tensor("age", "float32", ("n", 1))
    assert images_of("a.onnx", [age, image], check_constants({"age": 1})) == (image, (age,))
    with pytest.raises(InputError, match=r"it has 2: .*inputs=\{'age': …\} \(--input age=…\)$"):
        images_of("a.onnx", [age, image], ())
    with pytest.raises(InputError, match=r"inputs=\{NAME: 1.0\}"):
        images_of("a.onnx", [image, image._replace(name="y")], ())
    with pytest.raises(InputError, match="beside those with a constant; it has 0: none; state no"):
        images_of("a.onnx", [image], check_constants({"x": 1}))
    with pytest.raises(InputError, match=r"unknown input of a.onnx 'agee'; did you mean 'age'\?"):
        images_of("a.onnx", [image, age], check_constants({"agee": 1}))


PLACE = 0.5, 0.25, 0.125


def two_onnx(path: Path) -> str:
    """Write mean colours plus the second input."""
    nodes = [
        helper.make_node("ReduceMean", ["x"], ["mean"], axes=[2, 3], keepdims=0),
        helper.make_node("Add", ["mean", "place"], ["y"]),
    ]
    values = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in (("place", ["n", 3]), ("x", ["n", 3, 8, 8]), ("y", ["n", 3]))
    ]
    graph = helper.make_graph(nodes, "two", values[:2], values[2:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)
    return str(path)


def two_keras(path: Path) -> str:
    picture, place = keras.Input((8, 8, 3), name="x"), keras.Input((3,), name="place")
    mean = keras.layers.GlobalAveragePooling2D()(picture)
    keras.Model([place, picture], keras.layers.Add()([mean, place])).save(path)
    return str(path)


def two_tflite(path: Path) -> str:
    net = tiny_tflite.Builder()
    place, picture = net.tensor("place", (1, 3)), net.tensor("x", (1, 8, 8, 3))
    mean = tiny_tflite.means(net, picture, net.tensor("mean", (1, 3)))
    both = net.tensor("both", (1, 3))
    net.operator("ADD", [mean, place], both, tiny_tflite.schema.AddOptionsT())
    return str(net.write(path, [place, picture], [both]))


WRITERS = {"onnx": two_onnx, "keras": two_keras, "tflite": two_tflite}


@pytest.mark.parametrize("kind", WRITERS)
def test_a_network_with_another_input_is_fed_a_constant(tmp_path: Path, kind: str) -> None:
    path = WRITERS[kind](tmp_path / f"net.{kind}")
    p = Preprocess((8, 8), layout="NCHW" if kind == "onnx" else "NHWC")
    images = np.random.default_rng(0).random((5, 8, 8, 3), dtype=np.float32)
    wanted = images.mean(axis=(1, 2)) + PLACE
    model = cilens.load_model(path, preprocess=p, inputs={"place": PLACE})
    np.testing.assert_allclose(model(images), wanted, atol=1e-5)
    np.testing.assert_allclose(pickle.loads(pickle.dumps(model))(images[:1]), wanted[:1], atol=1e-5)
    assert hash(model.inputs) == hash((("place", PLACE),))
    with pytest.raises(InputError, match=r"inputs=\{'place': …\} \(--input place=…\)"):
        cilens.load_model(path, preprocess=p)
    write_stated(path, Stated(p, inputs={"place": PLACE}))
    assert read_stated(path).inputs == (("place", PLACE),)
    np.testing.assert_allclose(cilens.load_model(path)(images), wanted, atol=1e-5)
    again = cilens.load_model(path, inputs={"place": 1})
    np.testing.assert_allclose(again(images), images.mean(axis=(1, 2)) + 1, atol=1e-5)


def test_a_file_that_does_not_name_its_inputs_takes_no_constants(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"inputs is for files that name their inputs \(.onnx, "):
        cilens.load_model(tmp_path / "net.ts", inputs={"age": 1}, trust=True)


def test_a_model_that_does_not_say_what_it_takes_gets_no_constants() -> None:
    class Own(keras.Model):
        def call(self, pictures):
            return pictures

    with pytest.raises(InputError, match="inputs needs a model that says what it takes"):
        KerasModel(Own(), Preprocess((8, 8), layout="NHWC"), inputs={"age": 1})


def test_a_batch_that_no_memory_holds_is_refused():
    with pytest.raises(InputError, match=r"takes 33,554,433 images at once.*the limit is"):
        check_input("a.tflite", (33_554_433, 8, 8, 3), "float32", Preprocess((8, 8), layout="NHWC"))
    check_input("a.tflite", (64, 8, 8, 3), "float32", Preprocess((8, 8), layout="NHWC"))
