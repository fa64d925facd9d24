"""Perturbations: what stands in a segment's place when it is hidden.

A perturbation is any callable ``(image, segments, coalitions) -> batch``, all in shares of the
pixel range: 0 is black, 1 is white. Kept pixels stay bitwise as they were, with soft edges too:
those fade into the picture on the hidden side only.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import skimage.restoration
from jaxtyping import Bool, Float, Real
from scipy import ndimage

from cilens.errors import InputError
from cilens.image import array_key, decode_array
from cilens.pixels import as_shares
from cilens.settings import check_settings
from cilens.types import Batch, Coalitions, Image, Replacement, Segments


@dataclass(frozen=True)
class Constant:
    """One number or colour.

    Parameters
    ----------
    value : float or tuple of float
        A share of the pixel range, before any normalisation: 0 is black, 0.5 mid-grey, 1 white,
        whatever the image's units. A tuple has one number for each channel.
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

    def __post_init__(self) -> None:
        _require_shares(self, "value")
        check_settings(self, natural=("edge_width",))

    def __call__(self, image: Image, segments: Segments, coalitions: Coalitions, /) -> Batch:
        """Return one image for each coalition."""
        return _hide(self, image, segments, coalitions)

    def replacement(self, image: Image, segments: Segments, /) -> Float[np.ndarray, " _"]:
        """Return the number or the colour."""
        del segments
        fill = np.atleast_1d(np.asarray(self.value, dtype=np.float64))
        if fill.shape not in ((1,), (image.shape[2],)):
            raise InputError(
                f"Constant.value must be one number or one for each of the image's "
                f"{image.shape[2]} channels; got {self.value}"
            )
        return fill


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

    def __post_init__(self) -> None:
        check_settings(self, natural=("edge_width",))

    def __call__(self, image: Image, segments: Segments, coalitions: Coalitions, /) -> Batch:
        """Return one image for each coalition."""
        return _hide(self, image, segments, coalitions)

    def replacement(self, image: Image, segments: Segments, /) -> Float[np.ndarray, " channels"]:
        """Return the image's mean colour."""
        del segments
        mean: Float[np.ndarray, " channels"] = image.mean(axis=(0, 1), dtype=np.float64)
        return mean


@dataclass(frozen=True)
class SegmentMean:
    """Each segment's own mean colour: its texture goes, its place in the picture stays.

    Parameters
    ----------
    edge_width : float
        Width of the soft edge, in pixels; 0 is hard.

    Examples
    --------
    >>> image, segments = np.array([[[1.0], [0.0], [0.2]]]), np.array([[0, 0, 1]])
    >>> SegmentMean()(image, segments, np.array([[False, True]])).ravel().tolist()
    [0.5, 0.5, 0.2]
    """

    edge_width: float = 0.0

    def __post_init__(self) -> None:
        check_settings(self, natural=("edge_width",))

    def __call__(self, image: Image, segments: Segments, coalitions: Coalitions, /) -> Batch:
        """Return one image for each coalition."""
        return _hide(self, image, segments, coalitions)

    def replacement(self, image: Image, segments: Segments, /) -> Image:
        """Return the image with each segment in its mean colour."""
        flat = segments.ravel()
        area = np.bincount(flat)
        sums = [np.bincount(flat, plane.ravel()) for plane in np.moveaxis(image, 2, 0)]
        means: Image = np.stack([total / area for total in sums], axis=1)[segments]
        return means


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
        check_settings(self, positive=("sigma",), natural=("edge_width",))

    def __call__(self, image: Image, segments: Segments, coalitions: Coalitions, /) -> Batch:
        """Return one image for each coalition."""
        return _hide(self, image, segments, coalitions)

    def replacement(self, image: Image, segments: Segments, /) -> Image:
        """Return the blurred image."""
        del segments
        blurred: Image = ndimage.gaussian_filter(
            image.astype(np.promote_types(image.dtype, np.float32), copy=False),
            (self.sigma, self.sigma, 0),
            mode="nearest",
        )
        return blurred


