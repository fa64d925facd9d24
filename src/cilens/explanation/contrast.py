"""Contrast: why one class and not another, from the same questions.

An explanation answers for every class, so any pair of classes is compared at no further model row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from cilens.errors import InputError
from cilens.explanation.classes import runner_up
from cilens.settings import checked

if TYPE_CHECKING:
    from cilens.explanation import Explanation

RUNNER_UP = "runner-up"
"""As a foil: the best class but the target. A class of this name goes before it."""


class Contrast(NamedTuple):
    """Which regions matter to a class, which to its foil, and by how much more.

    A region matters to a class if its influence surely reaches the threshold, and speaks against a
    class if hiding it surely raises the class's score by as much. All arrays are read-only.

    Attributes
    ----------
    target, foil : int
        Indices of the two classes.
    threshold : float
        The share of the output range that counts, inclusive.
    difference : (regions,) float64 array
        The target's influence minus the foil's, in [-2, 2]: shares of each class's output range.
        As a map: ``explanation.saliency(target) - explanation.saliency(foil)``.
    for_target_only : (regions,) bool array
        Matters to the target and not to the foil.
    for_foil_only : (regions,) bool array
        Matters to the foil and not to the target.
    both : (regions,) bool array
        Matters to both.
    against_target : (regions,) bool array
        Hiding it raises the target's score.
    against_foil : (regions,) bool array
        Hiding it raises the foil's score: its presence keeps the image from being the foil.
    against_both : (regions,) bool array
        Hiding it raises the scores of both.
    """

    target: int
    foil: int
    threshold: float
    difference: Float[np.ndarray, " regions"]
    for_target_only: Bool[np.ndarray, " regions"]
    for_foil_only: Bool[np.ndarray, " regions"]
    both: Bool[np.ndarray, " regions"]
    against_target: Bool[np.ndarray, " regions"]
    against_foil: Bool[np.ndarray, " regions"]
    against_both: Bool[np.ndarray, " regions"]


def contrast(
    explanation: Explanation,
    target: int | str | None = None,
    foil: int | str | None = None,
    threshold: float = 0.01,
) -> Contrast:
    """Compare what matters to a class with what matters to another; no model is called.

    Parameters
    ----------
    explanation : Explanation
        Of one image, by any method.
    target : int or str, optional
        A class index or name; by default the predicted class.
    foil : int or str, optional
        The other class; by default, and for "runner-up", the class with the highest score but the
        target. The target itself is allowed: the difference is then zero everywhere. (The command
        line refuses it, as nobody can have meant it there.)
    threshold : float
        Regions count from this share of the output range on; above zero.

    Returns
    -------
    Contrast
        Swapping target and foil flips the sign of the difference and swaps the rest.

    Raises
    ------
    InputError
        If there is no such class, no other class, or the threshold is not above zero.

    Examples
    --------
    >>> import cilens
    >>> explanation = cilens.ContextualImportance.paper()(
    ...     cilens.load_model("digits"), cilens.read_image("mnist:18")
    ... )
    >>> found = contrast(explanation)
    >>> explanation.class_name(found.target), explanation.class_name(found.foil)
    ('3', '5')
    >>> np.flatnonzero(found.for_target_only).tolist()
    [0, 1]
    """
    if not checked("threshold", threshold, float) > 0:
        raise InputError(f"the threshold of a contrast must be above 0; got {threshold}")
    one = explanation.target(target)
    other = find_foil(explanation, foil, one)
    for_target, for_foil = (explanation.important(each, threshold) for each in (one, other))
    against_target, against_foil = (explanation.opposing(each, threshold) for each in (one, other))
    arrays = (
        explanation.influence[:, one] - explanation.influence[:, other],
        for_target & ~for_foil,
        for_foil & ~for_target,
        for_target & for_foil,
        against_target,
        against_foil,
        against_target & against_foil,
    )
    for array in arrays:
        array.setflags(write=False)
    return Contrast(one, other, threshold, *arrays)


def find_foil(explanation: Explanation, foil: int | str | None, target: int) -> int:
    """Return the index of the class that a target is held against.

    Parameters
    ----------
    explanation : Explanation
        Of one image.
    foil : int or str, optional
        A class index or name; None and "runner-up" mean the best class but the target.
    target : int
        The class explained.

    Returns
    -------
    int

    Raises
    ------
    InputError
        If there is no such class, or no other class.
    """
    means_best = foil is None or (isinstance(foil, str) and foil == RUNNER_UP)
    if not means_best or (foil is not None and RUNNER_UP in explanation.class_names):
        return explanation.target(foil)
    best = runner_up(explanation.scores, target)
    if best is None:
        raise InputError("a runner-up needs a second class; the model has one class only")
    return explanation.target(best)
