"""The numbers: contextual importance, utility and influence from a model's answers.

Sources: Anjomshoae, Jiang and Främling, Visual Explanations for DNNs with Contextual Importance,
2021, doi:10.1007/978-3-030-82017-6_6 (Eq. 1, Eq. 2); utility as in Främling, Explaining Results of
Neural Networks by Contextual Importance and Utility, 1996.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from cilens.errors import InputError, ModelError
from cilens.types import Asked, OutputRange


class Tables(NamedTuple):
    """One number for each region and class; see `cilens.Explanation` for each of them."""

    low: Float[np.ndarray, "regions classes"]
    high: Float[np.ndarray, "regions classes"]
    importance: Float[np.ndarray, "regions classes"]
    utility: Float[np.ndarray, "regions classes"]
    influence: Float[np.ndarray, "regions classes"]


class Reading(NamedTuple):
    """What a method read out of a model's answers.

    Attributes
    ----------
    scores : (classes,) float64 array
        The unchanged image's.
    bounds : (2, classes) float64 array
        absmin and absmax of each class.
    tables : Tables
        A number for each region and class.
    margin : (regions, classes) float64 array or None
        How far each influence may be off; see `cilens.Explanation`.
    asked : {"one-out", "one-in", "windows", "contexts", "other"}
        What the method asked; see `cilens.Explanation`.
    """

    scores: Float[np.ndarray, " classes"]
    bounds: Float[np.ndarray, "2 classes"]
    tables: Tables
    margin: Float[np.ndarray, "regions classes"] | None = None
    asked: Asked = "other"


def require_range(output_range: OutputRange) -> None:
    """Raise an `InputError` unless absmin lies below absmax, for each class.

    Examples
    --------
    >>> require_range((0.0, 1.0))
    """
    if not (np.asarray(output_range[1]) > np.asarray(output_range[0])).all():
        raise InputError(f"output_range must have absmin < absmax; got {output_range}")


def span(output_range: OutputRange, n_classes: int) -> Float[np.ndarray, "2 classes"]:
    """Return absmin and absmax of each class.

    Parameters
    ----------
    output_range : (absmin, absmax)
        Two numbers for all classes, or two tuples with one number for each class.
    n_classes : int
        How many classes the model has.

    Returns
    -------
    (2, classes) float64 array

    Raises
    ------
    InputError
        If the tuples do not have one number for each class.

    Examples
    --------
    >>> span((0.0, 1.0), 3).tolist()
    [[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]
    """
    bounds = [np.atleast_1d(np.asarray(bound, dtype=np.float64)) for bound in output_range]
    for bound in bounds:
        if bound.shape not in ((1,), (n_classes,)):
            raise InputError(
                f"output_range must have one number, or one for each of the model's "
                f"{n_classes} classes; got {len(bound)}"
            )
    return np.stack([np.broadcast_to(bound, (n_classes,)) for bound in bounds])


def within(
    scores: Float[np.ndarray, "rows classes"],
    bounds: Float[np.ndarray, "2 classes"],
    tolerance: float,
) -> Float[np.ndarray, "rows classes"]:
    """Check scores against the output range; beyond it by rounding noise counts as on it.

    Parameters
    ----------
    scores : (rows, classes) float64 array
        The model's answers.
    bounds : (2, classes) float64 array
        absmin and absmax of each class.
    tolerance : float
        How far a score may pass them, as a share of the range.

    Returns
    -------
    (rows, classes) float64 array
        Within the bounds.

    Raises
    ------
    ModelError
        If a score lies outside.

    Examples
    --------
    >>> within(np.array([[1.0 + 1e-9]]), span((0.0, 1.0), 1), 1e-6).item()
    1.0
    """
    (low, high), width = bounds, bounds[1] - bounds[0]
    below, above = (low - scores.min(axis=0)) / width, (scores.max(axis=0) - high) / width
    excess = np.maximum(below, above)
    if excess.max() > tolerance:
        column = int(excess.argmax())
        reached = (scores.min if below[column] > above[column] else scores.max)(axis=0)[column]
        raise ModelError(
            f"scores must lie in the output range ({low[column]:g}, {high[column]:g}); "
            f"class {column} reached {reached:g}: "
            "state output_range=(absmin, absmax), or let the model return probabilities "
            "(activation='softmax' or 'sigmoid')"
        )
    if excess.max() <= 0:
        return scores
    inside: Float[np.ndarray, "rows classes"] = np.clip(scores, low, high)
    return inside


def contextual(
    scores: Float[np.ndarray, " classes"],
    hidden: Sequence[Float[np.ndarray, "regions classes"]],
    bounds: Float[np.ndarray, "2 classes"],
    tolerance: float,
) -> Tables:
    """Read the answers to "what if this region were hidden?".

    Parameters
    ----------
    scores : (classes,) float64 array
        The unchanged image's.
    hidden : sequence of (regions, classes) float64 array
        With each region replaced, one table for each perturbation.
    bounds : (2, classes) float64 array
        absmin and absmax of each class.
    tolerance : float
        Below this share of the range, a difference is rounding noise: utility is 0.5.

    Returns
    -------
    Tables
        Eq. 1 (importance), utility, Eq. 2 (influence: the mean drop).

    Examples
    --------
    >>> hidden = [np.array([[0.25]]), np.array([[1.0]])]
    >>> tables = contextual(np.array([0.75]), hidden, span((0, 1), 1), 1e-6)
    >>> [table.item() for table in tables]
    [0.25, 1.0, 0.75, 0.6666666666666666, 0.125]
    """
    # Table by table and in place: with 1,000 regions and classes each table has 8 MB.
    width = bounds[1] - bounds[0]
    low, high = np.minimum(hidden[0], scores), np.maximum(hidden[0], scores)
    influence = scores - hidden[0]
    for table in hidden[1:]:
        np.minimum(low, table, out=low)
        np.maximum(high, table, out=high)
        influence += scores - table
    influence /= len(hidden) * width
    importance = high - low
    importance /= width
    return Tables(
        low=low,
        high=high,
        importance=importance,
        utility=utility(scores, low, high, tolerance * width),
        influence=influence,
    )


def from_effects(
    scores: Float[np.ndarray, " classes"],
    effects: Float[np.ndarray, "regions classes"],
    bounds: Float[np.ndarray, "2 classes"],
    tolerance: float,
) -> Tables:
    """Read what each region adds to the score: low and high are with and without it.

    Parameters
    ----------
    scores : (classes,) float64 array
        The unchanged image's.
    effects : (regions, classes) float64 array
        How much higher the score is with the region than without.
    bounds : (2, classes) float64 array
        absmin and absmax of each class.
    tolerance : float
        As for `contextual`.

    Returns
    -------
    Tables
        Importance is the size of the influence, as a share of the output range.

    Examples
    --------
    >>> tables = from_effects(np.array([0.75]), np.array([[-0.25]]), span((0, 1), 1), 1e-6)
    >>> [table.item() for table in tables]
    [0.75, 1.0, 0.25, 0.0, -0.25]
    """
    without, width = scores - effects, bounds[1] - bounds[0]
    low, high = np.minimum(scores, without), np.maximum(scores, without)
    return Tables(
        low=low,
        high=high,
        importance=np.abs(effects) / width,
        utility=utility(scores, low, high, tolerance * width),
        influence=effects / width,
    )


def utility(
    scores: Float[np.ndarray, " classes"],
    low: Float[np.ndarray, "regions classes"],
    high: Float[np.ndarray, "regions classes"],
    noise: Float[np.ndarray, " classes"],
) -> Float[np.ndarray, "regions classes"]:
    """Return where the score stands between low and high, in [0, 1].

    Parameters
    ----------
    scores : (classes,) float64 array
        The unchanged image's.
    low, high : (regions, classes) float64 array
        Bounds that hold `scores`.
    noise : (classes,) float64 array
        Where high and low differ by no more than this, utility is 0.5.

    Returns
    -------
    (regions, classes) float64 array

    Examples
    --------
    >>> utility(np.array([0.75]), np.array([[0.0]]), np.array([[1.0]]), np.array([1e-6])).item()
    0.75
    """
    place: Float[np.ndarray, "regions classes"] = high - low
    changed = place > noise
    np.divide(scores - low, place, out=place, where=changed)
    place[~changed] = 0.5
    return place
