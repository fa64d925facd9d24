"""A Keras model is asked as it stands, in inference mode, and answers like its twins."""

from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import pytest

import cilens
from cilens import KerasModel, OnnxModel
from cilens.errors import InputError, ModelError
from cilens.models.preprocess.record import FitError, Preprocess
from cilens.testing import check_model
from cilens.types import ImageModel
from keras_networks import PLAIN, P, images, keras, means, network

FIRST = Preprocess((8, 8), scale=2, mean=(0.1, 0.2, 0.3), std=(1, 2, 3))


@pytest.fixture
def net(network_weights):
    return network(network_weights(3, 4))


@pytest.mark.parametrize("activation", ["none", "softmax", "sigmoid"])
def test_scores_are_those_of_the_same_network_in_onnx(net, write_onnx, activation):
    ours = KerasModel(net, P, activation=activation)(images(7))
    theirs = OnnxModel(write_onnx(), FIRST, activation=activation)(images(7))
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, theirs, atol=2e-6)


def test_the_explanation_is_that_of_the_same_network_in_onnx(net, write_onnx):
    method = cilens.ContextualImportance(cilens.Grid(2, 2))
    ours = method(KerasModel(net, P, activation="softmax"), images(1)[0])
    theirs = method(OnnxModel(write_onnx(), FIRST, activation="softmax"), images(1)[0])
    np.testing.assert_allclose(ours.influence, theirs.influence, atol=2e-6)
    assert np.abs(ours.influence).max() > 0.01


def test_it_keeps_the_contract_of_models(net):
    check_model(KerasModel(net, P, activation="softmax"), images(1)[0])


def test_a_model_with_its_own_rescaling_is_fed_bytes(network_weights, net):
    mean, variance = (0.1, 0.2, 0.3), (1, 4, 9)
    own = (
        keras.layers.Rescaling(2 / 255),
        keras.layers.Normalization(mean=mean, variance=variance),
    )
    model = KerasModel(
        network(network_weights(3, 4), *own), Preprocess((8, 8), layout="NHWC", scale=255)
    )
    np.testing.assert_allclose(model(images(5)), KerasModel(net, P)(images(5)), atol=2e-6)


@pytest.mark.parametrize("ending", ["softmax", "sigmoid"])
def test_an_activation_in_the_model_is_one_outside(network_weights, net, ending):
    inside = KerasModel(network(network_weights(3, 4), ending=ending), P)(images(5))
    np.testing.assert_allclose(inside, KerasModel(net, P, activation=ending)(images(5)), atol=2e-6)


def test_a_single_sigmoid_is_two_classes():
    layers = [keras.Input((8, 8, 1)), keras.layers.GlobalAveragePooling2D()]
    p = images(5, 1).mean(axis=(1, 2))
    preprocess = Preprocess((8, 8), 1, layout="NHWC")
    model = KerasModel(keras.Sequential(layers), preprocess, ("cat", "dog"))
    np.testing.assert_allclose(model(images(5, 1)), np.hstack([1 - p, p]), atol=1e-6)
    assert KerasModel(keras.Sequential(layers), preprocess)(images(5, 1)).shape == (5, 1)


def test_a_fixed_batch_is_filled_up(network_weights, net, monkeypatch):
    fixed, asked = network(network_weights(3, 4), batch=4), []
    ask = fixed.predict_on_batch
    monkeypatch.setattr(
        fixed, "predict_on_batch", lambda rows: asked.append(len(rows)) or ask(rows)
    )
    np.testing.assert_allclose(
        KerasModel(fixed, P)(images(7)), KerasModel(net, P)(images(7)), atol=2e-6
    )
    assert asked == [4, 4]


def test_bytes_and_channels_first():
    taken = keras.Input((3, 8, 8), dtype="uint8")
    mean = keras.layers.GlobalAveragePooling2D(data_format="channels_first")
    model = keras.Model(taken, mean(keras.layers.Rescaling(1 / 255)(taken)))
    preprocess = Preprocess((8, 8), scale=255, dtype="uint8")
    scores = KerasModel(model, preprocess)(np.full((2, 8, 8, 3), 0.2, np.float32))
    np.testing.assert_allclose(scores, 0.2, atol=1e-6)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "float64"])
def test_precision_is_that_of_the_model(policy):
    mean = keras.layers.GlobalAveragePooling2D(dtype=policy)
    model = keras.Sequential([keras.Input((8, 8, 3)), mean])
    scores = KerasModel(model, PLAIN)(images(3))
    assert scores.dtype == (np.float64 if policy == "float64" else np.float32)
    np.testing.assert_allclose(scores, images(3).mean(axis=(1, 2)), atol=5e-3)


SEVERAL = {
    "dict": lambda mean: {"hidden": keras.layers.Flatten()(mean), "logits": mean},
    "list": lambda mean: [keras.layers.Rescaling(2, name="double")(mean), mean],
}


