"""Weights in safetensors that declare what they do not hold, and metadata that are none."""

from __future__ import annotations

import contextlib
import json
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

import cilens
from cilens.errors import CilensError, FileError

P = cilens.Preprocess((1, 1), 3)
FACTORY = "torch.nn:Flatten"


def write(path: Path, header: object, content: bytes = b"", size: int | None = None) -> Path:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text) if size is None else size) + text + content)
    return path


def tensor(**changed: object) -> dict[str, object]:
    return {"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]} | changed}


@pytest.mark.parametrize(
    ("header", "content", "size"),
    [
        (tensor(shape=[10**9, 10**9]), bytes(8), None),
        (tensor(shape=[2**32, 2**32]), bytes(8), None),
        (tensor(shape=[-2]), bytes(8), None),
        (tensor(shape=[2.5]), bytes(8), None),
        (tensor(dtype="F7"), bytes(8), None),
        (tensor(data_offsets=[0, 10**12]), bytes(8), None),
        (tensor(data_offsets=[8, 0]), bytes(8), None),
        (tensor(data_offsets=[4, 12]), bytes(12), None),
        (tensor(), bytes(80), None),
        (tensor() | {"b": tensor()["a"]}, bytes(8), None),
        (tensor(), b"", 2**63),
        (tensor(), b"", 10**8 + 1),
        (b"[" * 100_000, b"", None),
        (b'{"a":' * 100_000, b"", None),
        (b"\xff" * 10, b"", None),
        (b"[]", b"", None),
        (b"", b"", None),
    ],
)
def test_headers_that_do_not_hold(
    tmp_path: Path, header: object, content: bytes, size: int | None
) -> None:
    path = write(tmp_path / "net.safetensors", header, content, size)
    message = r"net\.safetensors is not a safetensors file, or a damaged one: "
    with pytest.raises(FileError, match=message) as caught:
        cilens.load_model(path, preprocess=P, factory=FACTORY)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500 + len(str(path))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("cilens.preprocess", "not JSON"),
        ("cilens.preprocess", "[" * 100_000),
        ("cilens.preprocess", '{"size": [1e999, 1]}'),
        ("cilens.preprocess", '{"size": [60000, 60000, 7]}'),
        ("cilens.class_names", "not JSON"),
        ("cilens.class_names", "[1, 2, 3]"),
        ("cilens.class_names", '"a"'),
    ],
)
def test_metadata_that_are_none(tmp_path: Path, key: str, value: str) -> None:
    path = tmp_path / "net.safetensors"
    stated = {"cilens.preprocess": P.to_json(), key: value}
    save_file({}, path, stated)
    with pytest.raises(CilensError) as caught:
        cilens.load_model(path, factory=FACTORY)
    assert "\n" not in str(caught.value)


def test_a_file_names_no_factory(tmp_path: Path) -> None:
    path, mark = tmp_path / "net.safetensors", tmp_path / "mark"
    save_file({}, path, {"cilens.factory": "os:getcwd", "factory": "os:getcwd"})
    with pytest.raises(CilensError, match="state the function of yours"):
        cilens.load_model(path, preprocess=P)
    assert not mark.exists()


def test_a_pickle_under_this_name(tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    torch.save({"a": torch.zeros(1)}, path)
    with pytest.raises(FileError, match="is not a safetensors file"):
        cilens.load_model(path, preprocess=P, factory=FACTORY)


def test_weights_of_another_size_than_the_network(tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    save_file({"weight": torch.zeros(10, 10)}, path)
    with pytest.raises(CilensError, match="does not fit the module"):
        cilens.load_model(path, preprocess=P, factory="torch.nn:Flatten")


def test_every_cut_and_chance_is_refused_or_read(tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    save_file({}, path, {"cilens.preprocess": P.to_json()})
    whole, chance = path.read_bytes(), np.random.default_rng(0)
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(CilensError):
            cilens.load_model(path, factory=FACTORY)
    for _ in range(200):
        data = bytearray(whole)
        data[chance.integers(len(data))] = chance.integers(256)
        path.write_bytes(data)
        with contextlib.suppress(CilensError):
            cilens.load_model(path, factory=FACTORY)
