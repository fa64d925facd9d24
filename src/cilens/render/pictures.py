"""What is kept of an image and what is left, and the way back to the image given."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float, Shaped, UInt8

from cilens.render.colours import overlay, same_grid
from cilens.render.pixels import intensity, to_bytes, to_rgb
from cilens.types import Image

Colour = tuple[int, int, int]
"""Red, green and blue, 0 … 255."""

PALE = (0.56, 0.72)
"""What black and white become where pixels are left out: a ghost of the image, in a grey that kept
black and kept white both stand out from."""


def highlight(
    image: Image, kept: Bool[np.ndarray, "height width"], fill: Colour | None = None
) -> UInt8[np.ndarray, "height width 3"]:
    """Show the pixels kept, and the others in one colour or as a pale ghost.

    Parameters
    ----------
    image : (height, width, channels) array
        Ranges as in `to_rgb`.
    kept : (height, width) bool array
        Such as ``explanation.highlight()``.
    fill : (red, green, blue), optional
        0 … 255: the colour of the other pixels, such as (0, 0, 0) where they were hidden in black.
        By default they fade to grey, so that one sees what is missing.

    Returns
    -------
    (height, width, 3) uint8 array

    Raises
    ------
    InputError
        If the shapes differ.

    Examples
    --------
    >>> highlight(np.ones((1, 2, 1)), np.array([[True, False]]), fill=(0, 0, 255))[0].tolist()
    [[255, 255, 255], [0, 0, 255]]
    """
    same_grid(image, kept)
    if fill is None:
        black, white = PALE
        others = to_bytes(black + (white - black) * intensity(image))[..., None]
    else:
        others = np.array(fill, dtype=np.uint8)
    return np.where(kept[..., None], to_rgb(image), others)


def to_original(
    values: Shaped[np.ndarray, "view_height view_width *channels"],
    box: tuple[float, float, float, float],
    shape: tuple[int, int],
) -> tuple[
    Shaped[np.ndarray, "height width *channels"],
    Bool[np.ndarray, "height width"],
]:
    """Bring a map on a model's view back onto the grid of the image given, without interpolation.

    Parameters
    ----------
    values : (view height, view width, ...) array
        A saliency, a highlight, segments.
    box : (top, left, bottom, right)
        What the view shows, in pixels of the image given: ``explanation.box``.
    shape : (height, width)
        Shape of the image given.

    Returns
    -------
    values : (height, width, ...) array
        Each pixel has the value of the view's pixel that its centre lies in; 0 outside of the box.
    seen : (height, width) bool array
        Which pixels the view shows.

    Examples
    --------
    >>> values, seen = to_original(np.array([[7, 9]]), (0, 1, 2, 5), (2, 6))
    >>> values.tolist()
    [[0, 7, 7, 9, 9, 0], [0, 7, 7, 9, 9, 0]]
    """
    places = []
    for start, stop, size, count in zip(box[:2], box[2:], shape, values.shape, strict=False):
        place = np.floor((np.arange(size) + 0.5 - start) / (stop - start) * count).astype(np.intp)
        places.append((place.clip(0, count - 1), (place >= 0) & (place < count)))
    (rows, row_seen), (columns, column_seen) = places
    seen = row_seen[:, None] & column_seen[None, :]
    painted = values[rows[:, None], columns[None, :]]
    painted[~seen] = 0
    return painted, seen


def on_original(
    original: Image,
    box: tuple[float, float, float, float],
    saliency: Float[np.ndarray, "view_height view_width"],
) -> UInt8[np.ndarray, "height width 3"]:
    """Lay a map that was found on a model's view over the image given.

    Parameters
    ----------
    original : (height, width, channels) array
        The image given, before it was cut and resized for the model.
    box : (top, left, bottom, right)
        What the view shows, in pixels of the original: ``explanation.box``.
    saliency : (view height, view width) float array
        Signed shares of the output range.

    Returns
    -------
    (height, width, 3) uint8 array
        Pixels that the model did not see fade to grey as those left out of a `highlight`.

    Examples
    --------
    >>> on_original(np.ones((2, 4, 1)), (0, 1, 2, 3), np.array([[1.0]]))[0].tolist()
    [[184, 184, 184], [130, 51, 12], [130, 51, 12], [184, 184, 184]]
    """
    values, seen = to_original(saliency, box, original.shape[:2])
    painted = overlay(original, values)
    return np.where(seen[..., None], painted, highlight(original, seen))
