"""Write a trained network as a small ONNX file: one node for each layer, nothing else.

Batch normalisation is folded into the convolution before it, so the file holds what is computed
and no trace of how it was trained. `torch.onnx` would write the exporter's own clutter too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar, cast

import numpy as np
import onnx
import torch
from jaxtyping import Float
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from cilens.errors import InputError
from cilens.training.card import Description, Json, write_model
from cilens.training.digits_network import MeanImage

INPUT, OUTPUT = "images", "scores"
"""The names of what goes in and what comes out."""

OPSET = 17
"""The ONNX operator set of the files: the oldest that cilens reads, so any runtime will do."""

Layer = TypeVar("Layer", bound=nn.Module)
"""The type of one layer."""

_IR_VERSION = 8  # the version of the file format that came with that operator set


@dataclass
class Graph:
    """The nodes and weights of a network, added in the order they compute.

    Attributes
    ----------
    half_from : int or None
        Weights of this many values and more are stored as float16, beside a cast that the runtime
        carries out once, when it loads the file: computing stays float32. None stores float32.
    nodes : list of onnx.NodeProto
        One for each layer; what it computes bears its name.
    weights : list of onnx.TensorProto
        What the nodes read beside the data.

    Examples
    --------
    >>> import numpy as np
    >>> from cilens.training.export import Graph
    >>> graph = Graph()
    >>> graph.node("Sub", "centred", ["images", graph.weight("mean", np.ones((1, 28, 28)))])
    'centred'
    """

    half_from: int | None = None
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    weights: list[onnx.TensorProto] = field(default_factory=list)

    def node(
        self,
        operator: str,
        name: str,
        inputs: Sequence[str],
        attributes: Mapping[str, int | Sequence[int]] | None = None,
    ) -> str:
        """Add a layer; return the name of what it computes, which is the layer's own."""
        made = helper.make_node(operator, list(inputs), [name], name=name)
        given = attributes or {}
        made.attribute.extend(helper.make_attribute(key, given[key]) for key in sorted(given))
        self.nodes.append(made)
        return name

    def weight(self, name: str, values: Float[np.ndarray, "..."]) -> str:
        """Add weights; return the name under which nodes read them, as float32."""
        half = self.half_from is not None and values.size >= self.half_from
        label = f"{name}.half" if half else name
        stored = values.astype(np.float16 if half else np.float32)
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(stored), label))
        return self.node("Cast", name, [label], {"to": TensorProto.FLOAT}) if half else name

    def convolution(
        self,
        name: str,
        data: str,
        layers: tuple[nn.Conv2d, nn.BatchNorm2d],
        pads: Sequence[int],
    ) -> str:
        """Add a convolution and the batch normalisation after it, as one layer.

        Parameters
        ----------
        name : str
            The layer's name.
        data : str
            The layer it reads.
        layers : (Conv2d, BatchNorm2d)
            Convolution and normalisation, the latter with its final statistics.
        pads : (top, left, bottom, right)
            Pixels of zeros around the data.

        Returns
        -------
        str
            The layer's name.
        """
        weight, bias = fold(*layers)
        inputs = [data, self.weight(f"{name}.weight", weight), self.weight(f"{name}.bias", bias)]
        attributes: dict[str, int | Sequence[int]] = {
            "kernel_shape": layers[0].kernel_size,
            "strides": layers[0].stride,
            "pads": pads,
            "group": layers[0].groups,
        }
        return self.node("Conv", name, inputs, attributes)

    def blocks(self, data: str, named: Iterable[tuple[str, nn.Module]]) -> str:
        """Add convolutions with their normalisation, ReLUs and poolings, in their order.

        Parameters
        ----------
        data : str
            The layer they read.
        named : iterable of (name, torch.nn.Module)
            The layers. A convolution stands before its normalisation, and does its work in the
            file.

        Returns
        -------
        str
            The last one's name.

        Raises
        ------
        InputError
            Where there is a layer of another kind.
        """
        layers = dict(named)
        names = iter(layers)
        for name in names:
            match layers[name]:
                case nn.Conv2d(padding=(int(down), int(right))) as layer:
                    norm = layers[next(names, name)]
                    if not isinstance(norm, nn.BatchNorm2d):
                        raise InputError(f"a normalisation must follow {name}; got {norm}")
                    data = self.convolution(name, data, (layer, norm), [down, right, down, right])
                case MeanImage() as layer:
                    mean = self.weight(f"{name}.image", layer.image.numpy())
                    data = self.node("Sub", name, [data, mean])
                case nn.ReLU():
                    data = self.node("Relu", name, [data])
                case nn.MaxPool2d(kernel_size=int(side), stride=int(step)):
                    window = {"kernel_shape": [side, side], "strides": [step, step]}
                    data = self.node("MaxPool", name, [data], window)
                case nn.AdaptiveMaxPool2d(output_size=1):
                    data = self.node("GlobalMaxPool", name, [data])
                case layer:
                    raise InputError(f"{name} must be a layer that blocks can hold; got {layer}")
        return data

    def classifier(self, data: str, layer: nn.Linear) -> None:
        """Add the fully connected layer and the softmax, which gives the scores."""
        inputs = [
            self.node("Flatten", "flat", [data], {"axis": 1}),
            self.weight("classifier.weight", layer.weight.detach().numpy()),
            self.weight("classifier.bias", layer.bias.detach().numpy()),
        ]
        logits = self.node("Gemm", "logits", inputs, {"transB": 1})
        self.node("Softmax", OUTPUT, [logits], {"axis": 1})


