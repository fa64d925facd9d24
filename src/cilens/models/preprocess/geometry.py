"""The geometry of `Preprocess`: from an image of any size to the one that a network wants."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float, Real

from cilens.errors import InputError
from cilens.image import MAX_PIXELS, resample
from cilens.types import Batch, Image, View

Box = tuple[float, float, float, float]
"""Edges in pixels of an image: top, left, bottom, right."""


class FitError(InputError):
    """An image has another size or another number of channels than the network wants."""


def check_fit(
    shape: tuple[int, ...], size: tuple[int, int] | None, channels: int, *, within: bool = False
) -> None:
    """Check that an image has the size and the channels that are wanted.

    Parameters
    ----------
    shape : (height, width, channels)
        Shape of the image.
    size : (height, width) or None
        None where any will do.
    channels : int
        How many there must be.
    within : bool
        A smaller image will do too.

    Raises
    ------
    FitError
        With both, and what to do.

    Examples
    --------
    >>> check_fit((300, 400, 3), None, 3)
    """
    height, width, came = shape
    size_fits = size in (None, (height, width))
    if within and size is not None:
        size_fits = height <= size[0] and width <= size[1]
    if size_fits and came == channels:
        return
    wanted = "any number of" if size is None else f"{size[0]} x {size[1]}"
    ways = f": read the file with channels={channels}" if size_fits and channels in (1, 3) else ""
    raise FitError(
        f"the network wants {wanted} pixels with {_channels(channels)}; "
        f"got {height} x {width} with {_channels(came)}{ways}"
    )


def check_resize(
    resize: int | tuple[int, int] | None, fit: str, size: tuple[int, int] | None
) -> None:
    """Check that there is a size to cut out of what images are brought to.

    Parameters
    ----------
    resize : int, (height, width) or None
        What images are brought to first.
    fit : {"exact", "crop", "stretch", "pad"}
        How.
    size : (height, width) or None
        What is cut out of that.

    Raises
    ------
    InputError
        If `fit` has no use for `resize`, or the size does not fit in.

    Examples
    --------
    >>> check_resize(256, "crop", (224, 224))
    """
    if size is None and fit != "exact":
        raise InputError(f"fit={fit!r} needs a size to bring images to; got size=None")
    if size is None or fit in ("exact", "pad"):
        if resize is not None:
            raise InputError(f"resize is for fit='crop' or 'stretch'; got fit={fit!r}")
        return
    if resize is None:
        return
    if isinstance(resize, int):
        if fit == "stretch":
            raise InputError(f"fit='stretch' needs (height, width) as resize; got {resize}")
        fits, came = resize >= min(size), str(resize)
    else:
        fits = resize[0] >= size[0] and resize[1] >= size[1]
        came = f"{resize[0]} x {resize[1]}"
    if not fits:
        raise InputError(
            f"size must lie inside of what images are resized to; got {size[0]} x {size[1]} "
            f"to be cut out of {came}"
        )


def share_box(height: int, width: int, size: tuple[int, int], share: float) -> Box:
    """Return the centred box of an aspect ratio: a share of the largest one.

    Examples
    --------
    >>> share_box(300, 400, (224, 224), 0.875)
    (18.75, 68.75, 281.25, 331.25)
    """
    unit = min(height / size[0], width / size[1]) * share
    top = max(0.0, (height - unit * size[0]) / 2)
    left = max(0.0, (width - unit * size[1]) / 2)
    return (top, left, height - top, width - left)


def resized(height: int, width: int, resize: int | tuple[int, int], fit: str) -> tuple[int, int]:
    """Return the size that an image is brought to before the middle is cut out.

    Parameters
    ----------
    height, width : int
        Height and width of the image.
    resize : int or (height, width)
        Size of the shorter side, or of what is to be covered.
    fit : {"crop", "stretch"}
        Whether the aspect ratio is kept.

    Returns
    -------
    (height, width)
        In whole pixels.

    Examples
    --------
    >>> resized(300, 451, 256, "crop"), resized(300, 451, (256, 320), "crop")
    ((256, 384), (256, 385))
    """
    if isinstance(resize, int):
        if height <= width:
            return resize, int(resize * width / height)
        return int(resize * height / width), resize
    if fit == "stretch":
        return resize
    ratio = min(height / resize[0], width / resize[1])
    return round(height / ratio), round(width / ratio)


def middle(
    pixels: Image, whole: tuple[int, int], size: tuple[int, int], method: str, centre: str
) -> View:
    """Resize an image and cut the size out of its middle, in whole pixels.

    Parameters
    ----------
    pixels : (height, width, channels) float32 or uint8 array
        What `resample` takes.
    whole, size : (height, width)
        What it is brought to, and what is cut out of that.
    method : {"nearest", "bilinear", "bicubic", "lanczos"}
        Filter.
    centre : {"round", "floor"}
        Where the cut starts if that is half a pixel.

    Returns
    -------
    View
        Of the dtype of `pixels`, with the box in pixels of the image.

    Raises
    ------
    FitError
        If there is nothing to cut out, or far too much to resize.

    Examples
    --------
    >>> view = middle(np.zeros((8, 8, 1), np.float32), (4, 4), (2, 2), "bilinear", "round")
    >>> view.image.shape, view.box
    ((2, 2, 1), (2.0, 2.0, 6.0, 6.0))
    """
    height, width = pixels.shape[:2]
    if whole[0] < size[0] or whole[1] < size[1] or math.prod(whole) > MAX_PIXELS:
        raise FitError(
            f"an image of {height} x {width} is resized to {whole[0]} x {whole[1]}, and "
            f"{size[0]} x {size[1]} cannot be cut out of that: give one of another shape"
        )
    down, right = height / whole[0], width / whole[1]
    top, left = (_start(whole[axis] - size[axis], centre) for axis in (0, 1))
    full = resample(pixels, (0.0, 0.0, float(height), float(width)), whole, method)
    cut = np.ascontiguousarray(full[top : top + size[0], left : left + size[1]])
    box = (top * down, left * right, (top + size[0]) * down, (left + size[1]) * right)
    return View(cut, box)


def inside(height: int, width: int, size: tuple[int, int]) -> tuple[int, int]:
    """Return the largest size of an image's aspect ratio that fits in another.

    Examples
    --------
    >>> inside(300, 400, (224, 224))
    (168, 224)
    """
    ratio = min(size[0] / height, size[1] / width)
    return max(1, round(height * ratio)), max(1, round(width * ratio))


def padded(
    images: Batch, size: tuple[int, int], pad: float | tuple[float, ...], centre: str
) -> Real[np.ndarray, "rows full_height full_width channels"]:
    """Lay images in the middle of larger ones of one colour.

    Parameters
    ----------
    images : (rows, height, width, channels) array
        No larger than `size`.
    size : (height, width)
        Size of the result.
    pad : float or one float for each channel
        What is laid around them.
    centre : {"round", "floor"}
        Where they start if that is half a pixel.

    Returns
    -------
    (rows, height, width, channels) array
        Of their dtype.

    Examples
    --------
    >>> padded(np.ones((1, 1, 2, 1)), (3, 2), 0.5, "floor")[0, ..., 0].tolist()
    [[0.5, 0.5], [1.0, 1.0], [0.5, 0.5]]
    """
    rows, height, width, channels = images.shape
    full = np.empty((rows, *size, channels), images.dtype)
    full[:] = pad
    top, left = _start(size[0] - height, centre), _start(size[1] - width, centre)
    full[:, top : top + height, left : left + width] = images
    return full


def to_depth(pixels: Image, depth: str) -> Image:
    """Return pixels in [0, 1] as they are resampled: as they are, or as whole numbers to 255.

    Examples
    --------
    >>> to_depth(np.full((1, 1, 1), 0.5), "uint8").tolist()
    [[[128]]]
    """
    return np.rint(pixels * 255.0).astype(np.uint8) if depth == "uint8" else pixels


def to_unit(pixels: Image) -> Float[np.ndarray, "height width channels"]:
    """Return resampled pixels as float32 in [0, 1], cut to it where a filter left it.

    Examples
    --------
    >>> to_unit(np.full((1, 1, 1), 51, np.uint8)).dtype
    dtype('float32')
    """
    if pixels.dtype == np.uint8:
        return pixels.astype(np.float32) / np.float32(255)
    return pixels.astype(np.float32, copy=False).clip(0.0, 1.0)


def _start(spare: int, centre: str) -> int:
    """Return where a cut starts that leaves so many pixels over, half of them on either side."""
    return round(spare / 2) if centre == "round" else spare // 2


def _channels(count: int) -> str:
    return f"{count} channel{'' if count == 1 else 's'}"
