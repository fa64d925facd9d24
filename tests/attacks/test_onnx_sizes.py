"""ONNX files of a kilobyte that want everything, and damaged ones."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

import cilens
import tiny_onnx
from cilens.errors import CilensError
from cilens.models.onnx.check import check_onnx
from onnx_attacks import FLOAT, IMAGES, INT, P, means, node, refused, whole, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


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
