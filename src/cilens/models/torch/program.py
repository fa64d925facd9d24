"""An exported program, written anew from what is understood of it before PyTorch reads it.

PyTorch evaluates some of its texts, imports what others name, and makes Python code of names.
So each text is of a known place in PyTorch's own schema and of the form that belongs there; what
only describes the program is left out, and what is not in the schema does not reach PyTorch.
"""

from __future__ import annotations

import dataclasses
import json
import keyword
import re
import types
import typing
from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Any

from torch._export.serde import schema
from torch._export.serde.union import _Union

from cilens.errors import FileError
from cilens.models.torch.expression import is_expression, is_symbol
from cilens.models.torch.operators import check_target, is_symbolic
from cilens.models.torch.tensors import ITEM_SIZES, view_fault

_BITS = 2**63
_PATH = re.compile(r"(?!__)\w+(?:\.(?!__)\w+){0,100}\Z")
_STORED = re.compile(r"(?:weight|tensor)_\d+\Z", re.ASCII)
_DEVICES = frozenset({"cpu", "cuda", "mps", "xpu"})
_VERIFIERS = frozenset({"ATEN", "EDGE", "TRAINING"})
_TREES = frozenset(
    {None, "builtins.dict", "builtins.list", "builtins.tuple", "collections.OrderedDict"}
)
_NUMERIC = frozenset({"as_bool", "as_float", "as_int", "as_sym_bool", "as_sym_float", "as_sym_int"})
_NOTES: Mapping[str, object] = {
    "Node.metadata": {},
    "GraphModule.metadata": {},
    "GraphModule.treespec_namedtuple_fields": {},
    "ExportedProgram.guards_code": [],
    "ExportedProgram.torch_version": "",
}
"""What describes a program and does not make it: PyTorch does without, and would evaluate some."""


def clean_program(path: str, content: bytes) -> bytes:
    """Return a program with nothing in it but what it computes.

    Parameters
    ----------
    path : str
        The file, for the message.
    content : bytes
        Its ``models/model.json``.

    Returns
    -------
    bytes
        To be read by PyTorch in its place.

    Raises
    ------
    FileError
        If a text is not of the form that belongs where it stands, or an operator does more than
        compute.

    Examples
    --------
    >>> clean_program("a.pt2", b"[]")
    Traceback (most recent call last):
    cilens.errors.FileError: a.pt2: ExportedProgram must be an object; got []
    """
    return json.dumps(_rebuilt(path, schema.ExportedProgram, json.loads(content))).encode()


def clean_weights(path: str, content: bytes, stored: Mapping[str, int]) -> bytes:
    """Return the list of a program's weights, each of which is what is stored.

    Parameters
    ----------
    path : str
        The file, for the message.
    content : bytes
        The list.
    stored : mapping of str to int
        Bytes of each entry beside it.

    Returns
    -------
    bytes
        To be read by PyTorch in its place.

    Raises
    ------
    FileError
        If a weight is declared larger than what is stored of it, or is not stored at all.

    Examples
    --------
    >>> clean_weights("a.pt2", b'{"config": {}}', {})
    b'{"config": {}}'
    """
    clean = _rebuilt(path, schema.PayloadConfig, json.loads(content))
    for name, weight in clean["config"].items():
        meta, place = weight["tensor_meta"], weight["path_name"]
        if meta is None or place not in stored:
            raise FileError(f"{path} does not hold its weight {name!r}")
        sizes, strides = ([one.get("as_int") for one in meta[key]] for key in ("sizes", "strides"))
        held = stored[place] // _item_size(path, meta["dtype"])
        if fault := view_fault(sizes, strides, meta["storage_offset"].get("as_int"), held):
            raise FileError(f"{path}: its weight {name!r} {fault}")
    return json.dumps(clean).encode()


def _item_size(path: str, code: int) -> int:
    """Return the bytes of an element."""
    kind = schema.SCALAR_TYPE_TO_C10.get(code, "")
    if kind not in ITEM_SIZES:
        raise FileError(f"{path} has weights of type {kind or code}, which are not read")
    return ITEM_SIZES[kind]


def _rebuilt(path: str, kind: Any, data: Any, place: str = "") -> Any:  # noqa: ANN401
    """Return data that a type of the schema describes, field by field; `place` is where."""
    origin = typing.get_origin(kind)
    options = [one for one in typing.get_args(kind) if one is not type(None)]
    if origin in (typing.Union, types.UnionType):
        return None if data is None else _rebuilt(path, options[0], data, place)
    if dataclasses.is_dataclass(kind):
        return _record(path, kind, data)
    if origin is list:
        _checked(path, type(data) is list, data, f"{place}, a list,")
        return [_rebuilt(path, options[0], one, place) for one in data]
    if origin is dict:
        _checked(path, type(data) is dict, data, f"{place}, an object,")
        fits = _RULES.get(f"{place}:key", _is_name)
        keys = (_checked(path, fits(key), key, f"{place}, a name,") for key in data)
        return {key: _rebuilt(path, options[1], data[key], place) for key in keys}
    if kind is str:
        fits = _RULES.get(place, _is_name)
        return _checked(path, isinstance(data, str) and fits(data), data, place)
    return _checked(path, _is_plain(kind, data), data, place)


