"""Fig. 1: the network as a drawing, with its first filters and what it makes of a digit."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

from cilens import render
from cilens.datasets.mnist import mnist_image
from cilens.errors import FileError
from cilens.models.onnx.model import OnnxModel
from cilens.paper.activations import Stage, stages
from cilens.paper.figures.layout import MARGIN, Cell, Sheet, new_sheet, row, show, write
from cilens.paper.figures.scales import colour_bar
from cilens.paper.onnx_file import Network, read_network
from cilens.paper.study import Study
from cilens.plot.style import BODY, FAINT, INK, SMALL, SOFT

_TOP, _HIGH = 1.15, 3.5
"""Where the maps begin and how high their columns are, in inches."""

_GAP = 0.05
"""Between two maps, in inches."""

_TILES = {28: (2, 0.62), 14: (2, 0.36), 7: (4, 0.3)}
"""Columns of maps, and the size of one, by the side of the map in pixels."""


def figure_1(study: Study) -> Figure:
    """Draw the network, looking at an example."""
    image = mnist_image(study.example)
    tensor = image.transpose(2, 0, 1)
    if isinstance(study.model, OnnxModel) and study.model.preprocess is not None:
        (tensor,) = study.model.preprocess.tensor(image[None])
    return network_figure(network_of(study), image, tensor, study.name)


def network_of(study: Study) -> Network | None:
    """Read the network's layers, or None where its file is none of ONNX."""
    try:
        return read_network(study.file)
    except FileError:
        return None


def network_figure(
    network: Network | None,
    image: Float[np.ndarray, "28 28 1"],
    tensor: Float[np.ndarray, "channels height width"],
    name: str,
) -> Figure:
    """Draw a network: its first filters, the maps of each layer, and its scores for a digit.

    Parameters
    ----------
    network : Network or None
        Its layers; None where they cannot be read.
    image : (28, 28, 1) float array
        The digit.
    tensor : (channels, height, width) float array
        The digit as the network takes it.
    name : str
        What the network is called.

    Returns
    -------
    Figure
        Maps are of the layers after their ReLU: black is nothing, white the layer's most.
    """
    note = (
        "Learnt numbers include those of the batch normalisation, which is part of each "
        "convolution here. Maps, after ReLU: black is 0, white the map's largest value."
    )
    sheet = new_sheet(11.0, 5.65, f"Fig. 1   The network “{name}”, looking at a digit", note)
    network = network or Network((), {})
    found, filters = stages(network, tensor), network.filters()
    _input(sheet, image)
    if filters is None or not found:
        write(sheet, (2.0, 2.6), "The layers of this network cannot be read from its file.")
        return sheet.figure
    left = _filters(sheet, filters)
    for stage, before in _shown(found):
        left = _maps(sheet, stage, before, left)
    _scores(sheet, found, left)
    return sheet.figure


def _input(sheet: Sheet, image: Float[np.ndarray, "28 28 1"]) -> None:
    row(sheet, (MARGIN, _TOP + (_HIGH - 1.15) / 2), [Cell(render.to_rgb(image))], 1.15, 0.0)
    _label(sheet, MARGIN, "image", "28 × 28")


def _filters(sheet: Sheet, filters: Float[np.ndarray, "out in height width"]) -> float:
    """Draw the first filters as a column, in the colours of signed numbers."""
    left, size = MARGIN + 1.55, 0.34
    _arrow(sheet, left - 0.34, wide=False)
    count = len(filters)
    limit = float(np.abs(filters).max())
    high = count * size + (count - 1) * 2 * _GAP
    top = _TOP + (_HIGH - high) / 2
    for number, weights in enumerate(filters):
        ax = sheet.axes(left, top + number * (size + 2 * _GAP), size, size)
        show(ax, Cell(render.signed_map(weights.mean(axis=0), limit)))
    _label(sheet, left, f"{count} filters", " × ".join(map(str, filters.shape[2:])))
    bar = sheet.axes(left, _TOP - 0.3, 1.1, 0.08)
    colour_bar(bar, "weight", limit)
    bar.set_xticks([-limit, 0, limit], [f"−{limit:.2g}", "0", f"+{limit:.2g}"], fontsize=SMALL)
    return left + size


