"""Pictures and a table as one piece of HTML, for notebooks."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float, UInt8

from cilens.render.colours import overlay
from cilens.render.pictures import highlight
from cilens.render.pixels import magnify, shrink, side_by_side, to_png, to_rgb
from cilens.render.regions import boundaries
from cilens.types import Image

_HEIGHT = 240
"""Of the pictures on the page, in its pixels; they are stored twice as fine."""


def strip(
    image: Image,
    saliency: Float[np.ndarray, "height width"],
    shown: Bool[np.ndarray, "height width"],
    kept: Bool[np.ndarray, "height width"],
) -> UInt8[np.ndarray, "_ _ 3"]:
    """Put the image, what carries the class on it, and the highlight into one row.

    Parameters
    ----------
    image : (height, width, channels) array
        Ranges as in `to_rgb`.
    saliency : (height, width) float array
        Signed shares of the output range.
    shown : (height, width) bool array
        Where it is in colour.
    kept : (height, width) bool array
        The highlight.

    Returns
    -------
    (new_height, new_width, 3) uint8 array

    Examples
    --------
    >>> white, all_of_it = np.ones((28, 28, 1)), np.ones((28, 28), bool)
    >>> strip(white, np.zeros((28, 28)), all_of_it, all_of_it).shape
    (504, 1544, 3)
    """
    kinds = np.where(shown, np.sign(saliency), 0).astype(np.intp)
    plain, coloured, alone = (
        magnify(picture, 2 * _HEIGHT)
        for picture in (to_rgb(image), overlay(image, saliency, shown), highlight(image, kept))
    )
    three = (plain, boundaries(coloured, kinds), alone)
    return side_by_side(*(shrink(picture, 4 * _HEIGHT) for picture in three), gap=16)


def to_html(
    picture: UInt8[np.ndarray, "height width 3"],
    title: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
) -> str:
    """Write a title, a picture and a table to be unfolded as HTML that needs no other file.

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
        f'style="height: {_HEIGHT}px; max-width: none"><details><summary>Regions</summary><table>'
        + "".join(f"<tr>{row}</tr>" for row in cells)
        + "</table></details></div>"
    )
