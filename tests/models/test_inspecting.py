"""What is inferred of an ONNX file is right, says where from, and the rest is asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tiny_onnx
from cilens.errors import InputError, ModelError
from cilens.models.inspect.looks import look
from cilens.models.inspect.report import ASKED, inspect_file
from cilens.models.inspect.trial import ask
from cilens.models.preprocess.record import Preprocess
from cilens.models.sidecar import Stated, write_stated

GREEN = np.zeros((8, 8, 3), np.float32)
GREEN[:, :4, 1] = 1


@pytest.mark.parametrize(
    ("shape", "line"),
    [
        (("n", 3, 8, 9), "size=8x9,channels=3,fit=?,scale=?,mean=?,std=?,layout=NCHW"),
        ((4, 8, 9, 3), "size=8x9,channels=3,fit=?,scale=?,mean=?,std=?,layout=NHWC"),
        (("n", 3, "h", "w"), "size=any,channels=3,fit=exact,scale=?,mean=?,std=?,layout=NCHW"),
        (("n", 3, 8, "w"), "size=?,channels=3,fit=?,scale=?,mean=?,std=?,layout=NCHW"),
        (("n", "c", "h", "w"), "size=?,channels=?,fit=?,scale=?,mean=?,std=?,layout=?"),
        (("n", 3, 3, 3), "size=?,channels=?,fit=?,scale=?,mean=?,std=?,layout=?"),
    ],
)
def test_what_follows_from_the_shape(tmp_path: Path, shape: tuple, line: str) -> None:
    found = inspect_file(str(tiny_onnx.write(tmp_path / "net.onnx", shape=shape)), {})
    assert found.preprocess == line
    asked = [part.partition("=")[0] for part in line.split(",") if part.endswith("?")]
    assert set(found.unknown) == {*asked, "activation"}
    assert set(found.unknown) <= set(ASKED)


@pytest.mark.parametrize("dtype", ["float16", "uint8"])
def test_the_type_stands_in_the_line(tmp_path: Path, dtype: str) -> None:
    path = tiny_onnx.write(tmp_path / "net.onnx", dtype=dtype)
    found = inspect_file(str(path), {})
    assert f",dtype={dtype}" in found.preprocess
    looks = ask(found, GREEN).looks["logits"]
    assert looks.high == (127.5 if dtype == "uint8" else pytest.approx(127.5))


def test_the_caller_wins_over_the_toml_over_the_metadata(tmp_path: Path) -> None:
    own = {"cilens.preprocess": Preprocess((8, 8), scale=2, mean=2).to_json()}
    path = tiny_onnx.write(tmp_path / "net.onnx", metadata=own)
    assert inspect_file(str(path), {}).known["scale"] == ("2", "the file's cilens.preprocess")
    write_stated(path, Stated(Preprocess((8, 8), scale=3, mean=3)))
    found = inspect_file(str(path), {"activation": "sigmoid"}, "scale=4")
    assert found.known["scale"] == ("4", "stated here")
    assert found.known["mean"].value == "3"
    assert found.known["mean"].source.endswith("net.onnx.cilens.toml")
    assert found.known["activation"].value == "sigmoid"


@pytest.mark.parametrize(
    ("ending", "what", "activation"),
    [
        ((), "logits", None),
        (("Softmax",), "probabilities: each row sums to 1", "none"),
        (("Sigmoid",), "rows do not sum to 1", "none"),
        (("LogSoftmax",), "logarithms of probabilities", "softmax"),
    ],
)
@pytest.mark.parametrize("shape", [("n", 3, 8, 8), (1, 3, 8, 8), (2, 8, 8, 3), (7, 3, 8, 8)])
def test_what_outputs_look_like(
    tmp_path: Path, shape: tuple, ending: tuple[str, ...], what: str, activation: str | None
) -> None:
    path = tiny_onnx.write(tmp_path / "net.onnx", ending, shape=shape)
    found = ask(inspect_file(str(path), {}), GREEN)
    ((_, seen),) = found.looks.items()
    assert what in seen.what
    assert seen.rows == 6
    known = found.known.get("activation")
    assert (known.value if known else None) == activation


def test_numbers_of_the_answers(tmp_path: Path) -> None:
    """Half the image is green: the mean is 0.5, with pixels of 0 … 255 it is 127.5."""
    found = inspect_file(str(tiny_onnx.write(tmp_path / "net.onnx", gain=-2)), {})
    seen = ask(found, GREEN).looks["logits"]
    assert (seen.low, seen.high, seen.sums, seen.rows) == (-255.0, 0.0, (-255.0, 0.0), 6)
    whole = inspect_file(found.path, {}, "scale=1,mean=1,std=0.5")
    seen = ask(whole, GREEN).looks["logits"]
    assert (seen.low, seen.high, seen.rows) == (2.0, 4.0, 3)


def test_several_outputs_are_all_asked_and_none_is_chosen(tmp_path: Path) -> None:
    path = tiny_onnx.write(tmp_path / "n.onnx", ("Softmax",), outputs=("logits", "softmax"))
    found = ask(inspect_file(str(path), {}), GREEN)
    assert list(found.looks) == ["logits", "softmax"]
    assert {"output", "activation"} <= set(found.unknown)
    chosen = ask(inspect_file(str(path), {"output": "softmax"}), GREEN)
    assert chosen.known["activation"].value == "none"
    with pytest.raises(InputError, match=r"unknown output .*did you mean 'softmax'"):
        inspect_file(str(path), {"output": "sofmax"})


def test_an_activation_twice_is_a_caution(tmp_path: Path) -> None:
    path = tiny_onnx.write(tmp_path / "net.onnx", ("Softmax",))
    found = ask(inspect_file(str(path), {"activation": "softmax"}), GREEN)
    assert found.known["activation"].value == "softmax"
    (caution,) = found.cautions
    assert "softmax would be applied twice" in caution
    path = tiny_onnx.write(tmp_path / "logits.onnx")
    assert ask(inspect_file(str(path), {"activation": "softmax"}), GREEN).cautions == ()


def test_what_is_needed_to_ask(tmp_path: Path) -> None:
    path = tiny_onnx.write(tmp_path / "net.onnx", shape=("n", 3, 3, 3))
    with pytest.raises(InputError, match=r"--preprocess must state layout, size, channels$"):
        ask(inspect_file(str(path), {}), GREEN)
    told = inspect_file(str(path), {}, "layout=NCHW,size=3x3,channels=3")
    assert ask(told, GREEN).looks["logits"].high > 1


def test_keys_that_are_none(tmp_path: Path) -> None:
    path = str(tiny_onnx.write(tmp_path / "net.onnx"))
    with pytest.raises(InputError, match="unknown preprocessing key 'scle'; did you mean 'scale'"):
        inspect_file(path, {}, "scle=3")
    with pytest.raises(InputError, match="scale must be greater than 0"):
        inspect_file(path, {}, "scale=0")


def test_a_network_that_fails(tmp_path: Path) -> None:
    path = str(tiny_onnx.write(tmp_path / "net.onnx"))
    found = inspect_file(path, {}, "size=4x4,fit=stretch")
    with pytest.raises(ModelError, match=r"net\.onnx failed on an input.*: .*invalid dimensions"):
        ask(found, GREEN)


@pytest.mark.parametrize(
    ("answers", "what"),
    [
        ([[0.2], [0.9]], "one number in 0 … 1"),
        ([[-3.0], [4.0]], "logits"),
        ([[np.nan, 1.0]], "not finite"),
        ([[0.5, 0.5], [0.5, 0.5]], "the same for every image"),
        ([[0.5, 0.5001]], "each row sums to 1"),
        ([[1.2, -0.2]], "logits"),
    ],
)
def test_looks(answers: list[list[float]], what: str) -> None:
    assert what in look(np.array(answers)).what


def spoilt(tmp_path: Path, spoil) -> tuple[str, ...]:
    """Return what is noted of a network whose answers to a batch are spoilt."""
    stated = "fit=exact,scale=1,mean=0,std=1"
    found = inspect_file(str(tiny_onnx.write(tmp_path / "net.onnx")), {}, stated)
    inner = found.described.ask
    described = found.described._replace(ask=lambda name, fed: spoil(inner(name, fed)))
    return ask(found._replace(described=described), GREEN).cautions


def softmax_of_the_batch(answers: np.ndarray) -> np.ndarray:
    powers = np.exp(answers - answers.max(axis=0))
    return powers / powers.sum(axis=0)


def single(answers: np.ndarray) -> np.ndarray:
    if len(answers) > 1:
        raise ModelError("a batch of 1 is baked in")
    return answers


def test_a_network_that_is_no_function_of_one_image_is_told_of(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    cases = {
        "a softmax does that runs over the images": softmax_of_the_batch,
        "by chance or keeps a state": lambda answers: answers + random.random(answers.shape),
        "batch normalisation in training mode": lambda answers: answers - answers.mean(axis=0),
        "takes one image at a time": single,
    }
    for words, spoil in cases.items():
        (caution,) = spoilt(tmp_path, spoil)
        assert words in caution
    assert spoilt(tmp_path, lambda answers: answers) == ()
