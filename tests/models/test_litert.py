"""A .tflite file is run by LiteRT itself, quantised or not, and answers like its twins."""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
import zipfile

import numpy as np
import pytest

import cilens
import tiny_tflite
from cilens import LiteRtModel, OnnxModel
from cilens.errors import InputError
from cilens.models.preprocess.record import FitError, Preprocess
from cilens.testing import check_model
from cilens.types import ImageModel

NORMAL = {"scale": 2, "mean": (0.1, 0.2, 0.3), "std": (1, 2, 3)}
P = Preprocess((8, 8), layout="NHWC", **NORMAL)
PLAIN = Preprocess((8, 8), layout="NHWC")
BYTE = (1 / 255, 0)


def images(rows: int, channels: int = 3) -> np.ndarray:
    return np.random.default_rng(rows).random((rows, 8, 8, channels), dtype=np.float32)


@pytest.fixture
def path(tmp_path, network_weights) -> str:
    return str(tiny_tflite.network(tmp_path / "net.tflite", network_weights(3, 4)))


@pytest.mark.parametrize("activation", ["none", "softmax", "sigmoid"])
def test_scores_are_those_of_the_same_network_in_onnx(path, write_onnx, activation):
    ours = LiteRtModel(path, P, activation=activation)(images(7))
    theirs = OnnxModel(write_onnx(), Preprocess((8, 8), **NORMAL), activation=activation)(images(7))
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, theirs, atol=2e-6)


def test_the_explanation_is_that_of_the_same_network_in_onnx(path, write_onnx):
    method = cilens.ContextualImportance(cilens.Grid(2, 2))
    ours = method(cilens.load_model(path, preprocess=P, activation="softmax"), images(1)[0])
    first = Preprocess((8, 8), **NORMAL)
    theirs = method(OnnxModel(write_onnx(), first, activation="softmax"), images(1)[0])
    np.testing.assert_allclose(ours.influence, theirs.influence, atol=2e-6)
    assert np.abs(ours.influence).max() > 0.01


def test_it_keeps_the_contract_of_models(path):
    check_model(LiteRtModel(path, P, activation="softmax"), images(1)[0])


@pytest.mark.parametrize(("ending", "name"), [("SOFTMAX", "softmax"), ("LOGISTIC", "sigmoid")])
def test_an_activation_in_the_file_is_one_outside(tmp_path, network_weights, path, ending, name):
    inside = tiny_tflite.network(tmp_path / "end.tflite", network_weights(3, 4), ending=ending)
    outside = LiteRtModel(path, P, activation=name)(images(5))
    np.testing.assert_allclose(LiteRtModel(inside, P)(images(5)), outside, atol=2e-6)


@pytest.mark.parametrize("rows", [1, 3, 7, 8])
@pytest.mark.parametrize("shape", [(1, 8, 8, 3), (4, 8, 8, 3), (-1, 8, 8, 3), (-1, -1, -1, 3)])
@pytest.mark.parametrize("fixed", [False, True])
def test_any_number_of_rows(tmp_path, shape, fixed, rows):
    path = tiny_tflite.colours(tmp_path / "net.tflite", shape=shape, fixed=fixed)
    model = LiteRtModel(path, PLAIN)
    assert model._open().batch == (abs(shape[0]) if fixed else None)
    np.testing.assert_allclose(model(images(rows)), images(rows).mean(axis=(1, 2)), atol=1e-6)


def test_any_size(tmp_path):
    path = tiny_tflite.colours(tmp_path / "net.tflite", shape=(-1, -1, -1, 3))
    model = LiteRtModel(path, Preprocess(layout="NHWC"))
    for side in (5, 9, 5):
        whole = np.random.default_rng(side).random((2, side, 7, 3), dtype=np.float32)
        np.testing.assert_allclose(model(whole), whole.mean(axis=(1, 2)), atol=1e-6)


