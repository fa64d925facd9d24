"""Segmenters: split an image into regions of pixels that are hidden together.

A segmenter is any callable ``image -> (height, width) integer array``; labels may start anywhere
and have gaps: `segment` closes them in this one place and keeps the caller's own.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
import skimage.color
import skimage.filters
import skimage.segmentation
from jaxtyping import Integer, Real

from cilens.errors import CilensWarning, FileError, InputError
from cilens.image import array_key, decode_array, resample
from cilens.pixels import as_shares
from cilens.settings import check_settings
from cilens.types import Image, Segmenter, Segments, View

_AnyLabels: TypeAlias = Integer[np.ndarray, "_ _"]
"""Of any height and width."""

_LARGE = 2**20
"""Pixels; larger images are cut on a smaller copy, and so in seconds."""

_SMOOTHER = (1.0, 2.0, 4.0, 8.0)
"""Widths of the Gaussian to try on noise, in pixels."""

_FINE = (160, 100, 60, 40, 25, 16, 9, 4)
"""Segments to ask for, the finest cut first."""

_MOST = 0.6
"""A cut says little if one segment has more of the image than this."""


def segment(
    segmenter: Segmenter, image: Image | View
) -> tuple[Segments, Integer[np.ndarray, " segments"]]:
    """Run a segmenter and close the gaps in its labels.

    Parameters
    ----------
    segmenter : Segmenter
        Any callable, image to (height, width) integer array.
    image : (height, width, channels) array or View
        In shares of the pixel range; handed to it as float32. Labels of the whole image that a view
        shows a part of are cut and resized as the view was, to the nearest.

    Returns
    -------
    segments : (height, width) int array
        Labels 0 … S-1, every one present.
    labels : (S,) int array
        The segmenter's own, ascending.

    Raises
    ------
    InputError
        If the segmenter's answer is not an integer array of the image's height and width.

    Examples
    --------
    >>> labels = np.array([[7, 7], [-1, 7]])
    >>> segments, own = segment(Labels(labels), np.zeros((2, 2, 1)))
    >>> segments.tolist(), own.tolist()
    ([[1, 1], [0, 1]], [-1, 7])
    """
    view = image if isinstance(image, View) else None
    pixels = image.image if isinstance(image, View) else image
    shares, shape = as_shares(pixels).astype(np.float32, copy=False), pixels.shape[:2]
    labelled = segmenter(shares)
    if isinstance(labelled, np.ma.MaskedArray):
        raise InputError("segments must label every pixel; got a masked array: fill it first")
    found = np.asarray(labelled)
    if found.dtype.kind not in "iu":
        raise InputError(f"segment labels must be integers; got dtype {found.dtype}")
    if view is not None and view.size == found.shape != shape:
        found = _on_view(found, view.box, shape)
    if found.shape != shape:
        other = f", or that of the image given, {view.size}" if view and view.size else ""
        raise InputError(f"segments must have the image's shape {shape}{other}; got {found.shape}")
    labels, segments = np.unique(found, return_inverse=True)
    return segments.reshape(found.shape).astype(np.intp), labels


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
        return _on_view(found, box, (height, width))

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


@dataclass(frozen=True)
class Felzenszwalb:
    """Regions of a graph of pixels, merged while their inner variation allows it.

    Parameters
    ----------
    scale : float
        Larger means larger segments.
    sigma : float
        Width of the Gaussian that smooths the image first, in pixels.
    min_size : int
        Smallest segment, in pixels.

    References
    ----------
    Felzenszwalb and Huttenlocher, 2004, doi:10.1023/B:VISI.0000022288.19776.77

    Examples
    --------
    >>> int(Felzenszwalb()(np.zeros((28, 28, 1), np.float32)).max()) + 1
    1
    """

    scale: float = 50.0
    sigma: float = 0.5
    min_size: int = 10

    def __post_init__(self) -> None:
        check_settings(self, positive=("scale", "min_size"), natural=("sigma",))

    def __call__(self, image: Image, /) -> Segments:
        """Return labels 0 … S-1."""
        found: Segments = skimage.segmentation.felzenszwalb(
            as_shares(image),
            scale=self.scale,
            sigma=self.sigma,
            min_size=self.min_size,
            channel_axis=-1,
        )
        return found


@dataclass(frozen=True)
class Quickshift:
    """Modes of the density of pixels in colour and space.

    Parameters
    ----------
    kernel_size : float
        Width of the density's kernel, in pixels; larger means fewer segments.
    max_dist : float
        Largest distance between pixels of one segment; larger means fewer segments.
    ratio : float
        Weight of colour against space, in [0, 1].

    References
    ----------
    Vedaldi and Soatto, Quick Shift, 2008, doi:10.1007/978-3-540-88693-8_52

    Examples
    --------
    >>> Quickshift()(np.zeros((28, 28, 1), np.float32)).shape
    (28, 28)
    """

    kernel_size: float = 4.0
    max_dist: float = 200.0
    ratio: float = 0.2

    def __post_init__(self) -> None:
        check_settings(self, positive=("kernel_size", "max_dist"), share=("ratio",))

    def __call__(self, image: Image, /) -> Segments:
        """Return labels 0 … S-1."""
        pixels = as_shares(image)
        if image.shape[2] != 3:
            pixels = np.repeat(pixels.mean(axis=2, keepdims=True), 3, axis=2)
        found: Segments = skimage.segmentation.quickshift(
            pixels,
            kernel_size=self.kernel_size,
            max_dist=self.max_dist,
            ratio=self.ratio,
            convert2lab=True,
            rng=0,  # breaks ties between pixels of one colour: the same way every time
        )
        return found


@dataclass(frozen=True)
class Watershed:
    """Basins of the image's gradient, flooded from evenly spread markers.

    Parameters
    ----------
    n_segments : int
        How many markers to spread.
    compactness : float
        Larger means rounder basins; 0 follows the edges alone.

    References
    ----------
    Neubert and Protzel, Compact Watershed, 2014, doi:10.1109/ICPR.2014.181

    Examples
    --------
    >>> int(Watershed(n_segments=16)(np.zeros((28, 28, 1), np.float32)).max())
    16
    """

    n_segments: int = 50
    compactness: float = 0.001

    def __post_init__(self) -> None:
        check_settings(self, positive=("n_segments",), natural=("compactness",))

    def __call__(self, image: Image, /) -> Segments:
        """Return labels 1 … S."""
        pixels = image.astype(np.float64)
        spread = np.ptp(pixels) or 1.0
        grey = ((pixels - pixels.min()) / spread).mean(axis=2)
        found: Segments = skimage.segmentation.watershed(
            skimage.filters.sobel(grey),
            markers=min(self.n_segments, grey.size),
            compactness=self.compactness,
        )
        return found


@dataclass(frozen=True)
class Grid:
    """Rectangles, blind to the content.

    Parameters
    ----------
    rows, columns : int
        How many from top to bottom and from left to right; sizes differ by one pixel at most.

    Examples
    --------
    >>> Grid(rows=1, columns=2)(np.zeros((2, 4, 1)))
    array([[0, 0, 1, 1],
           [0, 0, 1, 1]])
    """

    rows: int = 7
    columns: int = 7

    def __post_init__(self) -> None:
        check_settings(self, positive=("rows", "columns"))

    def __call__(self, image: Image, /) -> Segments:
        """Return labels 0 … S-1, row by row."""
        height, width = image.shape[:2]
        rows, columns = min(self.rows, height), min(self.columns, width)
        down, across = np.arange(height) * rows // height, np.arange(width) * columns // width
        labels: Segments = down[:, None] * columns + across
        return labels


@dataclass(frozen=True, eq=False)
class Labels:
    """The caller's own segmentation.

    Parameters
    ----------
    source : array, tensor, list, PIL image, or path
        Of the image's height and width, or those of the photograph that the model is shown a part
        of. Integers: they may start anywhere, have gaps, be negative. A mask of truth values is two
        segments. Masks, (N, height, width) truth values or what Segment Anything returns, are
        segments 1 … N, smaller ones on top of larger ones, and 0 where there is none. A path names
        a .npy file or an image file, read without conversion.

    Raises
    ------
    InputError
        If it is none of these.

    Examples
    --------
    >>> Labels(np.array([[3, 3], [5, 9]]))(np.zeros((2, 2, 1))).tolist()
    [[3, 3], [5, 9]]
    >>> whole, spot = [[True, True, True]], [[False, True, False]]
    >>> Labels([spot, whole])(np.zeros((1, 3, 1))).tolist()
    [[2, 1, 2]]
    """

    source: str | Path | object

    def __post_init__(self) -> None:
        if isinstance(self.source, np.ma.MaskedArray):
            raise InputError("labels must be there for every pixel; got a masked array: fill it")
        if not isinstance(self.source, str | Path):
            object.__setattr__(self, "source", _labels(self.source))

    def __call__(self, image: Image, /) -> _AnyLabels:
        """Return the labels as they are."""
        del image
        if isinstance(self.source, str | Path):
            try:
                return _labels(decode_array(self.source))
            except InputError as error:
                raise FileError(f"{self.source}: {error}") from None
        return np.asarray(self.source)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Labels) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[object, ...]:
        own = self.source
        return array_key(own if isinstance(own, str | Path) else np.asarray(own))


def _labels(source: object) -> _AnyLabels:
    """Return a label map of whatever holds labels or masks."""
    if isinstance(source, list | tuple) and source and all(isinstance(x, Mapping) for x in source):
        source = [mask.get("segmentation") for mask in source]
    try:
        found = np.asarray(source)
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(f"labels must be an array; {type(source).__name__}: {error}") from None
    masks = found.dtype == bool
    if masks and found.ndim == 4 and found.shape[1] == 1:
        found = found[:, 0]
    if found.ndim not in ((2, 3) if masks else (2,)) or found.dtype.kind not in "iub":
        raise InputError(
            "labels must be (height, width) integers, or masks, (height, width) or (N, height, "
            f"width) truth values; got shape {found.shape}, dtype {found.dtype}"
        )
    if not masks:
        return found
    if found.ndim == 2:
        return found.astype(np.intp)
    painted = np.zeros(found.shape[1:], dtype=np.intp)
    for index in np.argsort(-found.sum(axis=(1, 2)), kind="stable"):
        painted[found[index]] = index + 1
    return painted


def _on_view(
    labels: _AnyLabels, box: tuple[float, float, float, float], shape: tuple[int, int]
) -> _AnyLabels:
    """Bring labels onto another grid, to the nearest; what lies beyond them is one segment more."""
    if (0.0, 0.0, *shape) == box and labels.shape == shape:
        return labels
    top, left, bottom, right = box
    rows, columns = (
        np.floor(start + (np.arange(size) + 0.5) * (stop - start) / size).astype(np.intp)
        for start, stop, size in ((top, bottom, shape[0]), (left, right, shape[1]))
    )
    if rows[0] < 0 or columns[0] < 0 or rows[-1] >= len(labels) or columns[-1] >= labels.shape[1]:
        labels = np.pad(labels.astype(np.int64), 1, constant_values=int(labels.max()) + 1)
        rows, columns = (
            np.clip(places + 1, 0, size - 1)
            for places, size in zip((rows, columns), labels.shape, strict=True)
        )
    return labels[rows[:, None], columns]


def _at_most(image: Image, pixels: int) -> Real[np.ndarray, "_ _ channels"]:
    """Return the image, or a smaller copy with about so many pixels."""
    height, width = image.shape[:2]
    shrink = (pixels / (height * width)) ** 0.5
    if shrink >= 1:
        return image
    size = max(1, round(height * shrink)), max(1, round(width * shrink))
    return resample(image, (0.0, 0.0, float(height), float(width)), size, "bilinear")
