"""Superpixels by k-means in colour and space, plain, steady and as fine as there is room for."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import skimage.segmentation
from jaxtyping import Real

from cilens.errors import CilensWarning, InputError
from cilens.image import resample
from cilens.pixels import as_shares
from cilens.segmentation.grid import Grid, on_grid
from cilens.settings import check_settings
from cilens.types import Image, Segments

_LARGE = 2**20
"""Pixels; larger images are cut on a smaller copy, and so in seconds."""

_SMOOTHER = (1.0, 2.0, 4.0, 8.0)
"""Widths of the Gaussian to try on noise, in pixels."""

_FINE = (160, 100, 60, 40, 25, 16, 9, 4)
"""Segments to ask for, the finest cut first."""

_MOST = 0.6
"""A cut says little if one segment has more of the image than this."""


@dataclass(frozen=True)
class Slic:
    """Superpixels by k-means in colour and space (SLIC).

    Parameters
    ----------
    n_segments : int
        How many to aim for; the image's content decides how many there are.
    compactness : float or (float, float), optional
        Weight of closeness in space against closeness in colour; a pair has one for grey images and
        one for colour. Colour is compared in CIELAB, lightness 0 … 100; grey, and any other number
        of channels, in shares of the image's own range. By default (0.3, 10).
    sigma : float
        Width of the Gaussian that smooths the image first, in pixels.

    Notes
    -----
    Images of more than a million pixels are cut on a smaller copy.

    References
    ----------
    Achanta et al., SLIC Superpixels, 2012, doi:10.1109/TPAMI.2012.120

    Examples
    --------
    >>> int(Slic(9, compactness=10)(np.zeros((28, 28, 1), np.float32)).max()) + 1
    9
    """

    n_segments: int = 50
    compactness: float | tuple[float, float] | None = None
    sigma: float = 0.0

    def __post_init__(self) -> None:
        check_settings(self, positive=("n_segments",), natural=("sigma",))
        if min(self._compactness) <= 0:
            raise InputError(f"Slic.compactness must be above 0; got {self.compactness}")

    def __call__(self, image: Image, /) -> Segments:
        """Return labels 0 … S-1."""
        height, width, channels = image.shape
        if height * width == 1:
            return np.zeros((height, width), dtype=np.intp)
        small = _at_most(as_shares(image), _LARGE)
        grey, colour = channels == 1, channels == 3
        found: Segments = skimage.segmentation.slic(
            small[..., 0] if grey else small,
            n_segments=min(self.n_segments, height * width),
            compactness=self._compactness[colour],
            sigma=self.sigma * small.shape[0] / height,
            channel_axis=None if grey else -1,
            start_label=0,
        )
        box = (0.0, 0.0, float(small.shape[0]), float(small.shape[1]))
        return on_grid(found, box, (height, width))

    @property
    def _compactness(self) -> tuple[float, float]:
        """For grey and for colour."""
        if self.compactness is None:
            return 0.3, 10.0
        given = self.compactness
        return given if isinstance(given, tuple) else (given, given)


@dataclass(frozen=True)
class SteadySlic:
    """SLIC superpixels, about as many as are asked for on any image.

    Noise, speckle and dithering leave SLIC a few segments: there the image is smoothed first, by
    as much as it takes, and if nothing helps the cut is a grid; a `CilensWarning` says so. All
    other images are cut as `Slic` cuts them.

    Parameters
    ----------
    n_segments : int
        How many to aim for.
    compactness : float or (float, float), optional
        As for `Slic`.

    Examples
    --------
    >>> int(SteadySlic(9)(np.zeros((28, 28, 1), np.float32)).max()) + 1
    9
    """

    n_segments: int = 50
    compactness: float | tuple[float, float] | None = None

    def __post_init__(self) -> None:
        Slic(self.n_segments, self.compactness)

    def __call__(self, image: Image, /) -> Segments:
        """Return labels."""
        return _told(_steady(Slic(self.n_segments, self.compactness), image))


@dataclass(frozen=True)
class FinestSlic:
    """The finest SLIC superpixels of which no more differ from a background.

    A segment that looks like what hides it need not be asked about: the black around a digit takes
    no room in the questions, and its ink can be cut the finer.

    Parameters
    ----------
    most : int
        So many segments at most have pixels other than the background.
    background : float
        In shares of the pixel range: 0 is black.
    compactness : float
        As for `Slic`.

    Examples
    --------
    >>> image = np.zeros((28, 28, 1), np.float32)
    >>> image[:, 14:] = 1
    >>> segments = FinestSlic(most=9)(image)
    >>> len(np.unique(segments[:, 14:])), len(np.unique(segments))
    (8, 16)
    """

    most: int = 40
    background: float = 0.0
    compactness: float = 0.5

    def __post_init__(self) -> None:
        check_settings(self, positive=("most", "compactness"), share=("background",))

    def __call__(self, image: Image, /) -> Segments:
        """Return labels."""
        seen = (as_shares(image) != self.background).any(axis=2)
        for n_segments in _FINE:
            found = _steady(Slic(n_segments, self.compactness), image)
            if len(np.unique(found.segments[seen])) <= self.most:
                return _told(found)
        return Slic(1, self.compactness)(image)


class _Steadied(NamedTuple):
    """A cut, and what to say of it where it is another than was asked for."""

    segments: Segments
    told: str = ""


def _steady(wanted: Slic, image: Image) -> _Steadied:
    """Cut an image into about as many segments as are asked for, whatever it takes."""
    height, width = image.shape[:2]
    asked = min(wanted.n_segments, height * width)
    first = 0
    for sigma in (0.0, *_SMOOTHER):
        cut: Slic | Grid = replace(wanted, sigma=sigma)
        segments = cut(image)
        areas = np.bincount(segments.ravel())
        count = int(np.count_nonzero(areas))
        if asked < 2 or (count >= asked / 2 and areas.max() <= _MOST * areas.sum()):
            break
        first = first or count
    else:
        rows = min(max(round((asked * height / width) ** 0.5), 1), height, asked)
        cut = Grid(rows, min(max(asked // rows, 1), width))
        segments = cut(image)
    if cut == wanted:
        return _Steadied(segments)
    return _Steadied(
        segments,
        f"{wanted!r} cuts this image into {first} of {asked} segments, as it does noise; {cut!r} "
        "takes its place",
    )


def _told(found: _Steadied) -> Segments:
    if found.told:
        warnings.warn(found.told, CilensWarning, stacklevel=3)
    return found.segments


def _at_most(image: Image, pixels: int) -> Real[np.ndarray, "_ _ channels"]:
    """Return the image, or a smaller copy with about so many pixels."""
    height, width = image.shape[:2]
    shrink = (pixels / (height * width)) ** 0.5
    if shrink >= 1:
        return image
    size = max(1, round(height * shrink)), max(1, round(width * shrink))
    return resample(image, (0.0, 0.0, float(height), float(width)), size, "bilinear")
