"""Contrast: why one class and not another, from the same questions.

An explanation answers for every class, so any pair of classes is compared at no further model row.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

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


class Side(NamedTuple):
    """What each region is to one class.

    Attributes
    ----------
    target : int
        The class.
    influence : (regions,) float64 array
        Signed shares of its output range.
    important : (regions,) bool array
        Surely reaches the threshold.
    opposing : (regions,) bool array
        Surely speaks against the class, by at least the threshold.
    """

    target: int
    influence: Float[np.ndarray, " regions"]
    important: Bool[np.ndarray, " regions"]
    opposing: Bool[np.ndarray, " regions"]


def contrast(target: Side, foil: Side, threshold: float) -> Contrast:
    """Compare what matters to a class with what matters to another.

    Examples
    --------
    >>> yes, no = np.array([True]), np.array([False])
    >>> one, other = Side(0, np.array([0.5]), yes, no), Side(1, np.array([-0.25]), no, yes)
    >>> contrast(one, other, 0.01).difference.tolist()
    [0.75]
    """
    arrays = (
        target.influence - foil.influence,
        target.important & ~foil.important,
        foil.important & ~target.important,
        target.important & foil.important,
        target.opposing.copy(),
        foil.opposing.copy(),
        target.opposing & foil.opposing,
    )
    for array in arrays:
        array.setflags(write=False)
    return Contrast(target.target, foil.target, threshold, *arrays)
