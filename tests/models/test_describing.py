"""Whatever framework runs a file, what it says is found in one form, and it can be asked."""

from __future__ import annotations

import numpy as np
import pytest

import cilens
import tiny_tflite
from cilens.errors import FileError, InputError
from cilens.models.inspect.description import describe
from cilens.models.inspect.report import inspect_file
from cilens.models.inspect.trial import ask
from cilens.models.metadata import Tensor
from keras_networks import images, keras, means, network

GREEN = np.zeros((8, 8, 3), np.float32)
GREEN[:, :4, 1] = 1
LINE = "size=8x8,channels=3,fit=?,scale=?,mean=?,std=?,layout=NHWC"


@pytest.fixture
def softmax(tmp_path, network_weights):
    """Return the same network in both formats."""
    network(network_weights(3, 4), ending="softmax").save(tmp_path / "net.keras")
    tiny_tflite.network(tmp_path / "net.tflite", network_weights(3, 4), ending="SOFTMAX")
    return tmp_path


@pytest.mark.parametrize(
    ("suffix", "rows", "output"), [("keras", None, "linear"), ("tflite", 1, "softmax")]
)
def test_what_a_file_says(softmax, suffix, rows, output):
    path = str(softmax / f"net.{suffix}")
    described = describe(path)
    assert described.input == Tensor("picture", "float32", (rows, 8, 8, 3))
    assert described.outputs == (Tensor(output, "float32", (rows, 4)),)
    found = ask(inspect_file(path, {}), GREEN)
    assert found.preprocess == LINE
    assert found.unknown == ("fit", "scale", "mean", "std")
    assert found.known["activation"].value == "none"
    assert found.looks[output].what == "probabilities: each row sums to 1"
    assert found.looks[output].rows == 6


def test_both_formats_answer_alike(softmax):
    of_keras, of_litert = (describe(str(softmax / f"net.{end}")) for end in ("keras", "tflite"))
    fed = images(1)
    np.testing.assert_allclose(
        of_keras.ask("linear", fed), of_litert.ask("softmax", fed), atol=1e-6
    )


@pytest.mark.parametrize(
    ("wrap", "names"),
    [
        (lambda mean: {"a": mean, "b": keras.layers.Softmax(name="last")(mean)}, ["a", "b"]),
        (lambda mean: [mean, keras.layers.Softmax(name="last")(mean)], ["mean", "last"]),
    ],
)
def test_several_outputs_have_the_names_that_pick_them(tmp_path, wrap, names):
    path = tmp_path / "net.keras"
    means(wrap).save(path)
    found = ask(inspect_file(str(path), {}), GREEN)
    assert list(found.looks) == names
    assert "sums to 1" in found.looks[names[1]].what
    assert "output" in found.unknown
    plain = cilens.Preprocess((8, 8), layout="NHWC")
    model = cilens.load_model(path, preprocess=plain, output=names[1])
    np.testing.assert_allclose(model(images(2)).sum(axis=1), 1, atol=1e-6)


def test_the_one_output_may_be_named(softmax):
    plain = cilens.Preprocess((8, 8), layout="NHWC")
    named = cilens.load_model(softmax / "net.keras", preprocess=plain, output="linear")
    assert named(images(2)).shape == (2, 4)


def test_scaling_inside_a_keras_model_is_shown(tmp_path):
    inner = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Rescaling(0.5, offset=-1)])
    layers = [keras.Input((8, 8, 3)), inner, keras.layers.GlobalAveragePooling2D()]
    keras.Sequential(layers).save(tmp_path / "net.keras")
    (told,) = describe(str(tmp_path / "net.keras")).metadata.values()
    assert told == "Rescaling: scale 0.5, offset -1"


def test_the_steps_of_a_quantised_network_are_shown(tmp_path):
    path = tiny_tflite.colours(tmp_path / "net.tflite", dtype="int8", steps=(1 / 128, 0))
    found = inspect_file(str(path), {})
    assert found.metadata["picture is quantised"] == "int8, -1 … 0.9922 in steps of 0.007812"
    assert found.known["dtype"].value == "float32"
    looks = ask(inspect_file(str(path), {}, "scale=2,mean=1,std=1"), GREEN).looks["colours"]
    assert (looks.low, looks.high, looks.rows) == (-1, 0, 3)
    looks = ask(found, GREEN).looks["colours"]  # of -1 and 127/128, to the nearest step
    assert (looks.low, looks.high, looks.rows) == (-1, 0, 3)


def test_files_that_say_nothing(tmp_path, monkeypatch):
    with pytest.raises(InputError, match=r"reads model files \(\.onnx, \.keras, \.tflite\); state"):
        describe("net.pt2")
    with pytest.raises(FileError, match=r"none\.tflite cannot be read"):
        describe("none.tflite")
    open_ended = keras.Sequential([keras.layers.GlobalAveragePooling2D()])
    open_ended.build((None, 8, 8, 3))
    monkeypatch.setattr(keras.Sequential, "inputs", None, raising=False)
    open_ended.save(tmp_path / "net.keras")
    with pytest.raises(InputError, match=r"must say what it takes: give its network a keras\.Inp"):
        describe(str(tmp_path / "net.keras"))
