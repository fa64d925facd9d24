"""Where regions are: thin lines between them, and a number inside each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float, UInt8
from scipy import ndimage

from cilens.render.pixels import magnification
from cilens.types import Regions, Segments

_LINE, _CASING = (255, 255, 255), (40, 40, 40)
_SIGNS, _MARK_LENGTH = frozenset("-0123456789"), 4
"""Of names that are written into pictures: their signs, and how many at most."""


def marks(names: Sequence[str]) -> tuple[str, ...]:
    """Return what stands for each region in pictures, tables and sentences.

    Parameters
    ----------
    names : sequence of str
        Such as ``explanation.region_names``.

    Returns
    -------
    tuple of str
        The names where all are short whole numbers, as a segmenter's labels are; else the
        regions' positions, from 0.

    Examples
    --------
    >>> marks(["10", "20"]), marks(["upper loop", "stem"])
    (('10', '20'), ('0', '1'))
    """
    if all(0 < len(name) <= _MARK_LENGTH and set(name) <= _SIGNS for name in names):
        return tuple(names)
    return tuple(str(index) for index in range(len(names)))


def boundaries(
    picture: UInt8[np.ndarray, "down across 3"], segments: Segments, width: int | None = None
) -> UInt8[np.ndarray, "down across 3"]:
    """Draw a line between any two segments: white, cased in black, so that it shows on anything.

    Parameters
    ----------
    picture : (k * height, k * width, 3) uint8 array
        RGB, enlarged already: lines run between the image's pixels.
    segments : (height, width) int array
        Any labels.
    width : int, optional
        Width of the white line, in pixels of the picture; by default a 400th of its longer side.
        The casing is as wide again, half on each side.

    Returns
    -------
    (k * height, k * width, 3) uint8 array
        A new picture.

    Raises
    ------
    InputError
        If the picture is not a whole number of times as large as the segments.

    Examples
    --------
    >>> boundaries(np.zeros((1, 4, 3), np.uint8), np.array([[0, 0, 5, 5]]), 1)[0, :, 0].tolist()
    [0, 40, 255, 0]
    """
    factor = magnification(segments.shape, picture)
    fine = segments.repeat(factor, axis=0).repeat(factor, axis=1)
    edges = np.zeros(fine.shape, dtype=bool)
    edges[1:] |= fine[1:] != fine[:-1]
    edges[:, 1:] |= fine[:, 1:] != fine[:, :-1]
    if width is None:
        width = max(1, round(max(fine.shape) / 400))
    drawn = picture.copy()
    drawn[_thick(edges, 2 * width)] = _CASING
    drawn[_thick(edges, width)] = _LINE
    return drawn


def inside_points(
    segments: Segments, regions: Regions | None = None
) -> tuple[Float[np.ndarray, "regions 2"], Float[np.ndarray, " regions"]]:
    """Find a good place for a number: the middle of the widest part of each region.

    A centroid can lie outside of its region; this point (the pole of inaccessibility, of those as
    good the one nearest to the centroid) never does. Where regions overlap, it is the middle of
    what a region shares with the fewest others.

    Parameters
    ----------
    segments : (height, width) int array
        Labels 0 … S-1.
    regions : (R, S) bool array, optional
        By default, each segment is one.

    Returns
    -------
    points : (R, 2) float64 array
        Row and column; whole numbers are the centres of pixels.
    radii : (R,) float64 array
        How far it is from the point to the region's edge, in pixels.

    Examples
    --------
    >>> inside_points(np.array([[0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 1]]))[0].tolist()
    [[1.0, 1.0], [1.0, 3.0]]
    """
    boxes = ndimage.find_objects(segments + 1)
    if regions is None:
        regions = np.eye(len(boxes), dtype=bool)
    sharers = np.where(regions, regions.sum(axis=0), len(regions) + 1)
    own = regions & (sharers == sharers.min(axis=1, keepdims=True))
    found = [_pole(segments, boxes, region) for region in own]
    points = np.array([point for point, _ in found], dtype=np.float64).reshape(-1, 2)
    return points, np.array([radius for _, radius in found], dtype=np.float64)


def _thick(edges: Bool[np.ndarray, "height width"], width: int) -> Bool[np.ndarray, "height width"]:
    """Widen lines that are one pixel wide and lie right of and below the edge."""
    thick: Bool[np.ndarray, "height width"] = ndimage.maximum_filter(
        edges, size=width, mode="constant", origin=-((width + 1) % 2)
    )
    return thick


def _pole(
    segments: Segments,
    boxes: list[tuple[slice, slice]],
    region: Bool[np.ndarray, " segments"],
) -> tuple[tuple[float, float], float]:
    own = [boxes[label] for label in np.flatnonzero(region)]
    top, left = (min(box[axis].start for box in own) for axis in (0, 1))
    bottom, right = (max(box[axis].stop for box in own) for axis in (0, 1))
    mask = region[segments[top:bottom, left:right]]
    # Small regions are looked at finely, for an even number of pixels has its middle between two.
    fine = 90 // max(mask.shape) | 1
    inside = np.pad(mask.repeat(fine, axis=0).repeat(fine, axis=1), 1)
    depth = ndimage.distance_transform_edt(inside)
    best = np.argwhere(depth >= 0.97 * depth.max())
    middle = np.argwhere(inside).mean(axis=0)
    row, column = best[((best - middle) ** 2).sum(axis=1).argmin()]
    point = (top + (row - 0.5) / fine - 0.5, left + (column - 0.5) / fine - 0.5)
    return point, float(depth[row, column] - 0.5) / fine
