"""From an image in any range to pixels on a screen."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import PIL.Image
from jaxtyping import Float, UInt8

from cilens.errors import InputError
from cilens.image import as_image
from cilens.types import Image

PHOTOGRAPH = 96
"""From so many pixels a side on, an image is taken for a photograph."""
_COLOURS = 128
"""Of an animation: few make a small file."""
_LUMA = np.array([0.299, 0.587, 0.114])


def to_rgb(image: Image) -> UInt8[np.ndarray, "height width 3"]:
    """Turn an image into RGB pixels.

    Parameters
    ----------
    image : (height, width, channels) array
        Unsigned integers and floats in [0, 1] are shown as they are. Any other range is stretched,
        for the picture alone: the smallest number becomes black, the largest white. Of channels
        that are neither one nor three the mean is shown, in grey: their colours are not known.

    Returns
    -------
    (height, width, 3) uint8 array

    Raises
    ------
    InputError
        If the array is not an image.

    Examples
    --------
    >>> to_rgb(np.array([[[0.0], [0.4], [1.0]]]))[0].tolist()
    [[0, 0, 0], [102, 102, 102], [255, 255, 255]]
    >>> to_rgb(np.array([[[-3], [2], [7]]]))[0].tolist()
    [[0, 0, 0], [128, 128, 128], [255, 255, 255]]
    """
    pixels = shares(image)
    if pixels.shape[2] == 3:
        return to_bytes(pixels)
    return np.repeat(to_bytes(pixels.mean(axis=2, keepdims=True)), 3, axis=2)


def intensity(image: Image) -> Float[np.ndarray, "height width"]:
    """Return how bright each pixel is.

    Parameters
    ----------
    image : (height, width, channels) array
        Ranges as in `to_rgb`.

    Returns
    -------
    (height, width) float64 array
        In [0, 1]; the luma of ITU-R 601-2 for colour, the mean of any other channels.

    Examples
    --------
    >>> intensity(np.array([[[1.0, 0.0, 0.0]]])).tolist()
    [[0.299]]
    """
    pixels = shares(image)
    bright: Float[np.ndarray, "height width"]
    bright = pixels @ _LUMA if pixels.shape[2] == 3 else pixels.mean(axis=2)
    return bright


def enlarge(
    picture: UInt8[np.ndarray, "height width 3"], min_side: int
) -> UInt8[np.ndarray, "new_height new_width 3"]:
    """Repeat pixels a whole number of times, so that small images stay sharp.

    Parameters
    ----------
    picture : (height, width, 3) uint8 array
        RGB.
    min_side : int
        The longer side has at least so many pixels afterwards.

    Returns
    -------
    (k * height, k * width, 3) uint8 array
        With the smallest whole k that suffices.

    Examples
    --------
    >>> enlarge(np.zeros((28, 28, 3), np.uint8), 100).shape
    (112, 112, 3)
    """
    factor = -(-min_side // max(picture.shape[:2]))
    return picture.repeat(factor, axis=0).repeat(factor, axis=1) if factor > 1 else picture


def magnify(
    picture: UInt8[np.ndarray, "height width 3"], min_side: int
) -> UInt8[np.ndarray, "new_height new_width 3"]:
    """Enlarge a picture as `enlarge` does: smoothly if it is a photograph, else in squares.

    Parameters
    ----------
    picture : (height, width, 3) uint8 array
        RGB. From 96 pixels a side on it is taken for a photograph; single pixels of smaller ones
        are to be seen.
    min_side : int
        The longer side has at least so many pixels afterwards.

    Returns
    -------
    (k * height, k * width, 3) uint8 array

    Examples
    --------
    >>> magnify(np.zeros((28, 28, 3), np.uint8), 100).shape
    (112, 112, 3)
    """
    large = enlarge(picture, min_side)
    if large is picture or min(picture.shape[:2]) < PHOTOGRAPH:
        return large
    size = large.shape[1], large.shape[0]
    return np.asarray(PIL.Image.fromarray(picture).resize(size, PIL.Image.Resampling.BICUBIC))


def shrink(
    picture: UInt8[np.ndarray, "height width 3"], max_side: int
) -> UInt8[np.ndarray, "new_height new_width 3"]:
    """Average whole blocks of pixels, so that large images do not swell a page.

    Parameters
    ----------
    picture : (height, width, 3) uint8 array
        RGB.
    max_side : int
        The longer side has at most so many pixels afterwards.

    Returns
    -------
    (height // k, width // k, 3) uint8 array
        With the smallest whole k that suffices; at least one pixel each way.

    Examples
    --------
    >>> shrink(np.zeros((1000, 600, 3), np.uint8), 400).shape
    (333, 200, 3)
    """
    factor = -(-max(picture.shape[:2]) // max_side)
    if factor == 1:
        return picture
    down, across = (min(factor, size) for size in picture.shape[:2])
    height, width = picture.shape[0] // down, picture.shape[1] // across
    blocks = picture[: height * down, : width * across].reshape(height, down, width, across, 3)
    averages: UInt8[np.ndarray, "_ _ 3"] = np.rint(blocks.mean(axis=(1, 3))).astype(np.uint8)
    return averages


def to_png(picture: UInt8[np.ndarray, "height width 3"]) -> bytes:
    """Encode a picture as a PNG file.

    Examples
    --------
    >>> to_png(np.zeros((1, 1, 3), np.uint8))[1:4]
    b'PNG'
    """
    file = io.BytesIO()
    PIL.Image.fromarray(picture).save(file, "png")
    return file.getvalue()


def to_jpeg(picture: UInt8[np.ndarray, "height width 3"]) -> bytes:
    """Encode a picture as a JPEG file, small and not exact: for previews.

    Examples
    --------
    >>> to_jpeg(np.zeros((1, 1, 3), np.uint8))[6:10]
    b'JFIF'
    """
    file = io.BytesIO()
    PIL.Image.fromarray(picture).save(file, "jpeg", quality=82)
    return file.getvalue()


def to_gif(
    frames: Sequence[UInt8[np.ndarray, "height width 3"]], pace: int = 350, rest: int = 2500
) -> bytes:
    """Encode pictures as an animated GIF that repeats.

    Parameters
    ----------
    frames : sequence of (height, width, 3) uint8 arrays
        RGB of one size; the colours of the first and the last are kept best.
    pace, rest : int
        Milliseconds for each picture, and for the last.

    Examples
    --------
    >>> to_gif([np.zeros((4, 4, 3), np.uint8), np.full((4, 4, 3), 255, np.uint8)])[:6]
    b'GIF89a'
    """
    pictures = [PIL.Image.fromarray(frame) for frame in frames]
    ends = np.concatenate([frames[0], frames[-1]])  # what stands in for hidden pixels, and they
    palette = PIL.Image.fromarray(ends).quantize(_COLOURS)
    plain = [one.quantize(palette=palette, dither=PIL.Image.Dither.NONE) for one in pictures]
    file = io.BytesIO()
    times = [pace] * (len(plain) - 1) + [rest]
    plain[0].save(file, "gif", save_all=True, append_images=plain[1:], duration=times, loop=0)
    return file.getvalue()


def magnification(shape: tuple[int, ...], picture: UInt8[np.ndarray, "height width 3"]) -> int:
    """Return how often each pixel of an image was repeated to give the picture.

    Parameters
    ----------
    shape : (height, width) and anything after
        Shape of the image, its segments or its map.
    picture : (k * height, k * width, 3) uint8 array
        As `enlarge` returns it.

    Raises
    ------
    InputError
        If the picture is not a whole number of times as large.

    Examples
    --------
    >>> magnification((28, 28), np.zeros((112, 112, 3), np.uint8))
    4
    """
    factor = int(picture.shape[0] // shape[0])
    if factor < 1 or (factor * shape[0], factor * shape[1]) != picture.shape[:2]:
        raise InputError(
            f"the picture must be {shape[0]} x {shape[1]} pixels or a whole number of times as "
            f"large; got {picture.shape[0]} x {picture.shape[1]}"
        )
    return factor


def shares(image: Image) -> Float[np.ndarray, "height width channels"]:
    """Return the pixels in [0, 1], by the rule of `to_rgb`.

    Examples
    --------
    >>> shares(np.array([[[51]]], np.uint8)).tolist()
    [[[0.2]]]
    """
    image = as_image(image)
    pixels = image.astype(np.float64)
    if image.dtype.kind == "u":
        return pixels / np.iinfo(image.dtype).max
    low, high = pixels.min(), pixels.max()
    if image.dtype.kind == "f" and low >= 0 and high <= 1:
        return pixels
    stretched: Float[np.ndarray, "height width channels"] = (pixels - low) / ((high - low) or 1.0)
    return stretched


def to_bytes(pixels: Float[np.ndarray, "height width *channels"]) -> UInt8[np.ndarray, "..."]:
    """Round shares of full brightness to bytes.

    Examples
    --------
    >>> to_bytes(np.array([[0.0, 0.2, 1.0]])).tolist()
    [[0, 51, 255]]
    """
    rounded: UInt8[np.ndarray, "..."] = np.rint(pixels * 255).astype(np.uint8)
    return rounded
