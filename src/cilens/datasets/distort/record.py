"""What every distortion takes and returns."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from jaxtyping import Bool, Float

from cilens.errors import InputError
from cilens.image import as_image
from cilens.types import AnyImage, Image


class Distorted(NamedTuple):
    """An image after a distortion.

    Attributes
    ----------
    image : (height, width, channels) float array
        In [0, 1], of the dtype of the image given.
    noise : (height, width) bool array
        The pixels that are the distortion's own: those whose value it changed. All False where
        it moves the image and adds nothing.
    """

    image: Image
    noise: Bool[np.ndarray, "height width"]


class Distortion(Protocol):
    """Image in, distorted image out, both in [0, 1]; the same one every time."""

    def __call__(self, image: AnyImage, /) -> Distorted: ...


def unit_image(image: AnyImage) -> Image:
    """Check that an image has floating-point pixels in [0, 1].

    Parameters
    ----------
    image : (height, width) or (height, width, channels) array
        What is to be distorted.

    Returns
    -------
    (height, width, channels) float array
        A view of the same pixels.

    Raises
    ------
    InputError
        If it is not an image, or its pixels are not floating-point numbers in [0, 1].

    Examples
    --------
    >>> unit_image(np.zeros((28, 28))).shape
    (28, 28, 1)
    """
    pixels = as_image(image)
    if pixels.dtype.kind != "f" or pixels.min() < 0 or pixels.max() > 1:
        raise InputError(
            "a distortion needs floating-point pixels in [0, 1], as cilens.read_image gives; got "
            f"{pixels.dtype}, {pixels.min()} to {pixels.max()}"
        )
    return pixels


def changed(image: Image, distorted: Float[np.ndarray, "height width channels"]) -> Distorted:
    """Return a distorted image in the dtype it had, with the pixels whose value changed.

    Examples
    --------
    >>> changed(np.zeros((1, 2, 1)), np.array([[[0.0], [1.0]]])).noise.tolist()
    [[False, True]]
    """
    after = distorted.astype(image.dtype)
    return Distorted(after, (after != image).any(axis=2))


def paint(
    image: Image, covered: Float[np.ndarray, "height width"], value: float = 1.0
) -> Distorted:
    """Lay one brightness over an image.

    Parameters
    ----------
    image : (height, width, channels) float array
        In [0, 1].
    covered : (height, width) float array
        How much of each pixel is painted, 0 to 1.
    value : float
        The brightness, the same in every channel.

    Returns
    -------
    Distorted
        The painted image, and the pixels that changed.

    Examples
    --------
    >>> paint(np.zeros((1, 3, 1)), np.array([[0.0, 0.5, 1.0]]), 0.5).image.ravel().tolist()
    [0.0, 0.25, 0.5]
    """
    share = covered[..., None]
    return changed(image, image * (1.0 - share) + value * share)
