"""Where a region lies, and how much of a digit's ink it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float

if TYPE_CHECKING:
    from cilens.explanation import Explanation

_ROWS, _COLUMNS = ("upper", "", "lower"), ("left", "", "right")
_MIDDLE = {
    (0, 1): ("at", "the top"),
    (2, 1): ("at", "the bottom"),
    (1, 0): ("on", "the left"),
    (1, 1): ("in", "the centre"),
    (1, 2): ("on", "the right"),
}
_EDGES = {
    (0, 1): ("at", "the upper edge"),
    (2, 1): ("at", "the lower edge"),
    (1, 0): ("at", "the left edge"),
    (1, 2): ("at", "the right edge"),
}
_SIDES = (("down", "the left side"), ("down", "the middle"), ("down", "the right side"))
_BANDS = (("along", "the top"), ("across", "the middle"), ("along", "the bottom"))
_EVERYWHERE = ("across", "most of the image")

_LONG = 0.55
"""A region is long in a direction if the middle 80 % of its pixels take this share of it."""

_EDGE = 0.125
"""A region is at an edge if its centre is this near to it, as a share of the image."""


def place(mask: Bool[np.ndarray, "height width"]) -> str:
    """Say where in an image some pixels lie.

    Parameters
    ----------
    mask : (height, width) bool array
        True at the pixels; at least one.

    Returns
    -------
    str
        A phrase such as "in the upper left", "at the right edge" or "down the middle": thirds of
        the image by the mean row and column, and the shape where it is long.

    Examples
    --------
    >>> mask = np.zeros((30, 30), bool)
    >>> mask[:10, :10] = True
    >>> place(mask), place(mask.T[::-1]), place(~mask)
    ('in the upper left', 'in the lower left', 'across most of the image')
    """
    return " ".join(_place(mask))


def spot(mask: Bool[np.ndarray, "height width"]) -> str:
    """Name the part of an image where some pixels lie: `place` without its preposition.

    Examples
    --------
    >>> mask = np.zeros((30, 30), bool)
    >>> mask[:10, :10] = True
    >>> spot(mask)
    'the upper left'
    """
    return _place(mask)[1]


def _place(mask: Bool[np.ndarray, "height width"]) -> tuple[str, str]:
    found = [(indices, size) for indices, size in zip(np.nonzero(mask), mask.shape, strict=True)]
    at = [(indices.mean() + 0.5) / size for indices, size in found]
    spread = [
        (np.quantile(indices, 0.9) - np.quantile(indices, 0.1) + 1) / size
        for indices, size in found
    ]
    row, column = (min(int(3 * where), 2) for where in at)
    tall, wide = (share >= _LONG for share in spread)
    if tall and wide:
        return _EVERYWHERE
    if tall:
        return _SIDES[column]
    if wide:
        return _BANDS[row]
    near = [where < _EDGE or where > 1 - _EDGE for where in at]
    if (row, column) in _MIDDLE:
        return _EDGES[row, column] if any(near) else _MIDDLE[row, column]
    corner = " corner" if all(near) else ""
    return "in", f"the {_ROWS[row]} {_COLUMNS[column]}{corner}"


def ink(explanation: Explanation) -> Float[np.ndarray, " regions"]:
    """Return each region's share of a digit's ink.

    Parameters
    ----------
    explanation : Explanation
        The explanation of a bright digit on black: ink is the sum of the pixels.

    Returns
    -------
    (regions,) float64 array
        Zero everywhere on an image without ink.

    Examples
    --------
    >>> import cilens
    >>> explanation = cilens.ContextualImportance.paper()(
    ...     cilens.load_model("digits"), cilens.read_image("mnist:0")
    ... )
    >>> ink(explanation).round(2).tolist()
    [0.0, 0.02, 0.0, 0.91, 0.02, 0.0, 0.03, 0.01]
    """
    pixels = explanation.image.sum(axis=2, dtype=np.float64).ravel()
    atoms = np.bincount(explanation.segments.ravel(), pixels, explanation.regions.shape[1])
    total = atoms.sum()
    shares: Float[np.ndarray, " regions"] = explanation.regions @ atoms / (total or 1.0)
    return shares
