"""Figures over many images: highlights against controls, and one digit cut in many ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Integer
from matplotlib.figure import Figure

from cilens import render
from cilens.paper.figures.layout import (
    BODY,
    FAINT,
    INK,
    MARGIN,
    SMALL,
    SOFT,
    bordered,
    new_sheet,
    panel,
    write,
)
from cilens.paper.measure.p10_highlights import Highlights
from cilens.paper.measure.p16_segmentations import COMPACTNESS, COUNTS
from cilens.paper.verdicts import Found
from cilens.plot.style import sharpened

_RED, _BLUE = "#e65404", "#068df5"
"""From the scale of the influence: what is kept, and what is left without it."""


class Cut(NamedTuple):
    """One segmentation of Fig. P16.

    Attributes
    ----------
    name : str
        Of the segmentation.
    segments : (height, width) int array
        The digit, cut.
    found : dict of str to Measured
        Its numbers over all images.
    """

    name: str
    segments: Integer[np.ndarray, "height width"]
    found: Found


def highlights_figure(asked: Highlights, model: str) -> Figure:
    """Draw the scores of image, highlight, random segments and remainder over all images.

    Parameters
    ----------
    asked : Highlights
        What the network said of each image.
    model : str
        What it is called.

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
        f"Network “{model}”, {int(there.sum()):,} images with a highlight that is not empty; "
        "each curve sorted by itself, highest first.",
    )
    ax = sheet.axes(MARGIN + 0.45, 0.75, 5.3, 2.75)
    curves = (
        ("the image", asked.score, INK, 1.2),
        ("its highlight alone", asked.alone, _RED, 2.0),
        ("as many random segments", asked.random, SOFT, 1.4),
        ("the image without its highlight", asked.remainder, _BLUE, 1.4),
    )
    for name, values, colour, width in curves:
        found = np.sort(values[there])[::-1]
        ax.plot(np.linspace(0, 1, len(found)), found, color=colour, linewidth=width, label=name)
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1.01)
    ticks = np.linspace(0, 1, 5)
    words = [f"{100 * tick:.0f} %" for tick in ticks]
    ax.set_xticks(ticks, words, fontsize=SMALL, color=SOFT)
    ax.set_yticks(ticks, words, fontsize=SMALL, color=SOFT)
    ax.grid(visible=True, linewidth=0.4, color=FAINT)
    ax.tick_params(length=0, pad=4)
    ax.tick_params(axis="x", pad=8)
    ax.set_xlabel("share of the images", fontsize=BODY, color=SOFT)
    ax.set_ylabel("score", fontsize=BODY, color=SOFT)
    for spine in ax.spines.values():
        spine.set(visible=False)
    for line, (name, values, colour, _) in enumerate(curves):
        top = 1.0 + 0.5 * line
        write(
            sheet, (6.3, top), f"{100 * values[there].mean():.1f} %", bold=True, ink=colour, size=11
        )
        write(sheet, (6.3, top + 0.17), f"mean of {name}", size=SMALL)
    return sheet.figure


def segmentations_figure(
    image: Float[np.ndarray, "height width 1"], cuts: Mapping[str, Cut], model: str
) -> Figure:
    """Draw one digit cut in many ways, each with how well its highlights do over all images.

    Parameters
    ----------
    image : (height, width, 1) float array
        The digit.
    cuts : mapping of str to Cut
        By the names of `cilens.paper.measure.p16_segmentations.segmenters`.
    model : str
        What the network is called.

    Returns
    -------
    Figure
    """
    side, step, high, left, top = 1.05, 1.35, 1.62, 1.3, 1.1
    sheet = new_sheet(
        left + 6 * step + 1.15,
        top + len(COUNTS) * high + 0.35,
        "The segmentation decides",
        f"Network “{model}”. Beneath each: highlights that score at least the image's score − "
        "0.01; how much of the ink they keep; how many highlights are empty.",
    )
    for column, compactness in enumerate(COMPACTNESS):
        write(sheet, (left + column * step, 0.72), f"{compactness:g}", bold=True)
    write(
        sheet,
        (left, 0.9),
        "compactness of SLIC: from segments that follow the ink to squares",
        size=SMALL,
        ink=SOFT,
    )
    places = {
        f"SLIC {count}, {compactness:g}": (left + column * step, top + row * high)
        for row, count in enumerate(COUNTS)
        for column, compactness in enumerate(COMPACTNESS)
    }
    for row, count in enumerate(COUNTS):
        write(sheet, (MARGIN, top + row * high + 0.5), f"{count}", bold=True)
        write(sheet, (MARGIN, top + row * high + 0.65), "segments", size=SMALL, ink=SOFT)
        write(sheet, (MARGIN, top + row * high + 0.77), "asked", size=SMALL, ink=SOFT)
    others = [name for name in cuts if name not in places]
    for row, name in enumerate(others):
        place = (left + 5 * step + 0.45, top + row * high + 0.2 * row)
        places[name] = place
        write(sheet, (place[0], place[1] - 0.06), name, bold=True)
    for name, cut in cuts.items():
        ax = sheet.axes(*places[name], side, side)
        panel(ax, _cut(image, cut.segments), "", _numbers(cut.found))
    return sheet.figure


def _numbers(found: Found) -> tuple[str, ...]:
    """Write what stands beneath a segmentation."""
    within, ink, empty = (found[name].value for name in ("within", "ink", "empty"))
    return (
        "–" if within is None else f"{100 * within:.0f} %",
        "" if ink is None else f"with {100 * ink:.0f} % of the ink",
        "" if empty is None else f"{100 * empty:.0f} % empty",
    )


def _cut(
    image: Float[np.ndarray, "height width 1"], segments: Integer[np.ndarray, "height width"]
) -> np.ndarray:
    pixels: np.ndarray = bordered(sharpened(render.to_rgb(image)), segments)
    return pixels
