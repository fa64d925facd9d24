"""Another grid: a box of an image, brought to another size."""

from __future__ import annotations

import numpy as np
import PIL.Image
from jaxtyping import Real
from PIL.Image import Resampling

from cilens.errors import InputError

_FILTERS = {
    "nearest": Resampling.NEAREST,
    "bilinear": Resampling.BILINEAR,
    "bicubic": Resampling.BICUBIC,
    "lanczos": Resampling.LANCZOS,
}


def resample(
    image: Real[np.ndarray, "height width channels"],
    box: tuple[float, float, float, float],
    size: tuple[int, int],
    method: str = "bicubic",
) -> Real[np.ndarray, "new_height new_width channels"]:
    """Cut a box out of an image and bring it to another size, in one antialiased step.

    Parameters
    ----------
    image : (height, width, channels) float or uint8 array
        Any range. Of uint8, whole numbers are computed with, as Pillow does for files.
    box : (top, left, bottom, right)
        Edges in pixels of `image`; fractions are allowed.
    size : (height, width)
        Size of the result.
    method : {"nearest", "bilinear", "bicubic", "lanczos"}
        Bicubic and lanczos can leave the range of `image` by a little.

    Returns
    -------
    (new_height, new_width, channels) float32 array
        Or uint8, where `image` is.

    Examples
    --------
    >>> resample(np.ones((8, 6, 3), np.float32), (1, 0, 7, 6), (3, 3)).shape
    (3, 3, 3)
    """
    if method not in _FILTERS:
        raise InputError(f"resampling must be one of {', '.join(_FILTERS)}; got {method!r}")
    top, left, bottom, right = box
    planes = np.moveaxis(image, 2, 0).astype("u1" if image.dtype == np.uint8 else "f4", order="C")
    resized = [
        PIL.Image.fromarray(plane).resize(size[::-1], _FILTERS[method], (left, top, right, bottom))
        for plane in planes
    ]
    return np.stack([np.asarray(plane) for plane in resized], axis=2)
