"""Files that ONNX Runtime does not open, each with one line that says what to do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import cilens
import tiny_onnx
from cilens.errors import CilensError, FileError, InputError
from cilens.models.onnx.errors import why
from cilens.models.preprocess.record import Preprocess

P = Preprocess((8, 8))
IMAGES = ["n", 3, 8, 8]


def save(path: Path, nodes: list[onnx.NodeProto], **settings: object) -> Path:
    """Write a network from x to y that need not be valid."""
    takes = settings.get("takes", TensorProto.FLOAT)
    gives = settings.get("gives", (TensorProto.FLOAT, IMAGES))
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", takes, IMAGES)],
        [helper.make_tensor_value_info("y", *gives)],
        settings.get("weights", []),
    )
    opsets = settings.get("opsets", {"": 17})
    imports = [helper.make_opsetid(name, number) for name, number in opsets.items()]
    onnx.save(helper.make_model(graph, opset_imports=imports, ir_version=8), path)
    return path


def refused(path: Path, error: type[CilensError], message: str) -> None:
    with pytest.raises(error, match=rf"{path.name}.* {message}") as caught:
        cilens.load_model(path, preprocess=P)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_operators_of_others(tmp_path: Path) -> None:
    node = helper.make_node("MyNorm", ["x"], ["y"], domain="my.ops")
    path = save(tmp_path / "net.onnx", [node], opsets={"": 17, "my.ops": 1})
    refused(path, FileError, r"has the operator MyNorm of my\.ops, .*: export it with ONNX's own")


def test_an_operator_that_is_none(tmp_path: Path) -> None:
    path = save(tmp_path / "net.onnx", [helper.make_node("Frobnicate", ["x"], ["y"])])
    refused(path, FileError, "has the operator Frobnicate, which opset 17 does not have: export")


def test_an_opset_of_the_future(tmp_path: Path) -> None:
    path = save(tmp_path / "net.onnx", [helper.make_node("Relu", ["x"], ["y"])], opsets={"": 99})
    refused(path, FileError, r"has opset 99; .* runs up to \d+: export it with an older opset")


@pytest.mark.parametrize("kind", [TensorProto.UINT64, TensorProto.BFLOAT16])
def test_inputs_of_other_types(tmp_path: Path, kind: int) -> None:
    node = helper.make_node("Cast", ["x"], ["y"], to=TensorProto.FLOAT)
    path = save(tmp_path / "net.onnx", [node], takes=kind)
    refused(path, InputError, r"floats or integers; 'x' is tensor\(\w+\) .*: export the")


def quantised(path: Path, *, to_float: bool) -> Path:
    """Write a network whose scores go through 8 bits, in steps of 1/128."""
    nodes = [
        helper.make_node("ReduceMean", ["x"], ["mean"], axes=[2, 3], keepdims=0),
        helper.make_node("QuantizeLinear", ["mean", "step", "zero"], ["bytes"]),
        helper.make_node("DequantizeLinear", ["bytes", "step", "zero"], ["float"]),
        helper.make_node("Identity", ["float" if to_float else "bytes"], ["y"]),
    ]
    kind = TensorProto.FLOAT if to_float else TensorProto.UINT8
    weights = [
        numpy_helper.from_array(np.array(1 / 128, np.float32), "step"),
        numpy_helper.from_array(np.array(0, np.uint8), "zero"),
    ]
    return save(path, nodes, gives=(kind, ["n", 3]), weights=weights)


def test_a_quantised_network_with_scores_runs(tmp_path: Path) -> None:
    model = cilens.load_model(quantised(tmp_path / "net.onnx", to_float=True), preprocess=P)
    grey = np.full((2, 8, 8, 3), 0.503, np.float32)
    np.testing.assert_array_equal(model(grey), np.full((2, 3), 64 / 128))


def test_a_quantised_network_with_bytes_for_scores(tmp_path: Path) -> None:
    path = quantised(tmp_path / "net.onnx", to_float=False)
    with pytest.raises(InputError, match=r"must be scores; .*uint8.*: export the network with fl"):
        cilens.load_model(path, preprocess=P)


def test_half_precision_is_told_how(tmp_path: Path) -> None:
    path = tiny_onnx.write(tmp_path / "net.onnx", dtype="float16")
    refused(path, InputError, r"takes float16; got float32; state dtype=float16$")
    model = cilens.load_model(path, preprocess=Preprocess((8, 8), dtype="float16"))
    np.testing.assert_array_equal(model(np.ones((2, 8, 8, 3), np.float32)), np.ones((2, 3)))


def test_a_fixed_batch_is_filled_up(tmp_path: Path) -> None:
    path = tiny_onnx.write(tmp_path / "net.onnx", shape=(4, 3, 8, 8))
    model = cilens.load_model(path, preprocess=P)
    images = np.broadcast_to(np.arange(7).reshape(7, 1, 1, 1) / 8, (7, 8, 8, 3))
    np.testing.assert_array_equal(model(images)[:, 0], np.arange(7) / 8)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid", "it is a pointer of Git LFS: .*pull$"),
        (b"<!DOCTYPE html><html>", "it is a web page: download"),
        (b"\n<HTML>", "it is a web page: download"),
        (b"PK\x03\x04" + bytes(60), r"it is a zip archive, .*end its name in \.pt2"),
        (b"\x80\x04\x95" + bytes(60), "it is a pickle: export"),
        (b"\x89HDF\r\n\x1a\n" + bytes(60), r"it is an HDF5 file, .*save it as \.keras"),
        (b"\x1c\x00\n\x00TFL3" + bytes(60), r"it is a TFLite file: end its name in \.tflite"),
        (b"", "it is empty"),
        (b"no network at all", "it does not read as protocol buffers"),
    ],
)
def test_files_of_another_kind(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(content)
    refused(path, FileError, rf"is not an ONNX file, or a damaged one: {message}")


@pytest.mark.parametrize("suffix", ["pb"])
def test_suffixes_of_others(suffix: str) -> None:
    with pytest.raises(InputError, match=rf"got 'net\.{suffix}': .*ONNX$"):
        cilens.load_model(f"net.{suffix}")


def test_numbers_that_no_operator_takes() -> None:
    said = ValueError(
        "[ONNXRuntimeError] : 9 : NOT_IMPLEMENTED : Could not find an implementation "
        "for ConvInteger(10) node with name ''"
    )
    assert why("a.onnx", said, "1.22").endswith("export it in float32, not quantised")
    assert why("a.onnx", ValueError("else"), "1.22") == "cannot be run by ONNX Runtime 1.22: else"


def test_nothing_stated_names_inspect(tmp_path: Path) -> None:
    path = tiny_onnx.write(tmp_path / "net.onnx")
    with pytest.raises(InputError, match=r"; cilens inspect .*net\.onnx shows what the file says$"):
        cilens.load_model(path)
