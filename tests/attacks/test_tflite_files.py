"""TFLite files that attack or are damaged: none ends the process that opens it."""

from __future__ import annotations

import zipfile
from contextlib import suppress
from pathlib import Path

import flatbuffers
import numpy as np
import pytest

import cilens
import tiny_tflite
from cilens import Limits, LiteRtModel
from cilens.errors import CilensError, FileError, ModelError
from cilens.models.inspect.description import describe
from cilens.models.isolate.client import Child
from cilens.models.isolate.told import told_value
from cilens.models.litert.quantised import Port

P = cilens.Preprocess((8, 8), layout="NHWC")
IMAGES = np.full((2, 8, 8, 3), 0.5, np.float32)


def gather(path: Path, index: int) -> Path:
    """Write a network that takes a number from far behind its input."""
    net = tiny_tflite.Builder()
    taken = net.tensor("picture", (1, 8, 8, 3))
    place = net.tensor("place", (1,), "int32", data=[index])
    found = net.tensor("found", (1, 8, 8, 3))
    options = tiny_tflite.schema.GatherOptionsT(axis=0)
    net.operator("GATHER", [taken, place], found, options)
    mean = tiny_tflite.means(net, found, net.tensor("mean", (1, 3)))
    return net.write(path, [taken], [mean])


def without_graph(path: Path) -> Path:
    """Write a file in which the network is missing: LiteRT follows a null pointer."""
    schema = tiny_tflite.schema
    code = schema.OperatorCodeT(40, builtinCode=40)
    model = schema.ModelT(version=3, operatorCodes=[code], buffers=[schema.BufferT()])
    builder = flatbuffers.Builder(64)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    path.write_bytes(bytes(builder.Output()))
    return path


def test_what_crashes_litert_is_an_error_here(tmp_path: Path) -> None:
    path = without_graph(tmp_path / "net.tflite")
    message = r"ended the process made for it \(SIGSEGV\).*: the file is damaged, or wants more$"
    for ask in (lambda: LiteRtModel(path, P), lambda: describe(str(path))):
        with pytest.raises(FileError, match=rf"^opening {path} {message}"):
            ask()


def test_a_number_from_elsewhere_in_memory(tmp_path: Path) -> None:
    with pytest.raises(CilensError, match=r"net\.tflite"):
        LiteRtModel(gather(tmp_path / "net.tflite", 2**30), P)(IMAGES)


def test_a_crash_when_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = LiteRtModel(tiny_tflite.colours(tmp_path / "net.tflite"), P)
    before = model(IMAGES)
    monkeypatch.setattr(model._open().network.child, "_path", "net.tflite")
    model._open().network.child._process.kill()
    with pytest.raises(ModelError, match=r"asking net\.tflite ended the process made for it"):
        model(IMAGES)
    np.testing.assert_array_equal(model(IMAGES), before)


def test_an_endless_loop(tmp_path: Path) -> None:
    net = tiny_tflite.Builder()
    taken = net.tensor("picture", (1, 8, 8, 3))
    path = _loop(net, taken, tmp_path / "net.tflite")
    with pytest.raises(CilensError, match=r"took longer than 1 s and was stopped"):
        LiteRtModel(path, P, limits=Limits(timeout=1))(IMAGES)