def layer(network: nn.Module, name: str, kind: type[Layer]) -> Layer:
    """Return one layer of a network by its name, with the type it must have.

    Parameters
    ----------
    network : torch.nn.Module
        What has the layer.
    name : str
        Its name in the network.
    kind : type
        What the layer is.

    Returns
    -------
    torch.nn.Module
        The layer, of that type.

    Raises
    ------
    InputError
        Where the network has no such layer, or it is something else.

    Examples
    --------
    >>> from torch import nn
    >>> from cilens.training.export import layer
    >>> network = nn.ModuleDict({"last": nn.Linear(7, 3)})
    >>> layer(network, "last", nn.Linear).out_features
    3
    """
    found = dict(network.named_children()).get(name)
    if not isinstance(found, kind):
        raise InputError(f"the network must have a {kind.__name__} called {name}; got {found}")
    return found


def fold(
    convolution: nn.Conv2d, norm: nn.BatchNorm2d
) -> tuple[Float[np.ndarray, "out in height width"], Float[np.ndarray, "out"]]:
    """Return weights and biases of one convolution that does the work of both layers.

    Parameters
    ----------
    convolution : torch.nn.Conv2d
        With or without biases.
    norm : torch.nn.BatchNorm2d
        What normalises its output, with the final statistics.

    Returns
    -------
    weight : (out, in, height, width) float64 array
        What the convolution multiplies with.
    bias : (out,) float64 array
        What it adds.

    Examples
    --------
    >>> from torch import nn
    >>> from cilens.training.export import fold
    >>> weight, bias = fold(nn.Conv2d(3, 8, kernel_size=5, bias=False), nn.BatchNorm2d(8))
    >>> weight.shape, bias.shape
    ((8, 3, 5, 5), (8,))
    """
    with torch.no_grad():
        mean = cast(Tensor, norm.running_mean).double()
        scale = norm.weight / torch.sqrt(cast(Tensor, norm.running_var).double() + norm.eps)
        before = 0.0 if convolution.bias is None else convolution.bias
        bias = norm.bias + (before - mean) * scale
        weight = convolution.weight * scale[:, None, None, None]
    return weight.numpy(), bias.numpy()


def onnx_file(
    graph: Graph, shape: Sequence[int | None], classes: int, metadata: Mapping[str, str]
) -> bytes:
    """Return the ONNX file of a network that turns images into scores.

    Parameters
    ----------
    graph : Graph
        Reads ``images``, gives ``scores``.
    shape : (channels, height, width)
        Of one image; the number of images is free.
    classes : int
        Columns of the scores.
    metadata : mapping
        What the file says of itself.

    Returns
    -------
    bytes
        The same for the same network, bit for bit.

    Examples
    --------
    >>> from torch import nn
    >>> from cilens.training.export import Graph, onnx_file
    >>> graph = Graph()
    >>> graph.classifier("images", nn.Linear(784, 10))
    >>> len(onnx_file(graph, (1, 28, 28), classes=10, metadata={})) // 1000
    31
    """
    made = helper.make_graph(
        graph.nodes,
        "network",
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["N", *shape])],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["N", classes])],
        initializer=graph.weights,
    )
    model = helper.make_model(
        made,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=_IR_VERSION,
        producer_name="cilens",
    )
    helper.set_model_props(model, dict(metadata))
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString(deterministic=True))


def write_network(
    network: nn.Sequential, path: str | Path, description: Description, card: Mapping[str, Json]
) -> dict[str, Json]:
    """Write a network of blocks that ends in a classifier, with its model card beside it.

    Parameters
    ----------
    network : torch.nn.Sequential
        Whose last three layers flatten, classify and are the softmax.
    path : str or Path
        The ONNX file; the card takes its name, with the suffix ``.json``.
    description : Description
        What the file says of itself.
    card : mapping
        What the card says beside that.

    Returns
    -------
    dict
        The whole card.

    Raises
    ------
    FileError
        Where the files cannot be written.
    """
    graph, shape = Graph(), description.preprocess.input_shape()
    data = graph.blocks(INPUT, list(network.named_children())[:-3])
    graph.classifier(data, layer(network, "classifier", nn.Linear))
    model = onnx_file(graph, shape, len(description.class_names), description.metadata())
    return write_model(path, model, description, card)