def _record(path: str, kind: Any, data: Any) -> dict[str, object]:  # noqa: ANN401
    """Return the fields of one of the schema's records, of a union the one that is given."""
    name = kind.__name__
    if type(data) is not dict:
        raise FileError(f"{path}: {name} must be an object; got {str(data)[:60]}")
    hints = typing.get_type_hints(kind, globalns=vars(schema))
    if issubclass(kind, _Union):
        _checked(
            path, len(data) == 1 and set(data) <= set(hints), list(data), f"{name}, one of it,"
        )
    found: dict[str, object] = {}
    for field in hints:
        if f"{name}.{field}" in _NOTES:
            found[field] = _NOTES[f"{name}.{field}"]
        elif field in data:
            found[field] = _rebuilt(path, hints[field], data[field], f"{name}.{field}")
    if name == "Node":
        _check_node(path, data)
    return found


def _check_node(path: str, node: Mapping[str, Any]) -> None:
    """Raise unless a step computes: with numbers alone, where Python's operators do it."""
    check_target(path, node["target"])
    kinds = {kind for one in node["inputs"] for kind in one["arg"]}
    if is_symbolic(node["target"]) and not kinds <= _NUMERIC:
        raise FileError(f"{path}: {node['target']} must be given numbers; got {sorted(kinds)}")


def _checked(path: str, fits: bool, data: Any, place: str) -> Any:  # noqa: ANN401
    if not fits:
        raise FileError(
            f"{path} is damaged, or not a program alone: {place} cannot be {str(data)[:60]!a}"
        )
    return data


def _is_plain(kind: type, data: object) -> bool:
    """Say whether a value is a number or a truth value, as the schema wants it."""
    if issubclass(kind, IntEnum):
        return type(data) is int and data in set(kind)
    if kind is float:
        return type(data) in (int, float) or data in ("Infinity", "-Infinity", "NaN")
    return type(data) is kind and (kind is not int or -_BITS <= typing.cast("int", data) < _BITS)


def _is_name(text: str) -> bool:
    """Say whether a text can stand for a variable in the Python code that PyTorch makes."""
    return text.isidentifier() and not keyword.iskeyword(text) and text != "self"


def _is_path(text: str) -> bool:
    """Say whether a text is a path to a weight, as ``layers.0.bias``."""
    return bool(_PATH.match(text))


def _is_tree(text: str) -> bool:
    """Say whether a text describes nested lists, tuples and dicts of tensors."""
    protocol, tree = json.loads(text)
    return protocol == 1 and _is_branch(tree)


def _is_branch(tree: Mapping[str, Any]) -> bool:
    if set(tree) != {"type", "context", "children_spec"} or tree["type"] not in _TREES:
        return False
    if not isinstance(tree["context"], str | None):
        return False
    keys = json.loads(tree["context"] or "null") or []
    plain = isinstance(keys, list) and all(type(one) in (str, int) for one in keys)
    return plain and all(map(_is_branch, tree["children_spec"]))


def _is_anything(_text: str) -> bool:
    """Say yes: PyTorch writes this text into its code as a literal, or only looks it up."""
    return True


def _is_nothing(_text: str) -> bool:
    """Say no: PyTorch would look this up among all that there is."""
    return False


_RULES: Mapping[str, Callable[[str], bool]] = {
    "Argument.as_operator": _is_nothing,
    "Argument.as_string": _is_anything,
    "Argument.as_strings": _is_anything,
    "ConstantValue.as_string": _is_anything,
    "CustomObjArgument.class_fqn": _is_nothing,
    "Device.type": _DEVICES.__contains__,
    "ExportedProgram.range_constraints:key": is_symbol,
    "ExportedProgram.verifiers": _VERIFIERS.__contains__,
    "InputToBufferSpec.buffer_name": _is_path,
    "InputToParameterSpec.parameter_name": _is_path,
    "InputToTensorConstantSpec.tensor_constant_name": _is_path,
    "BufferMutationSpec.buffer_name": _is_path,
    "ParameterMutationSpec.parameter_name": _is_path,
    "ModuleCallEntry.fqn": _is_anything,
    "ModuleCallSignature.in_spec": _is_tree,
    "ModuleCallSignature.out_spec": _is_tree,
    "NamedArgument.name": lambda text: text == "" or text.isidentifier(),
    "Node.target": _is_anything,  # of check_target
    "PayloadConfig.config:key": _is_path,
    "PayloadMeta.path_name": lambda text: bool(_STORED.match(text)),
    "SymExpr.expr_str": is_expression,
}
"""What a text must be, by record and field; one that is not here must be a variable's name."""
