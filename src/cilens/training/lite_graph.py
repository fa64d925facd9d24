"""An EfficientNet-Lite as a graph of convolutions, clips and additions, and nothing else."""

from __future__ import annotations

import numpy as np
from torch import nn

from cilens.training.export import INPUT, Graph, layer

_RELU6 = ("relu6.low", "relu6.high")


def lite_graph(network: nn.Module, half_from: int | None = None) -> Graph:
    """Return the layers of an EfficientNet-Lite, batch normalisation folded in.

    Parameters
    ----------
    network : torch.nn.Module
        With the layers, by name, that ``efficientnet_lite_pytorch.EfficientNet`` has.
    half_from : int, optional
        Weights of this many values and more are stored as float16; by default none.

    Returns
    -------
    Graph
        Reads ``images``, gives ``scores``, softmax included.

    Raises
    ------
    InputError
        Where the network lacks a layer that an EfficientNet-Lite has.
    """
    graph = Graph(half_from)
    for name, value in zip(_RELU6, (0.0, 6.0), strict=True):
        graph.weight(name, np.array(value))
    data = _convolve(graph, "stem", INPUT, network, ("_conv_stem", "_bn0"))
    for number, block in enumerate(layer(network, "_blocks", nn.ModuleList)):
        data = _block(graph, f"block{number}", data, block)
    data = _convolve(graph, "head", data, network, ("_conv_head", "_bn1"))
    data = graph.node("GlobalAveragePool", "pool", [data])
    graph.classifier(data, layer(network, "_fc", nn.Linear))
    return graph


def _block(graph: Graph, name: str, entry: str, block: nn.Module) -> str:
    """Add an inverted residual block: widen, filter each channel, narrow, add what came in."""
    data = entry
    first = depthwise = layer(block, "_depthwise_conv", nn.Conv2d)
    if "_expand_conv" in dict(block.named_children()):
        first = layer(block, "_expand_conv", nn.Conv2d)
        data = _convolve(graph, f"{name}.expand", data, block, ("_expand_conv", "_bn0"))
    data = _convolve(graph, f"{name}.depthwise", data, block, ("_depthwise_conv", "_bn1"))
    names = ("_project_conv", "_bn2")
    data = _convolve(graph, f"{name}.project", data, block, names, clip=False)
    kept = first.in_channels == layer(block, "_project_conv", nn.Conv2d).out_channels
    if kept and max(depthwise.stride) == 1:
        data = graph.node("Add", f"{name}.add", [data, entry])
    return data


def _convolve(
    graph: Graph,
    name: str,
    data: str,
    network: nn.Module,
    names: tuple[str, str],
    *,
    clip: bool = True,
) -> str:
    """Add the convolution and the normalisation of these names, and ReLU6 where asked."""
    convolution = layer(network, names[0], nn.Conv2d)
    layers = (convolution, layer(network, names[1], nn.BatchNorm2d))
    data = graph.convolution(name, data, layers, _pads(convolution))
    return graph.node("Clip", f"{name}.relu6", [data, *_RELU6]) if clip else data


def _pads(convolution: nn.Conv2d) -> tuple[int, int, int, int]:
    """Return the zeros above, left, below and right that the package keeps in a layer apart."""
    padding = dict(convolution.named_children()).get("static_padding")
    if not isinstance(padding, nn.ZeroPad2d):
        return (0, 0, 0, 0)
    left, right, top, bottom = padding.padding
    return (top, left, bottom, right)
