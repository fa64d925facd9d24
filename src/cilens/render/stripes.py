"""Stripes over what is not certain, on a grid fine enough for a small image."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, UInt8

_SIDE = 600
"""About so many pixels on the longer side of the stripes' grid."""
_EVERY, _WIDE = 12, 4
"""Distance from stripe to stripe and width of one, in the grid's pixels, along a row."""


def stripes(place: Bool[np.ndarray, "height width"]) -> UInt8[np.ndarray, "rows columns 4"]:
    """Draw slanted white stripes over a part of an image.

    Parameters
    ----------
    place : (height, width) bool array
        Which pixels of the image to stripe.

    Returns
    -------
    (rows, columns, 4) uint8 array
        RGBA, a whole multiple of the image's size; transparent between the stripes and elsewhere.

    Examples
    --------
    >>> drawn = stripes(np.array([[True, False]]))
    >>> drawn.shape, drawn[:, :300, 3].any(), drawn[:, 300:, 3].any()
    ((300, 600, 4), np.True_, np.False_)
    """
    scale = max(1, round(_SIDE / max(place.shape)))
    fine = np.repeat(np.repeat(place, scale, axis=0), scale, axis=1)
    rows, columns = np.indices(fine.shape)
    drawn = np.full((*fine.shape, 4), 255, dtype=np.uint8)
    drawn[..., 3] = np.where(fine & ((rows + columns) % _EVERY < _WIDE), 210, 0)
    return drawn
