"""Pictures in which each class has a colour, for images of several objects.

None of the colours is on the influence scale, and neighbours differ in lightness too: they stay
apart for colour-blind eyes and in print.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, UInt8

from cilens.errors import InputError
from cilens.render.pixels import intensity, to_bytes
from cilens.types import Image, Segments

CLASS_COLOURS = (
    (0, 150, 120),
    (240, 170, 0),
    (122, 66, 190),
    (226, 110, 170),
    (120, 78, 40),
    (70, 195, 215),
    (140, 180, 30),
    (90, 100, 115),
)
"""One for each class, in order; with more classes than colours they begin again."""

_SIDE = 900
"""The longer side of the picture has at least so many pixels: stripes need the room."""
_STRIPE = 28
"""Width of a stripe along a row, in the picture's pixels."""
_FAINTEST, _FULL = 0.5, 0.92
"""How far a region takes its class's colour: with next to no influence, and at full strength."""
_GHOST = (0.72, 0.98)
"""What black and white become where a region speaks for no class."""
_SHADE = 0.68
"""How bright black is beneath a colour."""


def class_colour(place: int) -> tuple[int, int, int]:
    """Return the colour of the class in this place of a list of classes.

    Examples
    --------
    >>> class_colour(0), class_colour(0) == class_colour(len(CLASS_COLOURS))
    ((0, 150, 120), True)
    """
    return CLASS_COLOURS[place % len(CLASS_COLOURS)]


def class_picture(
    image: Image, segments: Segments, strengths: Float[np.ndarray, "classes segments"]
) -> UInt8[np.ndarray, "down across 3"]:
    """Paint segments in the colours of their classes, in stripes where they have several.

    Parameters
    ----------
    image : (height, width, channels) array
        Ranges as in `to_rgb`.
    segments : (height, width) int array
        Labels 0 … S-1.
    strengths : (C, S) float array
        How much each segment speaks for each class, 0 to 1; 0 is not at all.

    Returns
    -------
    (k * height, k * width, 3) uint8 array
        A whole number of times as large as the image, so that stripes run between its pixels.
        Segments that speak for no class are the image in pale grey.

    Raises
    ------
    InputError
        If the shapes differ or a strength is not in [0, 1].

    Examples
    --------
    >>> one, both = np.array([[1.0], [0.0]]), np.array([[1.0], [1.0]])
    >>> image, segments = np.ones((1, 90, 1)), np.zeros((1, 90), int)
    >>> [len(np.unique(class_picture(image, segments, each).reshape(-1, 3), axis=0))
    ...  for each in (one, both)]
    [1, 2]
    """
    if segments.shape != image.shape[:2] or segments.max() >= strengths.shape[1]:
        raise InputError(
            f"segments must have the image's shape {image.shape[:2]} and a column of strengths "
            f"each; got {segments.shape} and {strengths.shape[1]} columns"
        )
    if not (strengths.min() >= 0 and strengths.max() <= 1):
        raise InputError(f"strengths must be in [0, 1]; got {strengths.min()} … {strengths.max()}")
    scale = -(-_SIDE // max(segments.shape))
    fine = segments.repeat(scale, axis=0).repeat(scale, axis=1)
    bright = intensity(image).repeat(scale, axis=0).repeat(scale, axis=1)[..., None]
    spoken = strengths > 0
    count = spoken.sum(axis=0)[fine]
    rows, columns = np.indices(fine.shape)
    turn = (rows + columns) // _STRIPE % np.maximum(count, 1)
    # Row n of `chosen` is the n-th class that a segment speaks for.
    chosen = np.argsort(~spoken, axis=0, kind="stable")[turn, fine]
    colours = np.array([class_colour(place) for place in range(len(strengths))]) / 255
    share = np.where(count > 0, _FAINTEST + (_FULL - _FAINTEST) * strengths[chosen, fine], 0.0)
    black, white = _GHOST
    ghost = black + (white - black) * bright
    painted = colours[chosen] * (_SHADE + (1 - _SHADE) * bright)
    return to_bytes(ghost * (1 - share[..., None]) + painted * share[..., None])