def test_rows_that_meet_inside_the_network_are_asked_one_by_one(tmp_path):
    """The mean over rows too has the right shape, and would be wrong."""
    net = tiny_tflite.Builder()
    taken = net.tensor("picture", (1, 8, 8, 3))
    every = tiny_tflite.means(net, taken, net.tensor("every", (3,)), (0, 1, 2))
    colour = tiny_tflite.means(net, taken, net.tensor("colour", (1, 3)))
    scores = net.tensor("scores", (1, 3))
    net.operator("ADD", [every, colour], scores, tiny_tflite.schema.AddOptionsT())
    model = LiteRtModel(net.write(tmp_path / "net.tflite", [taken], [scores]), PLAIN)
    assert model._open().batch == 1
    np.testing.assert_allclose(model(images(3)), 2 * images(3).mean(axis=(1, 2)), atol=1e-6)


@pytest.mark.parametrize(
    ("dtype", "steps"),
    [("int8", (1 / 255, -128)), ("uint8", BYTE), ("uint8", (1 / 128, 30)), ("int16", (2**-15, 0))],
)
def test_quantised_in_and_out(tmp_path, dtype, steps):
    path = tiny_tflite.colours(tmp_path / "net.tflite", dtype=dtype, steps=steps)
    model = LiteRtModel(path, PLAIN)
    scores = model(images(5))
    assert scores.dtype == np.float32
    whole = scores / steps[0]
    np.testing.assert_allclose(whole, np.rint(whole), atol=1e-2)
    np.testing.assert_allclose(scores, images(5).mean(axis=(1, 2)), atol=steps[0])
    check_model(model, images(1)[0])


def test_the_numbers_a_quantised_network_was_trained_on_are_stated(tmp_path):
    """From -1 to 1 in 256 steps: 1 itself is one step too far, and takes the end."""
    path = tiny_tflite.colours(tmp_path / "net.tflite", dtype="int8", steps=(1 / 128, 0))
    model = LiteRtModel(path, Preprocess((8, 8), layout="NHWC", scale=2, mean=1))
    grey = np.stack([np.full((8, 8, 3), value, np.float32) for value in (0.0, 0.75, 1.0)])
    np.testing.assert_array_equal(model(grey)[:, 0], [-1, 0.5, 127 / 128])
    with pytest.raises(InputError, match=r"int8 for -1 … 0\.9922: .* got .* … 25\d.*: state"):
        LiteRtModel(path, Preprocess((8, 8), layout="NHWC", scale=255))


def test_a_quantised_linear_layer_is_that_of_real_numbers(tmp_path):
    """Whole weights and bias, in int8 as converters write them, to a softmax in steps of 1/256."""
    rng = np.random.default_rng(3)
    weights = rng.integers(-20, 20, (4, 3))
    net = tiny_tflite.Builder()
    taken = net.tensor("picture", (1, 8, 8, 3), "int8", (1 / 255, -128))
    mean = net.tensor("mean", (1, 3), "int8", (1 / 255, -128))
    tiny_tflite.means(net, taken, mean)
    linear = net.tensor("linear", (4, 3), "int8", (0.1, 0), weights)
    bias = net.tensor("bias", (4,), "int32", (0.1 / 255, 0), [0, 1000, -1000, 0])
    logits = net.tensor("logits", (1, 4), "int8", (0.05, 0))
    options = tiny_tflite.schema.FullyConnectedOptionsT()
    net.operator("FULLY_CONNECTED", [mean, linear, bias], logits, options)
    scores = net.tensor("scores", (1, 4), "int8", (1 / 256, -128))
    net.operator("SOFTMAX", [logits], scores, tiny_tflite.schema.SoftmaxOptionsT(1.0))
    path = net.write(tmp_path / "net.tflite", [taken], [scores])
    model = LiteRtModel(path, PLAIN, list("abcd"))
    means = images(6).mean(axis=(1, 2))
    powers = np.exp(means @ (0.1 * weights.T) + np.array([0, 1000, -1000, 0]) * 0.1 / 255)
    np.testing.assert_allclose(model(images(6)), powers / powers.sum(1, keepdims=True), atol=0.02)
    explanation = cilens.explain(
        model, images(1)[0], method=cilens.ContextualImportance(cilens.Grid(2, 2))
    )
    assert explanation.class_names == ("a", "b", "c", "d")