def _loop(net: tiny_tflite.Builder, taken: int, path: Path) -> Path:
    """Write a loop whose condition always holds."""
    looped = net.tensor("looped", (1, 8, 8, 3))
    options = tiny_tflite.schema.WhileOptionsT(1, 2)
    net.operator("WHILE", [taken], looped, options)
    mean = tiny_tflite.means(net, looped, net.tensor("mean", (1, 3)))
    condition, body = tiny_tflite.Builder(), tiny_tflite.Builder()
    for inner in (condition, body):
        inner.model = net.model
    given = condition.tensor("given", (1, 8, 8, 3))
    least = condition.tensor("least", (), data=-1e30)
    peak = condition.tensor("peak", ())
    tiny_tflite.means(condition, given, peak, (0, 1, 2, 3))
    holds = condition.tensor("holds", (), "bool")
    condition.operator("GREATER", [peak, least], holds, tiny_tflite.schema.GreaterOptionsT())
    old, new = body.tensor("old", (1, 8, 8, 3)), body.tensor("new", (1, 8, 8, 3))
    body.operator("SIN", [old], new)
    more = [
        tiny_tflite.schema.SubGraphT(inner.tensors, [inner_in], [out], inner.operators, name)
        for inner, inner_in, out, name in (
            (condition, given, holds, b"condition"),
            (body, old, new, b"body"),
        )
    ]
    return net.write(path, [taken], [mean], more=more)


@pytest.mark.parametrize("sides", [(2**20, 2**20), (30_000, 30_000)])
def test_a_tensor_of_any_size(tmp_path: Path, sides: tuple[int, int]) -> None:
    net = tiny_tflite.Builder()
    taken, wide = net.tensor("picture", (1, 8, 8, 3)), net.tensor("wide", (1, *sides, 3))
    size = net.tensor("size", (2,), "int32", data=sides)
    net.operator(
        "RESIZE_BILINEAR", [taken, size], wide, tiny_tflite.schema.ResizeBilinearOptionsT()
    )
    mean = tiny_tflite.means(net, wide, net.tensor("mean", (1, 3)))
    path = net.write(tmp_path / "net.tflite", [taken], [mean])
    with pytest.raises(CilensError) as caught:
        LiteRtModel(path, P, limits=Limits(memory=2**30, timeout=20))(IMAGES)
    assert path.name in str(caught.value)


def test_a_label_file_of_any_size(tmp_path: Path) -> None:
    path = tiny_tflite.colours(tmp_path / "net.tflite")
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("labels.txt", "w", force_zip64=True) as file,
    ):
        for _ in range(40):
            file.write(bytes(2**23))
    with suppress(FileError):  # it is refused or passed over, and read in no case
        assert LiteRtModel(path, P, limits=Limits(memory=2**28)).class_names == ()


@pytest.mark.parametrize("content", [b"no network", b"", b"\x1c\0\0\0TFL3" + b"\xff" * 500])
def test_files_that_are_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "net.tflite").write_bytes(content)
    with pytest.raises(FileError, match="damaged"):
        LiteRtModel(tmp_path / "net.tflite", P)


@pytest.mark.parametrize(
    "lie",
    [
        None, [], ["x"], ["x", 3, [None], "float32", ["int8", 0.5]],
        ["x", 3, [None], "float32", ["object", 0.5, 0]], ["x", "3", [None], "float32", None],
        ["x", 3, [1.5], "float32", None], [5, 3, [1], "float32", None],
        ["x", 3, [1], "float32", ["int8", float("nan"), 0]],
        ["x", 3, [1], "float32", ["int8", 2**70, 0]],
    ],
)  # fmt: skip
def test_a_lie_about_a_tensor(lie) -> None:
    with pytest.raises(ModelError, match=r"the process that opened the file says|must be one of"):
        told_value(lie, Port, "a port")


def test_whatever_litert_raises_is_an_error_of_the_file(tmp_path: Path) -> None:
    """One child opens some hundred files, each cut and with a byte turned over."""
    whole = tiny_tflite.colours(tmp_path / "net.tflite").read_bytes()
    rng, folder = np.random.default_rng(0), tmp_path / "damaged"
    folder.mkdir()
    for place in range(500):
        content = bytearray(whole[: rng.integers(20, len(whole))])
        content[rng.integers(8, len(content))] ^= 255
        (folder / f"{place}.tflite").write_bytes(content)
    one = Child("damaged", "hostile:damage", {"folder": str(folder)}, Limits())
    assert one.texts["raised"] == {"FileError": 500}