@dataclass(frozen=True)
class Noise:
    """Uniform noise, the same for every coalition.

    Parameters
    ----------
    low, high : float
        Bounds of the noise, as shares of the pixel range.
    seed : int
        Seed of the generator; the same seed gives the same noise.
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

    def __post_init__(self) -> None:
        _require_shares(self, "low", "high")
        check_settings(self, natural=("seed", "edge_width"))

    def __call__(self, image: Image, segments: Segments, coalitions: Coalitions, /) -> Batch:
        """Return one image for each coalition."""
        return _hide(self, image, segments, coalitions)

    def replacement(self, image: Image, segments: Segments, /) -> Image:
        """Return a picture of noise."""
        del segments
        return np.random.default_rng(self.seed).uniform(self.low, self.high, image.shape)


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

    def __post_init__(self) -> None:
        check_settings(self, natural=("edge_width",))

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
        return replace(image, segments, coalitions, fills.astype(image.dtype), self.edge_width)


@dataclass(frozen=True, eq=False)
class Picture:
    """Another picture's pixels: the mean of a data set, the prototype of a class, a texture.

    Parameters
    ----------
    source : array, or path
        As large as the image, or one number for each channel: floats in [0, 1] or unsigned
        integers in their dtype's range, whatever the image's units. A path names a .npy file or an
        image; `cilens.datasets.mean_image` makes a data set's mean.
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

    def __post_init__(self) -> None:
        check_settings(self, natural=("edge_width",))

    def __call__(self, image: Image, segments: Segments, coalitions: Coalitions, /) -> Batch:
        """Return one image for each coalition."""
        return _hide(self, image, segments, coalitions)

    def replacement(self, image: Image, segments: Segments, /) -> Real[np.ndarray, "..."]:
        """Return the picture."""
        del segments
        source = self.source if isinstance(self.source, np.ndarray) else decode_array(self.source)
        fill = as_shares(source[None, None] if source.ndim == 1 else source)
        if fill.shape not in (image.shape, (1, 1, *image.shape[2:])):
            raise InputError(
                f"the picture must have the image's shape {image.shape} or one number for each "
                f"channel {image.shape[2:]}; got {source.shape}"
            )
        return fill[0, 0] if source.ndim == 1 else fill

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Picture) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[object, ...]:
        return array_key(self.source), self.edge_width


def replace(
    image: Image,
    segments: Segments,
    coalitions: Coalitions,
    fill: Real[np.ndarray, "..."],
    edge_width: float = 0.0,
) -> Batch:
    """Put a fill where a coalition leaves a segment out.

    Parameters
    ----------
    image : (height, width, channels) array
        In any units.
    segments : (height, width) int array
        Labels 0 … S-1.
    coalitions : (N, S) bool array
        True where a segment stays.
    fill : array
        In the image's dtype and units; broadcast over the batch.
    edge_width : float
        Width of the soft edge, in pixels; 0 is hard.

    Returns
    -------
    (N, height, width, channels) array
        New, of the image's dtype.

    Examples
    --------
    >>> image, segments = np.full((1, 2, 1), 7, np.uint8), np.array([[0, 1]])
    >>> replace(image, segments, np.array([[True, False]]), np.array([9], np.uint8)).ravel()
    array([7, 9], dtype=uint8)
    """
    # take() is contiguous where coalitions[:, segments] is not, and a third faster.
    hidden = np.take(~coalitions, segments, axis=1)
    batch = np.empty((len(coalitions), *image.shape), image.dtype)
    batch[:] = image
    if edge_width > 0:
        return _blend(batch, hidden, fill, edge_width)
    # A pixel at a time, as so many bytes: three times as fast as channel by channel.
    pixel = np.dtype((np.void, image.shape[2] * image.itemsize))
    fills = np.broadcast_to(fill, (*fill.shape[:-1], image.shape[2]))
    np.copyto(
        batch.view(pixel)[..., 0], np.ascontiguousarray(fills).view(pixel)[..., 0], where=hidden
    )
    return batch


def _hide(
    perturbation: Replacement, image: Image, segments: Segments, coalitions: Coalitions
) -> Batch:
    """Return what a perturbation of one picture shows of shares."""
    if image.dtype.kind != "f":
        raise InputError(
            f"a perturbation works in shares of the pixel range, floats in [0, 1]; got "
            f"{image.dtype}: cilens.explain takes care of it"
        )
    fill = perturbation.replacement(image, segments).astype(image.dtype, copy=False)
    return replace(image, segments, coalitions, fill, perturbation.edge_width)


def _require_shares(part: Constant | Noise, *names: str) -> None:
    """Raise where a setting is no share of the pixel range."""
    for name in names:
        value = np.asarray(getattr(part, name))
        if value.dtype.kind not in "fiu" or not ((value >= 0) & (value <= 1)).all():
            raise InputError(
                f"{type(part).__name__}.{name} must be a share of the pixel range, from 0 (black) "
                f"to 1 (white); got {getattr(part, name)!r}: 127 of 255 is 127 / 255"
            )


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
        row[mask] = np.rint(mixed) if batch.dtype.kind != "f" else mixed
    return batch
