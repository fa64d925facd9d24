"""The look that all figures share: type sizes, inks, headings, pictures, numbers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Shaped, UInt8
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.font_manager import FontProperties
from matplotlib.patheffects import withStroke
from matplotlib.text import Annotation
from matplotlib.textpath import text_to_path

from cilens import render
from cilens.plot.fonts import drawable, families
from cilens.printable import printable

INK, SOFT, FAINT = "#1f1f1f", "#6b6b6b", "#d0d0d0"
"""For text, for what goes with it, and for frames."""

TITLE, HEADING, BODY, SMALL = 15.0, 10.0, 8.5, 7.0
"""Type sizes, in points."""

DPI = 150
_PANEL = 3.0
"""Width of a picture that stands alone, in inches."""
_SHARP = 900
"""Small images are enlarged to at least so many pixels: lines between pixels need the room."""
_NUMBER = (5.0, 8.5)
"""Smallest and largest type of a number inside a region, in points."""
_LONG = 300
"""Signs of a text that are measured, which takes its time: no figure has room for more."""
_HINTING = 1.06
"""Small type is drawn on whole pixels and becomes wider than its outlines, by up to so much."""


class Numbered(NamedTuple):
    """Where a number may stand, in pixels of the image, and what it says."""

    row: float
    column: float
    radius: float
    text: str


def canvas(ax: Axes | None, shape: tuple[int, ...], *, below: bool = False) -> tuple[Figure, Axes]:
    """Return the axes given and its figure, or new ones for a picture of this shape.

    Parameters
    ----------
    ax : Axes, optional
        Drawn into as it is.
    shape : (height, width) and anything after
        Shape of the picture.
    below : bool
        Leave room for a scale of colours below a new picture.

    Returns
    -------
    figure : Figure
        Not known to pyplot: it opens no window and needs no display.
    ax : Axes
    """
    if ax is None:
        height = _PANEL * min(max(shape[0] / shape[1], 0.4), 2.0)
        room = 0.15 + (0.6 if below else 0.0)
        figure = Figure(figsize=(_PANEL + 0.3, height + 0.6 + room), dpi=DPI)
        return figure, inches(figure, (0.15, room, _PANEL, height))
    owner = ax.figure
    return (owner.figure if isinstance(owner, SubFigure) else owner), ax


def inches(figure: Figure, box: tuple[float, float, float, float]) -> Axes:
    """Add axes at (left, bottom, width, height) in inches."""
    width, height = figure.get_size_inches()
    left, bottom, wide, high = box
    return figure.add_axes((left / width, bottom / height, wide / width, high / height))


def heading(ax: Axes, title: str, *caption: str) -> None:
    """Write a title above the axes, and beneath it a line of names and numbers.

    Parameters
    ----------
    ax : Axes
        No line becomes wider than it.
    title : str
        In bold.
    *caption : str
        By turns a name, which is shortened where there is no room, and what is never cut:
        ``"tabby, tabby cat", ": 84.1 %"``.
    """
    room = size_of(ax)[0]
    line = joined(caption, room, BODY)
    above = 5 + (BODY * 1.6 if line else 0)
    for text, size, ink, height in (
        (fitted(title, room, HEADING, bold=True), HEADING, INK, above),
        (line, BODY, SOFT, 5.0),
    ):
        if text:
            note(ax, (0, 1), text, size, ink, (0, height)).set_verticalalignment("baseline")


def note(
    ax: Axes,
    at: tuple[float, float],
    text: str,
    size: float = SMALL,
    ink: str = INK,
    away: tuple[float, float] | None = None,
) -> Annotation:
    """Write a line of any script beside a point; a heading is bold.

    Parameters
    ----------
    ax : Axes
        With the point.
    at : (x, y)
        In the axes' data; with `away`, in shares of the axes.
    text : str
        Never a formula.
    size : float
        Size of the type, in points; `HEADING` is bold.
    ink : str
        Colour.
    away : (right, up), optional
        From a point of the frame to the line, in points.

    Returns
    -------
    Annotation
        Begins at the point and stands in the middle of its height, if nothing else is set.
    """
    bold = size == HEADING
    return ax.annotate(
        drawable(text, bold=bold),
        at,
        xycoords="data" if away is None else "axes fraction",
        xytext=away or (0, 0),
        textcoords="offset points",
        family=families(text, bold=bold),
        fontsize=size,
        fontweight="bold" if bold else "normal",
        color=ink,
        va="center_baseline",
        parse_math=False,
        annotation_clip=False,
    )


def write(
    figure: Figure,
    at: tuple[float, float],
    text: str,
    size: float,
    *,
    ink: str = INK,
    right: bool = False,
) -> None:
    """Write a line into a figure; a title is bold.

    Parameters
    ----------
    figure : Figure
        On which.
    at : (x, y)
        Where the line begins, in inches from the lower left.
    text : str
        In any script.
    size : float
        Size of the type, in points; `TITLE` is bold.
    ink : str
        Colour.
    right : bool
        The line ends there.
    """
    width, height = figure.get_size_inches()
    bold = size == TITLE
    figure.text(
        at[0] / width,
        at[1] / height,
        drawable(text, bold=bold),
        family=families(text, bold=bold),
        fontsize=size,
        fontweight="bold" if bold else "normal",
        color=ink,
        ha="right" if right else "left",
        va="baseline",
        parse_math=False,
    )


def picture(
    ax: Axes,
    pixels: UInt8[np.ndarray, "height width 3"],
    shape: tuple[int, ...] | None = None,
    lines: Shaped[np.ndarray, "rows columns"] | None = None,
) -> None:
    """Show pixels as they are, enlarged without interpolation, on the axes of the image's pixels.

    Parameters
    ----------
    ax : Axes
        Loses its ticks; gets a thin frame.
    pixels : (height, width, 3) uint8 array
        RGB.
    shape : (height, width) and anything after, optional
        Shape of the image, where the picture is an enlargement of it.
    lines : (rows, columns) array, optional
        An array of the image's shape: a line is drawn wherever its values change.
    """
    shape = shape or (pixels.shape if lines is None else lines.shape)
    height, width = shape[:2]
    aspect = ax.get_aspect()
    shown = sharpened(pixels if lines is None else evened(pixels, ax))
    if lines is not None:
        shown = render.boundaries(shown, evened(lines, ax), max(1, round(max(shown.shape) / 700)))
    ax.imshow(
        shown,
        extent=(-0.5, width - 0.5, height - 0.5, -0.5),
        aspect="equal" if aspect == "auto" else aspect,
        interpolation="antialiased",
    )
    ax.set_anchor("NW")
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set(linewidth=0.5, edgecolor=FAINT)


def sharpened(pixels: UInt8[np.ndarray, "height width 3"]) -> UInt8[np.ndarray, "_ _ 3"]:
    """Enlarge a picture enough for thin lines and for any screen."""
    return render.magnify(pixels, _SHARP)


def write_numbers(ax: Axes, numbered: Iterable[Numbered], important: int) -> None:
    """Write numbers into a picture, as large as their region allows, none over another.

    Parameters
    ----------
    ax : Axes
        With a picture in it.
    numbered : iterable of Numbered
        The most important first: where two would overlap, it stays.
    important : int
        So many are written even where they pass their region's edge; the others only inside.
    """
    across, down = points_per_pixel(ax)
    least, most = _NUMBER
    sized = [
        (one, 2.1 * one.radius * min(across, down) / np.hypot(text_width(one.text, 1.0), 0.73))
        for one in numbered
    ]
    stamp(
        ax,
        [
            (one, float(np.clip(size, least, most)))
            for rank, (one, size) in enumerate(sized)
            if rank < important or size >= least
        ],
    )


def stamp(ax: Axes, labels: Sequence[tuple[Numbered, float]]) -> None:
    """Write labels into a picture, white cased in black: inside it, and none over another.

    Parameters
    ----------
    ax : Axes
        With a picture in it.
    labels : sequence of (Numbered, size)
        The most important first: where two would overlap, it stays.
    """
    (left, _), (_, top) = ax.get_xlim(), ax.get_ylim()
    unit, room = np.array(points_per_pixel(ax)), np.array(picture_size(ax))
    taken: list[tuple[np.ndarray, np.ndarray]] = []
    for (row, column, _, text), size in labels:
        half = np.array([text_width(text, size, bold=True) / 2, 0.37 * size]) + 2.0
        centre = np.clip((column - left, row - top) * unit, half, np.maximum(room - half, half))
        near = any((np.abs(centre - at) < half + other).all() for at, other in taken)
        if near or (2 * half > room).any():
            continue
        taken.append((centre, half))
        x, y = (centre / unit + (left, top)).tolist()
        casing = [withStroke(linewidth=size / 4, foreground="#202020")]
        written = note(ax, (x, y), text, size, "white")
        written.set(ha="center", fontweight="bold", path_effects=casing)


@lru_cache(maxsize=4096)  # lines are balanced by breaking them again and again
def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return how wide a text is at most, in points."""
    family, weight = families(text, bold=bold), "bold" if bold else "normal"
    font, text = FontProperties(family=family, size=size, weight=weight), drawable(text, bold=bold)
    width: float = text_to_path.get_text_width_height_descent(text, font, ismath=False)[0]
    return width * _HINTING


