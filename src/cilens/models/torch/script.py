"""TorchScript, looked over before PyTorch reads it: loading it must not run anything.

PyTorch runs some of what a file holds while it loads: default values of arguments, constants of
classes, ``__setstate__``. And it trusts a pickle's counts: memo places make it allocate, tensors
larger than their bytes make it read beyond them.
"""

from __future__ import annotations

import ast
import io
import pickle
import pickletools
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from cilens.errors import FileError
from cilens.models.torch.allowlist import allowed
from cilens.models.torch.tensors import ITEM_SIZES, view_fault

_SOURCE = re.compile(
    r'(?:[ \n\w+*/%@&|^~<>=!.,:()\[\]{}-]|"(?:[^"\\\n]|\\[^\n])*+"(?!"))*+\Z', re.ASCII
)
"""What PyTorch's reader of TorchScript and Python's take for the same: no comments, one quote."""

_ITEM_SIZES = {f"{kind}Storage": size for kind, size in ITEM_SIZES.items()}
_LISTS = frozenset(
    f"torch.jit._pickle.build_{kind}list" for kind in ("bool", "double", "int", "tensor")
)
_PLAIN = _LISTS | {"collections.OrderedDict", "torch.device", "torch.jit._pickle.restore_type_tag"}
_TENSOR = "torch._utils._rebuild_tensor_v2"
_STEPS = allowed("steps")
_NUMERALS = frozenset({"inf", "nan"})
_Refuse = Callable[[str], FileError]


def check_source(path: str, name: str, content: bytes) -> None:
    r"""Raise where loading a file of TorchScript's code would run some of it.

    Parameters
    ----------
    path, name : str
        The model file and its entry, for the message.
    content : bytes
        The code.

    Raises
    ------
    FileError
        If a default or a constant is computed, there is a ``__setstate__``, or the code is not
        written as PyTorch writes it.

    Examples
    --------
    >>> check_source("a.ts", "code/a.py", b"def f(x: int=3) -> int:\n  return x\n")
    >>> check_source("a.ts", "code/a.py", b"def f(x: int=torch.save(1)) -> int:\n  return x\n")
    Traceback (most recent call last):
    cilens.errors.FileError: a.ts would run code while it is loaded (code/a.py, line 1): ...
    """
    text = content.decode()
    if not _SOURCE.match(text):
        raise FileError(f"{path}: {name} is not written as PyTorch writes TorchScript")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.stmt | ast.expr) and _runs(node):
            raise FileError(
                f"{path} would run code while it is loaded ({name}, line {node.lineno}): where "
                "you trust it, load it yourself and pass cilens.TorchModel(module, preprocess)"
            )


def check_pickle(path: str, name: str, content: bytes, stored: Mapping[str, int]) -> None:
    """Raise unless a pickle of TorchScript holds plain values, and tensors that are stored.

    Parameters
    ----------
    path, name : str
        The model file and its entry, for the message.
    content : bytes
        The pickle. Nothing in it is run.
    stored : mapping of str to int
        Bytes of each tensor's entry.

    Raises
    ------
    FileError
        If it does something else, or declares what is not there.

    Examples
    --------
    >>> import pickle
    >>> check_pickle("a.ts", "data.pkl", pickle.dumps(("a", 1), protocol=2), {})
    """
    for step, value, _ in pickletools.genops(content):
        far = step.name == "LONG_BINPUT" and int(value or 0) >= len(content)
        if step.name not in _STEPS or far:
            raise FileError(f"{path}: {name} does what no TorchScript needs ({step.name})")
    refuse = partial(_refusal, path, name)
    # In Python, not in C: what it looks up goes through these two, and its memo is a dict.
    reader: Any = pickle._Unpickler(io.BytesIO(content))  # noqa: SLF001
    reader.find_class = partial(_stand_in, refuse)
    reader.persistent_load = partial(_storage, refuse, stored)
    pickle.dumps(reader.load())  # what is nested too deep for Python would be for PyTorch


class _Object:
    """Stands for an object of a class of the file's."""


class _Storage(NamedTuple):
    """Stands for what a tensor is stored in."""

    elements: int


def _runs(node: ast.AST) -> bool:
    """Say whether a piece of code is run, or reaches out of TorchScript, when it is loaded."""
    if isinstance(node, ast.FunctionDef):
        given = [*node.args.defaults, *(one for one in node.args.kw_defaults if one)]
        computed = not all(map(_is_literal, given))
        return computed or bool(node.decorator_list) or node.name == "__setstate__"
    if isinstance(node, ast.ClassDef):
        values = [getattr(one, "value", None) for one in node.body]
        return not all(one is None or _is_literal(one) or _is_type(one) for one in values)
    return isinstance(node, ast.Attribute) and ast.unparse(node).endswith("torch.classes")


def _is_literal(node: ast.expr) -> bool:
    """Say whether a value is written out."""
    if isinstance(node, ast.List | ast.Tuple):
        return all(map(_is_literal, node.elts))
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.USub) and _is_literal(node.operand)
    if isinstance(node, ast.Call):  # annotate(List[int], [])
        named = isinstance(node.func, ast.Name) and node.func.id == "annotate"
        return named and len(node.args) == 2 and all(map(_is_type, node.args))
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id in _NUMERALS)


def _is_type(node: ast.expr) -> bool:
    """Say whether an expression is a type, or a value that is written out."""
    if isinstance(node, ast.Subscript):
        return _is_type(node.value) and _is_type(node.slice)
    if isinstance(node, ast.List | ast.Tuple):
        return all(map(_is_type, node.elts))
    return isinstance(node, ast.Attribute | ast.Name) or _is_literal(node)


def _stand_in(refuse: _Refuse, module: str, kind: str) -> object:
    """Return what stands for a name in a pickle."""
    name = f"{module}.{kind}"
    if name == _TENSOR:
        return partial(_check_tensor, refuse)
    if name in _PLAIN:
        return _first
    if module == "torch" and kind in _ITEM_SIZES:
        return kind
    if name.startswith("__torch__.") and ".torch.classes." not in name:
        return _Object
    raise refuse(f"names {name!a}, which no TorchScript needs")


def _first(*given: object) -> object:
    return given[0] if given else {}


def _storage(refuse: _Refuse, stored: Mapping[str, int], known: tuple[object, ...]) -> _Storage:
    """Return what stands for a storage, once there is enough of it."""
    _, kind, key, _, elements = known
    size = _ITEM_SIZES[str(kind)]
    if type(elements) is not int or not 0 <= elements * size <= stored.get(str(key), 0):
        here = stored.get(str(key), 0)
        raise refuse(f"declares {elements!a} elements in {key!a}, which has {here:,} bytes")
    return _Storage(elements)


def _check_tensor(
    refuse: _Refuse,
    storage: _Storage,
    offset: object,
    sizes: Sequence[object],
    strides: Sequence[object],
    *_: object,
) -> None:
    if fault := view_fault(sizes, strides, offset, storage.elements):
        raise refuse(f"has a tensor that {fault}")


def _refusal(path: str, name: str, fault: str) -> FileError:
    return FileError(f"{path} is damaged: {name} {fault}")
