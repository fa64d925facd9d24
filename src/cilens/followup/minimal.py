"""What is enough for a class, and what it needs: the two minimal sets of regions.

A highlight at a threshold can hold too much or too little. Here the model itself says where to
stop: the *sufficient* set alone keeps the target's score, and the image without the *necessary*
set loses the target. Each answer is the model's own, and from neither set can a region be dropped.
That is minimal, and need not be the smallest set of all: finding that one is NP-hard.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool

from cilens.coalitions import nothing
from cilens.errors import InputError
from cilens.explanation import Explanation
from cilens.followup.search import Asked, Claim, Outcome, union
from cilens.perturbation import Constant
from cilens.settings import check_settings
from cilens.types import Model, Perturbation

_BLANK_HAS_IT = "the blank image has the score too"
_WHOLE = "it takes every region: none can be dropped"
_PARTLY = "the regions together do not keep the score: it takes what lies outside of them too"
_STOPPED = "the search ended with its rows: some region may be dispensable still"
_UNFOUND = "the search ended with its rows before it found any"
_KEPT = "however many of the strongest regions are removed, the target stays"
_STAYS_BLANK = f"{_KEPT}: the blank image is the target too"
_NOTHING_TO_LOSE = "there is nothing to lose: the blank image scores as high"


class MinimalSet(NamedTuple):
    """Some regions, and what the model says of them. Arrays are read-only.

    Attributes
    ----------
    regions : (regions,) bool array
        Which regions are in the set.
    coalition : (segments,) bool array
        The segments of the set; as pixels ``set.coalition[explanation.segments]``.
    area : float
        Their share of the image's pixels.
    score, predicted : float, int
        The target's score and the class predicted: of a sufficient set, on the set alone; of a
        necessary set, on the image without it.
    holds : bool
        Whether the model confirms what the set claims.
    minimal : bool
        Whether the model was asked without each of its regions, and none can be dropped.
    reason : str
        Why the set is empty, is the whole image, or is not minimal; else empty.
    """

    regions: Bool[np.ndarray, " regions"]
    coalition: Bool[np.ndarray, " segments"]
    area: float
    score: float
    predicted: int
    holds: bool
    minimal: bool
    reason: str


class MinimalSets(NamedTuple):
    """What is enough for a class, and what it needs.

    Attributes
    ----------
    target : int
        The class they are about.
    loss : float
        What the sufficient set may lose of the target's score, as a share of the output range.
    sufficient : MinimalSet
        Alone it keeps the target.
    necessary : MinimalSet
        Without it the target is lost.
    blank_score, blank_predicted : float, int
        The target's score with every region removed, and the class predicted there.
    model_rows : int
        Images the model was asked about for this.
    perturbation : Perturbation
        What stood in the place of hidden segments, so that they can be shown as the model saw them.
    """

    target: int
    loss: float
    sufficient: MinimalSet
    necessary: MinimalSet
    blank_score: float
    blank_predicted: int
    model_rows: int
    perturbation: Perturbation


@dataclass(frozen=True)
class MinimalSearch:
    """Find a minimal sufficient and a minimal necessary set of regions, both held by the model.

    The shortest prefix of the regions, strongest influence first, that holds is looked for, coarse
    to fine; then regions are dropped, all that can go in one round together, until the model has
    been asked without each one that is left and none can go.

    A set is *sufficient* if the target's score on it alone is at least the image's less `loss`,
    and, where the target is the class predicted, stays so. A set is *necessary* if without it
    another class is predicted; where the target is not the class predicted, or the model has one
    class, if the score falls at least halfway from the image's to the blank image's.

    Parameters
    ----------
    perturbation : Perturbation
        What stands in the place of the regions left out.
    loss : float
        What the sufficient set may lose, as a share of the output range.
    budget : int
        Most model rows, three quarters of them for the sufficient set. The search ends
        with them, with the best that the model has confirmed, and says so.
    batch_size : int
        Most rows in one call of the model.

    Examples
    --------
    >>> from cilens import ContextualImportance, Grid
    >>> def model(images):  # class 1 needs both left quarters
    ...     left = images[:, :, :2].min(axis=(1, 2, 3))
    ...     return np.stack([1 - left, left], axis=1)
    >>> explanation = ContextualImportance(Grid(rows=2, columns=2))(model, np.ones((4, 4, 1)))
    >>> found = MinimalSearch()(model, explanation)
    >>> found.sufficient.regions.tolist(), found.necessary.regions.tolist()
    ([True, False, True, False], [True, False, False, False])
    """

    perturbation: Perturbation = Constant(0.0)  # noqa: RUF009 (frozen)
    loss: float = 0.01
    budget: int = 200
    batch_size: int = 32

    def __post_init__(self) -> None:
        check_settings(self, positive=("budget", "batch_size"))
        if not 0 <= self.loss < 1:
            raise InputError(
                f"MinimalSearch.loss must be a share of the output range, 0 to 1; got {self.loss}"
            )

    def __call__(
        self, model: Model, explanation: Explanation, target: int | str | None = None
    ) -> MinimalSets:
        """Search, asking the model.

        Parameters
        ----------
        model : callable
            The model that was explained.
        explanation : Explanation
            Its explanation of one image, by any method.
        target : int or str, optional
            A class index or name; by default the predicted class.

        Returns
        -------
        MinimalSets
            Of at most `budget` model rows. Same inputs, same sets.
        """
        index = explanation.target(target)
        asked = Asked(model, explanation, self.perturbation, index, self.batch_size)
        nothing_left = nothing(explanation.regions.shape[1])
        blank = asked.outcomes(nothing_left, self.budget)[0] or asked.image
        sufficient = self._sufficient(asked, blank)
        necessary = self._necessary(asked, blank)
        return MinimalSets(
            index, self.loss, sufficient, necessary, *blank, asked.rows, self.perturbation
        )

    def _sufficient(self, asked: Asked, blank: Outcome) -> MinimalSet:
        target, keeps_class = asked.target, asked.image.predicted == asked.target
        floor = asked.image.score - self.loss * _width(asked)

        def holds(outcome: Outcome) -> bool:
            return outcome.score >= floor and (outcome.predicted == target or not keeps_class)

        claim = Claim(asked, holds, removed=False, budget=self.budget * 3 // 4)
        if holds(blank):
            return _found(claim, [], minimal=True, reason=_BLANK_HAS_IT)
        chosen, minimal = claim.search()
        regions = asked.explanation.regions
        if not chosen:
            every = np.ones(len(regions), bool), np.ones(regions.shape[1], bool)
            reason = _PARTLY if minimal else _STOPPED
            return _record(asked.explanation, *every, asked.image)._replace(reason=reason)
        whole = _WHOLE if len(chosen) == len(regions) else ""
        return _found(claim, chosen, minimal, whole if minimal else _STOPPED)

    def _necessary(self, asked: Asked, blank: Outcome) -> MinimalSet:
        image, target = asked.image, asked.target
        by_class = image.predicted == target and len(asked.explanation.scores) > 1

        def holds(outcome: Outcome) -> bool:
            if by_class:
                return outcome.predicted != target
            return outcome.score <= (image.score + blank.score) / 2

        claim = Claim(asked, holds, removed=True, budget=self.budget)
        if not by_class and image.score - blank.score <= self.loss * _width(asked):
            return _found(claim, [], minimal=True, reason=_NOTHING_TO_LOSE)
        chosen, minimal = claim.search()
        if chosen:
            return _found(claim, chosen, minimal, "" if minimal else _STOPPED)
        reason = _KEPT if holds(blank) else _STAYS_BLANK
        return _found(claim, [], minimal, reason if minimal else _UNFOUND)


def _width(asked: Asked) -> float:
    low, high = asked.explanation.output_range[:, asked.target]
    return float(high - low)


def _found(claim: Claim, chosen: list[int], minimal: bool, reason: str) -> MinimalSet:
    """Make the record of a set whose outcome is known."""
    explanation = claim.asked.explanation
    regions = np.isin(np.arange(len(explanation.regions)), chosen)
    outcome = claim.outcome(chosen)
    return _record(explanation, regions, union(explanation, chosen), outcome)._replace(
        holds=claim.holds(outcome), minimal=minimal, reason=reason
    )


def _record(
    explanation: Explanation,
    regions: Bool[np.ndarray, " regions"],
    coalition: Bool[np.ndarray, " segments"],
    outcome: Outcome,
) -> MinimalSet:
    for array in (regions, coalition):
        array.setflags(write=False)
    area = float(coalition[explanation.segments].mean())
    return MinimalSet(regions, coalition, area, *outcome, holds=True, minimal=False, reason="")
