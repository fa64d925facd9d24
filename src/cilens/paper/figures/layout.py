"""Sheets: where things stand, in inches from the upper left corner."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Integer, UInt8
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from cilens import render
from cilens.explanation import Explanation
from cilens.plot.style import (
    BODY,
    DPI,
    FAINT,
    HEADING,
    INK,
    SMALL,
    SOFT,
    Numbered,
    fitted,
    inches,
    picture,
    sharpened,
    text_width,
    write_numbers,
)

__all__ = [
    "BODY",
    "DPI",
    "FAINT",
    "HEADING",
    "INK",
    "MARGIN",
    "SMALL",
    "SOFT",
    "Sheet",
    "bordered",
    "new_sheet",
    "outlined",
    "panel",
    "segments_panel",
    "wrapped",
    "write",
]

MARGIN = 0.35
"""Around a sheet, in inches."""

_WRAP = 1.35
"""Line height, in type sizes."""


class Sheet(NamedTuple):
    """A figure to be filled.

    Attributes
    ----------
    figure : Figure
        Not known to pyplot.
    width, height : float
        In inches.
    """

    figure: Figure
    width: float
    height: float

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Add axes, by their upper left corner."""
        return inches(self.figure, (left, self.height - top - height, width, height))

    def line(self, start: tuple[float, float], stop: tuple[float, float]) -> None:
        """Draw a faint line between two points (left, top)."""
        (x0, y0), (x1, y1) = start, stop
        self.figure.add_artist(
            Line2D(
                [x0 / self.width, x1 / self.width],
                [1 - y0 / self.height, 1 - y1 / self.height],
                color=FAINT,
                linewidth=0.7,
            )
        )


def new_sheet(width: float, height: float, title: str, note: str = "") -> Sheet:
    """Make a sheet with its title above, and a small note below.

    Examples
    --------
    >>> new_sheet(4.0, 3.0, "Fig. 9").height
    3.0
    """
    sheet = Sheet(Figure(figsize=(width, height), dpi=DPI, facecolor="white"), width, height)
    room = 72 * (width - 2 * MARGIN)
    write(sheet, (MARGIN, 0.32), fitted(title, room, 12.0, bold=True), size=12.0, bold=True)
    if note:
        write(sheet, (MARGIN, height - 0.2), fitted(note, room, SMALL), size=SMALL, ink=SOFT)
    return sheet


def write(
    sheet: Sheet,
    at: tuple[float, float],
    text: str,
    *,
    size: float = BODY,
    ink: str = INK,
    bold: bool = False,
) -> None:
    """Write a line of text with its baseline at (left, top)."""
    sheet.figure.text(
        at[0] / sheet.width,
        1 - at[1] / sheet.height,
        text,
        fontsize=size,
        fontweight="bold" if bold else "normal",
        color=ink,
        ha="left",
        va="baseline",
        parse_math=False,
    )


def wrapped(sheet: Sheet, at: tuple[float, float], text: str, room: float) -> float:
    """Write a paragraph into a column of so many inches; return how far down it reaches.

    Examples
    --------
    >>> wrapped(new_sheet(4.0, 3.0, "Fig. 9"), (0.3, 1.0), "one two", 3.0)
    1.0
    """
    left, top = at
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and text_width(longer, BODY) > 72 * room:
            write(sheet, (left, top), line)
            line, top = word, top + BODY * _WRAP / 72
        else:
            line = longer
    write(sheet, (left, top), line)
    return top


def panel(
    ax: Axes,
    pixels: UInt8[np.ndarray, "height width 3"],
    above: str = "",
    below: tuple[str, ...] = (),
) -> None:
    """Show a picture with a bold line above it and lines beneath it.

    Parameters
    ----------
    ax : Axes
        Where.
    pixels : (height, width, 3) uint8 array
        RGB.
    above : str
        What it is.
    below : tuple of str
        Its numbers, a line each; the first is dark, the others are grey.
    """
    picture(ax, pixels)
    room = 72 * ax.get_position(original=True).width * ax.figure.bbox.width / ax.figure.dpi
    if above:
        ax.annotate(
            fitted(above, room, BODY, bold=True),
            (0, 1),
            xycoords="axes fraction",
            xytext=(0, 4),
            textcoords="offset points",
            fontsize=BODY,
            fontweight="bold",
            color=INK,
            parse_math=False,
            annotation_clip=False,
        )
    for place, text in enumerate(below):
        ax.annotate(
            text,
            (0, 0),
            xycoords="axes fraction",
            xytext=(0, -4 - place * SMALL * 1.5),
            textcoords="offset points",
            fontsize=BODY if place == 0 else SMALL,
            color=INK if place == 0 else SOFT,
            va="top",
            parse_math=False,
            annotation_clip=False,
        )


def segments_panel(
    ax: Axes, explanation: Explanation, above: str = "", below: tuple[str, ...] = ()
) -> None:
    """Show the segments with their numbers, as `cilens.plot.plot_segments` does."""
    segments = explanation.segments
    pixels = sharpened(render.to_rgb(explanation.image))
    panel(ax, np.zeros((*segments.shape, 3), np.uint8), above, below)
    ax.images[0].remove()
    picture(ax, bordered(pixels, segments), segments.shape)
    order = explanation.ranked()
    points, radii = render.inside_points(segments, explanation.regions[order])
    marks = render.marks(explanation.region_names)
    write_numbers(
        ax,
        [
            Numbered(float(row), float(column), float(radius), marks[region])
            for (row, column), radius, region in zip(points, radii, order, strict=True)
        ],
        important=6,
    )


def outlined(
    pixels: UInt8[np.ndarray, "height width 3"], mask: Bool[np.ndarray, "height width"]
) -> UInt8[np.ndarray, "_ _ 3"]:
    """Draw a line around some pixels.

    Examples
    --------
    >>> outlined(np.zeros((28, 28, 3), np.uint8), np.eye(28, dtype=bool)).shape
    (924, 924, 3)
    """
    return bordered(sharpened(pixels), mask.astype(np.intp))


def bordered(
    pixels: UInt8[np.ndarray, "down across 3"], segments: Integer[np.ndarray, "height width"]
) -> UInt8[np.ndarray, "down across 3"]:
    """Draw lines between segments, wide enough for a small picture.

    Examples
    --------
    >>> bordered(np.zeros((90, 90, 3), np.uint8), np.zeros((9, 9), int)).max()
    np.uint8(0)
    """
    return render.boundaries(pixels, segments, width=max(pixels.shape[1] // 170, 1))
