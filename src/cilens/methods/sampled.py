"""Contextual importance averaged over sampled contexts.

What hiding a region changes depends on the context, on what else is there. The paper asks in one
context, the whole image, where two regions that can stand in for each other both look dispensable.
Here the context varies: in each question another half of the segments is kept, and a region's
influence is how much higher the score is, on average, where it is kept than where it is hidden.

Averaged over independent halves that difference is the Banzhaf value; the Shapley value weighs
contexts of all sizes alike; LIME draws the same contexts at random, weighs those near the whole
image more, and fits a ridge regression.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from cilens import importance
from cilens.coalitions import everything
from cilens.designs import balanced_halves, random_halves, smallest_rows
from cilens.errors import InputError
from cilens.explaining import explain_one
from cilens.explanation import Explanation
from cilens.importance import Reading, Tables
from cilens.perturbation import Constant
from cilens.questions import Answer, Plan, Question, plan_segments
from cilens.segmentation import Slic, segment
from cilens.types import (
    AnyImage,
    Coalitions,
    Model,
    OutputRange,
    Perturbation,
    Progress,
    Segmenter,
    View,
)

_RIDGE = 10.0
"""Weight of the penalty where a design is not balanced, for columns of -1/2 and 1/2."""


@dataclass(frozen=True)
class SampledImportance:
    """Keep another half of the segments in each question, and compare where a segment is kept.

    Within the budget, a balanced design is used: every segment is kept in half of the questions
    and every pair together in a quarter, so that no segment's effect leaks into another's and the
    difference of two means is the least noisy estimate there is. Where the segments are too many
    for that, random halves with their opposites and a ridge regression take its place.

    Importance is the size of the influence: the mean over contexts, as a share of the output's
    range. Low and high are the image's score with and without that mean.

    Parameters
    ----------
    segmenter : Segmenter
        Image to (height, width) integer labels.
    perturbation : Perturbation
        What stands in a segment's place.
    budget : int
        Most images to ask about, the unchanged one among them. More is better.
    seed : int
        Of the design.
    output_range : (absmin, absmax)
        As for `cilens.ContextualImportance`.
    tolerance : float
        As for `cilens.ContextualImportance`.
    batch_size : int
        Most rows in one call of the model.

    References
    ----------
    Plackett and Burman, The Design of Optimum Multifactorial Experiments, 1946,
    doi:10.1093/biomet/33.4.305; Wang and Jia, Data Banzhaf, 2023, arXiv:2205.15466

    Examples
    --------
    >>> from cilens import Constant, Grid
    >>> either = lambda images: images.reshape(len(images), 2, -1).min(axis=2).max(axis=1)[:, None]
    >>> method = SampledImportance(Grid(rows=2, columns=1), Constant(0.0), budget=9)
    >>> explanation = method(either, np.ones((4, 4, 1)))  # one half of the image is enough
    >>> explanation.influence.ravel().tolist(), explanation.model_rows
    ([0.5, 0.5], 9)
    """

    segmenter: Segmenter = Slic(compactness=20.0)  # noqa: RUF009 (frozen)
    perturbation: Perturbation = Constant(0.5)  # noqa: RUF009 (frozen)
    budget: int = 200
    seed: int = 0
    output_range: OutputRange = (0.0, 1.0)
    tolerance: float = 1e-6
    batch_size: int = 32

    def __post_init__(self) -> None:
        if self.budget < 3:
            raise InputError(
                f"SampledImportance.budget must be at least 3: the image, a half and its opposite; "
                f"got {self.budget}"
            )

    def __call__(
        self, model: Model, image: AnyImage, /, *, progress: Progress | None = None
    ) -> Explanation:
        """Explain the model's scores for one image; see `cilens.explain`."""
        return explain_one(self, model, image, progress)

    def plan(self, view: View) -> Plan:
        """Build all questions about one image; no model is called."""
        segments, labels = segment(self.segmenter, view.image)
        asked = np.concatenate([everything(len(labels)), self._halves(len(labels))])
        question = Question(view.image, segments, asked, self.perturbation)
        return plan_segments(view, segments, labels, question)

    def read(self, plan: Plan, answers: Sequence[Answer]) -> Reading:
        """Compare the scores where a segment is kept and where it is hidden."""
        (answer,) = answers
        bounds = importance.span(self.output_range, answer.scores.shape[1])
        table = importance.within(answer.against(answer.scores[0]), bounds, self.tolerance)
        halves, scores = plan.questions[0].coalitions[1:], table[1:]
        effects = _effects(halves, scores)
        without, width = table[0] - effects, bounds[1] - bounds[0]
        low, high = np.minimum(table[0], without), np.maximum(table[0], without)
        tables = Tables(
            low=low,
            high=high,
            importance=np.abs(effects) / width,
            utility=importance.utility(table[0], low, high, self.tolerance * width),
            influence=effects / width,
        )
        return Reading(table[0], bounds, tables)

    def _halves(self, n_segments: int) -> Coalitions:
        if smallest_rows(n_segments) <= self.budget - 1:
            return balanced_halves(n_segments, self.budget - 1, self.seed)
        return random_halves(n_segments, self.budget - 1, self.seed)


def _effects(
    halves: Coalitions, scores: Float[np.ndarray, "rows classes"]
) -> Float[np.ndarray, "segments classes"]:
    """Return how much higher the score is where a segment is kept than where it is hidden."""
    signs = halves - 0.5
    products = signs.T @ signs
    moments = signs.T @ (scores - scores.mean(axis=0))
    if np.array_equal(products, np.eye(len(products)) * len(halves) / 4):
        balanced: Float[np.ndarray, "segments classes"] = moments * 4 / len(halves)
        return balanced
    return np.linalg.solve(products + _RIDGE * np.eye(len(products)), moments)
