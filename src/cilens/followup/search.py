"""Search for a minimal set of regions for which the model confirms a claim.

The regions are tried as prefixes of one order, coarse to fine, and then dropped, until none can
go. Each coalition is asked about once, and no more are asked than there are rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool

from cilens.explanation import Explanation
from cilens.scoring import score
from cilens.scoring.question import Question, told_apart
from cilens.types import Coalitions, Model, Perturbation

_WAYS = 8
"""Into so many parts each round cuts what is left of the order."""


def union(explanation: Explanation, chosen: Sequence[int]) -> Bool[np.ndarray, " segments"]:
    """Return the segments that some regions have.

    Parameters
    ----------
    explanation : Explanation
        Of one image.
    chosen : sequence of int
        Rows of its `regions`; maybe none.

    Returns
    -------
    (segments,) bool array
    """
    picked = np.isin(np.arange(len(explanation.regions)), chosen)
    together: Bool[np.ndarray, " segments"] = picked @ explanation.regions
    return together


class Outcome(NamedTuple):
    """The target's score on one coalition, and the class predicted there."""

    score: float
    predicted: int


class Asked:
    """One model's answers about one image, each picture asked about once.

    Parameters
    ----------
    model : callable
        The model that was explained.
    explanation : Explanation
        The explanation of the image; the image's own scores are known from it.
    perturbation : Perturbation
        What stands in the place of the segments left out.
    target : int
        The class whose score is watched.
    batch_size : int
        Most rows in one call of the model.
    """

    def __init__(
        self,
        model: Model,
        explanation: Explanation,
        perturbation: Perturbation,
        target: int,
        batch_size: int,
    ) -> None:
        self.explanation, self.target, self.rows = explanation, target, 0
        self._model, self._fill, self._batch_size = model, perturbation, batch_size
        self.image = Outcome(float(explanation.scores[target]), explanation.predicted)
        self._known = {np.ones(explanation.regions.shape[1], dtype=bool).tobytes(): self.image}
        # Two coalitions that differ in these alone are the same picture.
        self._same = ~told_apart(explanation.image, explanation.segments, perturbation)

    def outcomes(self, coalitions: Coalitions, budget: int) -> list[Outcome | None]:
        """Return each coalition's outcome; None where the rows in all would pass `budget`."""
        coalitions = coalitions | self._same
        keys = [row.tobytes() for row in coalitions]
        new = {
            key: row for key, row in zip(keys, coalitions, strict=True) if key not in self._known
        }
        ask = list(new)[: max(budget - self.rows, 0)]
        if ask:
            explanation = self.explanation
            rows = np.stack([new[key] for key in ask])
            question = Question.on(explanation.view, explanation.segments, rows, self._fill)
            (answer,) = score(self._model, [question], batch_size=self._batch_size)
            told = answer.against(explanation.scores)
            for key, scores in zip(ask, told, strict=True):
                self._known[key] = Outcome(float(scores[self.target]), int(scores.argmax()))
            self.rows += len(ask)
        return [self._known.get(key) for key in keys]


class Claim(NamedTuple):
    """What a set of regions is to do, and how many rows there are to find one that does.

    Attributes
    ----------
    asked : Asked
        Who answers.
    holds : callable
        Outcome to bool.
    removed : bool
        Whether the set is taken out of the image, or all else is.
    budget : int
        Most rows in all, those spent before among them.
    """

    asked: Asked
    holds: Callable[[Outcome], bool]
    removed: bool
    budget: int

    def coalition(self, chosen: Sequence[int]) -> Coalitions:
        """Return what stays in the picture, as one row."""
        inside = union(self.asked.explanation, chosen)[None]
        return ~inside if self.removed else inside

    def outcome(self, chosen: Sequence[int]) -> Outcome:
        """Return the outcome of a set that was asked about."""
        (outcome,) = self.asked.outcomes(self.coalition(chosen), 0)
        if outcome is None:
            raise RuntimeError(f"regions {chosen} were taken for asked about")
        return outcome

    def told(self, sets: Iterable[Sequence[int]]) -> list[bool | None]:
        """Return for which sets it holds; None where there was no row left to ask."""
        rows = [self.coalition(chosen) for chosen in sets]
        if not rows:
            return []
        outcomes = self.asked.outcomes(np.concatenate(rows), self.budget)
        return [None if outcome is None else self.holds(outcome) for outcome in outcomes]

    def search(self) -> tuple[list[int], bool]:
        """Find a set from which no region can be dropped.

        Returns
        -------
        chosen : list of int
            The set, strongest influence first; empty where none was found.
        complete : bool
            Whether there were rows enough for all there was to ask.
        """
        influence = self.asked.explanation.influence[:, self.asked.target]
        order: list[int] = np.argsort(-influence, kind="stable").tolist()
        length, complete = self._shortest(order)
        return self._pruned(order[:length]) if length else ([], complete)

    def _shortest(self, order: Sequence[int]) -> tuple[int, bool]:
        """Return the length of a prefix that holds, 0 where none does, coarse to fine."""
        size = len(order)
        lengths = [*_between(0, size), size]
        told = self.told(order[:length] for length in lengths)
        if not any(told):
            lengths = list(range(1, size + 1))
            told = self.told(order[:length] for length in lengths)
        if not any(told):
            return 0, None not in told
        fails, holds = 0, size
        while any(told) or lengths:
            if any(told):
                first = told.index(True)
                fails, holds = lengths[first - 1] if first else fails, lengths[first]
            else:
                fails = lengths[-1]
            lengths = _between(fails, holds)
            told = self.told(order[:length] for length in lengths)
        return holds, True

    def _pruned(self, chosen: list[int]) -> tuple[list[int], bool]:
        """Drop regions, in each round as many as can go together, until none can."""
        while True:
            told = self.told([*chosen[:at], *chosen[at + 1 :]] for at in range(len(chosen)))
            free = [region for region, one in zip(chosen, told, strict=True) if one]
            if not free:
                return chosen, None not in told
            free.reverse()  # the weakest go first
            several = [*_between(1, len(free)), len(free)]
            sets = [[r for r in chosen if r not in free[:count]] for count in several]
            most = max(
                n for n, one in zip([1, *several], [True, *self.told(sets)], strict=True) if one
            )
            chosen = [region for region in chosen if region not in free[:most]]


def _between(low: int, high: int) -> list[int]:
    """Return up to seven numbers evenly between two others.

    Examples
    --------
    >>> _between(0, 40), _between(3, 5), _between(3, 4)
    ([5, 10, 15, 20, 25, 30, 35], [4], [])
    """
    inner = np.unique(np.linspace(low, high, _WAYS + 1).round().astype(int))
    return [number for number in inner.tolist() if low < number < high]
