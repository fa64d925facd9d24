"""Which operators a PyTorch file may use: those that compute, and touch no file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from torch import _C

from cilens.errors import FileError
from cilens.models.torch.allowlist import allowed

_NUMBERS = allowed("types")
"""Types that name no file. An operator of these alone cannot reach one."""

_CHOICES = allowed("choices")
"""Arguments that are texts and choose a variant of the computation."""

_TEXTS = allowed("texts")
"""TorchScript's operators on texts and on dicts with texts as keys."""

_INNER = allowed("inner")
"""Of `aten`'s operators with an underscore before them, which check little, those in use."""

_STATE = allowed("state")
"""Operators that change what belongs to the process, or a tensor's memory under it."""

_PRIM = allowed("prim")
"""TorchScript's own operators. Not `Print`, `PythonOp`, `fork`, `rpc_async` and their like."""

_NAMESPACES = ("aten", "prims", "torchvision")
_SYMBOLIC = allowed("symbolic")
"""What an exported program computes sizes with."""

_HIGHER = frozenset(
    f"torch.ops.higher_order.{name}"
    for name in ("cond", "wrap_with_autocast", "wrap_with_set_grad_enabled")
)
_TARGET = re.compile(r"torch\.ops\.(\w+)\.(\w+)\.(\w+)\Z", re.ASCII)


def is_symbolic(target: str) -> bool:
    """Say whether a step of an exported program computes with sizes, and not with tensors.

    Examples
    --------
    >>> is_symbolic("_operator.mul"), is_symbolic("torch.hub.load")
    (True, False)
    """
    return target in _SYMBOLIC


def check_target(path: str, target: str) -> None:
    """Raise unless a step of an exported program is one that only computes.

    Raises
    ------
    FileError
        With its name.

    Examples
    --------
    >>> check_target("a.pt2", "torch.ops.aten.relu.default")
    >>> check_target("a.pt2", "torch.hub.load")
    Traceback (most recent call last):
    cilens.errors.FileError: a.pt2 has the operator 'torch.hub.load', which is not on the list ...
    """
    if target in _SYMBOLIC or target in _HIGHER:
        return
    found = _TARGET.match(target)
    if found is None or not _computes(*found.groups()):
        raise _refused(path, target)


def check_graphs(path: str, graphs: Iterator[Any]) -> None:
    r"""Raise unless all that TorchScript's graphs consist of only computes; drop its warnings.

    Parameters
    ----------
    path : str
        The file, for the message.
    graphs : iterator of torch.Graph
        Of every function and method that came out of it.

    Raises
    ------
    FileError
        With the operator's name.

    Examples
    --------
    >>> loud = _C.parse_ir("graph():\n  prim::Print()\n  return ()")
    >>> check_graphs("a.ts", iter([loud]))
    Traceback (most recent call last):
    cilens.errors.FileError: a.ts has the operator 'prim::Print', which is not on the list ...
    """
    for graph in graphs:
        for node in list(_nodes(graph)):
            namespace, _, name = node.kind().partition("::")
            if namespace == "prim" and name in _PRIM:
                continue
            schema = node.schema()
            if schema == "(no schema)" or not _is_numeric(_C.parse_schema(schema)):
                raise _refused(path, node.kind())
            if node.kind() == "aten::warn":
                node.destroy()


def _nodes(block: Any) -> Iterator[Any]:  # noqa: ANN401
    """Give all nodes of a graph or block, those inside of others too."""
    for node in block.nodes():
        yield node
        for inner in node.blocks():
            yield from _nodes(inner)


def _computes(namespace: str, name: str, overload: str) -> bool:
    """Say whether there is such an operator, and it computes."""
    try:
        known = "" if overload == "default" else overload
        schema = _C._get_schema(f"{namespace}::{name}", known)  # noqa: SLF001
    except RuntimeError:
        return False
    return _is_numeric(schema)


def _is_numeric(schema: Any) -> bool:  # noqa: ANN401
    """Say whether an operator takes and gives what no file can be reached with."""
    namespace, _, name = schema.name.partition("::")
    if namespace not in _NAMESPACES or (namespace == "aten" and name in _STATE):
        return False
    if namespace == "aten" and name.startswith("_") and name not in _INNER:
        return False
    if namespace == "aten" and name in _TEXTS:
        return True
    for one in (*schema.arguments, *schema.returns):
        beyond = set(re.findall(r"\w+", str(one.type))) - _NUMBERS
        if beyond and not (beyond == {"str"} and (one.name in _CHOICES or name in _INNER)):
            return False
    return True


def _refused(path: str, operator: str) -> FileError:
    return FileError(
        f"{path} has the operator {operator!r}, which is not on the list of those that only "
        "compute and touch no file: where you trust it, load it yourself and pass "
        "cilens.TorchModel(module, preprocess)"
    )
