"""The layers of a network, read from its ONNX file.

ONNX Runtime runs a network and does not show its weights, and the `onnx` package is not needed
for anything else here. So this reads the few fields of the format (protocol buffers) that a
drawing needs, and runs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from cilens.errors import FileError
from cilens.models.onnx.constants import Node, Tensor
from cilens.models.onnx.protobuf import fields_of

_GRAPH = 7  # of a model
_NODE, _WEIGHT = 1, 5  # of a graph
_DTYPES = {1: "<f4", 10: "<f2", 11: "<f8"}


class Layer(NamedTuple):
    """One node of a network.

    Attributes
    ----------
    kind : str
        ONNX's name of what it does: "Conv", "Relu", …
    inputs, outputs : tuple of str
        What it reads and what it computes.
    numbers : mapping of str to tuple of int
        Its settings that are whole numbers: strides, pads, …
    """

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    numbers: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Network:
    """A network's nodes, in the order they compute, and its weights.

    Attributes
    ----------
    layers : tuple of Layer
        The nodes.
    weights : mapping of str to array
        What the nodes read beside the data; floating-point numbers only.
    """

    layers: tuple[Layer, ...]
    weights: Mapping[str, Float[np.ndarray, "..."]] = field(repr=False)

    def weight(self, layer: Layer) -> Float[np.ndarray, "..."] | None:
        """Return the weights that a layer multiplies with, or None where it has none."""
        found = [self.weights[name] for name in layer.inputs if name in self.weights]
        return next((array for array in found if array.ndim >= 2), None)

    def filters(self) -> Float[np.ndarray, "out in height width"] | None:
        """Return the filters of the first convolution, or None where there is none."""
        for layer in self.layers:
            weight = self.weight(layer)
            if layer.kind == "Conv" and weight is not None and weight.ndim == 4:
                return weight
        return None


def read_network(path: str | Path) -> Network:
    """Read the layers and weights of an ONNX file.

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    Network

    Raises
    ------
    FileError
        If it cannot be read or is not such a file.

    References
    ----------
    https://onnx.ai/onnx/repo-docs/IR.html, https://protobuf.dev/programming-guides/encoding

    Examples
    --------
    >>> from cilens.models import model_path
    >>> network = read_network(model_path("digits"))
    >>> [layer.kind for layer in network.layers[:4]], network.filters().shape
    (['Sub', 'Conv', 'Relu', 'MaxPool'], (8, 1, 3, 3))
    """
    try:
        parts = [graph for number, graph in fields_of(Path(path).read_bytes()) if number == _GRAPH]
        (graph,) = (part for part in parts if isinstance(part, memoryview))
        layers, weights = [], {}
        for number, part in fields_of(graph):
            if number == _NODE and isinstance(part, memoryview):
                node = Node.read(part)
                if not node.kind:
                    raise ValueError("a node without an operator")
                layers.append(Layer(node.kind, node.inputs, node.outputs, node.whole))
            elif number == _WEIGHT and isinstance(part, memoryview):
                name, values = _weights(part)
                if values is not None:
                    weights[name] = values
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}") from error
    except (IndexError, ValueError) as error:
        raise FileError(f"{path} is not an ONNX file, or a damaged one: {error}") from error
    return Network(tuple(layers), weights)


def _weights(content: memoryview) -> tuple[str, Float[np.ndarray, "..."] | None]:
    """Return a tensor's name and, where it holds floating-point numbers, those."""
    tensor, data, kind = Tensor.read(content), b"", 1
    for number, part in fields_of(content):
        if number in (4, 9) and isinstance(part, memoryview):
            data += bytes(part)
            kind = tensor.kind if number == 9 else 1
    if tensor.kind not in _DTYPES or not data:
        return tensor.name, None
    flat = np.frombuffer(data, np.dtype(_DTYPES[kind]))
    return tensor.name, flat.reshape(tensor.shape).astype(np.float64)
