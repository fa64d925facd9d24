"""Redundancy: regions that can stand in for each other.

Of two wheels either may be enough for a car: hidden one at a time both look dispensable, which is
the blind spot of one question for each region. Here pairs are asked about too.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Integer

from cilens.coalitions import one_out, region_neighbours
from cilens.errors import InputError
from cilens.explanation import Explanation
from cilens.perturbation import Constant
from cilens.scoring import score
from cilens.scoring.question import Question, told_apart
from cilens.settings import check_settings
from cilens.types import Coalitions, Model, Perturbation


class Pair(NamedTuple):
    """Two regions, and what the target's score loses with both hidden."""

    one: int
    other: int
    joint_drop: float


class Redundancy(NamedTuple):
    """Which regions are dispensable alone and decisive together with another. Arrays are read-only.

    Attributes
    ----------
    target : int
        The class they are about.
    threshold : float
        A change below this share of the output range is none.
    drop : (regions,) float64 array
        What the target's score loses with the region alone hidden, as a share of the output range;
        NaN where it was not asked.
    dispensable : (regions,) bool array
        The change is smaller than the threshold, whatever its sign.
    partner : (regions,) int array
        The region together with which it costs the most, beyond what both cost alone; -1 where
        there is none: then the region is not redundant, as far as was asked.
    joint_drop : (regions,) float64 array
        What the score loses with both hidden; NaN where there is no partner.
    model_rows : int
        Images the model was asked about for this.
    """

    target: int
    threshold: float
    drop: Float[np.ndarray, " regions"]
    dispensable: Bool[np.ndarray, " regions"]
    partner: Integer[np.ndarray, " regions"]
    joint_drop: Float[np.ndarray, " regions"]
    model_rows: int

    @property
    def redundant(self) -> Bool[np.ndarray, " regions"]:
        """Which regions have a partner."""
        return self.partner >= 0

    def pairs(self) -> list[Pair]:
        """Return each region with its partner, once, the costliest pair first."""
        found = {
            Pair(min(region, partner), max(region, partner), float(self.joint_drop[region]))
            for region, partner in enumerate(self.partner.tolist())
            if partner >= 0
        }
        return sorted(found, key=lambda pair: (-pair.joint_drop, pair))


