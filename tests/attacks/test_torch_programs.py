"""Programs of torch.export that try to harm: PyTorch alone runs them, cilens does not.

Every payload would leave a file behind. The bare library is tried too, so that an attack that has
stopped working is noticed and not taken for a defence.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cilens
from support.torch_files import (
    IMAGES,
    P,
    bare_export,
    first_expression,
    graph,
    program,
    refused,
    touch,
    works,
)


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    return tmp_path / "mark"


# ---- what an exported program has its reader evaluate


def test_an_expression_that_runs_code(tmp_path: Path, mark: Path) -> None:
    def change(found: Any) -> None:
        first_expression(found)["expr_str"] += f"+0*len(str({touch(mark)}))"

    path = program(tmp_path / "net.pt2", change)
    works(bare_export, path, mark)
    refused(path, r"SymExpr\.expr_str cannot be")
    assert not mark.exists()


PLACES: dict[str, Callable[[Any, str], object]] = {
    "stride": lambda g, text: next(iter(g["tensor_values"].values())).update(
        strides=[{"as_expr": {"expr_str": text}}] * 4
    ),
    "offset": lambda g, text: next(iter(g["tensor_values"].values())).update(
        storage_offset={"as_expr": {"expr_str": text}}
    ),
    "int": lambda g, text: g["sym_int_values"].update(a={"as_expr": {"expr_str": text}}),
    "bool": lambda g, text: g["sym_bool_values"].update(a={"as_expr": {"expr_str": text}}),
    "float": lambda g, text: g["sym_float_values"].update(a={"as_expr": {"expr_str": text}}),
    "inner graph": lambda g, text: g["nodes"][0]["inputs"].append(
        {"name": "a", "kind": 1, "arg": {"as_graph": {"name": "a", "graph": graph_of_one(text)}}}
    ),
}


def graph_of_one(text: str) -> dict[str, object]:
    empty = {"inputs": [], "outputs": [], "nodes": [], "tensor_values": {}, "sym_bool_values": {}}
    return empty | {"sym_int_values": {"b": {"as_expr": {"expr_str": text}}}}


@pytest.mark.parametrize("place", PLACES)
def test_an_expression_in_any_other_place(tmp_path: Path, mark: Path, place: str) -> None:
    path = program(tmp_path / "net.pt2", lambda found: PLACES[place](graph(found), touch(mark)))
    refused(path, r"SymExpr\.expr_str cannot be")
    assert not mark.exists()


@pytest.mark.parametrize(
    "text",
    [
        "Symbol('s0').__class__",
        "Pow(Integer(10), Integer(1000000000))",
        "Pow(Pow(Integer(9), Integer(8)), Integer(8))",
        "LShift(Integer(1), Integer(1000000000))",
        "Integer('1')",
        "lambdify(Symbol('s0'), Integer(1))",
        'Symbol("s0")',
        "Symbol('s0', real=exit())",
        "Add(*[Integer(1)])",
        "Integer(1) if Integer(1) else Integer(2)",
        "[Integer(1) for s in [exit()]]",
        "Integer(1)#",
        "Add(" * 5000 + ")" * 5000,
        "\uff29nteger(1)",
        "Float('__import__')",
    ],
)
def test_texts_that_are_no_expressions(tmp_path: Path, text: str) -> None:
    path = program(
        tmp_path / "net.pt2", lambda found: first_expression(found).update(expr_str=text)
    )
    refused(path, r"SymExpr\.expr_str cannot be")


@pytest.mark.parametrize(
    ("old", "message"),
    [
        ('"flatten"', r"\.name cannot be"),
        ('"images"', r"(\.name|forward_arg_names) cannot be"),
        ('"layer.weight"', r"InputToParameterSpec\.parameter_name cannot be"),
    ],
)
def test_a_name_that_becomes_code(tmp_path: Path, mark: Path, old: str, message: str) -> None:
    """PyTorch writes Python of a graph, with names that stand in the file."""

    def change(found: Any) -> None:
        new = json.dumps(f"{{}}[{touch(mark)}]")  # can be assigned to, and is evaluated then
        text = json.dumps(found).replace(old, new)
        found.clear()
        found.update(json.loads(text))

    path = program(tmp_path / "net.pt2", change)
    refused(path, message)
    assert not mark.exists()


@pytest.mark.parametrize("name", ["a b", "a;b", "lambda", "self", "a\n", "", "a.b", "1", "a=1"])
def test_names_that_are_none(tmp_path: Path, name: str) -> None:
    def change(found: Any) -> None:
        graph(found)["nodes"][0]["name"] = name

    refused(program(tmp_path / "net.pt2", change), r"Node\.name cannot be")


@pytest.mark.parametrize("name", ["__class__", "layer.__dict__.a", 'a"b', "a..b", "", "a.", "a)"])
def test_paths_that_are_none(tmp_path: Path, name: str) -> None:
    def change(found: Any) -> None:
        specs = found["graph_module"]["signature"]["input_specs"]
        specs[0]["parameter"]["parameter_name"] = name

    refused(program(tmp_path / "net.pt2", change), "parameter_name cannot be")


def test_a_structure_that_imports(tmp_path: Path, mark: Path, monkeypatch) -> None:
    (tmp_path / "imported_by_attack.py").write_text(f"open({str(mark)!r}, 'w')\ndef made(): 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    leaf = {"type": None, "context": None, "children_spec": []}
    context = {
        "default_factory_module": "imported_by_attack",
        "default_factory_name": "made",
        "dict_context": ["a"],
    }
    tree = {"type": "collections.defaultdict", "context": context, "children_spec": [leaf]}
    enum = json.dumps([{"__enum__": True, "fqn": "imported_by_attack:made", "name": "a"}])
    named = {"type": "builtins.dict", "context": enum, "children_spec": [leaf]}

    for spec in (tree, named):

        def change(found: Any, spec: object = spec) -> None:
            signature = found["graph_module"]["module_call_graph"][0]["signature"]
            signature["out_spec"] = json.dumps([1, spec])

        path = program(tmp_path / "net.pt2", change)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            works(bare_export, path, mark)
        sys.modules.pop("imported_by_attack", None)
        refused(path, r"out_spec cannot be")
        assert not mark.exists()


def test_guards_are_left_out(tmp_path: Path, mark: Path) -> None:
    def change(found: Any) -> None:
        found["guards_code"] = [touch(mark)]

    path = program(tmp_path / "net.pt2", change)
    works(bare_export, path, mark)
    cilens.load_model(path, preprocess=P, trust=True)(IMAGES)
    assert not mark.exists()


@pytest.mark.parametrize(
    "target",
    [
        "torch.hub.load",
        "torch.load",
        "torch.os.system",
        "torch.ops.load_library",
        "torch.ops.aten.from_file.default",
        "torch.ops.aten.save.default",
        "torch.ops.aten.set_.source_Tensor",
        "torch.ops.aten.manual_seed.default",
        "torch.ops.aten._no_such.default",
        "torch.ops.higher_order.print",
        "torch.ops.inductor.resize_storage_bytes_.default",
        "_operator.attrgetter",
        "_operator.pow",
        "math.factorial",
        "#a:b",
        "getattr",
        "",
    ],
)
def test_operators_that_do_more_than_compute(tmp_path: Path, target: str) -> None:
    path = program(
        tmp_path / "net.pt2", lambda found: graph(found)["nodes"][0].update(target=target)
    )
    refused(path, rf"has the operator {target!r}, which is not on the list")


def test_an_operator_that_writes_a_file(tmp_path: Path, mark: Path) -> None:
    """It is one of PyTorch's own, and in its core."""

    def change(found: Any) -> None:
        texts = [("filename", {"as_string": str(mark)}), ("shared", {"as_bool": True})]
        inputs = [{"name": name, "kind": 1, "arg": arg} for name, arg in texts]
        inputs.append({"name": "size", "kind": 1, "arg": {"as_int": 384}})
        graph(found)["nodes"][0].update(target="torch.ops.aten.from_file.default", inputs=inputs)

    path = program(tmp_path / "net.pt2", change)
    works(bare_export, path, mark)
    refused(path, r"has the operator 'torch\.ops\.aten\.from_file\.default'")
    assert not mark.exists()


def test_lists_are_not_multiplied(tmp_path: Path) -> None:
    def change(found: Any) -> None:
        inputs = [
            {"name": "", "kind": 1, "arg": {"as_ints": [0]}},
            {"name": "", "kind": 1, "arg": {"as_int": 10**9}},
        ]
        graph(found)["nodes"][0].update(target="_operator.mul", inputs=inputs)

    refused(program(tmp_path / "net.pt2", change), "_operator.mul must be given numbers")
