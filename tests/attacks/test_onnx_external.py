"""Weights that an ONNX file keeps elsewhere: beside it, or nowhere."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper

import cilens
from cilens.models.onnx.check import check_onnx
from onnx_attacks import FLOAT, IMAGES, P, node, refused, weights_elsewhere, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder for the network, beside a file that is none of its business."""
    np.array([1, 2, 3], np.float32).tofile(tmp_path / "secret.bin")
    (tmp_path / "nets").mkdir()
    return tmp_path / "nets"


def test_weights_beside_the_network_are_read(folder: Path) -> None:
    np.array([0, 1, 2, 3], np.float32).tofile(folder / "w.bin")
    path = weights_elsewhere(folder / "net.onnx", "w.bin", offset=4, length=12)
    np.testing.assert_allclose(cilens.load_model(path, preprocess=P)(IMAGES), [[0.5, 1, 1.5]])
    (folder / "deep").mkdir()
    (folder / "w.bin").rename(folder / "deep" / "w.bin")
    check_onnx(str(weights_elsewhere(folder / "net.onnx", "deep/w.bin")))


@pytest.mark.parametrize(
    "location",
    [
        "../secret.bin",
        "a/../../secret.bin",
        "/dev/zero",
        "C:\\secret.bin",
        "..\\secret.bin",
        "",
        "\\\\host\\share",
        "*/_ORT_MEM_ADDR_/*",
        "none.bin",
        "a\0b",
        ".",
    ],
)
def test_weights_of_another_place(folder: Path, location: str) -> None:
    refused(weights_elsewhere(folder / "net.onnx", location, length=12), "in another file")


def test_an_absolute_path(folder: Path) -> None:
    secret = str(folder.parent / "secret.bin")
    refused(weights_elsewhere(folder / "net.onnx", secret), "must lie beside the network")


def test_links_to_another_place(folder: Path) -> None:
    secret = folder.parent / "secret.bin"
    (folder / "soft.bin").symlink_to(secret)
    (folder / "hard.bin").hardlink_to(secret)
    (folder / "up").symlink_to(folder.parent)
    refused(weights_elsewhere(folder / "net.onnx", "soft.bin"), "a link to a file elsewhere: copy")
    refused(weights_elsewhere(folder / "net.onnx", "up/secret.bin"), "a link to a file elsewhere")
    refused(weights_elsewhere(folder / "net.onnx", "hard.bin"), "a hard link, .* a copy of itself")


def test_links_of_a_download_cache(folder: Path) -> None:
    """The Hugging Face hub has links to blobs in the place of network and weights."""
    blobs, snapshot = folder / "blobs", folder / "snapshots"
    blobs.mkdir()
    snapshot.mkdir()
    np.array([1, 2, 3], np.float32).tofile(blobs / "b")
    weights_elsewhere(blobs / "a", "net.onnx_data")
    (snapshot / "net.onnx").symlink_to("../blobs/a")
    (snapshot / "net.onnx_data").symlink_to("../blobs/b")
    check_onnx(str(snapshot / "net.onnx"))


def test_weights_in_a_pipe_or_a_folder(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    (folder / "sub").mkdir()
    for name in ("pipe", "sub"):
        refused(weights_elsewhere(folder / "net.onnx", name), "no file with data in it")
    refused_pipe = folder / "pipe.onnx"
    os.mkfifo(refused_pipe)
    refused(refused_pipe, "must be a file; it is a pipe or a device")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"offset": 4}, "has 12 bytes, and the tensor is said to take 12 from 4 on"),
        ({"offset": 2**62}, "take 12 from 4611686018427387904 on"),
        ({"length": 2**40}, "take 1099511627776 from 0"),
        ({"length": 4}, "a tensor of 12 bytes must be in it"),
        ({"offset": -4}, "offset must be a whole number; got '-4'"),
        ({"offset": "9" * 40}, "offset must be a whole number"),
    ],
)
def test_a_piece_that_is_not_there(folder: Path, more: dict, message: str) -> None:
    np.zeros(3, np.float32).tofile(folder / "w.bin")
    refused(weights_elsewhere(folder / "net.onnx", "w.bin", **more), message)


def test_weights_of_another_place_deep_inside(folder: Path) -> None:
    """In a setting of a node, in a branch of a branch, in a function, in two halves."""
    tensor = onnx.TensorProto(name="w", data_type=FLOAT, dims=[1])
    tensor.external_data.add(key="location", value="../secret.bin")
    constant = node("Constant", [], ["y"], value=tensor)
    message = "must lie beside the network"
    refused(write(folder / "net.onnx", [constant]), message)
    inner = helper.make_graph([constant], "g", [], [helper.make_tensor_value_info("y", FLOAT, [1])])
    for _ in range(3):
        branch = node("If", ["c"], ["y"], then_branch=inner, else_branch=inner)
        inner = helper.make_graph([branch], "g", [], inner.output)
    condition = (np.array(True), "c")
    refused(write(folder / "net.onnx", [branch], [condition]), message)
    function = helper.make_function(
        "f", "F", ["x"], ["y"], [constant], [helper.make_opsetid("", 17)]
    )
    call = node("F", ["x"], ["y"], domain="f")
    refused(write(folder / "net.onnx", [call], functions=[function]), message)