def test_bytes_without_steps_are_fed_as_bytes(tmp_path):
    net = tiny_tflite.Builder()
    taken = net.tensor("picture", (1, 8, 8, 3), "uint8")
    real = net.tensor("real", (1, 8, 8, 3))
    net.operator("CAST", [taken], real, tiny_tflite.schema.CastOptionsT())
    scores = tiny_tflite.means(net, real, net.tensor("scores", (1, 3)))
    path = net.write(tmp_path / "net.tflite", [taken], [scores])
    stated = Preprocess((8, 8), layout="NHWC", scale=255, dtype="uint8")
    scores = LiteRtModel(path, stated)(np.full((2, 8, 8, 3), 0.2, np.float32))
    np.testing.assert_allclose(scores, 51, atol=1e-4)


def test_channels_first(tmp_path):
    path = tiny_tflite.colours(tmp_path / "net.tflite", shape=(1, 3, 8, 8))
    model = LiteRtModel(path, Preprocess((8, 8)))
    np.testing.assert_allclose(model(images(2)), images(2).mean(axis=(1, 2)), atol=1e-6)


def test_a_single_column_is_two_classes(tmp_path):
    path = tiny_tflite.colours(tmp_path / "net.tflite", shape=(1, 8, 8, 1))
    model = LiteRtModel(path, Preprocess((8, 8), 1, layout="NHWC"), ("cat", "dog"))
    p = images(4, 1).mean(axis=(1, 2))
    np.testing.assert_allclose(model(images(4, 1)), np.hstack([1 - p, p]), atol=1e-6)


def test_the_metadata_is_read_and_the_caller_wins(tmp_path, network_weights, path):
    own = {"cilens_preprocess": P.to_json(), "cilens_class_names": '["a", "b", "c", "d"]'}
    told = tiny_tflite.network(tmp_path / "told.tflite", network_weights(3, 4), **own)
    model = cilens.load_model(told)
    assert (model.preprocess, model.class_names) == (P, ("a", "b", "c", "d"))
    np.testing.assert_array_equal(model(images(3)), LiteRtModel(path, P)(images(3)))
    assert LiteRtModel(told, PLAIN, list("efgh")).preprocess == PLAIN
    assert LiteRtModel(told, PLAIN, list("efgh")).class_names == tuple("efgh")


def test_the_label_file_that_a_network_carries(path):
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("labels.txt", "a\nb c\nd\ne\n")
    assert LiteRtModel(path, P).class_names == ("a", "b c", "d", "e")
    assert LiteRtModel(path, P, list("wxyz")).class_names == tuple("wxyz")
    np.testing.assert_array_equal(LiteRtModel(path, P)(images(2)).shape, (2, 4))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("labels_de.txt", "z\n")
    assert LiteRtModel(path, P).class_names == ()


def test_threads_share_one_process(path):
    model, answers = LiteRtModel(path, P), {}

    def ask(rows):
        answers[rows] = [model(images(rows)) for _ in range(20)]

    threads = [threading.Thread(target=ask, args=(rows,)) for rows in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for rows, told in answers.items():
        np.testing.assert_array_equal(told, [model(images(rows))] * 20)


def test_it_is_an_image_model_a_value_and_travels(path):
    model = LiteRtModel(path, P, ["a", "b", "c", "d"], threads=2)
    assert isinstance(model, ImageModel)
    assert model == LiteRtModel(path, P, ("a", "b", "c", "d"), threads=2)
    assert hash(model) == hash(LiteRtModel(path, P, list("abcd"), threads=2))
    assert repr(model).startswith(f"LiteRtModel(path={path!r}, preprocess=Preprocess(size=(8, 8)")
    assert len(pickle.dumps(model)) < 1000
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy(images(2)), model(images(2)))


def test_images_that_do_not_fit(path):
    model = LiteRtModel(path, P)
    for ask in (lambda: model.view(np.zeros((9, 8, 3))), lambda: model(np.zeros((2, 9, 8, 3)))):
        with pytest.raises(FitError, match=r"wants 8 x 8 .* got 9 x 8"):
            ask()


def test_without_litert_the_message_has_the_command():
    script = """
import sys
sys.modules["ai_edge_litert"] = None
import cilens
for ask in (lambda: cilens.LiteRtModel, lambda: cilens.load_model("net.tflite")):
    try:
        ask()
    except cilens.MissingDependencyError as error:
        print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    line = 'a TFLite model (.tflite) needs ai-edge-litert: pip install "cilens[litert]"\n'
    assert done.stdout == line * 2
