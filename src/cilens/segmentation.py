"""Segmenters: split an image into regions of pixels that are hidden together.

A segmenter is any callable ``image -> (height, width) integer array``; labels may start anywhere
and have gaps: `segment` closes them in this one place and keeps the caller's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import skimage.color
import skimage.filters
import skimage.segmentation
from jaxtyping import Integer

from cilens.errors import InputError, require_positive
from cilens.image import array_key, decode_labels
from cilens.types import Image, Segmenter, Segments


def segment(
    segmenter: Segmenter, image: Image
) -> tuple[Segments, Integer[np.ndarray, " segments"]]:
    """Run a segmenter and close the gaps in its labels.

    Parameters
    ----------
    segmenter : Segmenter
        Any callable, image to (height, width) integer array.
    image : (height, width, channels) array
        In shares of the pixel range; handed to it as float32.

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
    found = np.asarray(segmenter(image.astype(np.float32, copy=False)))
    if found.shape != image.shape[:2]:
        raise InputError(
            f"segments must have the image's shape {image.shape[:2]}; got {found.shape}"
        )
    if found.dtype.kind not in "iu":
        raise InputError(f"segment labels must be integers; got dtype {found.dtype}")
    labels, segments = np.unique(found, return_inverse=True)
    return segments.reshape(found.shape).astype(np.intp), labels


@dataclass(frozen=True)
class Slic:
    """Superpixels by k-means in colour and space (SLIC).

    Parameters
    ----------
    n_segments : int
        How many to aim for; the image's content decides how many there are.
    compactness : float, optional
        Weight of closeness in space against closeness in colour. By default 10 for colour images
        (compared in CIELAB, lightness 0 … 100) and 0.3 for grey ones (compared in shares of the
        image's own range).
    sigma : float
        Width of the Gaussian that smooths the image first, in pixels.

    References
    ----------
    Achanta et al., SLIC Superpixels, 2012, doi:10.1109/TPAMI.2012.120

    Examples
    --------
    >>> int(Slic(9, compactness=10)(np.zeros((28, 28, 1), np.float32)).max()) + 1
    9
    """

    n_segments: int = 50
    compactness: float | None = None
    sigma: float = 0.0

    def __post_init__(self) -> None:
        require_positive(self, "n_segments", "compactness")

    def __call__(self, image: Image, /) -> Segments:
        """Return labels 0 … S-1."""
        grey = image.shape[2] == 1
        compactness = self.compactness or (0.3 if grey else 10.0)
        if image.shape[0] * image.shape[1] == 1:
            return np.zeros(image.shape[:2], dtype=np.intp)
        found: Segments = skimage.segmentation.slic(
            image[..., 0] if grey else image,
            n_segments=min(self.n_segments, image.shape[0] * image.shape[1]),
            compactness=compactness,
            sigma=self.sigma,
            channel_axis=None if grey else -1,
            start_label=0,
        )
        return found


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
        require_positive(self, "scale", "min_size")

    def __call__(self, image: Image, /) -> Segments:
        """Return labels 0 … S-1."""
        found: Segments = skimage.segmentation.felzenszwalb(
            image, scale=self.scale, sigma=self.sigma, min_size=self.min_size, channel_axis=-1
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
        require_positive(self, "kernel_size", "max_dist")

    def __call__(self, image: Image, /) -> Segments:
        """Return labels 0 … S-1."""
        grey = image.shape[2] == 1
        found: Segments = skimage.segmentation.quickshift(
            np.repeat(image, 3, axis=2) if grey else image,
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
        require_positive(self, "n_segments")

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
        require_positive(self, "rows", "columns")

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
    source : (height, width) integer array, or path
        Any integers: they may start anywhere, have gaps, be negative. A path names a .npy file
        or an image file of one channel (an integer PNG) or a palette, read without conversion.

    Examples
    --------
    >>> Labels(np.array([[3, 3], [5, 9]]))(np.zeros((2, 2, 1))).tolist()
    [[3, 3], [5, 9]]
    """

    source: Integer[np.ndarray, "height width"] | str | Path

    def __call__(self, image: Image, /) -> Segments:
        """Return the labels as they are."""
        del image
        if isinstance(self.source, np.ndarray):
            return self.source
        return decode_labels(self.source)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Labels) and array_key(self.source) == array_key(other.source)

    def __hash__(self) -> int:
        return hash(array_key(self.source))
