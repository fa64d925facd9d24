"""From regions to segments: what the regions that hold a segment say of it, and how surely."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Integer

from cilens.coalitions import spread
from cilens.types import Regions, Segments

QUANTILE = 1.959964
"""Of the normal distribution, for 95 %."""


def segment_means(
    regions: Regions, values: Float[np.ndarray, " regions"]
) -> Float[np.ndarray, " segments"]:
    """Bring a number for each region to the segments.

    Parameters
    ----------
    regions : (regions, S) bool array
        Which segments each region has.
    values : (regions,) float64 array
        A number for each region.

    Returns
    -------
    (S,) float64 array
        Where regions overlap, their mean; where a segment is in no region, 0.

    Examples
    --------
    >>> overlapping = np.array([[True, True, False], [False, True, False]])
    >>> segment_means(overlapping, np.array([1.0, 2.0]))
    array([1. , 1.5, 0. ])
    """
    counts = np.maximum(_counts(regions), 1)
    means: Float[np.ndarray, " segments"] = spread(values, regions) / counts
    return means


def segment_margins(
    segments: Segments,
    regions: Regions,
    values: Float[np.ndarray, " regions"],
    margin: Float[np.ndarray, " regions"],
) -> Float[np.ndarray, " segments"]:
    """Return how far a segment's mean may be off: half of a 95 % interval.

    In a single region it is the region's own margin. Where the image was cut in several ways and
    a segment is in a region of each, these are several measurements of it, and their spread tells
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
        A number for each region.
    margin : (regions,) float64 array
        How far each of them may be off.

    Returns
    -------
    (S,) float64 array
        Where a segment is in no region, 0.

    Examples
    --------
    >>> segments, regions = np.array([[0, 1]]), np.eye(2, dtype=bool)
    >>> values, margin = np.array([0.5, 0.1]), np.array([0.2, 0.2])
    >>> segment_margins(segments, regions, values, margin)
    array([0.2, 0.2])
    """
    counts = _counts(regions)
    several = np.maximum(counts, 1)
    left = spread(np.square(values), regions) - np.square(spread(values, regions)) / several
    pixels = np.bincount(segments.ravel(), minlength=len(counts))
    freedom = pixels @ np.maximum(counts - 1, 0)
    pooled = np.maximum(pixels @ left, 0.0) / max(freedom, 1)
    over_cuts = np.where(counts > 1, QUANTILE * np.sqrt(pooled / several), 0.0)
    by_itself = np.sqrt(spread(np.square(margin), regions)) / several
    margins: Float[np.ndarray, " segments"] = np.maximum(over_cuts, by_itself)
    return margins


def _counts(regions: Regions) -> Integer[np.ndarray, " segments"]:
    """Return how many regions each segment is in."""
    return spread(np.ones(len(regions), dtype=np.intp), regions)