@dataclass(frozen=True)
class RedundancySearch:
    """Hide the regions one at a time, then some of the dispensable ones two at a time.

    A region is *dispensable* if hiding it alone changes the target's score by less than
    `dispensable`. Two dispensable regions are *redundant* if hiding both costs at least `decisive`
    more than hiding each costs in sum. To a model that adds its regions up no pair is redundant;
    to one that takes the higher of two, any two that are as high are.

    Not all pairs are asked about: of the dispensable regions, those with the strongest influence
    each with each, wherever they lie, and pairs that share a border, strongest together first. In
    photographs what stands in for a piece of an object most often lies beside it. Influence
    averaged over contexts (`cilens.SampledImportance`, LIME) finds them; that of one-out questions
    is the very number that is small for all of them. Three regions of which any one is enough are
    not found: no two of them are decisive.

    Parameters
    ----------
    perturbation : Perturbation
        What stands in the place of hidden regions.
    dispensable : float
        Below this share of the output range, a change is none.
    decisive : float
        From this share on, what two cost beyond their sum counts.
    candidates : int
        So many regions are asked about each with each: m of them take m (m - 1) / 2 model rows.
    neighbours : int
        So many pairs that share a border are asked about: a row each.
    most_regions : int
        So many regions at most are hidden one at a time, those with the largest influence: a row
        each. One that is the same picture when hidden costs none.
    batch_size : int
        Most rows in one call of the model.

    Examples
    --------
    >>> from cilens import Grid, SampledImportance
    >>> either = lambda images: images.reshape(len(images), 2, -1).min(axis=2).max(axis=1)[:, None]
    >>> method = SampledImportance((Grid(rows=2, columns=1),), (Constant(0.0),), budget=9)
    >>> explanation = method(either, np.ones((4, 4, 1)))  # one half of the image is enough
    >>> found = RedundancySearch()(either, explanation)
    >>> found.drop.tolist(), found.partner.tolist(), found.joint_drop.tolist(), found.model_rows
    ([0.0, 0.0], [1, 0], [1.0, 1.0], 3)
    """

    perturbation: Perturbation = Constant(0.0)  # noqa: RUF009 (frozen)
    dispensable: float = 0.01
    decisive: float = 0.05
    candidates: int = 8
    neighbours: int = 28
    most_regions: int = 100
    batch_size: int = 32

    def __post_init__(self) -> None:
        check_settings(self, positive=("dispensable", "decisive", "most_regions", "batch_size"))
        if self.candidates < 2:
            raise InputError(
                f"RedundancySearch.candidates must be at least 2, for a pair; got {self.candidates}"
            )
        if self.neighbours < 0:
            raise InputError(
                f"RedundancySearch.neighbours must be 0 or more; got {self.neighbours}"
            )

    def __call__(
        self, model: Model, explanation: Explanation, target: int | str | None = None
    ) -> Redundancy:
        """Ask the model in two rounds: one region at a time, then two.

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
        Redundancy
            Of at most `budget` model rows.
        """
        index = explanation.target(target)
        influence, n_regions = explanation.influence[:, index], len(explanation.regions)
        varied = told_apart(explanation.image, explanation.segments, self.perturbation)
        seen = np.asarray((explanation.regions & varied).any(axis=1))
        strongest = np.argsort(-np.abs(influence), kind="stable")
        asked = np.sort(strongest[seen[strongest]][: self.most_regions])
        drop = np.where(seen, np.nan, 0.0)  # the others are the same picture when hidden
        drop[asked] = self._drops(model, explanation, index, one_out(explanation.regions[asked]))
        dispensable = np.abs(drop) < self.dispensable  # False where it was not asked
        pairs = self._pairs(explanation, influence, dispensable & seen)
        together = explanation.regions[pairs[:, 0]] | explanation.regions[pairs[:, 1]]
        joint = self._drops(model, explanation, index, one_out(together))
        beyond = joint - drop[pairs].sum(axis=1)
        partner, joint_drop = np.full(n_regions, -1), np.full(n_regions, np.nan)
        for at in np.argsort(beyond, kind="stable"):  # the strongest last: it stays
            if beyond[at] >= self.decisive:
                partner[pairs[at]], joint_drop[pairs[at]] = pairs[at, ::-1], joint[at]
        for array in (drop, dispensable, partner, joint_drop):
            array.setflags(write=False)
        rows = len(asked) + len(pairs)
        return Redundancy(index, self.dispensable, drop, dispensable, partner, joint_drop, rows)

    def budget(self, n_regions: int) -> int:
        """Return how many images the model will be asked about at most."""
        one_by_one = min(n_regions, self.most_regions)
        candidates = min(one_by_one, self.candidates)
        every = one_by_one * (one_by_one - 1) // 2
        return one_by_one + min(candidates * (candidates - 1) // 2 + self.neighbours, every)

    def _pairs(
        self,
        explanation: Explanation,
        influence: Float[np.ndarray, " regions"],
        dispensable: Bool[np.ndarray, " regions"],
    ) -> Integer[np.ndarray, "pairs 2"]:
        """Return which two regions to hide together."""
        ranked = np.argsort(-influence, kind="stable")
        ranked = ranked[dispensable[ranked]]
        pairs = np.array(list(combinations(ranked, 2)), dtype=np.intp).reshape(-1, 2)
        near = region_neighbours(explanation.segments, explanation.regions)[tuple(pairs.T)]
        together = np.where(near, influence[pairs].sum(axis=1), -np.inf)
        beside = np.argsort(-together, kind="stable")[: min(self.neighbours, near.sum())]
        wanted = np.asarray(np.isin(pairs, ranked[: self.candidates]).all(axis=1))
        wanted[beside] = True
        return pairs[wanted]

    def _drops(
        self, model: Model, explanation: Explanation, target: int, coalitions: Coalitions
    ) -> Float[np.ndarray, " coalitions"]:
        """Return what the score loses on each coalition, as a share of the output range."""
        if not len(coalitions):
            return np.empty(0)
        question = Question.on(
            explanation.view, explanation.segments, coalitions, self.perturbation
        )
        (answer,) = score(model, [question], batch_size=self.batch_size)
        low, high = explanation.output_range[:, target]
        scores = answer.against(explanation.scores)[:, target]
        drops: Float[np.ndarray, " coalitions"] = (explanation.scores[target] - scores) / (
            high - low
        )
        return drops
