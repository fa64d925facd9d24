"""A .tflite file that cannot be explained is refused in one line that says what to do."""

from __future__ import annotations

import json

import numpy as np
import PIL.Image
import pytest

import cilens
import tiny_tflite
from cilens.cli import main
from cilens.errors import CilensError, FileError, InputError
from cilens.models.litert.errors import why_litert
from cilens.models.preprocess.record import Preprocess

P = Preprocess((8, 8), layout="NHWC")


def refused(path, error: type[CilensError], message: str, **stated) -> None:
    with pytest.raises(error, match=message) as caught:
        cilens.load_model(path, **{"preprocess": P, **stated})
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    assert len(str(caught.value).replace(str(path), "")) < 300


@pytest.fixture
def path(tmp_path):
    return tiny_tflite.colours(tmp_path / "net.tflite")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is empty"),
        (b"no network", "download or convert it anew"),
        (b"\x89HDF\r\n\x1a\n", r"it is an HDF5 file"),
        (b"version https://git-lfs.github.com/spec/v1", r"pointer of Git LFS: .*pull"),
        (b"\x08\x08\x12\x06cilens:", r"it is an ONNX file: end its name in \.onnx"),
        (b"PK\x03\x04", r"it is a zip archive, .*end its name in .*\.keras"),
    ],
)
def test_files_of_another_kind(tmp_path, content, message):
    path = tmp_path / "net.tflite"
    path.write_bytes(content)
    refused(path, FileError, f"is not a TFLite file, or a damaged one: .*{message}")


def test_damaged_files(path, tmp_path):
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    refused(path, FileError, r"is damaged: .*not a valid Flatbuffer.*convert it anew")
    path.write_bytes(whole[:60] + bytes(len(whole) - 60))
    refused(path, FileError, r"is damaged: .*convert it anew")
    refused(tmp_path / "none.tflite", FileError, "cannot be read: No such file")


def test_operators_of_others(tmp_path):
    net = tiny_tflite.Builder()
    taken, scores = net.tensor("picture", (1, 8, 8, 3)), net.tensor("scores", (1, 3))
    net.operator("FrobnicateV2", [taken], scores)
    path = net.write(tmp_path / "net.tflite", [taken], [scores])
    refused(path, FileError, "has the operator FrobnicateV2, which is none of LiteRT's own: conv")
    said = "Didn't find op for builtin opcode 'CONV_2D' version '99'. An older version"
    assert why_litert(ValueError(said)).startswith("has the operator CONV_2D in version 99, which")
    said = "Select TensorFlow op(s), included in the given model, is(are) not supported"
    assert "convert the network with" in why_litert(RuntimeError(said.replace("S", "s", 1)))


@pytest.mark.parametrize(
    ("shape", "dtype", "message"),
    [
        ((12,), "float32", r"must be images, .*'x' is float32 of shape \(12\): export"),
        ((1, 12), "float32", r"takes \(1, 12\); .*; state a size and channels of as many numbers"),
        ((1, 2, 2, 3), "int32", "takes int32; got float32; state dtype=int32"),
    ],
)
def test_inputs_that_are_no_images(tmp_path, shape, dtype, message):
    net = tiny_tflite.Builder()
    taken, again = net.tensor("x", shape, dtype), net.tensor("y", shape, dtype)
    net.operator("SQUARE" if dtype == "float32" else "ABS", [taken], again)
    path = net.write(tmp_path / "net.tflite", [taken], [again])
    refused(path, InputError, message)


def test_two_inputs(tmp_path):
    net = tiny_tflite.Builder()
    left, right, both = (net.tensor(name, (1, 8, 8, 3)) for name in ("left", "right", "both"))
    net.operator("ADD", [left, right], both, tiny_tflite.schema.AddOptionsT())
    path = net.write(tmp_path / "net.tflite", [left, right], [both])
    refused(
        path, InputError, r"one input, the images; it has 2: 'left' float32 \(1, 8, 8, 3\), 'right'"
    )


def test_several_outputs(tmp_path):
    net = tiny_tflite.Builder()
    taken = net.tensor("x", (1, 8, 8, 3))
    mean = tiny_tflite.means(net, taken, net.tensor("mean", (1, 3)))
    best = net.tensor("best", (1,), "int64")
    axis = net.tensor("axis", (), "int32", data=1)
    options = tiny_tflite.schema.ArgMaxOptionsT(tiny_tflite.KINDS["int64"])
    net.operator("ARG_MAX", [mean, axis], best, options)
    path = net.write(tmp_path / "net.tflite", [taken], [mean, best])
    refused(path, InputError, r"2 outputs, choose one with output=: 'mean' \(1, 3\), 'best' \(1\)")
    refused(path, InputError, "did you mean 'mean'", output="men")
    refused(path, InputError, "output 'best' .* must be scores; it is int64: conv", output="best")
    assert cilens.load_model(path, preprocess=P, output="mean").output == "mean"


def test_what_is_stated_and_does_not_fit(path):
    refused(path, InputError, "state layout=NHWC$", preprocess=Preprocess((8, 8)))
    wide = Preprocess((8, 9), layout="NHWC")
    refused(path, InputError, r"takes \(1, 8, 8, 3\); got \(1, 8, 9, 3\)", preprocess=wide)
    half = Preprocess((8, 8), layout="NHWC", dtype="float16")
    refused(path, InputError, "takes float32; got float16; state dtype=float32", preprocess=half)
    refused(path, InputError, r"becomes its input 'picture' \(float32\)", preprocess=None)
    for stated, message in (
        ({"class_names": ["a"]}, "network's output: 3; got 1"),
        ({"activation": "relu"}, "unknown activation"),
    ):
        with pytest.raises(InputError, match=message):
            cilens.load_model(path, preprocess=P, **stated)
    with pytest.raises(InputError, match="threads must be 1 or more; got 0"):
        cilens.LiteRtModel(path, P, threads=0)


def test_metadata_that_is_none(tmp_path, network_weights):
    own = {"cilens_class_names": "cat"}
    path = tiny_tflite.network(tmp_path / "net.tflite", network_weights(3, 4), **own)
    refused(path, FileError, "must be a JSON list of texts; got 'cat'")


def test_the_command_line_explains_with_a_file(path, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    red = np.zeros((8, 8, 3), np.uint8)
    red[:, :4, 0] = 255
    PIL.Image.fromarray(red).save("red.png")
    command = ["explain", "red.png", "--model", "net.tflite", "--json", "--preprocess", str(P)]
    question = ["--segmenter", "grid:rows=1,columns=2", "--perturbation", "constant:value=0"]
    assert main([*command, *question]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert told["predicted"] == {"index": 0, "name": "0", "score": 0.5}
    assert [round(one["influence"], 6) for one in told["regions"]] == [0.5, 0.0]
