"""One colour scale for influence, everywhere: blue lowers the score, red raises it.

Neutral is zero. Both arms have the same lightness at the same distance from zero, so that a sign
never looks stronger than the other, and blue and red stay apart for colour-blind eyes. The scale
ends at one of a few fixed shares of the output range, never at an image's own maximum: pictures
with the same limit compare colour by colour, and the limit is printed beside them.
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

_BLUES = ((0, 60, 174), (3, 101, 207), (6, 141, 245), (92, 181, 254), (165, 217, 254))
_REDS = ((255, 195, 155), (255, 137, 70), (230, 84, 4), (189, 43, 2), (143, 3, 13))
_SCALE = np.array([*_BLUES, NEUTRAL, *_REDS], dtype=np.float64)
_SHADOW = 0.5
"""How bright black is beneath a coloured map: hue must remain visible."""


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


def signed_map(
    values: Float[np.ndarray, "height width"], limit: float | None = None
) -> UInt8[np.ndarray, "height width 3"]:
    """Colour signed shares of the output range: blue below zero, red above.

    Parameters
    ----------
    values : (height, width) float array
        Such as ``explanation.saliency()``.
    limit : float, optional
        Where the scale ends on both sides; by default `scale_limit` of the values. Pictures to be
        compared need the same.

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
    >>> signed_map(np.array([[-0.5, 0.0, 0.5]]), limit=0.5)[0].tolist()
    [[0, 60, 174], [247, 247, 247], [143, 3, 13]]
    """
    return to_bytes(_coloured(values, limit))


def overlay(
    image: Image, values: Float[np.ndarray, "height width"], limit: float | None = None
) -> UInt8[np.ndarray, "height width 3"]:
    """Lay the signed map over the image in grey: colour says how much, brightness says what.

    Parameters
    ----------
    image : (height, width, channels) array
        Ranges as in `to_rgb`.
    values : (height, width) float array
        Signed shares of the output range.
    limit : float, optional
        As in `signed_map`.

    Returns
    -------
    (height, width, 3) uint8 array

    Raises
    ------
    InputError
        If the shapes differ or a value lies beyond the limit.

    Examples
    --------
    >>> overlay(np.ones((1, 2, 1)), np.array([[0.0, 1.0]]))[0].tolist()
    [[247, 247, 247], [143, 3, 13]]
    """
    _require_same_grid(image, values)
    shade = _SHADOW + (1 - _SHADOW) * intensity(image)
    return to_bytes(_coloured(values, limit) * shade[..., None])


def paper_picture(
    image: Image, kept: Bool[np.ndarray, "height width"]
) -> UInt8[np.ndarray, "height width 3"]:
    """Paint the paper's picture: brightness times red where pixels are kept, times white elsewhere.

    Two colours, not graded; dark pixels stay dark, kept or not. `graded_picture` and
    `segment_picture` show what it hides.

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
    _require_same_grid(image, kept)
    colour = np.where(kept[..., None], np.array(RED), 1.0)
    return to_bytes(colour * intensity(image)[..., None])


def graded_picture(
    image: Image, values: Float[np.ndarray, "height width"], limit: float | None = None
) -> UInt8[np.ndarray, "height width 3"]:
    """Paint brightness times the colour of the influence: the paper's picture, graded and signed.

    Parameters
    ----------
    image : (height, width, channels) array
        Ranges as in `to_rgb`.
    values : (height, width) float array
        Signed shares of the output range.
    limit : float, optional
        As in `signed_map`.

    Returns
    -------
    (height, width, 3) uint8 array
        Black pixels stay black, whatever their influence.

    Examples
    --------
    >>> graded_picture(np.array([[[0.0], [1.0]]]), np.array([[1.0, 1.0]]))[0].tolist()
    [[0, 0, 0], [143, 3, 13]]
    """
    _require_same_grid(image, values)
    return to_bytes(_coloured(values, limit) * intensity(image)[..., None])


def segment_picture(
    image: Image, kept: Bool[np.ndarray, "height width"]
) -> UInt8[np.ndarray, "height width 3"]:
    """Paint the paper's picture with whole segments: dark kept pixels are red too.

    Parameters
    ----------
    image : (height, width, channels) array
        Ranges as in `to_rgb`.
    kept : (height, width) bool array
        Such as ``explanation.highlight()``.

    Returns
    -------
    (height, width, 3) uint8 array

    Examples
    --------
    >>> segment_picture(np.zeros((1, 2, 1)), np.array([[True, False]]))[0].tolist()
    [[115, 32, 13], [0, 0, 0]]
    """
    _require_same_grid(image, kept)
    bright = intensity(image)
    shade = np.where(kept, _SHADOW + (1 - _SHADOW) * bright, bright)
    return to_bytes(np.where(kept[..., None], np.array(RED), 1.0) * shade[..., None])


def _coloured(
    values: Float[np.ndarray, "height width"], limit: float | None
) -> Float[np.ndarray, "height width 3"]:
    """Return the colours of the scale, as shares of full brightness."""
    if limit is None:
        limit = scale_limit(values)
    largest = np.abs(values).max(initial=0.0)
    if not largest <= limit:
        raise InputError(
            f"the colour scale must hold all values, up to {largest:g}; it ends at {limit:g}"
        )
    if not limit > 0:
        raise InputError(f"the colour scale must end above 0; got {limit:g}")
    stops = np.linspace(-limit, limit, len(_SCALE))
    channels = [np.interp(values, stops, _SCALE[:, channel]) for channel in range(3)]
    return np.stack(channels, axis=-1) / 255


def _require_same_grid(
    image: Image, values: Real[np.ndarray, "height width"] | Bool[np.ndarray, "height width"]
) -> None:
    if values.shape != image.shape[:2]:
        raise InputError(
            f"the map must have the image's shape {image.shape[:2]}; got {values.shape}"
        )
