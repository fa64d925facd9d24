"""One colour scale for influence, everywhere: blue lowers the score, orange raises it.

A share of the output range has one colour, whatever the image, the class and the method: 4 % is
pale beside 99 %, also on another page. Colours deepen with the root of the share, as areas do, so
that a few percent are still seen. Both arms have the same lightness at the same distance from
zero, so that a sign never looks stronger than the other, and blue and orange stay apart for
colour-blind eyes.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float, Real, UInt8

from cilens.errors import InputError
from cilens.render.pixels import intensity, to_bytes
from cilens.types import Image

LIMITS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0)
"""Where the scale may end, in shares of the output range; differences of two classes reach 2."""

NEUTRAL = (247, 247, 247)
"""The colour of zero."""

RED = (0.9, 0.25, 0.1)
"""What the paper paints important pixels with, as shares of full brightness."""

_BLUES = ((0, 68, 138), (0, 104, 195), (0, 143, 242), (97, 179, 255), (162, 208, 255))
_ORANGES = ((255, 192, 116), (249, 151, 24), (219, 109, 0), (178, 70, 0), (124, 41, 0))
_SCALE = np.array([*_BLUES, NEUTRAL, *_ORANGES], dtype=np.float64)
GHOST = (0.12, 0.98)
"""What black and white of the photograph become, in grey, beneath a map."""
TINT = (0.6, 0.95)
"""How much of a coloured pixel is colour: next to no influence, and all of the range."""


def scale_limit(values: Float[np.ndarray, "..."]) -> float:
    """Return the smallest limit of the colour scale that holds all values.

    Parameters
    ----------
    values : float array
        Signed shares of the output range.

    Returns
    -------
    float
        One of `LIMITS`.

    Raises
    ------
    InputError
        If a value is beyond the largest limit or not a number.

    Examples
    --------
    >>> scale_limit(np.array([-0.31, 0.02]))
    0.5
    """
    largest = float(np.abs(values).max(initial=0.0))
    for limit in LIMITS:
        if largest <= limit:
            return limit
    raise InputError(
        f"values must be shares of the output range, in [-{LIMITS[-1]:g}, {LIMITS[-1]:g}]; "
        f"got one of size {largest:g}"
    )


def depth(values: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
    """Return how deep the colour of each share is: the root of its size, with its sign.

    Parameters
    ----------
    values : float array
        Signed shares of the output range.

    Returns
    -------
    float array
        In [-1, 1]. What is beyond all of the range, as a difference of two classes can be, is as
        deep as all of it.

    Raises
    ------
    InputError
        If a value is no share, or no difference of two.

    Examples
    --------
    >>> depth(np.array([0.0, 0.04, -0.25, 1.0])).tolist()
    [0.0, 0.2, -0.5, 1.0]
    """
    scale_limit(values)
    depths: Float[np.ndarray, "..."] = np.sqrt(np.minimum(np.abs(values), 1.0))
    signed: Float[np.ndarray, "..."] = np.copysign(depths, values)
    return signed


def signed_map(
    values: Float[np.ndarray, "height width"], limit: float | None = None
) -> UInt8[np.ndarray, "height width 3"]:
    """Colour signed shares of the output range: blue below zero, orange above.

    Parameters
    ----------
    values : (height, width) float array
        Such as ``explanation.saliency()``.
    limit : float, optional
        Where an even scale of one's own ends on both sides, to be printed beside the map; by
        default colours are those of `depth`, the same in all pictures.

    Returns
    -------
    (height, width, 3) uint8 array
        Zero is exactly `NEUTRAL`.

    Raises
    ------
    InputError
        If a value lies beyond the limit: nothing is cut off quietly.

    Examples
    --------
    >>> signed_map(np.array([[-1.0, 0.0, 0.04]]))[0].tolist()
    [[0, 68, 138], [247, 247, 247], [255, 192, 116]]
    """
    return to_bytes(_coloured(values, limit))


def overlay(
    image: Image,
    values: Float[np.ndarray, "height width"],
    shown: Bool[np.ndarray, "height width"] | None = None,
) -> UInt8[np.ndarray, "height width 3"]:
    """Lay a map over the image in grey: the photograph stays to be seen, colour says how much.

    Parameters
    ----------
    image : (height, width, channels) array
        Ranges as in `to_rgb`.
    values : (height, width) float array
        Signed shares of the output range, coloured as `signed_map` does.
    shown : (height, width) bool array, optional
        Where there is colour; by default wherever the value is not 0.

    Returns
    -------
    (height, width, 3) uint8 array
        Colour is mixed with the grey beneath, the more of it the deeper it is: black and white
        pixels of one share are both clearly of its colour.

    Raises
    ------
    InputError
        If the shapes differ or a value is no share.

    Examples
    --------
    >>> overlay(np.ones((1, 2, 1)), np.array([[0.0, 1.0]]))[0].tolist()
    [[250, 250, 250], [130, 51, 12]]
    """
    same_grid(image, values)
    tinted = values != 0 if shown is None else shown
    black, white = GHOST
    grey = (black + (white - black) * intensity(image))[..., None]
    least, most = TINT
    share = np.where(tinted, least + (most - least) * np.abs(depth(values)), 0.0)[..., None]
    return to_bytes((1 - share) * grey + share * _coloured(values, None))


def paper_picture(
    image: Image, kept: Bool[np.ndarray, "height width"]
) -> UInt8[np.ndarray, "height width 3"]:
    """Paint the paper's picture: brightness times red where pixels are kept, times white elsewhere.

    Two colours, not graded; dark pixels stay dark, kept or not: `overlay` shows what it hides.

    Parameters
    ----------
    image : (height, width, channels) array
        Ranges as in `to_rgb`.
    kept : (height, width) bool array
        Such as ``explanation.highlight()``.

    Returns
    -------
    (height, width, 3) uint8 array

    References
    ----------
    Anjomshoae, Jiang and Främling, Visual Explanations for DNNs with Contextual Importance, 2021,
    doi:10.1007/978-3-030-82017-6_6

    Examples
    --------
    >>> paper_picture(np.ones((1, 2, 1)), np.array([[True, False]]))[0].tolist()
    [[230, 64, 26], [255, 255, 255]]
    """
    same_grid(image, kept)
    colour = np.where(kept[..., None], np.array(RED), 1.0)
    return to_bytes(colour * intensity(image)[..., None])


def _coloured(
    values: Float[np.ndarray, "height width"], limit: float | None
) -> Float[np.ndarray, "height width 3"]:
    """Return the colours of the scale, as shares of full brightness."""
    places = depth(values) if limit is None else _even(values, limit)
    stops = np.linspace(-1, 1, len(_SCALE))
    channels = [np.interp(places, stops, _SCALE[:, channel]) for channel in range(3)]
    return np.stack(channels, axis=-1) / 255


def _even(
    values: Float[np.ndarray, "height width"], limit: float
) -> Float[np.ndarray, "height width"]:
    largest = np.abs(values).max(initial=0.0)
    if not largest <= limit:
        raise InputError(
            f"the colour scale must hold all values, up to {largest:g}; it ends at {limit:g}"
        )
    if not limit > 0:
        raise InputError(f"the colour scale must end above 0; got {limit:g}")
    return values / limit


def same_grid(
    image: Image, values: Real[np.ndarray, "height width"] | Bool[np.ndarray, "height width"]
) -> None:
    """Require that a map has the image's shape."""
    if values.shape != image.shape[:2]:
        raise InputError(
            f"the map must have the image's shape {image.shape[:2]}; got {values.shape}"
        )
