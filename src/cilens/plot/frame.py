"""What frames pictures: a panel with its heading, the scale of colours, a sheet of panels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Shaped, UInt8
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cilens import render
from cilens.plot.style import (
    DPI,
    FAINT,
    INK,
    SMALL,
    SOFT,
    TITLE,
    canvas,
    fitted,
    heading,
    note,
    picture,
    picture_size,
    place,
    text_width,
    wrapped,
    write,
)
from cilens.text.numbers import round_percent

MARGIN = 0.5
"""Around a sheet, in inches."""
_GAP, _SIDE, _TOP, _HEADING = 0.35, 2.5, 0.75, 0.6
"""Between pictures, their width, above all and above each, in inches."""
_LEAST, _HIGHEST = 0.8, 4.2
"""Least and most height of a picture: very wide and very tall images are stretched."""
_HIGH, _BELOW, _WIDEST = 7.0, 9.0, 330.0
"""Height of the scale, its distance from the picture, and its most width, in points."""
_TICKS = (-1.0, -0.5, -0.1, 0.0, 0.1, 0.5, 1.0)


def panel(
    ax: Axes | None,
    pixels: UInt8[np.ndarray, "height width 3"],
    title: str,
    *caption: str,
    lines: Shaped[np.ndarray, "rows columns"] | None = None,
    scaled: float | None = None,
) -> tuple[Figure, Axes]:
    """Draw a picture with its heading, into the axes given or a new figure.

    Parameters
    ----------
    ax : Axes, optional
        Drawn into as it is.
    pixels : (height, width, 3) uint8 array
        RGB.
    title, *caption : str
        As in `cilens.plot.style.heading`.
    lines : (rows, columns) array, optional
        An array of the image's shape: a line is drawn wherever its values change.
    scaled : float, optional
        Draw the scale of colours below; above 0, only what is sure and reaches so much is coloured.
    """
    shape = pixels.shape if lines is None else lines.shape
    figure, ax = canvas(ax, shape, below=scaled is not None)
    picture(ax, pixels, shape, lines)
    heading(ax, title, *caption)
    if scaled is not None:
        scale_below(ax, scaled)
    return figure, ax


def room(columns: int) -> float:
    """Return how wide the title of a sheet with so many columns may be, in points."""
    return 72 * (columns * (_SIDE + _GAP) - _GAP)


def sheet(
    shape: tuple[int, ...],
    grid: tuple[int, int],
    title: str,
    foot: Sequence[str],
    below: float = 0.2,
) -> tuple[Figure, list[Axes]]:
    """Make a figure of equal pictures in rows, with a title and small lines at its foot.

    Parameters
    ----------
    shape : (height, width) and anything after
        Shape of the image.
    grid : (rows, columns)
        Of pictures.
    title : str
        Cut where it is too long.
    foot : sequence of str
        Lines, broken where they are too long.
    below : float
        Room between the pictures and the foot, in inches.

    Returns
    -------
    figure : Figure
        Neither shown nor saved.
    axes : list of Axes
        Row by row.
    """
    rows, columns = grid
    wide, high = room(columns), min(max(_SIDE * shape[0] / shape[1], _LEAST), _HIGHEST)
    told = [part for line in foot for part in wrapped(line, wide, SMALL)]
    bottom = 0.1 + 0.16 * len(told) + below
    across, down = wide / 72 + 2 * MARGIN, _TOP + rows * (_HEADING + high) + bottom
    figure = Figure(figsize=(across, down), dpi=DPI, facecolor="white")
    write(figure, (MARGIN, down - 0.5), fitted(title, wide, TITLE, bold=True), TITLE)
    for row, line in enumerate(reversed(told)):
        write(figure, (MARGIN, 0.18 + 0.16 * row), line, SMALL, ink=SOFT)
    places = [
        (MARGIN + column * (_SIDE + _GAP), bottom + row * (_HEADING + high), _SIDE, high)
        for row in reversed(range(rows))
        for column in range(columns)
    ]
    return figure, [place(figure, box, _SIDE, shape) for box in places]


def scale_below(ax: Axes, threshold: float = 0.0) -> None:
    """Draw the scale of colours below a picture, with what it means.

    Parameters
    ----------
    ax : Axes
        With the picture; below it must be room for 40 points.
    threshold : float
        Where only what is sure and reaches it is in colour: it is named. At 0 all is.
    """
    wide, high = picture_size(ax)
    room = min(wide, _WIDEST) if wide > 120 else 150.0
    bar = ax.inset_axes((0.0, -(_BELOW + _HIGH) / high, room / wide, _HIGH / high))
    places = np.linspace(-1, 1, 401)
    colours = render.signed_map(np.sign(places)[None] * np.square(places)[None])
    bar.imshow(colours, extent=(-1, 1, 0, 1), aspect="auto")
    ticks = _TICKS if room > 260 else (-1.0, -0.1, 0.0, 0.1, 1.0)
    labels = [("+" if tick > 0 else "") + round_percent(tick) if tick else "0" for tick in ticks]
    bar.set_yticks([])
    at = render.depth(np.array(ticks)).tolist()
    bar.set_xticks(at, labels, fontsize=SMALL, color=INK, parse_math=False)
    bar.tick_params(length=2, width=0.5, color=FAINT, pad=2)
    lowest, *_, highest = bar.get_xticklabels()
    lowest.set_horizontalalignment("left")
    highest.set_horizontalalignment("right")
    for spine in bar.spines.values():
        spine.set_visible(False)
    told = ["share of the output range"]
    if threshold:
        told.append(f"grey: not sure, or below {round_percent(threshold)}")
    one = [line] if text_width(line := "; ".join(told), SMALL) <= room else told
    for number, line in enumerate(one):
        note(bar, (0, 0), line, SMALL, SOFT, (0, -19 - 10 * number))
