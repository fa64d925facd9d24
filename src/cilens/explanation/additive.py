"""What the influences, added up, say of any coalition; and how far off that is."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float

from cilens.coalitions import region_areas, spread
from cilens.explanation.record import Explanation
from cilens.types import Coalitions

_RIDGE = 20.0
"""As of a method that fits effects to rows of -1 and 1: how much a row says of itself."""


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
    return np.clip(explanation.scores - lost * (high - low), low, high)


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
    several = (~explanation.coalitions).sum(axis=1) > 1
    if several.sum() < 2:
        return None
    rows, answers = explanation.coalitions[several], explanation.answers[several]
    off = (answers - additive_scores(explanation, rows)) / (1 - _leverage(rows))[:, None]
    errors: Float[np.ndarray, " classes"] = np.sqrt(np.square(off).mean(axis=0))
    return errors


def _leverage(rows: Coalitions) -> Float[np.ndarray, " coalitions"]:
    """Return how far the answer to a row, and to its opposite, decides its own estimate."""
    varied: Bool[np.ndarray, " segments"] = (rows != rows[0]).any(axis=0)
    signs = rows[:, varied] * 2.0 - 1.0
    products = signs @ signs.T
    own = np.diag(np.linalg.solve(products + 2 * _RIDGE * np.eye(len(rows)), products))
    known = {row.tobytes() for row in rows[:, varied]}
    opposed = np.array([(~row).tobytes() in known for row in rows[:, varied]])
    return np.minimum(own * (1.0 + opposed), 1 - 1e-6)
