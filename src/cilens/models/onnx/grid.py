"""The last grid of a network in an ONNX file: the layer before pooling and one linear layer.

The graph is followed from the scores back to a mean over all cells. Nothing is believed that the
network does not confirm when it is asked: see `cilens.proxy.head`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cilens.models.onnx.constants import Node
from cilens.models.onnx.protobuf import fields_of, message_of, text_of

_GRAPH, _NODE, _INITIALIZER, _OUTPUT = 7, 1, 5, 12
_NAME_OF_TENSOR = 8

_PASSED = frozenset(
    ("Softmax", "Sigmoid", "Flatten", "Reshape", "Squeeze", "Identity", "Dropout", "Cast")
)
"""What changes nothing of the path from the mean to the scores but its shape, or is the link."""

_POOLS = frozenset(("GlobalAveragePool", "ReduceMean", "AveragePool"))
_LINEAR = frozenset(("Gemm", "MatMul", "Conv"))


class Grid(NamedTuple):
    """Names of tensors in a graph.

    Attributes
    ----------
    features : str
        What is averaged.
    weights, bias : str
        Of the linear layer; empty where there is none.
    transposed : bool
        Whether the weights have a row for each class.
    """

    features: str
    weights: str = ""
    bias: str = ""
    transposed: bool = True


def last_grid(content: bytes, output: str) -> Grid | None:
    """Follow a graph from its scores back to a mean over all cells, past one linear layer at most.

    Parameters
    ----------
    content : bytes
        The file.
    output : str
        The name of the output with the scores.

    Returns
    -------
    Grid or None
        None where the path is another.

    Examples
    --------
    >>> from pathlib import Path
    >>> from cilens.models import model_path
    >>> last_grid(Path(model_path("imagenet")).read_bytes(), "scores").features
    'head.relu6'
    """
    makers: dict[str, Node] = {}
    constant: set[str] = set()
    for number, part in _graph(content):
        if number == _NODE:
            node = Node.read(message_of(part))
            makers |= dict.fromkeys(node.outputs, node)
            if all(not name or name in constant for name in node.inputs):
                constant |= set(node.outputs)  # made of no input: a weight, cast or transposed
        elif number == _INITIALIZER:
            for inner, name in fields_of(message_of(part)):
                if inner == _NAME_OF_TENSOR:
                    constant.add(text_of(name))
    grid, at = Grid(""), output
    while at in makers:
        node = makers[at]
        fixed = [name for name in node.inputs if name in constant]
        if node.kind in _POOLS:
            return grid._replace(features=node.inputs[0])
        if node.kind in _LINEAR and not grid.weights and len(node.inputs) > 1:
            bias = grid.bias or (node.inputs[2] if len(node.inputs) > 2 else "")
            rows = node.kind == "Conv" or bool(node.whole.get("transB", (0,))[0])
            grid = grid._replace(weights=node.inputs[1], bias=bias, transposed=rows)
        elif node.kind == "Add" and len(fixed) == 1 and not (grid.bias or grid.weights):
            grid = grid._replace(bias=fixed[0])
        elif node.kind not in _PASSED:
            return None
        at = next((name for name in node.inputs if name not in constant), "")
    return None


def with_outputs(content: bytes, names: Sequence[str]) -> bytes:
    r"""Return a network that puts out some of its tensors too.

    Messages that stand twice in a file are one, their lists joined: the outputs are put behind it.

    Examples
    --------
    >>> with_outputs(b"", ["x"])
    b':\x05b\x03\n\x01x'
    """
    outputs = b"".join(_message(_OUTPUT, _message(1, name.encode())) for name in names)
    return content + _message(_GRAPH, outputs)


def _graph(content: bytes) -> list[tuple[int, int | memoryview]]:
    """Return the fields of the main graph, those of nodes last."""
    found = [
        field
        for number, part in fields_of(content)
        if number == _GRAPH
        for field in fields_of(message_of(part))
    ]
    return sorted(found, key=lambda field: field[0] == _NODE)


def _message(number: int, content: bytes) -> bytes:
    return _whole(number << 3 | 2) + _whole(len(content)) + content


def _whole(value: int) -> bytes:
    """Write a whole number, seven bits a byte, the lowest first."""
    written = bytearray()
    while value > 127:
        written.append(value & 127 | 128)
        value >>= 7
    written.append(value)
    return bytes(written)
