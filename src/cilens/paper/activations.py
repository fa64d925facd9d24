"""What the layers of a small network compute for one image, for a drawing of it.

Plain numpy, one image at a time; networks are run by their adapters, and not by this.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy.lib.stride_tricks import sliding_window_view

from cilens.paper.onnx_file import Layer, Network


class Stage(NamedTuple):
    """A layer, and what it computes for the image.

    Attributes
    ----------
    layer : Layer
        The node.
    values : array
        (channels, height, width) maps, or (units,) numbers.
    weights : int
        How many numbers the layer has learnt, biases included.
    """

    layer: Layer
    values: Float[np.ndarray, "..."]
    weights: int


def stages(network: Network, image: Float[np.ndarray, "channels height width"]) -> list[Stage]:
    """Follow an image through a chain of layers, as far as they are of a simple kind.

    Parameters
    ----------
    network : Network
        From `cilens.paper.onnx_file.read_network`.
    image : (channels, height, width) float array
        As the network takes it.

    Returns
    -------
    list of Stage
        Up to the first layer that is not one of Sub, Conv, Relu, MaxPool, Flatten, Gemm, Softmax,
        or that does not read the one before it.

    Examples
    --------
    >>> stages(Network((), {}), np.zeros((1, 28, 28)))
    []
    """
    found: list[Stage] = []
    values: Float[np.ndarray, "..."] = image.astype(np.float64)
    for layer in network.layers:
        if found and layer.inputs[0] != found[-1].layer.outputs[0]:
            break
        arrays = [network.weights[name] for name in layer.inputs if name in network.weights]
        after = _compute(layer, values, arrays)
        if after is None:
            break
        values = after
        found.append(Stage(layer, values, sum(array.size for array in arrays)))
    return found


def _compute(
    layer: Layer, values: Float[np.ndarray, "..."], weights: list[Float[np.ndarray, "..."]]
) -> Float[np.ndarray, "..."] | None:
    """Return what a layer makes of its input, or None for a layer that is not known here."""
    kind, numbers = layer.kind, layer.numbers
    found: Float[np.ndarray, "..."] | None = None
    if kind == "Sub" and len(weights) == 1:
        found = values - weights[0]
    elif kind == "Conv" and len(weights) == 2 and set(numbers.get("strides", (1,))) == {1}:
        top, left, bottom, right = numbers.get("pads", (0, 0, 0, 0))
        padded = np.pad(values, ((0, 0), (top, bottom), (left, right)))
        windows = sliding_window_view(padded, weights[0].shape[2:], axis=(1, 2))
        found = np.einsum("ihwkl,oikl->ohw", windows, weights[0]) + weights[1][:, None, None]
    elif kind == "Relu":
        found = np.maximum(values, 0.0)
    elif kind == "MaxPool" and numbers.get("kernel_shape") == numbers.get("strides"):
        high, wide = numbers["strides"]
        channels, height, width = values.shape
        cut = values[:, : height // high * high, : width // wide * wide]
        found = cut.reshape(channels, height // high, high, width // wide, wide).max(axis=(2, 4))
    elif kind == "Flatten":
        found = values.ravel()
    elif kind == "Gemm" and len(weights) == 2 and numbers.get("transB") == (1,):
        found = weights[0] @ values + weights[1]
    elif kind == "Softmax":
        powers = np.exp(values - values.max())
        found = powers / powers.sum()
    return found
