"""Several objects in one image: which region speaks for which of the classes that are there.

All classes are explained by the same questions: no further model row is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Integer

from cilens.errors import InputError
from cilens.explanation import Explanation
from cilens.settings import check_share, checked

MOST = 5
"""So many classes are taken, unless they are named: more panels than that nobody compares."""


class Objects(NamedTuple):
    """Which regions speak for which of several classes.

    Attributes
    ----------
    classes : tuple of int
        The classes, highest score first.
    threshold : float
        A region speaks for a class from this influence on, where the sign is sure.
    speaks : (C, R) bool array
        Whether a region speaks for a class: one row for each of `classes`.
    owner : (R,) int array
        The row of `classes` that each region speaks for the most; -1 where it speaks for none.
    shared : (R,) bool array
        Whether it speaks for several.
    areas : (C,) float64 array
        The share of the image's pixels in regions that speak for the class.
    own : (C,) float64 array
        Of the influence of the regions that speak for the class, the part on those that speak for
        no other; NaN where none speaks for it.

    Examples
    --------
    >>> import cilens
    >>> explanation = cilens.explain(cilens.load_model("digits"), cilens.read_image("mnist:18"))
    >>> found = find_objects(explanation)
    >>> [explanation.class_name(index) for index in found.classes], int(found.shared.sum()) > 0
    (['3', '5', '8'], True)
    """

    classes: tuple[int, ...]
    threshold: float
    speaks: Bool[np.ndarray, "classes regions"]
    owner: Integer[np.ndarray, " regions"]
    shared: Bool[np.ndarray, " regions"]
    areas: Float[np.ndarray, " classes"]
    own: Float[np.ndarray, " classes"]


def find_objects(
    explanation: Explanation,
    classes: Sequence[int | str] | None = None,
    *,
    above: float = 0.05,
    top: int = MOST,
    threshold: float = 0.01,
) -> Objects:
    """Say which regions speak for which of the classes that are there; no model is called.

    Parameters
    ----------
    explanation : Explanation
        Of one image, by any method.
    classes : sequence of int or str, optional
        The classes to explain; by default the `top` ones of those whose score is `above`.
    above : float
        A class is there from this score on, as a share of its output range. The predicted class
        always is.
    top : int
        Most classes, the highest scores first; named ones are all taken.
    threshold : float
        Regions count from this share of the output range on; above zero.

    Returns
    -------
    Objects
        The arrays cannot be written to.

    Raises
    ------
    InputError
        If there is no such class, one is named twice, or `top` or `threshold` is not above zero.

    Examples
    --------
    >>> import cilens
    >>> sides = lambda images: images.reshape(len(images), 2, 2, -1).mean(axis=(1, 3))
    >>> method = cilens.ContextualImportance(cilens.Grid(1, 2), (cilens.Constant(0.0),))
    >>> found = find_objects(method(sides, np.array([[1.0, 0.5], [1.0, 0.5]])))
    >>> found.classes, found.owner.tolist(), found.own.tolist()
    ((0, 1), [0, 1], [1.0, 1.0])
    """
    checked("explanation", explanation, Explanation)
    checked("classes", classes, Iterable | None)
    check_share("above", above)
    if checked("top", top, int) < 1 or not checked("threshold", threshold, float) > 0:
        raise InputError(f"top and threshold must be above 0; got {top} and {threshold}")
    named = _present(explanation, above, top) if classes is None else _named(explanation, classes)
    speaks = np.stack([explanation.important(index, threshold) for index in named])
    gains = np.where(speaks, explanation.influence[:, list(named)].T, 0.0)
    shared = speaks.sum(axis=0) > 1
    total = gains.sum(axis=1)
    own = np.full(len(named), np.nan)
    np.divide(gains @ ~shared, total, out=own, where=total > 0)
    pixels = np.bincount(explanation.segments.ravel(), minlength=explanation.regions.shape[1])
    covered = (speaks.astype(np.intp) @ explanation.regions) > 0
    arrays = (
        speaks,
        np.where(speaks.any(axis=0), gains.argmax(axis=0), -1),
        shared,
        covered @ pixels / pixels.sum(),
        own,
    )
    for array in arrays:
        array.setflags(write=False)
    return Objects(named, threshold, *arrays)


def _present(explanation: Explanation, above: float, top: int) -> tuple[int, ...]:
    low, high = explanation.output_range
    shares = (explanation.scores - low) / (high - low)
    best = np.argsort(-shares, kind="stable")[:top]
    predicted, apart = explanation.predicted, dict(explanation.outside)
    there = [
        int(index)
        for index in best
        if shares[index] >= above and index != predicted and index not in apart
    ]
    return (predicted, *there)[:top]


def _named(explanation: Explanation, classes: Sequence[int | str]) -> tuple[int, ...]:
    found = [explanation.target(name) for name in classes]
    if len(set(found)) != len(found) or not found:
        raise InputError(f"each class must be named once, one at least; got {list(classes)}")
    return tuple(sorted(found, key=lambda index: -explanation.scores[index]))
