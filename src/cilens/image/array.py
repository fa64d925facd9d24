"""Arrays as images: what is one, and how an array is told from another.

An array given by the caller keeps its dtype and range.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import PIL.Image
from jaxtyping import Shaped

from cilens.errors import InputError
from cilens.image.failure import errors_named
from cilens.image.pillow import picture_raster
from cilens.image.raster import in_dtype
from cilens.types import Image


def as_image(image: object, *, channels_first: bool = False) -> Image:
    """Check an array as an image; a grey (height, width) array gains its channel axis.

    Parameters
    ----------
    image : array, PIL image or tensor
        Anything that numpy makes an array of: (height, width) or (height, width, channels), real
        numbers, floating or integer, with one or three channels. A PIL image is read by its mode,
        as its file would be: a palette by its colours, transparent pixels laid over white.
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
    if pixels.ndim != 3 or pixels.shape[2] not in (1, 3) or 0 in pixels.shape:
        axes = "{}, height, width" if channels_first else "height, width, {}"
        hint = ": where channels come first, say as_image(image, channels_first=True)"
        turned = not channels_first and array.ndim == 3 and array.shape[0] in (1, 3)
        raise InputError(
            f"an image must be (height, width), ({axes.format(1)}) or ({axes.format(3)}) "
            f"with at least one pixel; got shape {array.shape}{hint if turned else ''}"
        )
    if pixels.dtype.kind not in "fiu":
        raise InputError(f"pixels must be real numbers; got dtype {pixels.dtype}")
    if pixels.dtype.kind == "f" and not np.isfinite(pixels).all():
        bad = int(pixels.size - np.isfinite(pixels).sum())
        raise InputError(f"pixels must be finite; {bad} of {pixels.size} are NaN or infinite")
    return pixels


def _array(image: object) -> Shaped[np.ndarray, "..."]:
    if isinstance(image, PIL.Image.Image):
        with errors_named("the PIL image", "an image"):
            return in_dtype(picture_raster(image))
    if isinstance(image, str | Path):
        raise InputError(f"an image must be an array; got {image!r}: cilens.read_image reads files")
    try:
        return np.asarray(image)
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(f"an image must be an array; {type(image)} is none: {error}") from error


def array_key(source: Shaped[np.ndarray, "..."] | str | Path) -> tuple[object, ...]:
    """Return what two parts compare and hash by: an array's content, or a file's path."""
    if isinstance(source, np.ndarray):
        return source.shape, source.dtype.str, source.tobytes()
    return (str(source),)
