"""Distortions: an image with something done to it, and which pixels are the distortion's own.

Each is a frozen record, image in [0, 1] in, `Distorted` out; its `seed` decides where and how:
the same seed gives the same distortion, ``dataclasses.replace(line, seed=index)`` another one for
every image. A new one is a class and a line in `DISTORTIONS`. Lengths are in pixels, brightness is
in [0, 1]; the defaults are of the size of the paper's own edits (Fig. 7), which stand at the end as
the published code has them, on the MNIST test images 82, 9750 and 178.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from jaxtyping import Bool, Float
from scipy import ndimage

from cilens.datasets.mnist import load_mnist, mnist_image
from cilens.errors import InputError
from cilens.image import as_image
from cilens.settings import check_settings
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


@dataclass(frozen=True)
class Bar:
    """Paint an upright bar somewhere (as in Fig. 7a: 8 x 3, white).

    Parameters
    ----------
    height, width : int
        Height and width of the bar, in pixels.
    value : float
        Its brightness, 0 to 1.
    seed : int
        Seed of the random place.

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
        check_settings(self, positive=("height", "width"), share=("value",))

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
        Seed of the random place.

    Examples
    --------
    >>> int(Patch(size=6)(np.zeros((28, 28, 1))).noise.sum())
    36
    """

    size: int = 6
    value: float = 0.5
    seed: int = 0

    def __post_init__(self) -> None:
        check_settings(self, positive=("size",), share=("value",))

    def __call__(self, image: AnyImage, /) -> Distorted:
        """Return the image with the square on it."""
        return _rectangle(self, unit_image(image), self.size, self.size)


@dataclass(frozen=True)
class Line:
    """Draw a straight line somewhere, in any direction (as in Fig. 7c: 7 pixels long, light grey).

    Parameters
    ----------
    length, width : float
        Length and width of the line, in pixels; its edges are smoothed over one pixel.
    value : float
        Its brightness, 0 to 1.
    seed : int
        Seed of the random place and direction.

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
        check_settings(self, positive=("length", "width"), share=("value",))

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
        Radius of the dot, in pixels; its edge is smoothed over one pixel.
    value : float
        Its brightness, 0 to 1.
    seed : int
        Seed of the random place.

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
        check_settings(self, positive=("radius",), share=("value",))

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
        Seed of the other digit and of the side.

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


@dataclass(frozen=True)
class Gaussian:
    """Add normal noise to every pixel and channel, cut off at 0 and 1.

    Parameters
    ----------
    sigma : float
        Standard deviation of the noise, as a share of the range.
    seed : int
        Seed of the noise.

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
        Share of all pixels, 0 to 1; half of them turn white, and one more where they are odd.
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
        Seed of the direction and distance.

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
        Seed of the angle.

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


FIGURE_8 = 8322
"""The MNIST test image of Fig. 8: a nine that the paper's network calls a four, at 51.46 %."""


def figure_7a() -> Distorted:
    """Return a two (``mnist:82``) with a white bar added at the lower right.

    References
    ----------
    Anjomshoae, Jiang and Främling, Visual Explanations for DNNs with Contextual Importance, 2021,
    doi:10.1007/978-3-030-82017-6_6, Fig. 7

    Examples
    --------
    >>> int(figure_7a().noise.sum())
    24
    """
    covered = np.zeros((28, 28))
    covered[20:28, 22:25] = 1.0
    return paint(mnist_image(82), covered)


def figure_7b() -> Distorted:
    """Return a three (``mnist:9750``) with a stroke of a neighbouring digit at its right.

    The stroke is in MNIST's image: nothing is edited. It is the ink from column 20 on.

    References
    ----------
    Anjomshoae, Jiang and Främling, Visual Explanations for DNNs with Contextual Importance, 2021,
    doi:10.1007/978-3-030-82017-6_6, Fig. 7

    Examples
    --------
    >>> bool((figure_7b().image[..., 0] > 0)[:, 20:].sum() == figure_7b().noise.sum())
    True
    """
    image = mnist_image(9750)
    noise = image[..., 0] > 0
    noise[:, :20] = False
    return Distorted(image, noise)


def figure_7c() -> Distorted:
    """Return a one (``mnist:178``) with a light grey line added across its middle.

    References
    ----------
    Anjomshoae, Jiang and Främling, Visual Explanations for DNNs with Contextual Importance, 2021,
    doi:10.1007/978-3-030-82017-6_6, Fig. 7

    Examples
    --------
    >>> figure_7c().noise.any(axis=1).nonzero()[0].tolist()
    [13]
    """
    covered = np.zeros((28, 28))
    covered[13, 9:15] = 1.0
    covered[13, [8, 15]] = 0.5
    return paint(mnist_image(178), covered, 226 / 255)
