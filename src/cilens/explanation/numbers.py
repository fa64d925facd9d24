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

from cilens.errors import InputError, out_of_range
from cilens.proxy import Proxy
from cilens.types import Asked, OutputRange

TOLERANCE = 1e-6
"""A score may pass the output range by this share of it: a float32 softmax reaches 1.0000001."""


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
    tables : Tables
        A number for each region and class.
    margin : (regions, classes) float64 array or None
        How far each influence may be off; see `cilens.Explanation`.
    asked : {"one-out", "one-in", "windows", "contexts", "other"}
        What the method asked; see `cilens.Explanation`.
    proxy : Proxy or None
        See `cilens.Explanation`.
    """

    scores: Float[np.ndarray, " classes"]
    tables: Tables
    margin: Float[np.ndarray, "regions classes"] | None = None
    asked: Asked = "other"
    proxy: Proxy | None = None


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


class Bounded(NamedTuple):
    """Scores within the output range, and the classes whose scores had to be brought there.

    Attributes
    ----------
    tables : list of (coalitions, classes) float64 array
        The scores, question by question.
    bounds : (2, classes) float64 array
        absmin and absmax of each class.
    outside : tuple of (int, float)
        Each class that left its range, and its score furthest outside.
    """

    tables: list[Float[np.ndarray, "_ classes"]]
    bounds: Float[np.ndarray, "2 classes"]
    outside: tuple[tuple[int, float], ...]


def within(
    tables: Sequence[Float[np.ndarray, "_ classes"]],
    output_range: OutputRange | None,
    predicted: int | None = None,
) -> Bounded:
    """Check scores against the output range; beyond it by rounding noise counts as on it.

    Parameters
    ----------
    tables : sequence of (coalitions, classes) float64 array
        The model's answers, question by question.
    output_range : (absmin, absmax), optional
        What is stated of them; (0, 1) otherwise, and then each class must keep to it.
    predicted : int, optional
        The one class that must keep to a stated range, which may be an estimate: others that leave
        it are brought back and told of. By default all must.

    Returns
    -------
    Bounded
        The scores within the range.

    Raises
    ------
    ModelError
        If a score lies outside.

    Examples
    --------
    >>> within([np.array([[1.0 + 1e-9]])], None).tables
    [array([[1.]])]
    >>> within([np.array([[0.5, 8.0]])], (0, 1), 0).outside
    ((1, 8.0),)
    """
    low, high = bounds = span(output_range or (0.0, 1.0), tables[0].shape[1])
    least = np.min([table.min(axis=0) for table in tables], axis=0)
    most = np.max([table.max(axis=0) for table in tables], axis=0)
    excess = np.maximum(low - least, most - high)
    if excess.max() <= 0:
        return Bounded(list(tables), bounds, ())
    reached = np.where(low - least > most - high, least, most)
    left = excess > TOLERANCE * (high - low)
    if output_range is None or predicted is None:
        predicted = int((excess / (high - low)).argmax())
    if left[predicted]:
        raise out_of_range(predicted, reached[predicted], low[predicted], high[predicted])
    outside = tuple((int(index), float(reached[index])) for index in np.flatnonzero(left))
    return Bounded([np.clip(table, low, high) for table in tables], bounds, outside)


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
