"""What an ONNX file must hold to before ONNX Runtime sees it.

ONNX Runtime computes what is constant when it opens a file, and reads weights from wherever the
file says: a file of a kilobyte can ask for any memory and name any path.
"""

from __future__ import annotations

import graphlib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from cilens.errors import FileError
from cilens.models.onnx.constants import MOST_NUMBERS, Constants, Node, Tensor
from cilens.models.onnx.errors import damaged
from cilens.models.onnx.external import check_external
from cilens.models.onnx.protobuf import fields_of, message_of, text_of

_LARGEST = 2**31 - 1
_DEEPEST = 16
_MOST_NODES = 250_000

_OF_MODEL = {7: "graph", 20: "training", 25: "function"}
_GRAPHS_OF_TRAINING = (1, 2)
_OF_GRAPH = {1: "node", 5: "tensor", 15: "sparse"}
_NODE_OF_FUNCTION = 7

Name = tuple[str, str]
"""Domain and name of an operator or a function; of the graph itself, nothing."""

_MAIN = ("", "")


class _Graph(NamedTuple):
    """A graph or a function's body, with what it belongs to and how deep it lies."""

    owner: Name
    content: memoryview
    depth: int = 0
    outer: Constants | None = None
    function: bool = False


def check_onnx(path: str) -> None:
    """Raise unless a file is an ONNX network whose sizes and places can be believed.

    Parameters
    ----------
    path : str
        The file.

    Raises
    ------
    FileError
        If the file is none; declares more than it has; names weights elsewhere; or has functions
        or constants that unfold to more than a network needs. What only the network's input
        decides is not seen here: a limit of time holds for it, and with ``isolate=True`` of memory.

    Examples
    --------
    >>> from cilens.models import model_path
    >>> check_onnx(model_path("digits"))
    """
    if Path(path).stat().st_size > _LARGEST:
        raise FileError(
            f"{path} must be smaller than 2 GB, as every ONNX file: its weights belong in a file "
            "beside it"
        )
    try:
        _check(path, Path(path).read_bytes())
    except (IndexError, ValueError) as error:
        raise FileError(f"{path} {damaged(path, str(error))}") from error


def _check(path: str, content: bytes) -> None:
    called: dict[Name, Counter[Name]] = {_MAIN: Counter()}
    waiting = list(_graphs(content))
    while waiting:
        graph = waiting.pop()
        if graph.depth > _DEEPEST:
            raise ValueError(f"graphs within graphs, more than {_DEEPEST} deep")
        constants = Constants(path, graph.outer)
        calls = called.setdefault(graph.owner, Counter())
        for node in _nodes(path, graph, constants):
            calls[node.domain, node.kind] += 1
            constants.follow(node)
            waiting += [
                _Graph(graph.owner, inner, graph.depth + 1, constants) for inner in node.graphs
            ]
            for tensor in node.tensors:
                _check_tensor(path, tensor)
    _check_calls(path, called)


def _graphs(content: bytes) -> Iterator[_Graph]:
    """Give the graphs and functions of a model."""
    for number, part in fields_of(content):
        kind = _OF_MODEL.get(number)
        if kind == "graph":
            yield _Graph(_MAIN, message_of(part))
        elif kind == "training":
            for inner, graph in fields_of(message_of(part)):
                if inner in _GRAPHS_OF_TRAINING:
                    yield _Graph(_MAIN, message_of(graph))
        elif kind == "function":
            texts = {1: "", 10: ""}
            for inner, text in fields_of(message_of(part)):
                if inner in texts:
                    texts[inner] = text_of(text)
            yield _Graph((texts[10], texts[1]), message_of(part), function=True)


def _nodes(path: str, graph: _Graph, constants: Constants) -> list[Node]:
    """Return a graph's nodes, its tensors checked and known before."""
    nodes = []
    kinds = {_NODE_OF_FUNCTION: "node"} if graph.function else _OF_GRAPH
    for number, part in fields_of(graph.content):
        kind = kinds.get(number)
        if kind == "node":
            nodes.append(Node.read(message_of(part)))
            if len(nodes) > _MOST_NODES:
                raise ValueError(f"more than {_MOST_NODES} nodes in one graph")
        elif kind == "tensor":
            tensor = Tensor.read(message_of(part))
            _check_tensor(path, tensor)
            constants.know(tensor)
        elif kind == "sparse":
            _check_sparse(path, message_of(part))
    return nodes


def _check_tensor(path: str, tensor: Tensor) -> None:
    if tensor.external:
        check_external(path, tensor.external, tensor.least())
    elif tensor.least() > tensor.payload:
        raise ValueError(
            f"tensor {tensor.name!r} declares {tensor.numbers()} numbers and has "
            f"{tensor.payload} bytes"
        )


def _check_sparse(path: str, content: memoryview) -> None:
    """Check a sparse tensor: what it is made of, and what it becomes when it is opened."""
    dense = Tensor.read(content, dimensions=3)
    if dense.numbers() > MOST_NUMBERS:
        raise FileError(
            f"{path} has a sparse tensor of {dense.numbers()} numbers; at most {MOST_NUMBERS}"
        )
    for number, part in fields_of(content):
        if number in (1, 2):
            _check_tensor(path, Tensor.read(message_of(part)))


def _check_calls(path: str, called: Mapping[Name, Counter[Name]]) -> None:
    """Count the nodes there will be when every function stands where it is called."""
    functions = {name: calls.keys() & called.keys() for name, calls in called.items()}
    sizes: dict[Name, int] = {}
    try:
        for name in graphlib.TopologicalSorter(functions).static_order():
            sizes[name] = sum(
                count * sizes.get(callee, 1) for callee, count in called[name].items()
            )
    except graphlib.CycleError:
        raise FileError(
            f"{path} has functions that call themselves, which no network can"
        ) from None
    if sizes[_MAIN] > _MOST_NODES:
        raise FileError(
            f"{path} unfolds to {sizes[_MAIN]} nodes, its functions counted wherever they are "
            f"called; at most {_MOST_NODES}"
        )
