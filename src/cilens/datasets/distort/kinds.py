"""Distortions: an image with something done to it, and which pixels are the distortion's own.

Each is a frozen record, image in [0, 1] in, `Distorted` out; its `seed` decides where and how:
the same seed gives the same distortion, ``dataclasses.replace(line, seed=index)`` another one for
every image. A new one is a class and a line in `DISTORTIONS`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from cilens.datasets.distort.marks import Bar, Dot, Line, Neighbour, Patch
from cilens.datasets.distort.record import Distorted, Distortion, changed, unit_image
from cilens.errors import InputError
from cilens.settings import check_settings
from cilens.types import AnyImage

__all__ = [
    "DISTORTIONS",
    "Bar",
    "Distorted",
    "Distortion",
    "Dot",
    "Gaussian",
    "Line",
    "Neighbour",
    "Patch",
    "Rotation",
    "SaltAndPepper",
    "Shift",
]


@dataclass(frozen=True)
class Gaussian:
    """Add normal noise to every pixel and channel, cut off at 0 and 1.

    Parameters
    ----------
    sigma : float
        Standard deviation of the noise, as a share of the range.
    seed : int
        Of the noise.

    Examples
    --------
    >>> round(float(Gaussian(sigma=0.1)(np.full((64, 64, 1), 0.5)).image.std()), 2)
    0.1
    """

    sigma: float = 0.1
    seed: int = 0

    def __post_init__(self) -> None:
        check_settings(self, positive=("sigma",))

    def __call__(self, image: AnyImage, /) -> Distorted:
        """Return the image with the noise on it."""
        pixels = unit_image(image)
        noise = np.random.default_rng(self.seed).normal(0.0, self.sigma, pixels.shape)
        return changed(pixels, np.clip(pixels + noise, 0.0, 1.0))


@dataclass(frozen=True)
class SaltAndPepper:
    """Turn some pixels white and as many black.

    Parameters
    ----------
    share : float
        Of all pixels, 0 to 1; half of them turn white, and one more where they are odd.
    seed : int
        Of which pixels.

    Examples
    --------
    >>> float(SaltAndPepper(share=0.1)(np.zeros((20, 20, 1))).image.mean())
    0.05
    """

    share: float = 0.05
    seed: int = 0

    def __post_init__(self) -> None:
        check_settings(self, positive=("share",))
        if self.share > 1:
            raise InputError(f"SaltAndPepper.share must be at most 1; got {self.share}")

    def __call__(self, image: AnyImage, /) -> Distorted:
        """Return the image with white and black pixels."""
        pixels = unit_image(image)
        order = np.random.default_rng(self.seed).permutation(pixels.shape[0] * pixels.shape[1])
        count = round(self.share * len(order))
        after = pixels.copy()
        flat = after.reshape(len(order), -1)
        flat[order[:count]] = 0.0
        flat[order[: (count + 1) // 2]] = 1.0
        return changed(pixels, after)


@dataclass(frozen=True)
class Shift:
    """Move the image by whole pixels; what comes into view is black.

    Parameters
    ----------
    most : int
        The furthest it moves up or down, and left or right, in pixels; it moves by at least one.
    seed : int
        Of the direction and distance.

    Examples
    --------
    >>> moved = Shift(most=2)(np.ones((28, 28, 1)))
    >>> 26 * 26 <= moved.image.sum() < 28 * 28, bool(moved.noise.any())
    (np.True_, False)
    """

    most: int = 3
    seed: int = 0

    def __post_init__(self) -> None:
        check_settings(self, positive=("most",))

    def __call__(self, image: AnyImage, /) -> Distorted:
        """Return the image, moved."""
        pixels = unit_image(image)
        if self.most >= min(pixels.shape[:2]):
            raise InputError(
                f"{self} would move an image of {pixels.shape[0]} x {pixels.shape[1]} out of sight"
            )
        steps = np.arange(-self.most, self.most + 1)
        ways = [(down, across) for down in steps for across in steps if down or across]
        down, across = np.random.default_rng(self.seed).choice(ways)
        after = np.zeros_like(pixels)
        (to_rows, rows), (to_columns, columns) = (_slices(step) for step in (down, across))
        after[to_rows, to_columns] = pixels[rows, columns]
        return Distorted(after, np.zeros(pixels.shape[:2], dtype=bool))


@dataclass(frozen=True)
class Rotation:
    """Turn the image about its centre; what comes into view is black.

    Parameters
    ----------
    most : float
        The largest angle to either side, in degrees, above 0.
    seed : int
        Of the angle.

    Examples
    --------
    >>> turned = Rotation(most=15.0)(np.ones((28, 28, 1)))
    >>> turned.image.shape, bool(turned.image[14, 14] == 1), bool(turned.noise.any())
    ((28, 28, 1), True, False)
    """

    most: float = 15.0
    seed: int = 0

    def __post_init__(self) -> None:
        check_settings(self, positive=("most",))

    def __call__(self, image: AnyImage, /) -> Distorted:
        """Return the image, turned, with pixels interpolated linearly."""
        pixels = unit_image(image)
        angle = np.random.default_rng(self.seed).uniform(-self.most, self.most)
        turned = ndimage.rotate(pixels, angle, axes=(1, 0), reshape=False, order=1)
        after = np.clip(turned, 0.0, 1.0)
        return Distorted(after, np.zeros(pixels.shape[:2], dtype=bool))


DISTORTIONS: dict[str, type[Distortion]] = {
    "bar": Bar,
    "line": Line,
    "neighbour": Neighbour,
    "dot": Dot,
    "gaussian": Gaussian,
    "salt-and-pepper": SaltAndPepper,
    "patch": Patch,
    "shift": Shift,
    "rotation": Rotation,
}
"""Every distortion, by its name at the edges; each can be made without an option."""


def _slices(step: int) -> tuple[slice, slice]:
    """Return where pixels go to and where they come from, along one axis."""
    to, source = slice(max(step, 0), None), slice(max(-step, 0), None)
    return (to, slice(None, -step)) if step > 0 else (slice(None, step or None), source)
