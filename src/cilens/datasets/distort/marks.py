"""Marks: what can be drawn on an image that does not belong to it.

Each is a frozen record; its `seed` decides where the mark falls. Lengths are in pixels,
brightness is in [0, 1]; the defaults are of the size of the paper's own edits (Fig. 7).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from cilens.datasets.distort.record import Distorted, changed, paint, unit_image
from cilens.datasets.mnist import load_mnist
from cilens.errors import InputError
from cilens.settings import check_settings
from cilens.types import AnyImage, Image


@dataclass(frozen=True)
class Bar:
    """Paint an upright bar somewhere (as in Fig. 7a: 8 x 3, white).

    Parameters
    ----------
    height, width : int
        Of the bar, in pixels.
    value : float
        Its brightness, 0 to 1.
    seed : int
        Of its place.

    Examples
    --------
    >>> int(Bar()(np.zeros((28, 28, 1))).noise.sum())
    24
    """

    height: int = 8
    width: int = 3
    value: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        check_settings(self, positive=("height", "width"))
        _require_brightness(self)

    def __call__(self, image: AnyImage, /) -> Distorted:
        """Return the image with the bar on it."""
        return _rectangle(self, unit_image(image), self.height, self.width)


@dataclass(frozen=True)
class Patch:
    """Cover a square of the image (an occlusion).

    Parameters
    ----------
    size : int
        Side of the square, in pixels.
    value : float
        Its brightness, 0 to 1.
    seed : int
        Of its place.

    Examples
    --------
    >>> int(Patch(size=6)(np.zeros((28, 28, 1))).noise.sum())
    36
    """

    size: int = 6
    value: float = 0.5
    seed: int = 0

    def __post_init__(self) -> None:
        check_settings(self, positive=("size",))
        _require_brightness(self)

    def __call__(self, image: AnyImage, /) -> Distorted:
        """Return the image with the square on it."""
        return _rectangle(self, unit_image(image), self.size, self.size)


@dataclass(frozen=True)
class Line:
    """Draw a straight line somewhere, in any direction (as in Fig. 7c: 7 pixels long, light grey).

    Parameters
    ----------
    length, width : float
        Of the line, in pixels; its edges are smoothed over one pixel.
    value : float
        Its brightness, 0 to 1.
    seed : int
        Of its place and direction.

    Examples
    --------
    >>> long, short = (int(Line(length)(np.zeros((28, 28, 1))).noise.sum()) for length in (14, 7))
    >>> long > short >= 7
    True
    """

    length: float = 7.0
    width: float = 1.0
    value: float = 226 / 255
    seed: int = 0

    def __post_init__(self) -> None:
        check_settings(self, positive=("length", "width"))
        _require_brightness(self)

    def __call__(self, image: AnyImage, /) -> Distorted:
        """Return the image with the line on it."""
        pixels, random = unit_image(image), np.random.default_rng(self.seed)
        height, width = pixels.shape[:2]
        _require_room(self, pixels, self.length, self.length)
        angle = random.uniform(0.0, np.pi)
        down, across = np.sin(angle), np.cos(angle)
        reach = np.abs([down, across]) * (self.length - 1.0) / 2.0
        top, left = random.uniform(reach, [height - 1.0, width - 1.0] - reach)
        rows, columns = np.arange(height)[:, None] - top, np.arange(width) - left
        along = np.abs(rows * down + columns * across) - self.length / 2.0
        beside = np.abs(rows * across - columns * down) - self.width / 2.0
        return paint(pixels, np.clip(0.5 - np.maximum(along, beside), 0.0, 1.0), self.value)


@dataclass(frozen=True)
class Dot:
    """Leave a stray mark beside what is drawn, or anywhere where there is no empty place.

    Parameters
    ----------
    radius : float
        Of the dot, in pixels; its edge is smoothed over one pixel.
    value : float
        Its brightness, 0 to 1.
    seed : int
        Of its place.

    Examples
    --------
    >>> upper = np.repeat([[1.0], [0.0]], 14, axis=0) * np.ones((1, 28))  # drawn in the upper half
    >>> int(Dot()(upper).noise.any(axis=1).argmax()) >= 14
    True
    """

    radius: float = 1.5
    value: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        check_settings(self, positive=("radius",))
        _require_brightness(self)

    def __call__(self, image: AnyImage, /) -> Distorted:
        """Return the image with the dot on it."""
        pixels, random = unit_image(image), np.random.default_rng(self.seed)
        _require_room(self, pixels, 2 * self.radius, 2 * self.radius)
        empty = pixels.max(axis=2) == pixels.min()
        room = ndimage.distance_transform_edt(np.pad(empty, 1))[1:-1, 1:-1]
        places = np.argwhere(room > self.radius + 0.5)
        row, column = random.choice(places if len(places) else np.argwhere(room >= 0))
        rows, columns = np.arange(len(pixels))[:, None] - row, np.arange(pixels.shape[1]) - column
        gap = np.hypot(rows, columns) - self.radius
        return paint(pixels, np.clip(0.5 - gap, 0.0, 1.0), self.value)


@dataclass(frozen=True)
class Neighbour:
    """Let a piece of another digit show at the left or right edge (as in Fig. 7b).

    The digit is one of the MNIST test split; it shows where it is brighter than the image.

    Parameters
    ----------
    width : int
        How many columns of the other digit's ink show, in pixels, where it has as many.
    seed : int
        Of the other digit and of the side.

    Examples
    --------
    >>> noise = Neighbour(width=5)(np.zeros((28, 28, 1))).noise
    >>> bool(noise.any()), int(noise.any(axis=0).sum()) <= 5
    (True, True)
    """

    width: int = 6
    seed: int = 0

    def __post_init__(self) -> None:
        check_settings(self, positive=("width",))

    def __call__(self, image: AnyImage, /) -> Distorted:
        """Return the image with the piece of a digit on it."""
        pixels, random = unit_image(image), np.random.default_rng(self.seed)
        digits = load_mnist()[0]
        digit = digits[random.integers(len(digits))] / 255.0
        _require_room(self, pixels, len(digit), self.width)
        ink = digit[:, digit.any(axis=0)]
        top = (len(pixels) - len(digit)) // 2
        laid = np.zeros((*pixels.shape[:2], 1))
        rows = laid[top : top + len(digit), :, 0]
        width = min(self.width, ink.shape[1])
        if random.random() < 0.5:
            rows[:, :width] = ink[:, -width:]
        else:
            rows[:, -width:] = ink[:, :width]
        return changed(pixels, np.maximum(pixels, laid))


def _rectangle(part: Bar | Patch, pixels: Image, height: int, width: int) -> Distorted:
    """Paint a rectangle that lies wholly on the image."""
    _require_room(part, pixels, height, width)
    random = np.random.default_rng(part.seed)
    top = random.integers(pixels.shape[0] - height + 1)
    left = random.integers(pixels.shape[1] - width + 1)
    covered = np.zeros(pixels.shape[:2])
    covered[top : top + height, left : left + width] = 1.0
    return paint(pixels, covered, part.value)


def _require_room(part: object, pixels: Image, height: float, width: float) -> None:
    if pixels.shape[0] < height or pixels.shape[1] < width:
        raise InputError(
            f"{part} needs an image of at least {height:g} x {width:g} pixels; "
            f"got {pixels.shape[0]} x {pixels.shape[1]}"
        )


def _require_brightness(part: Bar | Patch | Line | Dot) -> None:
    if not 0 <= part.value <= 1:
        raise InputError(f"{type(part).__name__}.value must be in [0, 1]; got {part.value}")
