"""Perturbations: what stands in a segment's place when it is hidden.

A perturbation is any callable ``(image, segments, coalitions) -> batch``. Kept pixels stay bitwise
as they were, with soft edges too: those fade into the picture on the hidden side only.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import skimage.restoration
from jaxtyping import Bool, Float, Real
from scipy import ndimage

from cilens.errors import InputError, require_positive
from cilens.image import array_key, decode_array
from cilens.types import Batch, Coalitions, Image, Segments


@dataclass(frozen=True)
class Constant:
    """One number or colour.

    Parameters
    ----------
    value : float or tuple of float
        In the image's own units, before any normalisation: 0.0 is black, 0.5 mid-grey for pixels
        in [0, 1]. A tuple has one number for each channel.
    edge_width : float
        Width of the soft edge, in pixels; 0 is hard.

    Examples
    --------
    >>> image, segments = np.ones((1, 2, 1)), np.array([[0, 1]])
    >>> Constant(0.0)(image, segments, np.array([[True, False]])).ravel().tolist()
    [1.0, 0.0]
    """

    value: float | tuple[float, ...] = 0.0
    edge_width: float = 0.0

    def __call__(self, image: Image, segments: Segments, coalitions: Coalitions, /) -> Batch:
        """Return one image for each coalition."""
        fill = np.atleast_1d(np.asarray(self.value))
        if fill.shape not in ((1,), (image.shape[2],)):
            raise InputError(
                f"Constant.value must be one number or one for each of the image's "
                f"{image.shape[2]} channels; got {self.value}"
            )
        return _replace(image, segments, coalitions, fill, self.edge_width)


@dataclass(frozen=True)
class ImageMean:
    """The image's mean colour.

    Parameters
    ----------
    edge_width : float
        Width of the soft edge, in pixels; 0 is hard.

    Examples
    --------
    >>> image, segments = np.array([[[1.0], [0.0]]]), np.array([[0, 1]])
    >>> ImageMean()(image, segments, np.array([[False, True]])).ravel().tolist()
    [0.5, 0.0]
    """

    edge_width: float = 0.0

    def __call__(self, image: Image, segments: Segments, coalitions: Coalitions, /) -> Batch:
        """Return one image for each coalition."""
        fill = image.mean(axis=(0, 1), dtype=np.float64)
        return _replace(image, segments, coalitions, _rounded(fill, image), self.edge_width)


@dataclass(frozen=True)
class SegmentMean:
    """Each segment's own mean colour: its texture goes, its place in the picture stays.

    Parameters
    ----------
    edge_width : float
        Width of the soft edge, in pixels; 0 is hard.

    Examples
    --------
    >>> image, segments = np.array([[[1.0], [0.0], [5.0]]]), np.array([[0, 0, 1]])
    >>> SegmentMean()(image, segments, np.array([[False, True]])).ravel().tolist()
    [0.5, 0.5, 5.0]
    """

    edge_width: float = 0.0

    def __call__(self, image: Image, segments: Segments, coalitions: Coalitions, /) -> Batch:
        """Return one image for each coalition."""
        flat = segments.ravel()
        area = np.bincount(flat)
        sums = [np.bincount(flat, plane.ravel()) for plane in np.moveaxis(image, 2, 0)]
        means = np.stack([total / area for total in sums], axis=1)
        return _replace(
            image, segments, coalitions, _rounded(means[segments], image), self.edge_width
        )


@dataclass(frozen=True)
class Blur:
    """The blurred image: detail goes, colour and brightness stay.

    Parameters
    ----------
    sigma : float
        Width of the Gaussian, in pixels.
    edge_width : float
        Width of the soft edge, in pixels; 0 is hard.

    Examples
    --------
    >>> image, segments = np.ones((4, 4, 1)), np.zeros((4, 4), int)
    >>> Blur()(image, segments, np.array([[False]])).round(6).min()
    np.float64(1.0)
    """

    sigma: float = 10.0
    edge_width: float = 0.0

    def __post_init__(self) -> None:
        require_positive(self, "sigma")

    def __call__(self, image: Image, segments: Segments, coalitions: Coalitions, /) -> Batch:
        """Return one image for each coalition."""
        pixels = image.astype(np.float64 if image.dtype.kind != "f" else image.dtype)
        fill = ndimage.gaussian_filter(pixels, (self.sigma, self.sigma, 0), mode="nearest")
        return _replace(image, segments, coalitions, _rounded(fill, image), self.edge_width)


@dataclass(frozen=True)
class Noise:
    """Uniform noise, the same for every coalition.

    Parameters
    ----------
    low, high : float
        Bounds of the noise, in the image's own units.
    seed : int
        Of the generator; the same seed gives the same noise.
    edge_width : float
        Width of the soft edge, in pixels; 0 is hard.

    Examples
    --------
    >>> image, segments = np.ones((4, 4, 1)), np.zeros((4, 4), int)
    >>> a, b = (Noise(seed=1)(image, segments, np.array([[False]])) for _ in range(2))
    >>> bool((a == b).all())
    True
    """

    low: float = 0.0
    high: float = 1.0
    seed: int = 0
    edge_width: float = 0.0

    def __call__(self, image: Image, segments: Segments, coalitions: Coalitions, /) -> Batch:
        """Return one image for each coalition."""
        fill = np.random.default_rng(self.seed).uniform(self.low, self.high, image.shape)
        return _replace(image, segments, coalitions, _rounded(fill, image), self.edge_width)


@dataclass(frozen=True)
class Inpaint:
    """A smooth continuation of the kept pixels into the hidden ones (biharmonic).

    Where nothing is kept there is nothing to continue: those images are the image's mean colour.
    Slow on large images: every coalition is a linear system of its own.

    Parameters
    ----------
    edge_width : float
        Width of the soft edge, in pixels; 0 is hard.

    References
    ----------
    Damelin and Hoang, On Surface Completion and Image Inpainting by Biharmonic Functions, 2018,
    doi:10.1155/2018/3950312

    Examples
    --------
    >>> image, segments = np.full((4, 4, 1), 0.25), np.repeat([[0, 0, 1, 1]], 4, axis=0)
    >>> float(Inpaint()(image, segments, np.array([[True, False]])).std().round(6))
    0.0
    """

    edge_width: float = 0.0

    def __call__(self, image: Image, segments: Segments, coalitions: Coalitions, /) -> Batch:
        """Return one image for each coalition."""
        pixels = image.astype(np.float64)
        fills = np.tile(pixels, (len(coalitions), 1, 1, 1))
        for fill, coalition in zip(fills, coalitions, strict=True):
            hidden = ~coalition[segments]
            if hidden.all():
                fill[:] = pixels.mean(axis=(0, 1))
            elif hidden.any():
                fill[:] = skimage.restoration.inpaint_biharmonic(pixels, hidden, channel_axis=-1)
        return _replace(image, segments, coalitions, _rounded(fills, image), self.edge_width)


@dataclass(frozen=True, eq=False)
class Picture:
    """Another picture's pixels: the mean of a data set, the prototype of a class, a texture.

    Parameters
    ----------
    source : array, or path
        Of the image's shape, or with one number for each channel, in the image's own units. A
        path names a .npy file; `cilens.datasets.mean_image` makes a data set's mean.
    edge_width : float
        Width of the soft edge, in pixels; 0 is hard.

    Examples
    --------
    >>> image, segments = np.ones((1, 2, 1)), np.array([[0, 1]])
    >>> mean = np.array([[[0.25], [0.5]]])
    >>> Picture(mean)(image, segments, np.array([[True, False]])).ravel().tolist()
    [1.0, 0.5]
    """

    source: Real[np.ndarray, "..."] | str | Path
    edge_width: float = 0.0

    def __call__(self, image: Image, segments: Segments, coalitions: Coalitions, /) -> Batch:
        """Return one image for each coalition."""
        fill = self.source if isinstance(self.source, np.ndarray) else decode_array(self.source)
        if fill.shape not in (image.shape, image.shape[2:]):
            raise InputError(
                f"the picture must have the image's shape {image.shape} or one number for each "
                f"channel {image.shape[2:]}; got {fill.shape}"
            )
        return _replace(image, segments, coalitions, _rounded(fill, image), self.edge_width)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Picture) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[object, ...]:
        return array_key(self.source), self.edge_width


def _rounded(fill: Float[np.ndarray, "..."], image: Image) -> Real[np.ndarray, "..."]:
    """Round a computed fill where the image's pixels are integers."""
    return np.rint(fill) if image.dtype.kind != "f" else fill


