"""One rule for pixels: from the numbers given to shares of their range, and back.

Floats are in [0, 1] and unsigned integers in their dtype's range, unless the caller states another
range. Segmenters, perturbations, figures and saved explanations see shares: 0 is black, 1 is white.
A plain function is asked about pixels in the range and dtype it was given.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from jaxtyping import Float, Real

from cilens.errors import InputError
from cilens.image import as_image
from cilens.types import Image, PixelRange, RangedImage, View

_HINT = (
    "state what black and white are, cilens.explain(model, image, pixel_range=(black, white)), "
    "such as (0, 255) for bytes kept as floats"
)


def whole(image: object) -> View:
    """Return the whole image in shares of its pixel range, with the pixels as they were given.

    Parameters
    ----------
    image : array, PIL image, tensor, RangedImage or View
        Anything that `cilens.as_image` takes, in the range its dtype has or the one stated. A view
        stays as it is.

    Returns
    -------
    View
        With ``pixel_range`` and ``given``.

    Raises
    ------
    InputError
        If the pixels have no known range, or lie outside it.

    Examples
    --------
    >>> view = whole(np.array([[51, 255]], np.uint8))
    >>> view.image.ravel().tolist(), view.pixel_range
    ([0.20000000298023224, 1.0], PixelRange(black=0.0, white=255.0, dtype='uint8'))
    """
    if isinstance(image, View):
        return image
    stated = image.pixel_range if isinstance(image, RangedImage) else None
    given = as_image(image.image if isinstance(image, RangedImage) else image)
    given = given.astype(given.dtype.newbyteorder("="), copy=False)
    found = find_range(given, stated)
    height, width = given.shape[:2]
    shares = to_shares(given, found)
    return View(shares, (0.0, 0.0, float(height), float(width)), found, given, (height, width))


def as_shares(
    image: object, stated: tuple[float, float] | None = None
) -> Float[np.ndarray, "height width channels"]:
    """Return an image in shares of its pixel range: 0 is black, 1 is white.

    Parameters
    ----------
    image : array, PIL image or tensor
        Anything that `cilens.as_image` takes.
    stated : (black, white), optional
        By default (0, 1) for floats and the dtype's range for unsigned integers.

    Returns
    -------
    (height, width, channels) float array
        float32, or float64 where the pixels need it to stay apart; the image itself where it is in
        shares already.

    Raises
    ------
    InputError
        If the pixels have no known range, or lie outside it.

    Examples
    --------
    >>> as_shares(np.array([[-1000, 3000]], np.int16), (-1000, 3000)).ravel().tolist()
    [0.0, 1.0]
    """
    pixels = as_image(image)
    return to_shares(pixels, find_range(pixels, stated))


def find_range(pixels: Image, stated: tuple[float, float] | None = None) -> PixelRange:
    """Return what black and white are: as stated, or by the dtype.

    Parameters
    ----------
    pixels : (height, width, channels) array
        As `cilens.as_image` returns it.
    stated : (black, white), optional
        By default (0, 1) for floats and the dtype's range for unsigned integers.

    Returns
    -------
    PixelRange

    Raises
    ------
    InputError
        If the dtype has no range and none is stated, or pixels lie outside.

    Examples
    --------
    >>> find_range(np.zeros((1, 1, 1), np.uint16))
    PixelRange(black=0.0, white=65535.0, dtype='uint16')
    """
    kind = pixels.dtype
    if stated is not None:
        black, white = _stated(stated)
        if kind.kind == "f":
            black, white = _widened(black, white, kind)
    elif kind.kind == "i":
        raise InputError(f"pixels of signed integers ({kind}) have no known range: {_HINT}")
    else:
        black, white = 0.0, 1.0 if kind.kind == "f" else float(np.iinfo(kind).max)
    if kind.kind != "u" or stated is not None:
        low, high = float(pixels.min()), float(pixels.max())
        if not black <= low <= high <= white:
            raise InputError(
                f"pixels must lie in {black:g} … {white:g}; got {kind} in {low:g} … {high:g}: "
                + (_HINT if stated is None else "state a range that holds them all")
            )
    return PixelRange(black, white, kind.newbyteorder("=").name)


def _widened(black: float, white: float, kind: np.dtype[Any]) -> tuple[float, float]:
    """Return a range that also holds its own ends as pixels of a dtype have them, rounded."""
    with np.errstate(over="ignore"):
        low, high = (float(kind.type(end)) for end in (black, white))
    return (
        min(black, low) if np.isfinite(low) else black,
        max(white, high) if np.isfinite(high) else white,
    )


def to_shares(pixels: Image, found: PixelRange) -> Float[np.ndarray, "height width channels"]:
    """Return pixels as shares of their range.

    Examples
    --------
    >>> to_shares(np.array([[[3]]], np.uint8), PixelRange(1, 5, "uint8")).item()
    0.5
    """
    fine = pixels.dtype.itemsize >= (8 if pixels.dtype.kind == "f" else 4)
    work = np.dtype(np.float64 if fine else np.float32)
    if (found.black, found.white) == (0.0, 1.0):
        return pixels.astype(work, copy=False)
    shares: Float[np.ndarray, "_ _ _"] = pixels.astype(np.float64 if found.black else work)
    shares -= shares.dtype.type(found.black)
    shares /= shares.dtype.type(found.white - found.black)
    return shares.astype(work, copy=False)


def to_units(shares: Real[np.ndarray, "..."], found: PixelRange | None) -> Real[np.ndarray, "..."]:
    """Return shares as pixels in the range and dtype given: integers are rounded.

    Parameters
    ----------
    shares : float array
        In [0, 1]: an image, a batch, a colour.
    found : PixelRange or None
        None where shares are what is wanted.

    Returns
    -------
    array
        The same where nothing changes.

    Examples
    --------
    >>> to_units(np.array([0.0, 0.5, 1.0]), PixelRange(0, 255, "uint8"))
    array([  0, 128, 255], dtype=uint8)
    """
    if found is None:
        return shares
    kind = np.dtype(found.dtype)
    if (found.black, found.white) == (0.0, 1.0) and kind.kind == "f":
        return shares.astype(kind, copy=False)
    coarse = kind.kind != "f" and found.white - found.black < 2**17
    units: Real[np.ndarray, "..."] = shares.astype(np.float32 if coarse else np.float64)
    units *= units.dtype.type(found.white - found.black)
    units += units.dtype.type(found.black)
    if kind.kind == "f":
        return units.astype(kind, copy=False)
    np.rint(units, out=units)
    most = np.nextafter(2.0**64, 0.0) if kind == np.uint64 else np.iinfo(kind).max
    return np.clip(units, np.iinfo(kind).min, most, out=units).astype(kind)


def _stated(stated: tuple[float, float]) -> tuple[float, float]:
    try:
        black, white = (float(end) for end in stated)
    except (TypeError, ValueError):
        black = white = math.nan
    if not (math.isfinite(black) and math.isfinite(white) and black < white):
        raise InputError(
            f"pixel_range must be (black, white), two numbers that rise; got {stated!r}"
        )
    return black, white
