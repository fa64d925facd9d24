"""How much of a network is left to compute where one segment is hidden (Krypton's question).

``python benchmarks/recomputation.py`` hides each superpixel of a photograph in turn, follows the
rectangle that changes from layer to layer, and counts the multiplications inside it against those
of the whole network: an upper bound of what exact partial recomputation could gain for one-out
questions (Nakandala et al., 2019, doi:10.1145/3299869.3319874). A random half of the segments,
which the recommended method hides, changes everything: there the bound is 1. Nothing is timed.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import onnx

import cilens
from cilens.models import model_path

SIDE = 224


class Layer(NamedTuple):
    """A convolution, or a pooling where it makes nothing; `beside` is on a shortcut."""

    kernel: int
    stride: int
    padding: int
    weights: int  # for each place of the output
    beside: bool = False


Span = tuple[int, int]


def shipped() -> list[Layer]:
    """Return the convolutions of EfficientNet-Lite0, as its file has them: one after the other."""
    graph = onnx.shape_inference.infer_shapes(onnx.load(model_path("imagenet"))).graph
    weights = {one.name: tuple(one.dims) for one in graph.initializer}
    weights |= {
        one.name: tuple(axis.dim_value for axis in one.type.tensor_type.shape.dim)
        for one in graph.value_info
    }
    layers = []
    for node in graph.node:
        if node.op_type == "Conv":
            stated = {one.name: list(one.ints) for one in node.attribute}
            made, taken, kernel, _ = weights[node.input[1]]
            stride, padding = stated.get("strides", [1])[0], stated.get("pads", [0])[0]
            layers.append(Layer(kernel, stride, padding, made * taken * kernel**2))
    return layers


def resnet50() -> Iterator[Layer]:
    """Give the layers of a ResNet-50."""
    yield Layer(7, 2, 3, 3 * 64 * 49)
    yield Layer(3, 2, 1, 0)
    taken = 64
    for width, depth, first in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
        for place in range(depth):
            stride = first if place == 0 else 1
            if place == 0:
                yield Layer(1, stride, 0, taken * 4 * width, beside=True)
            yield Layer(1, 1, 0, taken * width)
            yield Layer(3, stride, 1, width * width * 9)
            yield Layer(1, 1, 0, width * 4 * width)
            taken = 4 * width


def vgg16() -> Iterator[Layer]:
    """Give the layers of a VGG-16; its last three, fully connected, change whole."""
    taken = 3
    for width, depth in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(depth):
            yield Layer(3, 1, 1, taken * width * 9)
            taken = width
        yield Layer(2, 2, 0, 0)
    yield Layer(7, 7, 0, 512 * 49 * 4096)
    yield Layer(1, 1, 0, 4096 * 4096)
    yield Layer(1, 1, 0, 4096 * 1000)


def through(layer: Layer, size: int, span: Span) -> tuple[int, Span]:
    """Return the size of a layer's output, and the places first to last that change."""
    made = (size + 2 * layer.padding - layer.kernel) // layer.stride + 1
    first = -(-(span[0] + layer.padding - layer.kernel + 1) // layer.stride)
    last = (span[1] + layer.padding) // layer.stride
    return made, (max(0, first), min(made - 1, last))


def gain(layers: list[Layer], rows: Span, columns: Span) -> float:
    """Return the multiplications of a network over those where a rectangle changes."""
    size, whole, part = SIDE, 0, 0
    for layer in layers:
        made, tall = through(layer, size, rows)
        _, wide = through(layer, size, columns)
        whole += layer.weights * made**2
        part += layer.weights * (tall[1] - tall[0] + 1) * (wide[1] - wide[0] + 1)
        if not layer.beside:
            size, rows, columns = made, tall, wide
    return whole / part


def main() -> None:
    """Print the median bound over the superpixels, for two sizes of them."""
    view = cilens.load_model("imagenet").view(cilens.read_image("skimage:chelsea"))
    networks = {
        "EfficientNet-Lite0": shipped(), "ResNet-50": list(resnet50()), "VGG-16": list(vgg16()),
    }  # fmt: skip
    print("at most so many times as fast: median over superpixels, smallest, largest")
    for asked in (50, 150):
        segments = cilens.Slic(asked)(view.image)
        for name, layers in networks.items():
            found = []
            for label in np.unique(segments):
                rows, columns = np.nonzero(segments == label)
                spans = [(int(one.min()), int(one.max())) for one in (rows, columns)]
                found.append(gain(layers, *spans))
            middle = statistics.median(found)
            print(f"{asked:4} {name:20} {middle:5.2f} {min(found):5.2f} {max(found):5.2f}")


if __name__ == "__main__":
    main()
