"""Arrays as images: what is one, and how an array is told from another.

An array given by the caller keeps its dtype and range.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import PIL.Image

from cilens.errors import InputError
from cilens.image.failure import errors_named
from cilens.image.pillow import picture_raster
from cilens.image.raster import in_dtype
from cilens.types import Array, Image


def as_image(image: object, *, channels_first: bool = False) -> Image:
    """Check an array as an image; a grey (height, width) array gains its channel axis.

    Parameters
    ----------
    image : array, PIL image or tensor
        Anything that numpy makes an array of: (height, width) or (height, width, channels), real
        numbers, floating or integer. Truth values become 0.0 and 1.0. Any number of channels, but
        where they are neither one nor three, fewer than rows and than columns: so channels that
        come first are never taken for rows. A PIL image is read by its mode, as its file would be:
        a palette by its colours, transparent pixels laid over white.
    channels_first : bool
        The array is (channels, height, width), as PyTorch has it.

    Returns
    -------
    (height, width, channels) array
        A view of the same pixels: dtype and range stay as given. Of a PIL image, uint8 where it
        has 8 bits.

    Raises
    ------
    InputError
        If it is no array, or the shape, the dtype or a pixel (NaN, infinite) does not fit.

    Examples
    --------
    >>> as_image(np.zeros((28, 28))).shape, as_image(np.ones((3, 4, 5)), channels_first=True).shape
    ((28, 28, 1), (4, 5, 3))
    """
    array = _array(image)
    pixels = array[..., None] if array.ndim == 2 else array
    if channels_first and array.ndim == 3:
        pixels = np.moveaxis(array, 0, 2)
    if pixels.ndim != 3 or 0 in pixels.shape or not _are_channels(pixels.shape):
        axes = "channels, height, width" if channels_first else "height, width, channels"
        hint = ": where channels come first, say as_image(image, channels_first=True)"
        first = not channels_first and array.ndim == 3
        turned = first and _are_channels(array.shape[1:] + array.shape[:1])
        raise InputError(
            f"an image must be (height, width) or ({axes}) with at least one pixel, and one or "
            "three channels or fewer than rows and columns; "
            f"got shape {array.shape}{hint if turned else ''}"
        )
    if pixels.dtype == bool:
        pixels = pixels.astype(np.float32)
    if pixels.dtype.kind not in "fiu":
        raise InputError(f"pixels must be real numbers; got dtype {pixels.dtype}")
    if pixels.dtype.kind == "f" and not np.isfinite(pixels).all():
        bad = int(pixels.size - np.isfinite(pixels).sum())
        raise InputError(f"pixels must be finite; {bad} of {pixels.size} are NaN or infinite")
    return pixels


def _are_channels(shape: Sequence[int]) -> bool:
    """Return whether the last axis can be no other than that of the channels."""
    return shape[2] in (1, 3) or shape[2] < min(shape[:2])


def _array(image: object) -> Array:
    if isinstance(image, PIL.Image.Image):
        with errors_named("the PIL image", "an image"):
            return in_dtype(picture_raster(image))
    if isinstance(image, str | Path):
        raise InputError(f"an image must be an array; got {image!r}: cilens.read_image reads files")
    if isinstance(image, np.ma.MaskedArray):
        raise InputError("an image must have all its pixels; got a masked array: fill it first")
    try:
        return np.asarray(image)
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(f"an image must be an array; {type(image)} is none: {error}") from error


def array_key(source: Array | str | Path) -> tuple[object, ...]:
    """Return what two parts compare and hash by: an array's content, or a file's path."""
    if isinstance(source, np.ndarray):
        return source.shape, source.dtype.str, source.tobytes()
    return (str(source),)
