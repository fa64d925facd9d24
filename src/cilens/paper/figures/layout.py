"""Sheets and what stands on them: where, in inches from the upper left corner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Integer, UInt8
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cilens import render
from cilens.explanation import Explanation
from cilens.plot.style import (
    BODY,
    DPI,
    FAINT,
    INK,
    SMALL,
    SOFT,
    Numbered,
    fitted,
    inches,
    wrapped,
    write_numbers,
)

MARGIN = 0.35
"""Around a sheet, in inches."""

_SHARP = 420
"""Pixels of an enlarged picture, at least: twice as many as a figure shows of it."""

_WRAP = 1.35 / 72
"""Line height, in inches for a point of type."""


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


class Cell(NamedTuple):
    """A picture with its words.

    Attributes
    ----------
    shown : (height, width, 3) uint8 array or Explanation
        RGB; of an explanation, its segments with their numbers.
    above : str
        What it is, in bold.
    below : tuple of str
        Its numbers, a line each; the first is dark, the others are grey.
    """

    shown: UInt8[np.ndarray, "height width 3"] | Explanation
    above: str = ""
    below: tuple[str, ...] = ()


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
    for line, text in enumerate(reversed(wrapped(note, room, SMALL)) if note else ()):
        write(sheet, (MARGIN, height - 0.2 - line * SMALL * _WRAP), text, size=SMALL, ink=SOFT)
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
        parse_math=False,
    )


def paragraph(sheet: Sheet, at: tuple[float, float], text: str, room: float) -> None:
    """Write a paragraph into a column of so many inches."""
    for line, words in enumerate(wrapped(text, 72 * room, BODY)):
        write(sheet, (at[0], at[1] + line * BODY * _WRAP), words)


def row(
    sheet: Sheet, at: tuple[float, float], cells: Sequence[Cell], side: float, gap: float
) -> None:
    """Show cells from left to right, their pictures as high as `side`."""
    left, top = at
    for cell in cells:
        shape = (
            cell.shown.segments.shape if isinstance(cell.shown, Explanation) else cell.shown.shape
        )
        width = side * shape[1] / shape[0]
        show(sheet.axes(left, top, width, side), cell)
        left += width + gap


def show(ax: Axes, cell: Cell) -> None:
    """Show a cell in its axes."""
    if isinstance(cell.shown, Explanation):
        _segments(ax, cell.shown)
    else:
        _picture(ax, cell.shown)
    room = 72 * ax.get_position(original=True).width * ax.figure.bbox.width / ax.figure.dpi
    if cell.above:
        _note(ax, fitted(cell.above, room, BODY, bold=True), 4, weight="bold")
    for place, text in enumerate(cell.below):
        size, ink = (BODY, INK) if place == 0 else (SMALL, SOFT)
        _note(ax, text, -4 - place * SMALL * 1.5, size=size, ink=ink)


def _note(
    ax: Axes,
    text: str,
    gap: float,
    *,
    size: float = BODY,
    ink: str = INK,
    weight: str = "normal",
) -> None:
    """Write a line so many points above axes, or beneath them where that is below zero."""
    ax.annotate(
        text,
        (0, int(gap > 0)),
        xycoords="axes fraction",
        xytext=(0, gap),
        textcoords="offset points",
        fontsize=size,
        fontweight=weight,
        color=ink,
        va="top" if gap < 0 else "baseline",
        parse_math=False,
        annotation_clip=False,
    )


def _segments(ax: Axes, explanation: Explanation) -> None:
    """Show the segments with their numbers, as `cilens.plot.plot_segments` does."""
    segments = explanation.segments
    pixels = sharpened(render.to_rgb(explanation.image))
    _picture(ax, bordered(pixels, segments), segments.shape)
    order = explanation.ranked()
    points, radii = render.inside_points(segments, explanation.regions[order])
    marks = render.marks(explanation.region_names)
    write_numbers(
        ax,
        [
            Numbered(float(down), float(across), float(radius), marks[region])
            for (down, across), radius, region in zip(points, radii, order, strict=True)
        ],
        important=6,
    )


def _picture(
    ax: Axes, pixels: UInt8[np.ndarray, "_ _ 3"], shape: tuple[int, ...] | None = None
) -> None:
    """Show pixels on the axes of an image of this shape."""
    height, width = (shape or pixels.shape)[:2]
    extent = (-0.5, width - 0.5, height - 0.5, -0.5)
    ax.imshow(sharpened(pixels), extent=extent, interpolation="antialiased")
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set(linewidth=0.5, edgecolor=FAINT)


def sharpened(pixels: UInt8[np.ndarray, "height width 3"]) -> UInt8[np.ndarray, "_ _ 3"]:
    """Enlarge a picture enough for thin lines.

    Examples
    --------
    >>> sharpened(np.zeros((28, 28, 3), np.uint8)).shape
    (420, 420, 3)
    """
    return render.magnify(pixels, _SHARP)


def outlined(
    pixels: UInt8[np.ndarray, "height width 3"], mask: Bool[np.ndarray, "height width"]
) -> UInt8[np.ndarray, "_ _ 3"]:
    """Draw a line around some pixels.

    Examples
    --------
    >>> outlined(np.zeros((28, 28, 3), np.uint8), np.eye(28, dtype=bool)).shape
    (420, 420, 3)
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
