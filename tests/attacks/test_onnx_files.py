"""ONNX files that attack: each is refused before it does what it was made for."""

from __future__ import annotations

import itertools
import os
import time
from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import cilens
import tiny_onnx
from cilens.errors import CilensError, FileError
from cilens.models.inspect.description import describe
from cilens.models.onnx.check import check_onnx

P = cilens.Preprocess((8, 8))
IMAGES = np.full((1, 8, 8, 3), 0.5, np.float32)
FLOAT, INT = TensorProto.FLOAT, TensorProto.INT64
node = helper.make_node


def write(path: Path, nodes, initializers=(), *, functions=(), outputs=("y",)) -> Path:
    """Write a network from images `x` to `y`."""
    graph = helper.make_graph(
        nodes,
        "attack",
        [helper.make_tensor_value_info("x", FLOAT, ["n", 3, 8, 8])],
        [helper.make_tensor_value_info(name, FLOAT, None) for name in outputs],
        [
            one if isinstance(one, onnx.TensorProto) else numpy_helper.from_array(*one)
            for one in initializers
        ],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("f", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=9, functions=list(functions))
    path.write_bytes(model.SerializeToString())
    return path


def whole(name: str, *numbers: int):
    return np.array(numbers, np.int64), name


def means(of: str = "x") -> onnx.NodeProto:
    return node("ReduceMean", [of], ["mean"], axes=[2, 3], keepdims=0)


def weights_elsewhere(path: Path, location: str, **more: object) -> Path:
    """Write a network whose three weights are in another file."""
    tensor = onnx.TensorProto(name="w", data_type=FLOAT, dims=[3])
    tensor.data_location = onnx.TensorProto.EXTERNAL
    for key, value in {"location": location, **more}.items():
        tensor.external_data.add(key=key, value=str(value))
    return write(path, [means(), node("Mul", ["mean", "w"], ["y"])], [tensor])


def refused(path: Path, message: str, error: type[CilensError] = FileError) -> None:
    for ask in (
        lambda: cilens.load_model(path, preprocess=P)(IMAGES),
        lambda: describe(str(path)).ask("y", np.zeros((1, 3, 8, 8), np.float32)),
    ):
        with pytest.raises(error, match=message) as caught:
            ask()
        assert "\n" not in str(caught.value)
        assert path.name in str(caught.value)


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


def tiles(path: Path, times: int) -> Path:
    nodes = [node("ConstantOfShape", ["s"], ["t0"])]
    nodes += [node("Tile", [f"t{i}", "r"], [f"t{i + 1}"]) for i in range(times)]
    nodes += [node("ReduceMax", [f"t{times}"], ["m"]), node("Add", ["x", "m"], ["y"])]
    return write(path, nodes, [whole("s", 100, 100), whole("r", 100, 100)])


@pytest.mark.parametrize(
    ("nodes", "constants", "kind"),
    [
        ([node("ConstantOfShape", ["s"], ["c"])], [whole("s", 2**20, 2**20)], "ConstantOfShape"),
        ([node("Expand", ["one", "s"], ["c"])], [whole("s", 2**40)], "Expand"),
        (
            [node("Range", ["from", "to", "step"], ["c"])],
            [(np.array(n, np.int64), w) for n, w in ((0, "from"), (2**50, "to"), (1, "step"))],
            "Range",
        ),
        ([node("RandomNormal", [], ["c"], shape=[2**30, 2**30])], [], "RandomNormal"),
        (
            [node("Constant", [], ["s"], value_ints=[2**31]), node("Expand", ["one", "s"], ["c"])],
            [],
            "Expand",
        ),
        ([node("Tile", ["x", "s"], ["c"])], [whole("s", 2**10, 2**10, 2**10, 1)], "Tile"),
    ],
)
def test_constants_of_any_size(folder: Path, nodes, constants, kind: str) -> None:
    one = (np.ones(1, np.float32), "one")
    path = write(folder / "net.onnx", [*nodes, node("Sum", ["x", "c"], ["y"])], [one, *constants])
    started = time.monotonic()
    refused(path, rf"makes a tensor of .* numbers out of nothing \({kind}\); at most 536870912")
    assert time.monotonic() - started < 5


def test_tiles_of_tiles(folder: Path) -> None:
    check_onnx(str(tiles(folder / "net.onnx", 1)))
    refused(tiles(folder / "net.onnx", 3), r"1e\+12 numbers out of nothing \(Tile\)")


def test_a_constant_of_any_size_in_a_loop(folder: Path) -> None:
    """The shape stands outside of the loop."""
    body = helper.make_graph(
        [node("ConstantOfShape", ["s"], ["big"]), node("Identity", ["go"], ["on"])],
        "body",
        [helper.make_tensor_value_info("i", INT, []), helper.make_tensor_value_info("go", 9, [])],
        [helper.make_tensor_value_info("on", 9, []), helper.make_tensor_value_info("big", 1, None)],
    )
    loop = node("Loop", ["n", "c"], ["y"], body=body)
    constants = [whole("s", 2**40), (np.array(9), "n"), (np.array(True), "c")]
    refused(write(folder / "net.onnx", [loop], constants), "ConstantOfShape")


def functions(depth: int, calls: int) -> list[onnx.FunctionProto]:
    """Return functions that call the next one several times each."""
    made = []
    for level in range(depth):
        names = [f"v{i}" for i in range(calls + 1)]
        kind, domain = ("Neg", "") if level == depth - 1 else (f"F{level + 1}", "f")
        nodes = [node(kind, [a], [b], domain=domain) for a, b in itertools.pairwise(names)]
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid("f", 1)]
        made.append(helper.make_function("f", f"F{level}", ["v0"], names[-1:], nodes, opsets))
    return made


