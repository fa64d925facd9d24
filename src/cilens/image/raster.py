"""Pixels as a file stores them, with what the file says about them, and as numbers in [0, 1]."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from jaxtyping import Float, Real

from cilens.errors import FileError, InputError

_LUMA = np.array([19595, 38470, 7471]) / 65536
"""Weights of red, green and blue in grey: ITU-R 601-2, in the fractions that Pillow uses."""

_BLOCK = 1 << 18
"""How many numbers are converted at a time, in double precision."""

Alpha: TypeAlias = Literal["straight", "premultiplied"]


@dataclass(frozen=True, eq=False)
class Raster:
    """Pixels as they are stored.

    Parameters
    ----------
    pixels : (height, width, channels) array
        Of any real dtype; transparency is the last channel, where there is one.
    known : (black, white), optional
        The stored numbers of black and white (all of each channel), where format or file say;
        white below black where the file counts that way.
    alpha : {None, "straight", "premultiplied"}
        What the last channel is to the others. It goes from 0 to the largest number of an
        integer dtype, or to 1.
    clips : bool
        What lies beyond black and white is black or white, as a DICOM window says.
    """

    pixels: Real[np.ndarray, "height width channels"]
    known: tuple[float, float] | None
    alpha: Alpha | None = None
    clips: bool = False

    @property
    def colours(self) -> int:
        """How many channels there are beside transparency."""
        return int(self.pixels.shape[2]) - (self.alpha is not None)


def dtype_range(dtype: np.dtype) -> tuple[float, float] | None:
    """Return black and white of a dtype: floats are in [0, 1], unsigned integers in their range.

    Examples
    --------
    >>> dtype_range(np.dtype("u2")), dtype_range(np.dtype("f4")), dtype_range(np.dtype("i2"))
    ((0.0, 65535.0), (0.0, 1.0), None)
    """
    if dtype.kind in "fb":
        return 0.0, 1.0
    return (0.0, float(np.iinfo(dtype).max)) if dtype.kind == "u" else None


def to_unit(
    raster: Raster, channels: int | None, black: float | None, white: float | None
) -> Float[np.ndarray, "height width channels"]:
    """Convert to float32 in [0, 1]: grey or RGB, transparent pixels laid over white.

    Parameters
    ----------
    raster : Raster
        As a reader gives it.
    channels : int, optional
        1 for grey, 3 for RGB, the raster's own number for all of them as they are.
    black, white : float, optional
        The stored numbers that become 0 and 1; what lies beyond becomes 0 or 1 as well.

    Returns
    -------
    (height, width, channels) float32 array

    Raises
    ------
    FileError
        If black and white are neither known nor stated, or the channels are not grey or RGB.
    InputError
        If what is stated cannot be.
    """
    kept, wanted = _channels(raster, channels)
    low, high = _window(raster, kept, black, white)
    clips = raster.clips or black is not None or white is not None
    laid = raster.alpha is not None and kept == raster.colours
    height, width, bands = raster.pixels.shape
    image = np.empty((height, width, wanted), np.float32)
    step = max(1, _BLOCK // (width * bands))
    for top in range(0, height, step):
        block = raster.pixels[top : top + step]
        shares = (block[..., :kept].astype(np.float64) - low) / (high - low) + 0.0  # and no -0.0
        if clips:
            np.clip(shares, 0, 1, out=shares)
        if laid:
            shares = _over_white(shares, block[..., kept:], raster.alpha)
        grey = wanted == 1 and kept == 3
        image[top : top + step] = (shares @ _LUMA)[..., None] if grey else shares
    return image


def in_dtype(raster: Raster) -> Real[np.ndarray, "height width colours"]:
    """Return the pixels in their own dtype and range, transparent ones laid over white."""
    pixels = raster.pixels
    if raster.alpha is None and (raster.known is None or raster.known[0] < raster.known[1]):
        return pixels
    low, high = raster.known or (0.0, 1.0)
    shares = (pixels[..., : raster.colours].astype(np.float64) - low) / (high - low)
    if raster.alpha is not None:
        shares = _over_white(shares, pixels[..., raster.colours :], raster.alpha)
    scaled = shares * abs(high - low) + min(low, high)
    return (np.rint(scaled) if pixels.dtype.kind != "f" else scaled).astype(pixels.dtype)


def _over_white(
    shares: Float[np.ndarray, "rows width colours"],
    alpha: Real[np.ndarray, "rows width 1"],
    kind: Alpha | None,
) -> Float[np.ndarray, "rows width colours"]:
    opaque = 1.0 if alpha.dtype.kind == "f" else float(np.iinfo(alpha.dtype).max)
    share = alpha.astype(np.float64) / opaque
    if not (share.min() >= 0 and share.max() <= 1):
        raise FileError("has transparency beyond [0, 1]")
    laid = (shares if kind == "premultiplied" else shares * share) + (1 - share)
    return np.clip(laid, 0, 1)


def _channels(raster: Raster, channels: int | None) -> tuple[int, int]:
    """Return how many of the stored channels are taken, and how many they become."""
    stored, colours = raster.pixels.shape[2], raster.colours
    if channels == stored and channels not in (1, 3):
        return stored, stored
    if channels not in (None, 1, 3):
        raise InputError(
            f"has {stored} channel{'s' * (stored != 1)}: channels must be 1 (grey) or 3 (RGB)"
            f"{f', or {stored}' if stored not in (1, 3) else ''}; got {channels}"
        )
    if colours not in (1, 3):
        raise FileError(
            f"has {stored} channels, neither grey nor RGB: channels={stored} (--channels "
            f"{stored}) reads them all; or save the ones you mean as a file of their own"
        )
    return colours, channels or colours


def _window(
    raster: Raster, kept: int, black: float | None, white: float | None
) -> tuple[float, float]:
    """Return the stored numbers of black and white: those stated before those known."""
    pixels = raster.pixels[..., :kept]
    if pixels.dtype.kind == "f" and not np.isfinite(pixels).all():
        raise FileError("has pixels that are NaN or infinite: replace them, and pass the array")
    if black is None and white is None:
        if raster.known is None or not (raster.clips or _plausible(pixels, raster.known)):
            raise FileError(
                f"has {_dtype(pixels)} pixels, {pixels.min():g} to {pixels.max():g}, of no known "
                "range: state the numbers of black and white, black= and white= (--black, --white)"
            )
        return raster.known
    known = raster.known or (0.0, None)
    low, high = known[0] if black is None else black, known[1] if white is None else white
    if high is None:
        raise InputError("needs white= (--white) beside black=: its white is not known")
    if not (math.isfinite(low) and math.isfinite(high)) or low == high:
        raise InputError(f"black and white must be two different numbers; got {low:g}, {high:g}")
    return low, high


def _plausible(pixels: Real[np.ndarray, "..."], known: tuple[float, float]) -> bool:
    """Whether pixels may have this range: none beyond it, the upper bits of integers in use.

    Files of 12-bit cameras and scanners say 16 bits, and show nothing but black.
    """
    low, high = float(pixels.min()), float(pixels.max())
    if low < min(known) or high > max(known):
        return False
    shallow = pixels.dtype.kind == "f" or max(known) <= 4095
    return shallow or high == 0 or high > max(known) / 16


def _dtype(pixels: Real[np.ndarray, "..."]) -> str:
    kind = {"f": "floating-point", "i": "signed", "u": "unsigned"}[pixels.dtype.kind]
    return f"{8 * pixels.dtype.itemsize}-bit {kind}"
