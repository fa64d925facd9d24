"""From regions to pixels: what the regions that hold a pixel say of it, and how surely."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Integer

from cilens.coalitions import spread
from cilens.types import Regions, Segments

_QUANTILE = 1.959964
"""Of the normal distribution, for 95 %."""


def paint(
    segments: Segments, regions: Regions, values: Float[np.ndarray, " regions"]
) -> Float[np.ndarray, "height width"]:
    """Paint a number for each region on the pixels.

    Parameters
    ----------
    segments : (height, width) int array
        Labels 0 … S-1.
    regions : (regions, S) bool array
        Which segments each region has.
    values : (regions,) float64 array
        A number for each region.

    Returns
    -------
    (height, width) float64 array
        Where regions overlap, their mean; where a pixel is in no region, 0.

    Examples
    --------
    >>> overlapping = np.array([[True, True, False], [False, True, False]])
    >>> paint(np.array([[0, 1, 2]]), overlapping, np.array([1.0, 2.0]))
    array([[1. , 1.5, 0. ]])
    """
    counts = np.maximum(_counts(regions), 1)
    painted: Float[np.ndarray, "height width"] = (spread(values, regions) / counts)[segments]
    return painted


def paint_margin(
    segments: Segments,
    regions: Regions,
    values: Float[np.ndarray, " regions"],
    margin: Float[np.ndarray, " regions"],
) -> Float[np.ndarray, "height width"]:
    """Return how far what is painted may be off, on each pixel: half of a 95 % interval.

    In a single region it is the region's own margin. Where the image was cut in several ways and
    a pixel is in a region of each, these are several measurements of it, and their spread tells
    how far their mean may be off, contexts and cuts together. Two or three measurements tell their
    own spread badly, so that of all pixels is pooled; it is never less than what their margins
    give by themselves.

    Parameters
    ----------
    segments : (height, width) int array
        Labels 0 … S-1.
    regions : (regions, S) bool array
        Which segments each region has.
    values : (regions,) float64 array
        What is painted.
    margin : (regions,) float64 array
        How far each of them may be off.

    Returns
    -------
    (height, width) float64 array
        Where a pixel is in no region, 0.

    Examples
    --------
    >>> segments, regions = np.array([[0, 1]]), np.eye(2, dtype=bool)
    >>> values, margin = np.array([0.5, 0.1]), np.array([0.2, 0.2])
    >>> paint_margin(segments, regions, values, margin)
    array([[0.2, 0.2]])
    """
    counts = _counts(regions)
    several = np.maximum(counts, 1)
    left = spread(np.square(values), regions) - np.square(spread(values, regions)) / several
    pixels = np.bincount(segments.ravel(), minlength=len(counts))
    freedom = pixels @ np.maximum(counts - 1, 0)
    pooled = np.maximum(pixels @ left, 0.0) / max(freedom, 1)
    over_cuts = np.where(counts > 1, _QUANTILE * np.sqrt(pooled / several), 0.0)
    by_itself = np.sqrt(spread(np.square(margin), regions)) / several
    painted: Float[np.ndarray, "height width"] = np.maximum(over_cuts, by_itself)[segments]
    return painted


def _counts(regions: Regions) -> Integer[np.ndarray, " segments"]:
    """Return how many regions each segment is in."""
    return spread(np.ones(len(regions), dtype=np.intp), regions)
