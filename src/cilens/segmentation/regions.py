"""Segmenters that follow the image's own edges, however many regions that gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import skimage.color
import skimage.filters
import skimage.segmentation

from cilens.pixels import as_shares
from cilens.settings import check_settings
from cilens.types import Image, Segments


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
