"""An explanation's own audit: what it is worth, beside controls that know nothing of the model.

No number here passes or fails by itself. The explanation's order of pixels stands beside that of
an edge detector and of chance; its influences beside what the blank image really loses; its
saliency beside what the method says a second time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from cilens.coalitions import nothing
from cilens.errors import InputError
from cilens.explanation import Explanation
from cilens.followup.audit.record import Again, Audited, Flipped, Hidden
from cilens.methods.edges import EdgeDetector
from cilens.methods.random import RandomAttribution
from cilens.metrics.flipping import Curves, Flipping
from cilens.metrics.stability import Stability
from cilens.perturbation import Constant
from cilens.scoring import score
from cilens.scoring.explain import PlannedMethod
from cilens.scoring.protocols import Method
from cilens.scoring.question import Answer, Question
from cilens.segmentation import Labels
from cilens.settings import check_settings
from cilens.types import Model, Numbers, Perturbation, Progress

_TOP = 5
"""The image's own classes: so many with the highest scores."""

_SUM_TOLERANCE = 1e-3


@dataclass(frozen=True)
class Audit:
    """Judge one explanation, beside an edge detector and chance on the same segments.

    Parameters
    ----------
    perturbation : Perturbation
        What stands in a hidden pixel's place.
    steps : int
        How many portions of equal size the pixels are hidden in.
    draws : int
        How many random attributions show what chance does, each with its reverse.
    runs : int
        How often the method is asked again, for other segments and for noise each.
    batch_size : int
        Most rows in one call of the model.
    seed : int
        Seed of the random attributions, the shifts and the noise.

    Examples
    --------
    >>> from cilens import ContextualImportance, Grid
    >>> def model(images):  # the brightness of the left half
    ...     left = images[:, :, :2].mean(axis=(1, 2, 3))
    ...     return np.stack([1 - left, left], axis=1)
    >>> method = ContextualImportance(Grid(rows=2, columns=2))
    >>> found = Audit(steps=4)(model, method(model, np.ones((4, 4, 1))), method=method)
    >>> found.own.srg, found.edges.srg, found.gap, found.model_rows
    (0.5, 0.0, 0.0, 71)
    """

    perturbation: Perturbation = Constant(0.0)  # noqa: RUF009 (frozen)
    steps: int = 20
    draws: int = 4
    runs: int = 1
    batch_size: int = 32
    seed: int = 0

    def __post_init__(self) -> None:
        check_settings(self, positive=("steps", "draws", "runs", "batch_size"))

    def __call__(
        self,
        model: Model,
        explanation: Explanation,
        target: int | str | None = None,
        *,
        method: Method | None = None,
        progress: Progress | None = None,
    ) -> Audited:
        """Audit, asking the model.

        Parameters
        ----------
        model : callable
            The model that was explained.
        explanation : Explanation
            Its explanation of one image, by any method.
        target : int or str, optional
            A class index or name; by default the predicted class.
        method : Method, optional
            What explained; without it, nothing is said of stability.
        progress : callable, optional
            Called after each batch with the number of model rows just answered.

        Returns
        -------
        Audited
            Same inputs, same numbers.
        """
        index = explanation.target(target)
        flipping = Flipping(self.perturbation, self.steps)
        maps = [explanation.ranking(index), *self._controls(explanation, index)]
        chains = [chain for each in maps for chain in flipping.questions(explanation.view, each)]
        blank = Question.on(
            explanation.view,
            explanation.segments,
            nothing(len(explanation.labels)),
            self.perturbation,
        )
        asked = [*chains, blank]
        *answers, empty = score(model, asked, batch_size=self.batch_size, progress=progress)
        pairs = zip(answers[::2], answers[1::2], strict=True)
        own, edges, *random = (_flipped(flipping.read(pair, index)) for pair in pairs)
        low, high = (float(bound) for bound in explanation.output_range[:, index])
        lost = float(explanation.scores[index] - empty.scores[0, index])
        again: tuple[Again, ...] = ()
        if method is not None:
            again = tuple(self._again(model, explanation, index, method, progress))
        return Audited(
            target=index,
            perturbation=self.perturbation,
            steps=self.steps,
            output_range=(low, high),
            own=own,
            edges=edges,
            random=_there_and_back(random),
            chance=max(abs(one.srg) for one in random),
            influences=_influences(explanation, index),
            difference=lost / (high - low),
            hidden=self._hidden(explanation, index, answers[:2], empty.scores[0]),
            again=again,
            judge_rows=sum(len(question.coalitions) for question in asked),
        )

    def about_rows(self, method_rows: int) -> int:
        """Return how many rows it takes, where the method takes so many each time."""
        flipping = 2 * (2 + self.draws) * (self.steps + 1)
        return flipping + 1 + 2 * self.runs * method_rows

    def _controls(
        self, explanation: Explanation, target: int
    ) -> Iterator[Float[np.ndarray, "height width"]]:
        """Paint an edge detector and random attributions on the explanation's segments."""
        cut, view = Labels(explanation.segments), explanation.view
        told = explanation.scores[None]
        draws = range(self.seed, self.seed + self.draws)
        randoms = (RandomAttribution(cut, seed) for seed in draws)
        controls: list[PlannedMethod] = [EdgeDetector(cut), *randoms]
        for control in controls:
            plan = control.plan(view)
            tables = control.read(plan, [told], explanation.output_range).tables
            yield tables.influence[plan.segments, target]

    def _hidden(
        self,
        explanation: Explanation,
        target: int,
        chains: Sequence[Answer],
        blank: Float[np.ndarray, " classes"],
    ) -> Hidden:
        """Read what the images with half or more hidden are taken for."""
        rows = np.concatenate([chain.scores[-(-self.steps // 2) :] for chain in chains])
        every = np.vstack([explanation.scores, rows, blank])
        sums = np.abs(every.sum(axis=1) - 1) <= _SUM_TOLERANCE
        probabilities = bool(sums.all() and every.min() >= -_SUM_TOLERANCE)
        predicted = int(blank.argmax())
        found = Hidden(predicted, float(blank[predicted]), probabilities, None, None)
        own = {target, *np.argsort(-explanation.scores, kind="stable")[:_TOP].tolist()}
        others = [index for index in range(len(blank)) if index not in own]
        if not probabilities or not others:
            return found
        shares = rows[:, others].mean(axis=0)
        most = int(shares.argmax())
        return found._replace(unrelated=others[most], share=float(shares[most]))

    def _again(
        self,
        model: Model,
        explanation: Explanation,
        target: int,
        method: Method,
        progress: Progress | None,
    ) -> Iterator[Again]:
        """Ask the method again, and count the rows."""
        changes: tuple[Literal["segments", "noise"], ...] = ("segments", "noise")
        for change in changes:
            rows: list[int] = []

            def count(asked: int, rows: list[int] = rows) -> None:
                rows.append(asked)
                if progress is not None:
                    progress(asked)

            stability = Stability(change, self.runs, seed=self.seed)
            found: Numbers = dict.fromkeys(stability.better)
            try:
                found = stability(model, explanation, target, method=method, progress=count)
            except InputError:
                if change != "segments":  # the caller's own segments cannot be shifted
                    raise
            yield Again(
                change, found["rank_correlation"], found["max_difference"], model_rows=sum(rows)
            )


def _flipped(curves: Curves) -> Flipped:
    return Flipped(curves.srg, curves.lif, curves.mif)


def _there_and_back(draws: Sequence[Flipped]) -> Flipped:
    """Average random attributions and their reverses, whose LIF and MIF change places."""
    level = float(np.mean([(one.lif + one.mif) / 2 for one in draws]))
    return Flipped(0.0, level, level)


def _influences(explanation: Explanation, target: int) -> float | None:
    """Sum the influences, unless regions overlap."""
    if explanation.regions.sum(axis=0).max() > 1:
        return None
    return float(explanation.influence[:, target].sum())