@pytest.mark.parametrize(
    ("kind", "output"), [("dict", "logits"), ("list", 1), ("list", "1"), ("list", "mean")]
)
def test_the_output_that_is_named_holds_the_scores(kind, output):
    picked = KerasModel(means(SEVERAL[kind]), PLAIN, output=output)
    np.testing.assert_allclose(picked(images(2)), images(2).mean(axis=(1, 2)), atol=1e-6)


@pytest.mark.parametrize(
    ("kind", "output", "message"),
    [
        ("dict", None, "dict with 'hidden', 'logits': state output='logits'"),
        ("list", None, "list with 0, 1: state output=0"),
        ("dict", "logit", "unknown output 'logit'; did you mean 'logits'"),
        ("list", 2, r"unknown output '2' \(known: 0, 1\)"),
    ],
)
def test_outputs_that_are_none(kind, output, message):
    with pytest.raises((InputError, ModelError), match=message):
        KerasModel(means(SEVERAL[kind]), PLAIN, output=output)(images(2))


class Subclass(keras.Model):
    """Tells nothing of its shapes, and answers 9 in training."""

    def call(self, pictures, training=None):
        mean = keras.ops.mean(pictures, axis=(1, 2))
        return mean * 9 if training else mean


def test_a_subclassed_model_is_asked_not_to_train():
    model = KerasModel(Subclass(), PLAIN)
    np.testing.assert_allclose(model(images(2)), images(2).mean(axis=(1, 2)), atol=1e-6)
    check_model(model, images(1)[0])
    with pytest.raises(InputError, match="network's output: 3; got 2"):
        KerasModel(Subclass(), PLAIN, ("a", "b"))(images(2))


def test_training_changes_the_next_answer_and_asking_changes_nothing(network_weights):
    net = network(network_weights(3, 4), keras.layers.BatchNormalization())
    model = KerasModel(net, P)
    before = [weight.copy() for weight in net.get_weights()]
    first = model(images(4))
    for weight, kept in zip(net.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, kept)
    net.get_layer("linear").set_weights([before[-2] * 2, before[-1] * 2])
    np.testing.assert_allclose(model(images(4)), 2 * first, atol=1e-5)


@pytest.mark.parametrize(
    ("preprocess", "message"),
    [
        (Preprocess((8, 8)), r"model 'net' takes \(\?, 8, 8, 3\); got .*; state layout=NHWC$"),
        (Preprocess((9, 8), layout="NHWC"), r"takes \(\?, 8, 8, 3\); got \(\?, 9, 8, 3\)"),
        (Preprocess((8, 8), dtype="uint8"), "takes float32; got uint8; state dtype=float32"),
    ],
)
def test_a_preprocess_that_does_not_fit(net, preprocess, message):
    with pytest.raises(InputError, match=message):
        KerasModel(net, preprocess)


def test_settings_that_are_wrong(net):
    with pytest.raises(InputError, match="network's output: 4; got 2"):
        KerasModel(net, P, ("a", "b"))
    with pytest.raises(InputError, match="unknown activation 'relu'"):
        KerasModel(net, P, activation="relu")
    with pytest.raises(FitError, match="wants 8 x 8 pixels"):
        KerasModel(net, P).view(np.zeros((9, 8, 3)))


def test_models_that_take_no_images():
    rows = keras.Input((5,), name="numbers")
    with pytest.raises(InputError, match=r"takes \(\?, 5\); .* of as many numbers"):
        KerasModel(keras.Model(rows, keras.layers.Dense(2)(rows)), PLAIN)
    two = [keras.Input((8, 8, 3), name="left"), keras.Input((8, 8, 3), name="right")]
    with pytest.raises(InputError, match=r"must have one input.* has 2: 'left' .*, 'right'"):
        KerasModel(keras.Model(two, keras.layers.Add()(two)), PLAIN)


def test_a_path_is_no_model(unchecked):
    with pytest.raises(InputError, match=r"must be a keras\.Model; got str: load_model reads"):
        KerasModel("net.keras", PLAIN)


def test_a_model_that_fails():
    class Broken(keras.Model):
        def call(self, pictures):
            raise RuntimeError("no such thing\nand more")

    with pytest.raises(ModelError, match=r"failed on an input of shape \(2, 8, 8, 3\): .*"):
        KerasModel(Broken(), PLAIN)(images(2))


def test_it_is_an_image_model_a_value_and_travels(net):
    model = KerasModel(net, P, ["a", "b", "c", "d"])
    assert isinstance(model, ImageModel)
    assert model == KerasModel(net, P, ("a", "b", "c", "d"))
    assert hash(model) == hash(KerasModel(net, P, ("a", "b", "c", "d")))
    assert repr(model).startswith("KerasModel(preprocess=Preprocess(size=(8, 8)")
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy(images(2)), model(images(2)))


def test_without_keras_the_message_has_the_command():
    script = """
import sys
sys.modules["keras"] = None
import cilens
for ask in (lambda: cilens.KerasModel, lambda: cilens.load_model("net.keras")):
    try:
        ask()
    except cilens.MissingDependencyError as error:
        print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    line = 'a Keras model (.keras) needs keras: pip install "cilens[keras]"\n'
    assert done.stdout == line * 2