def _shown(found: list[Stage]) -> list[tuple[Stage, tuple[Stage, ...]]]:
    """Return the layers whose maps are drawn, each with the layers since the one before."""
    at = [i for i, s in enumerate(found) if s.layer.kind == "Relu" and s.values.ndim == 3]
    return [(found[stop], tuple(found[start + 1 : stop])) for start, stop in pairwise([-1, *at])]


def _maps(sheet: Sheet, stage: Stage, before: tuple[Stage, ...], left: float) -> float:
    """Draw a layer's maps as a block of tiles, an arrow before it."""
    count, side = stage.values.shape[:2]
    across, size = _TILES.get(side, (4, 0.3))
    kinds = [one.layer.kind for one in before]
    words = (["max-pool", "2 × 2,"] if "MaxPool" in kinds else []) + ["convolve,", "ReLU"]
    left += 0.95
    _arrow(sheet, left - 0.8, *words)
    high = -(-count // across) * (size + _GAP) - _GAP
    top = _TOP + (_HIGH - high) / 2
    for number, values in enumerate(stage.values):
        down, column = divmod(number, across)
        ax = sheet.axes(left + column * (size + _GAP), top + down * (size + _GAP), size, size)
        most = float(values.max()) or 1.0
        ax.imshow(values, cmap="gray", vmin=0, vmax=most, interpolation="nearest")
        ax.set_axis_off()
    weights = sum(one.weights for one in before if one.layer.kind == "Conv")
    _label(sheet, left, f"{count} maps", f"{side} × {side}", f"{weights:,} learnt")
    return left + across * size + (across - 1) * _GAP


def _scores(sheet: Sheet, found: list[Stage], left: float) -> None:
    """Draw the scores as bars."""
    last, dense = found[-1], [stage for stage in found if stage.layer.kind == "Gemm"]
    if last.layer.kind != "Softmax" or not dense:
        return
    left += 0.95
    _arrow(sheet, left - 0.8, "fully", "connected,", "softmax")
    ax = sheet.axes(left + 0.15, _TOP + 0.35, 1.0, _HIGH - 0.7)
    places = np.arange(len(last.values))
    ax.barh(places, last.values, height=0.62, color=INK)
    ax.set_ylim(len(places) - 0.4, -0.6)
    ax.set_xlim(0, 1)
    ax.set_yticks(places, [str(place) for place in places], fontsize=BODY)
    ax.set_xticks([0, 1], ["0", "100 %"], fontsize=SMALL, color=SOFT)
    ax.tick_params(length=0, pad=3)
    for name, spine in ax.spines.items():
        spine.set(visible=name == "left", linewidth=0.6, edgecolor=FAINT)
    inputs = next(s.values.size for s in reversed(found) if s.layer.kind in ("Flatten", "Relu"))
    _label(sheet, left, f"{len(places)} scores", f"{inputs:,} → 10", f"{dense[0].weights:,} learnt")


def _arrow(sheet: Sheet, left: float, *words: str, wide: bool = True) -> None:
    """Draw an arrow at the height of the maps' middle, with a few words above it."""
    y = 1 - (_TOP + _HIGH / 2) / sheet.height
    stop = left + (0.65 if wide else 0.26)
    sheet.figure.add_artist(
        FancyArrowPatch(
            (left / sheet.width, y),
            (stop / sheet.width, y),
            transform=sheet.figure.transFigure,
            arrowstyle="-|>",
            mutation_scale=7,
            color=SOFT,
            linewidth=0.8,
        )
    )
    for line, word in enumerate(reversed(words)):
        write(sheet, (left, _TOP + _HIGH / 2 - 0.1 - 0.14 * line), word, size=SMALL, ink=SOFT)


def _label(sheet: Sheet, left: float, title: str, *facts: str) -> None:
    """Write what a column is, beneath it."""
    top = _TOP + _HIGH + 0.2
    write(sheet, (left, top), title, bold=True)
    for line, fact in enumerate(facts, start=1):
        write(sheet, (left, top + 0.145 * line), fact, size=SMALL, ink=SOFT)