def fitted(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """Make a text printable, and cut it with "…" so that it is at most so many points wide."""
    text = printable(text)[:_LONG] + ("…" if len(text) > _LONG else "")
    if text_width(text, size, bold=bold) <= room:
        return text
    lengths = range(1, len(text))
    wide = bisect_right(
        lengths, room, key=lambda n: text_width(text[:n].rstrip() + "…", size, bold=bold)
    )
    return text[: max(wide, 1)].rstrip(" ,·") + "…"


def wrapped(text: str, room: float, size: float, *, bold: bool = False, most: int = 3) -> list[str]:
    """Break a text into lines of at most so many points, between words, or within a long one.

    A number and its unit stay together.

    Parameters
    ----------
    text : str
        In any script.
    room : float
        Width of a line, in points.
    size : float
        Size of the type, in points.
    bold : bool
        Whether it is.
    most : int
        Most lines; the last ends with "…" where there is more.

    Examples
    --------
    >>> wrapped("a helmet and a face", 60, 10.0)
    ['a helmet', 'and a face']
    """
    lines, line = [], ""
    for word in _pieces(text.replace(" %", "\u00a0%").split(" "), room, size, bold=bold):
        longer = f"{line} {word}" if line else word
        if text_width(longer, size, bold=bold) <= room:
            line = longer
            continue
        lines += [line] if line else []
        line = word
    lines += [line] if line else []
    if len(lines) > most:
        lines = [*lines[: most - 1], fitted(" ".join(lines[most - 1 :]), room, size, bold=bold)]
    return lines


def _pieces(words: Sequence[str], room: float, size: float, *, bold: bool) -> Iterator[str]:
    """Cut words that are longer than a line, as text without spaces is."""
    for word in words:
        start = 0
        for stop in range(1, len(word)):
            if text_width(word[start : stop + 1], size, bold=bold) > room:
                yield word[start:stop]
                start = stop
        yield word[start:]


def joined(pieces: Sequence[str], room: float, size: float) -> str:
    """Join names and what stands between them, the longest name cut until there is room."""
    parts = [
        piece if len(piece) < _LONG and piece.isprintable() else fitted(piece, room, size)
        for piece in pieces
    ]
    names = range(0, len(parts), 2)
    while text_width("".join(parts), size) > room:
        longest = max(names, key=lambda at: len(parts[at]))
        first, comma, _ = parts[longest].rpartition(",")
        shorter = first if comma else parts[longest].rstrip("…")[:-1].rstrip() + "…"
        if len(shorter) < 4:
            break
        parts[longest] = shorter
    return "".join(parts)


def size_of(ax: Axes) -> tuple[float, float]:
    """Return width and height of the axes' place in its figure, in points."""
    place, figure = ax.get_position(original=True), ax.figure
    scale = 72 / figure.dpi
    return place.width * figure.bbox.width * scale, place.height * figure.bbox.height * scale


def points_per_pixel(ax: Axes) -> tuple[float, float]:
    """Return how wide and high the image's pixels are once the axes keeps its aspect."""
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    width, height = size_of(ax)
    aspect = ax.get_aspect()
    stretch = 1.0 if aspect == "auto" else float(aspect)
    unit = min(width / abs(right - left), height / abs(top - bottom) / stretch)
    return unit, unit * stretch


def picture_size(ax: Axes) -> tuple[float, float]:
    """Return width and height of the picture in the axes, in points."""
    across, down = points_per_pixel(ax)
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    return across * abs(right - left), down * abs(top - bottom)


def place(
    figure: Figure, box: tuple[float, float, float, float], room: float, shape: tuple[int, ...]
) -> Axes:
    """Add axes for a picture of this shape at (left, bottom, width, height) in inches.

    Parameters
    ----------
    figure : Figure
        In which.
    box : (left, bottom, width, height)
        Place of the picture: a very long image is stretched to it.
    room : float
        Width that its heading may have, in inches.
    shape : (height, width) and anything after
        Shape of the image.
    """
    left, bottom, width, height = box
    ax = inches(figure, (left, bottom, max(width, room), height))
    ax.set_aspect((height / shape[0]) / (width / shape[1]))
    return ax


def evened(
    array: Shaped[np.ndarray, "height width *channels"], ax: Axes
) -> Shaped[np.ndarray, "_ _ *channels"]:
    """Repeat the rows or the columns of an image that the axes stretches: lines stay thin."""
    aspect = ax.get_aspect()
    stretch = 1.0 if aspect == "auto" else float(aspect)
    down, across = max(1, round(stretch)), max(1, round(1 / stretch))
    return array.repeat(down, axis=0).repeat(across, axis=1)
