"""The questions: which segments stay in the picture.

A coalition is a boolean row over the segments, True where the segment stays. A region is a
boolean row too, True where the segment belongs to it. Everything that is asked of a model is a
set of coalitions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Bool, Float, Integer, Real

from cilens.errors import InputError
from cilens.types import Coalitions, Regions, Segments

_MOST_CELLS = 1 << 30
"""Of a table of regions by segments that takes a byte for each."""


def everything(n_segments: int) -> Coalitions:
    """Return the one coalition that keeps every segment: the unchanged image.

    Examples
    --------
    >>> everything(3)
    array([[ True,  True,  True]])
    """
    return np.ones((1, n_segments), dtype=bool)


def nothing(n_segments: int) -> Coalitions:
    """Return the one coalition that keeps no segment: the blank image.

    Examples
    --------
    >>> nothing(3)
    array([[False, False, False]])
    """
    return np.zeros((1, n_segments), dtype=bool)


def one_out(regions: Regions) -> Coalitions:
    """Keep all but one region, for each region in turn.

    Examples
    --------
    >>> one_out(np.eye(2, dtype=bool))
    array([[False,  True],
           [ True, False]])
    """
    _check_cells(*regions.shape)
    return ~regions


def one_in(regions: Regions) -> Coalitions:
    """Keep only one region, for each region in turn.

    Examples
    --------
    >>> one_in(np.eye(2, dtype=bool))
    array([[ True, False],
           [False,  True]])
    """
    _check_cells(*regions.shape)
    return regions.copy()


def single_regions(n_segments: int) -> Regions:
    """Return the regions that are one segment each.

    Each row is the one above it, moved by one: all of them are views of the same few bytes, so
    that even a hundred thousand segments take no memory. `gather` and `spread` know them.

    Examples
    --------
    >>> single_regions(2)
    array([[ True, False],
           [False,  True]])
    """
    around = bytes(n_segments - 1)
    row = around + b"\1" + around
    return np.ndarray((n_segments, n_segments), bool, row, n_segments - 1, (-1, 1))


def are_single(regions: Regions) -> bool:
    """Tell whether regions are those that `single_regions` returns; equal ones are not found out.

    Examples
    --------
    >>> regions = single_regions(3)
    >>> are_single(regions), are_single(regions[1:]), are_single(regions.copy())
    (True, False, False)
    """
    n_regions, n_segments = regions.shape
    ours = regions.strides == (-1, 1) and isinstance(regions.base, bytes)
    return ours and n_regions == n_segments and bool(regions[0, 0])


def gather(regions: Regions, values: Real[np.ndarray, " segments"]) -> Real[np.ndarray, " regions"]:
    """Add up what its segments have, for each region.

    Examples
    --------
    >>> gather(np.array([[True, True], [False, True]]), np.array([1, 2]))
    array([3, 2])
    """
    return values if are_single(regions) else np.asarray(regions @ values)


def spread(values: Real[np.ndarray, " regions"], regions: Regions) -> Real[np.ndarray, " segments"]:
    """Add up what the regions that it is in have, for each segment.

    Examples
    --------
    >>> spread(np.array([1, 2]), np.array([[True, True], [False, True]]))
    array([1, 3])
    """
    return values if are_single(regions) else np.asarray(values @ regions)


def named_regions(
    names: Mapping[str, Sequence[int]], labels: Integer[np.ndarray, " segments"]
) -> Regions:
    """Turn named sets of labels into regions.

    Parameters
    ----------
    names : mapping of str to sequence of int
        Each region's labels, in the caller's own numbering. Regions may overlap.
    labels : (segments,) int array
        The caller's label of each segment.

    Returns
    -------
    (regions, segments) bool array

    Raises
    ------
    InputError
        If a region is empty or names a label that the segmentation does not have.

    Examples
    --------
    >>> named_regions({"loop": [10, 30]}, np.array([10, 20, 30]))
    array([[ True, False,  True]])
    """
    rows = np.zeros((len(names), len(labels)), dtype=bool)
    for row, (name, wanted) in zip(rows, names.items(), strict=True):
        missing = sorted(set(wanted) - set(labels.tolist()))
        if missing or not len(wanted):
            what = f"labels {missing} that are not there" if missing else "no label"
            raise InputError(
                f"region {name!r} must name labels of the segmentation "
                f"({_listed(labels)}); it names {what}"
            )
        row[np.isin(labels, list(wanted))] = True
    return rows


def refine(segmentations: Sequence[Segments]) -> tuple[Segments, Regions]:
    """Cut several segmentations of one image into their common refinement.

    Parameters
    ----------
    segmentations : sequence of (height, width) int arrays
        Closed label maps (0 … S-1) of one shape.

    Returns
    -------
    segments : (height, width) int array
        The atoms: two pixels share one if they share a segment in every segmentation.
    regions : (regions, segments) bool array
        Every segment of every segmentation in the order given, as a set of atoms.

    Examples
    --------
    >>> rows, columns = np.array([[0, 0], [1, 1]]), np.array([[0, 1], [0, 1]])
    >>> atoms, regions = refine([rows, columns])
    >>> regions.astype(int)
    array([[1, 1, 0, 0],
           [0, 0, 1, 1],
           [1, 0, 1, 0],
           [0, 1, 0, 1]])
    """
    shape = segmentations[0].shape
    flat = np.stack([segmentation.ravel() for segmentation in segmentations])
    members, atoms = np.unique(flat, axis=1, return_inverse=True)
    _check_cells(sum(int(segments.max()) + 1 for segments in segmentations), members.shape[1])
    regions = [
        row[None, :] == np.arange(segmentation.max() + 1)[:, None]
        for row, segmentation in zip(members, segmentations, strict=True)
    ]
    return atoms.reshape(shape), np.concatenate(regions)


def region_areas(segments: Segments, regions: Regions) -> Float[np.ndarray, " regions"]:
    """Return each region's share of the image's pixels.

    Examples
    --------
    >>> region_areas(np.array([[0, 1], [1, 1]]), np.eye(2, dtype=bool))
    array([0.25, 0.75])
    """
    pixels = np.bincount(segments.ravel(), minlength=regions.shape[1])
    shares: Float[np.ndarray, " regions"] = gather(regions, pixels) / segments.size
    return shares


def region_centroids(segments: Segments, regions: Regions) -> Float[np.ndarray, "regions 2"]:
    """Return each region's mean row and column, in pixels.

    Examples
    --------
    >>> region_centroids(np.array([[0, 1], [0, 1]]), np.eye(2, dtype=bool))
    array([[0.5, 0. ],
           [0.5, 1. ]])
    """
    flat, (height, width) = segments.ravel(), segments.shape
    pixels = gather(regions, np.bincount(flat))
    rows = np.repeat(np.arange(height, dtype=float), width)
    columns = np.tile(np.arange(width, dtype=float), height)
    sums = [gather(regions, np.bincount(flat, axis)) for axis in (rows, columns)]
    centroids: Float[np.ndarray, "regions 2"] = np.stack(sums, axis=1) / pixels[:, None]
    return centroids


def region_neighbours(segments: Segments, regions: Regions) -> Bool[np.ndarray, "regions regions"]:
    """Return which regions share a border, or a segment.

    Examples
    --------
    >>> region_neighbours(np.array([[0, 1, 2]]), np.eye(3, dtype=bool)).astype(int)
    array([[0, 1, 0],
           [1, 0, 1],
           [0, 1, 0]])
    """
    touch = np.eye(regions.shape[1], dtype=bool)
    for one, other in ((segments[1:], segments[:-1]), (segments[:, 1:], segments[:, :-1])):
        touch[one.ravel(), other.ravel()] = touch[other.ravel(), one.ravel()] = True
    near: Bool[np.ndarray, "regions regions"] = regions @ touch @ regions.T
    np.fill_diagonal(near, val=False)
    return near


def _check_cells(n_regions: int, n_segments: int) -> None:
    if n_regions * n_segments > _MOST_CELLS:
        raise InputError(
            f"a table of {n_regions:,} regions by {n_segments:,} segments is too large (the limit "
            f"is {_MOST_CELLS:,} entries): cut the image into fewer segments"
        )


def _listed(labels: Integer[np.ndarray, " segments"]) -> str:
    shown = ", ".join(str(label) for label in labels[:12])
    return shown + (", …" if len(labels) > 12 else "")
