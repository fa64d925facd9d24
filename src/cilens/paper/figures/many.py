"""Figures over many images: highlights against controls, and one digit cut in many ways."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from cilens import render
from cilens.datasets.mnist import mnist_image
from cilens.paper.figures.layout import MARGIN, Cell, bordered, new_sheet, sharpened, show, write
from cilens.paper.measure.p10_highlights import Highlights
from cilens.paper.measure.p16_segmentations import COMPACTNESS, COUNTS, OTHERS, segmenters
from cilens.paper.study import Study
from cilens.paper.verdicts import Found
from cilens.plot.style import BODY, FAINT, INK, SMALL, SOFT
from cilens.segmentation import segment

_RED, _BLUE = "#e65404", "#068df5"
"""From the scale of the influence: what is kept, and what is left without it."""


def highlights_figure(study: Study, asked: Highlights) -> Figure:
    """Draw the scores of image, highlight, random segments and remainder over all images.

    Parameters
    ----------
    study : Study
        What it is about.
    asked : Highlights
        What the network said of each image.

    Returns
    -------
    Figure
        Each curve is sorted by itself: how many images have at least this score.
    """
    there = ~asked.empty
    sheet = new_sheet(
        8.9,
        4.3,
        "Leaving out what matters little: scores of the class predicted",
        f"Network “{study.name}”, {int(there.sum()):,} images with a highlight that is not empty; "
        "each curve sorted by itself, highest first.",
    )
    ax = sheet.axes(MARGIN + 0.45, 0.75, 5.3, 2.75)
    curves = (
        ("the image", asked.score, INK, 1.2),
        ("its highlight alone", asked.alone, _RED, 2.0),
        ("as many random segments", asked.random, SOFT, 1.4),
        ("the image without its highlight", asked.remainder, _BLUE, 1.4),
    )
    for line, (name, values, colour, width) in enumerate(curves):
        found, top = np.sort(values[there])[::-1], 1.0 + 0.5 * line
        ax.plot(np.linspace(0, 1, len(found)), found, color=colour, linewidth=width)
        mean = f"{100 * values[there].mean():.1f} %"
        write(sheet, (6.3, top), mean, bold=True, ink=colour, size=11)
        write(sheet, (6.3, top + 0.17), f"mean of {name}", size=SMALL)
    ticks = np.linspace(0, 1, 5)
    words = [f"{100 * tick:.0f} %" for tick in ticks]
    ax.set(xlim=(0, 1), ylim=(0, 1.01))
    ax.set_xticks(ticks, words, fontsize=SMALL, color=SOFT)
    ax.set_yticks(ticks, words, fontsize=SMALL, color=SOFT)
    ax.set_xlabel("share of the images", fontsize=BODY, color=SOFT)
    ax.set_ylabel("score", fontsize=BODY, color=SOFT)
    ax.grid(visible=True, linewidth=0.4, color=FAINT)
    ax.tick_params(length=0, pad=4)
    ax.tick_params(axis="x", pad=8)
    ax.spines[:].set_visible(False)
    return sheet.figure


def segmentations_figure(study: Study, found: Mapping[str, Found]) -> Figure:
    """Draw the example cut in many ways, each with how well its highlights do over all images.

    Parameters
    ----------
    study : Study
        What it is about.
    found : mapping of str to (dict of str to Measured)
        By the names of `cilens.paper.measure.p16_segmentations.segmenters`.

    Returns
    -------
    Figure
    """
    side, step, high, left, top = 1.05, 1.35, 1.62, 1.3, 1.1
    sheet = new_sheet(
        left + 6 * step + 1.15,
        top + len(COUNTS) * high + 0.35,
        "The segmentation decides",
        f"Network “{study.name}”. Beneath each: highlights that score at least the image's score − "
        "0.01; how much of the ink they keep; how many highlights are empty.",
    )
    for column, compactness in enumerate(COMPACTNESS):
        write(sheet, (left + column * step, 0.72), f"{compactness:g}", bold=True)
    ends = "compactness of SLIC: from segments that follow the ink to squares"
    write(sheet, (left, 0.9), ends, size=SMALL, ink=SOFT)
    for place, count in enumerate(COUNTS):
        write(sheet, (MARGIN, top + place * high + 0.5), f"{count}", bold=True)
        write(sheet, (MARGIN, top + place * high + 0.65), "segments", size=SMALL, ink=SOFT)
        write(sheet, (MARGIN, top + place * high + 0.77), "asked", size=SMALL, ink=SOFT)
    image = mnist_image(study.example)
    for place, (name, segmenter) in enumerate(segmenters().items()):
        down, across = divmod(place, len(COMPACTNESS))
        at, title = (left + across * step, top + down * high), ""
        if name in OTHERS:
            down, title = list(OTHERS).index(name), name
            at = left + 5 * step + 0.45, top + 1.8 * down + 0.02 * down
        pixels = bordered(sharpened(render.to_rgb(image)), segment(segmenter, image)[0])
        show(sheet.axes(*at, side, side), Cell(pixels, title, _numbers(found[name])))
    return sheet.figure


def _numbers(found: Found) -> tuple[str, ...]:
    """Write what stands beneath a segmentation."""
    within, ink, empty = (found[name].value for name in ("within", "ink", "empty"))
    return (
        "–" if within is None else f"{100 * within:.0f} %",
        "" if ink is None else f"with {100 * ink:.0f} % of the ink",
        "" if empty is None else f"{100 * empty:.0f} % empty",
    )
