"""What the influences, added up, say of any coalition; and how far off that is."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float

from cilens.coalitions import region_areas, spread
from cilens.explanation.record import Explanation
from cilens.types import Coalitions

_RIDGE = 20.0
"""Of a method that fits effects to rows of -1 and 1 that are not balanced."""


def segment_effects(explanation: Explanation) -> Float[np.ndarray, "segments classes"]:
    """Return what hiding each segment takes from the scores, as shares of the output range.

    That is its region's influence. Of a region with several segments each has its part by area;
    where regions overlap, their mean counts.

    Parameters
    ----------
    explanation : Explanation
        Of one image.

    Returns
    -------
    (S, K) float64 array

    Examples
    --------
    >>> import cilens
    >>> found = cilens.explain(cilens.load_model("digits"), cilens.read_image("mnist:0"))
    >>> bool((segment_effects(found) == found.influence).all())
    True
    """
    segments, regions = explanation.segments, explanation.regions
    if np.array_equal(regions, np.eye(len(regions), dtype=bool)):
        return explanation.influence
    own = np.bincount(segments.ravel(), minlength=regions.shape[1]) / segments.size
    shares = regions * own / region_areas(segments, regions)[:, None]
    holders = spread(np.ones(len(regions), dtype=np.intp), regions)
    effects: Float[np.ndarray, "segments classes"]
    effects = (shares / np.maximum(holders, 1)).T @ explanation.influence
    return effects


def additive_scores(
    explanation: Explanation, coalitions: Coalitions
) -> Float[np.ndarray, "coalitions classes"]:
    """Estimate the scores of coalitions: the image's, less the influence of what is hidden.

    Parameters
    ----------
    explanation : Explanation
        Of one image.
    coalitions : (N, S) bool array
        True where a segment stays.

    Returns
    -------
    (N, K) float64 array
        Within the output range; no model is asked. `additive_errors` says what they are worth.

    Examples
    --------
    >>> import cilens
    >>> found = cilens.explain(cilens.load_model("digits"), cilens.read_image("mnist:0"))
    >>> everything = np.ones((1, len(found.labels)), dtype=bool)
    >>> bool((additive_scores(found, everything) == found.scores).all())
    True
    """
    low, high = explanation.output_range
    lost = (~coalitions).astype(np.float64) @ segment_effects(explanation)
    with np.errstate(over="ignore"):  # of a range that is nearly all numbers there are
        return np.asarray(np.clip(explanation.scores - lost * (high - low), low, high))


def additive_errors(explanation: Explanation) -> Float[np.ndarray, " classes"] | None:
    """Say how far the estimates are off: root mean square over the rows that were asked.

    Each row counts as if it, and its opposite, had been left out. Rows that hide one segment or
    less are left out, as their estimates are what the influences were read from.

    Parameters
    ----------
    explanation : Explanation
        Of one image.

    Returns
    -------
    (K,) float64 array or None
        In units of the scores; None where fewer than two rows are left.

    Examples
    --------
    >>> import cilens
    >>> model, image = cilens.load_model("digits"), cilens.read_image("mnist:0")
    >>> found = cilens.explain(model, image, method=cilens.ContextualImportance.paper())
    >>> additive_errors(found) is None
    True
    """
    if explanation.coalitions is None or explanation.answers is None:
        return None
    rows, answers = explanation.coalitions[1:], explanation.answers[1:]  # first: the whole image
    several = (~rows).sum(axis=1) > 1
    if several.sum() < 2:
        return None
    low, high = explanation.output_range
    off = answers / (high - low) - additive_scores(explanation, rows) / (high - low)
    shares = np.sqrt(np.square(_left_out(rows, off)[several]).mean(axis=0))
    return np.asarray(shares * (high - low))


def _left_out(
    rows: Coalitions, off: Float[np.ndarray, "rows classes"]
) -> Float[np.ndarray, "rows classes"]:
    """Return what estimates would be off by that had not seen their own row.

    Effects are read off the difference of a row and its opposite, so only that part of an error
    was made small by them; the mean of the two owes them nothing. A row without an opposite counts
    in full.
    """
    varied: Bool[np.ndarray, " segments"] = (rows != rows[0]).any(axis=0)
    place = {row.tobytes(): at for at, row in enumerate(rows[:, varied])}
    opposite = [place.get((~row).tobytes(), -1) for row in rows[:, varied]]
    paired = np.array(opposite) >= 0
    mean = np.where(paired[:, None], (off + off[opposite]) / 2, 0.0)
    signs = rows[:, varied] * 2.0 - 1.0
    products = signs @ signs.T
    balanced = np.array_equal(signs.T @ signs, np.eye(signs.shape[1]) * len(rows))
    own = (
        np.diag(products) / len(rows)
        if balanced
        else np.diag(np.linalg.solve(products + 2 * _RIDGE * np.eye(len(rows)), products))
    )
    return np.asarray(mean + (off - mean) / (1 - own * (1 + paired))[:, None])