def test_functions_that_unfold(folder: Path) -> None:
    call = [node("F0", ["x"], ["t"], domain="f"), means("t"), node("Neg", ["mean"], ["y"])]
    path = write(folder / "net.onnx", call, functions=functions(3, 4))
    np.testing.assert_allclose(cilens.load_model(path, preprocess=P)(IMAGES), -0.5)
    path = write(folder / "net.onnx", call, functions=functions(40, 2))
    refused(path, r"unfolds to \d+ nodes, its functions counted .*; at most 250000")


def test_functions_that_call_themselves(folder: Path) -> None:
    ring = functions(3, 1)
    ring[-1].node[0].op_type, ring[-1].node[0].domain = "F0", "f"
    call = [node("F0", ["x"], ["y"], domain="f")]
    refused(write(folder / "net.onnx", call, functions=ring), "functions that call themselves")


def test_graphs_within_graphs(folder: Path) -> None:
    outputs = [helper.make_tensor_value_info("y", 9, [])]
    plain = helper.make_graph([node("Identity", ["c"], ["y"])], "g", [], outputs)
    branch = node("If", ["c"], ["y"], then_branch=plain, else_branch=plain)
    for _ in range(25):
        inner = helper.make_graph([branch], "g", [], outputs)
        branch = node("If", ["c"], ["y"], then_branch=inner, else_branch=plain)
    refused(write(folder / "net.onnx", [branch], [(np.array(True), "c")]), "more than 16 deep")


@pytest.mark.parametrize(
    "tensor",
    [
        {"dims": [2**20, 2**20], "raw_data": bytes(12)},
        {"dims": [3], "raw_data": b""},
        {"dims": [4], "float_data": [1.0, 2.0, 3.0]},
        {"dims": [1] * 65, "raw_data": bytes(4)},
    ],
)
def test_weights_that_are_declared_and_not_there(folder: Path, tensor: dict) -> None:
    weights = onnx.TensorProto(name="w", data_type=FLOAT, **tensor)
    message = (
        r"damaged one: (tensor 'w' declares \d+ numbers and has \d+ bytes|a tensor of 65 axes)"
    )
    refused(write(folder / "net.onnx", [means()], [weights], outputs=["mean"]), message)


def test_a_sparse_tensor_of_any_size(folder: Path) -> None:
    values = numpy_helper.from_array(np.ones(1, np.float32), "w")
    places = numpy_helper.from_array(np.zeros(1, np.int64), "places")
    sparse = onnx.SparseTensorProto(values=values, indices=places, dims=[2**20, 2**20])
    path = write(folder / "net.onnx", [means(), node("Add", ["mean", "w"], ["y"])])
    model = onnx.load(path)
    model.graph.sparse_initializer.append(sparse)
    path.write_bytes(model.SerializeToString())
    refused(path, "a sparse tensor of 1099511627776 numbers; at most 536870912")


def test_operators_of_a_library_of_others(folder: Path) -> None:
    path = write(folder / "net.onnx", [node("Evil", ["x"], ["y"], domain="f")])
    refused(path, "has the operator Evil of f, which is none of ONNX's own")


def test_texts_that_are_none(folder: Path) -> None:
    """Names and metadata of bytes that are no UTF-8, and names with half a character."""
    path = tiny_onnx.write(folder / "net.onnx", metadata={"author": "QQQQ"})
    for old in (b"QQQQ", b"logits"):
        content = path.read_bytes()
        (folder / "bad.onnx").write_bytes(content.replace(old, b"\xff\xfe\xff\xfe" + old[4:]))
        refused(folder / "bad.onnx", r"bad\.onnx ")


@pytest.mark.parametrize(
    "names",
    [
        "[" * 100_000,
        '{"a": 1}',
        "[1, 2, 3]",
        '"abc"',
        "null",
        "[",
        "9" * 5000,
    ],
)
def test_class_names_that_are_none(folder: Path, names: str) -> None:
    own = {"cilens.class_names": names}
    with pytest.raises(CilensError, match=r"net\.onnx"):
        cilens.load_model(tiny_onnx.write(folder / "net.onnx", metadata=own), preprocess=P)


@pytest.mark.parametrize("text", ["[" * 100_000, "[1]", "5", "{", '{"size": [1e999, 8]}'])
def test_preprocessing_that_is_none(folder: Path, text: str) -> None:
    own = {"cilens.preprocess": text}
    with pytest.raises(CilensError, match=r"net\.onnx"):
        cilens.load_model(tiny_onnx.write(folder / "net.onnx", metadata=own))


def test_damage_of_any_kind_is_one_error(folder: Path) -> None:
    """A few hundred damaged files: an error of ours in one line, or an answer in numbers."""
    path = folder / "net.onnx"
    own = {"cilens.preprocess": P.to_json(), "cilens.class_names": '["a", "b", "c"]'}
    whole = tiny_onnx.write(path, ("Softmax",), metadata=own).read_bytes()
    rng, ended = np.random.default_rng(0), Counter()
    for _ in range(600):
        content = bytearray(whole)
        for at in rng.integers(len(whole), size=rng.integers(1, 3)):
            content[at] = rng.integers(256)
        path.write_bytes(content)
        ended[outcome(path)] += 1
    assert ended.keys() <= {"an answer", "FileError", "InputError", "ModelError"}
    assert ended["an answer"] > 10
    assert ended["FileError"] > 100


def outcome(path: Path) -> str:
    """Return what comes of a file: an error of ours in one line, or an answer."""
    try:
        cilens.load_model(path, timeout=20)(IMAGES)
    except CilensError as error:
        return type(error).__name__ if "\n" not in str(error) else str(error)
    return "an answer"