def _replace(
    image: Image,
    segments: Segments,
    coalitions: Coalitions,
    fill: Real[np.ndarray, "..."],
    edge_width: float,
) -> Batch:
    """Put `fill` (broadcast over the batch) where a coalition leaves a segment out."""
    typed = fill.astype(image.dtype)
    if image.dtype.kind != "f" and not np.array_equal(typed, fill):
        raise InputError(
            f"the fill must fit the image's pixels ({image.dtype}); got {fill.min()} … {fill.max()}"
        )
    # take() is contiguous where coalitions[:, segments] is not, and a third faster; a mask with
    # channels of its own is twice as fast as one that is broadcast over them.
    if edge_width > 0:
        hidden = np.take(~coalitions, segments, axis=1)
        return _blend(np.repeat(image[None], len(coalitions), axis=0), hidden, typed, edge_width)
    each = np.repeat(segments[..., None], image.shape[2], axis=2)
    return np.where(np.take(~coalitions, each, axis=1), typed, image)


def _blend(
    batch: Batch,
    hidden: Bool[np.ndarray, "rows height width"],
    fill: Real[np.ndarray, "..."],
    edge_width: float,
) -> Batch:
    """Fade from the picture into the fill over `edge_width` pixels of the hidden side."""
    fills = np.broadcast_to(fill, batch.shape)
    for row, mask, filled in zip(batch, hidden, fills, strict=True):
        if mask.all():
            row[:] = filled
            continue
        depth = ndimage.distance_transform_edt(mask)
        share = np.clip(depth / (edge_width + 1.0), 0.0, 1.0)[mask, None]
        mixed = row[mask] * (1.0 - share) + filled[mask] * share
        row[mask] = _rounded(mixed, row).astype(batch.dtype)
    return batch
