"""Pictures and a table as one piece of HTML, for notebooks."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float, UInt8

from cilens.render.colours import overlay
from cilens.render.pictures import highlight
from cilens.render.pixels import enlarge, shrink, side_by_side, to_png, to_rgb
from cilens.render.regions import boundaries, numbers
from cilens.types import Image, Regions, Segments

_HEIGHT = 240
"""Of the pictures on the page, in its pixels; they are stored twice as fine."""


def strip(
    image: Image,
    segments: Segments,
    regions: Regions,
    texts: Sequence[str],
    saliency: Float[np.ndarray, "height width"],
    kept: Bool[np.ndarray, "height width"],
) -> UInt8[np.ndarray, "_ _ 3"]:
    """Put the image, its numbered regions, their influence and the highlight into one row.

    Parameters
    ----------
    image : (height, width, channels) array
        Ranges as in `to_rgb`.
    segments : (height, width) int array
        Labels 0 … S-1.
    regions : (R, S) bool array
        Which segments each region has.
    texts : sequence of str
        A number for each region, as `marks` gives them.
    saliency : (height, width) float array
        Signed shares of the output range.
    kept : (height, width) bool array
        The highlight.

    Returns
    -------
    (new_height, new_width, 3) uint8 array

    Examples
    --------
    >>> white, all_of_it = np.ones((28, 28, 1)), np.ones((28, 28), bool)
    >>> strip(white, np.zeros((28, 28), int), np.eye(1, dtype=bool), ["0"],
    ...       np.zeros((28, 28)), all_of_it).shape
    (504, 2064, 3)
    """
    plain, coloured, alone = (
        enlarge(picture, 2 * _HEIGHT)
        for picture in (to_rgb(image), overlay(image, saliency), highlight(image, kept))
    )
    numbered = numbers(boundaries(plain, segments), segments, regions, texts)
    four = (plain, numbered, coloured, alone)
    return side_by_side(*(shrink(picture, 4 * _HEIGHT) for picture in four), gap=16)


def to_html(
    picture: UInt8[np.ndarray, "height width 3"],
    title: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
) -> str:
    """Write a title, a picture and a table as HTML that needs no other file.

    Parameters
    ----------
    picture : (height, width, 3) uint8 array
        RGB; becomes a PNG inside the text.
    title : str
        Stands above, and for readers who see no pictures.
    heads : sequence of str
        One for each column.
    rows : sequence of sequences of str
        The cells.

    Returns
    -------
    str
        All texts escaped.

    Examples
    --------
    >>> to_html(np.zeros((1, 1, 3), np.uint8), "a < b", ["n"], [["1"]])[:23]
    '<div><p>a &lt; b</p><im'
    """
    title = html.escape(title)
    data = base64.b64encode(to_png(picture)).decode()
    cells = [
        "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in row)
        for tag, row in [("th", heads), *(("td", row) for row in rows)]
    ]
    return (
        f'<div><p>{title}</p><img alt="{title}" src="data:image/png;base64,{data}" '
        f'style="height: {_HEIGHT}px; max-width: none"><table>'
        + "".join(f"<tr>{row}</tr>" for row in cells)
        + "</table></div>"
    )
