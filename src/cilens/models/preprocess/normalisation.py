"""The arithmetic of `Preprocess`, fast: scale, mean, standard deviation and layout of a batch."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float64, Shaped

from cilens.errors import InputError
from cilens.types import Batch, Image, Rows

_BLOCK = 2**18
"""Pixels worked on at a time: few enough that the second step finds them in the cache."""


def check_unit(image: Image) -> None:
    """Raise unless pixels are floating point in [0, 1].

    Parameters
    ----------
    image : (height, width, channels) array
        Of any dtype.

    Raises
    ------
    InputError
        With the dtype and the range that came.

    Examples
    --------
    >>> check_unit(np.ones((2, 2, 1)))
    """
    _check_float(image)
    low, high = image.min(), image.max()
    if low < 0 or high > 1:
        raise InputError(_not_unit(f"{image.dtype} in [{low:g}, {high:g}]"))


def normalise(
    images: Batch,
    factor: Float64[np.ndarray, " channels"],
    offset: Float64[np.ndarray, " channels"],
    layout: str,
    dtype: str,
    *,
    standardise: bool = False,
) -> Rows:
    """Return ``pixel * factor - offset`` for each channel, laid out and cast.

    The sum is done in float32, or in float64 where that is asked for. Float images of either
    precision come in.

    Parameters
    ----------
    images : (rows, height, width, channels) float array
        Left untouched.
    factor, offset : (channels,) float64 array
        One number for each channel.
    layout : {"NCHW", "NHWC", "NHW", "flat_CHW", "flat_HWC"}
        Layout of the result: which axes there are, or in which order they are laid out in one.
    dtype : str
        Dtype of the result. Of integers the nearest.
    standardise : bool
        Bring each row to mean 0 and standard deviation 1 before it is cast.

    Returns
    -------
    (rows, …) array
        New and contiguous.

    Raises
    ------
    InputError
        If images are not floating point, or a value leaves what an integer `dtype` holds.

    Examples
    --------
    >>> factor, offset = np.array([2.0]), np.array([1.0])
    >>> normalise(np.ones((1, 1, 2, 1)), factor, offset, "NCHW", "float32").tolist()
    [[[[1.0, 1.0]]]]
    """
    _check_float(images)
    work = np.float64 if dtype == "float64" else np.float32
    lay_out = _channels_first if layout in ("NCHW", "flat_CHW") else _channels_last
    values = lay_out(images, factor.astype(work), offset.astype(work))
    if standardise:
        _standardise(values)
    if layout not in ("NCHW", "NHWC"):
        values = values.reshape(images.shape[:3] if layout == "NHW" else (len(images), -1))
    if np.dtype(dtype).kind in "iu":
        return _whole(values, dtype)
    return values.astype(dtype, copy=False)


def _blocks(images: Batch) -> list[slice]:
    rows, height, width, _ = images.shape
    step = max(1, _BLOCK // max(1, height * width))
    return [slice(start, start + step) for start in range(0, rows, step)]


def _channels_first(
    images: Batch,
    factor: Shaped[np.ndarray, " channels"],
    offset: Shaped[np.ndarray, " channels"],
) -> Shaped[np.ndarray, "rows channels height width"]:
    rows, height, width, channels = images.shape
    flat = images.reshape(rows, height * width, channels)
    out = np.empty((rows, channels, height * width), factor.dtype)
    for block in _blocks(images):
        for channel in range(channels):
            part = out[block, channel]
            np.multiply(flat[block, :, channel], factor[channel], out=part)
            np.subtract(part, offset[channel], out=part)
    return out.reshape(rows, channels, height, width)


def _channels_last(
    images: Batch,
    factor: Shaped[np.ndarray, " channels"],
    offset: Shaped[np.ndarray, " channels"],
) -> Shaped[np.ndarray, "rows height width channels"]:
    rows, height, width, channels = images.shape
    flat = images.reshape(rows, height, width * channels)
    out = np.empty(flat.shape, factor.dtype)
    # A whole line of pixels at a time: numpy is slow where the last axis has three elements.
    factor, offset = np.tile(factor, width), np.tile(offset, width)
    for block in _blocks(images):
        np.multiply(flat[block], factor, out=out[block])
        np.subtract(out[block], offset, out=out[block])
    return out.reshape(images.shape)


def _standardise(values: Shaped[np.ndarray, "rows _ _ _"]) -> None:
    """Do to each row what ``tf.image.per_image_standardization`` does, in place."""
    for row in values:
        mean, deviation = row.mean(dtype=np.float64), row.std(dtype=np.float64)
        np.subtract(row, mean, out=row)
        np.divide(row, max(deviation, 1 / math.sqrt(row.size)), out=row)


def _whole(values: Rows, dtype: str) -> Rows:
    np.rint(values, out=values)
    low, high = values.min(initial=0.0), values.max(initial=0.0)
    limits = np.iinfo(dtype)
    if not (low >= limits.min and high <= limits.max):
        raise InputError(
            f"the network takes {dtype}: (pixel * scale - mean) / std must lie in "
            f"{limits.min} … {limits.max}; got {low:g} … {high:g}"
        )
    return values.astype(dtype)


def _check_float(images: Image | Batch) -> None:
    if images.dtype.kind != "f":
        raise InputError(_not_unit(str(images.dtype)))


def _not_unit(came: str) -> str:
    return (
        f"images must be floating point in [0, 1]; got {came}: "
        "read them with cilens.read_image, or divide 8-bit pixels by 255"
    )
