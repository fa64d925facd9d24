"""LIME: a weighted linear surrogate of the model around one image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from cilens.errors import InputError
from cilens.explanation import Explanation, numbers
from cilens.explanation.numbers import Reading
from cilens.perturbation import Constant
from cilens.scoring.explain import Answers, explain_one
from cilens.scoring.question import Plan, plan_once
from cilens.segmentation import Slic
from cilens.settings import check_settings
from cilens.types import (
    Coalitions,
    GivenImage,
    Model,
    Perturbation,
    Progress,
    Segmenter,
    View,
)


@dataclass(frozen=True)
class Lime:
    """Ask about random coalitions and fit a weighted ridge regression to the answers.

    Coalitions, weights and fit are those of the lime package, but all classes are fitted at once:
    see `tests/parity`. A region's influence is its coefficient as a share of the output range. Low
    and high are the surrogate's: with and without the region.

    Parameters
    ----------
    segmenter : Segmenter
        Image to (height, width) integer labels.
    perturbation : Perturbation
        What stands in a segment's place.
    budget : int
        Model rows: the unchanged image, and a random coalition in each of the others.
    kernel_width : float
        Width of the exponential kernel over the cosine distance to the unchanged image.
    seed : int
        Seed of the random coalitions.
    tolerance : float
        As for `cilens.ContextualImportance`.
    batch_size : int
        Most rows in one call of the model.

    References
    ----------
    Ribeiro, Singh and Guestrin, "Why Should I Trust You?", 2016, doi:10.1145/2939672.2939778

    Examples
    --------
    >>> from cilens import Grid
    >>> left = lambda images: images[:, :, :2].mean(axis=(1, 2))  # brightness of the left half
    >>> method = Lime(Grid(rows=1, columns=2), budget=200)
    >>> method(left, np.ones((4, 4, 1))).influence.round(2).ravel().tolist()
    [0.94, -0.02]
    """

    segmenter: Segmenter = Slic()  # noqa: RUF009 (frozen)
    perturbation: Perturbation = Constant(0.0)  # noqa: RUF009 (frozen)
    budget: int = 1000
    kernel_width: float = 0.25
    seed: int = 0
    tolerance: float = 1e-6
    batch_size: int = 32

    def __post_init__(self) -> None:
        check_settings(
            self,
            positive=("kernel_width", "batch_size"),
            natural=("seed",),
            share=("tolerance",),
        )
        if self.budget < 2:
            raise InputError(
                f"Lime.budget must be at least 2: the image and a coalition; got {self.budget}"
            )

    def __call__(
        self, model: Model, image: GivenImage, /, *, progress: Progress | None = None
    ) -> Explanation:
        """Explain the model's scores for one image; see `cilens.explain`."""
        return explain_one(self, model, image, progress)

    def plan(self, view: View) -> Plan:
        """Build all questions about one image; no model is called."""
        return plan_once(view, self.segmenter, self.perturbation, self._sample)

    def read(
        self, plan: Plan, answers: Sequence[Answers], bounds: Float[np.ndarray, "2 classes"]
    ) -> Reading:
        """Fit the surrogate, all classes at once; no model is called."""
        (table,) = answers
        weights = self._fit(plan.questions[0].coalitions, table)
        tables = numbers.from_effects(table[0], weights, bounds, self.tolerance)
        return Reading(table[0], tables)

    def _sample(self, n_segments: int) -> Coalitions:
        """Draw coalitions as the lime package does; the first is the unchanged image."""
        random = np.random.RandomState(self.seed)
        drawn = random.randint(0, 2, self.budget * n_segments)
        coalitions: Coalitions = drawn.reshape(self.budget, n_segments).astype(bool)
        coalitions[0] = True
        return coalitions

    def _fit(
        self, coalitions: Coalitions, scores: Float[np.ndarray, "rows classes"]
    ) -> Float[np.ndarray, "segments classes"]:
        """Solve a ridge regression with an intercept, which is not held down."""
        weights = self._kernel(coalitions)
        kept = coalitions - np.average(coalitions, axis=0, weights=weights)
        apart = scores - np.average(scores, axis=0, weights=weights)
        weighted = kept.T * weights
        held = weighted @ kept + np.eye(kept.shape[1])
        found: Float[np.ndarray, "segments classes"] = np.linalg.solve(held, weighted @ apart)
        return found

    def _kernel(self, coalitions: Coalitions) -> Float[np.ndarray, " rows"]:
        """Weigh coalitions by the cosine of the angle between them and the unchanged image."""
        distances = 1.0 - np.sqrt(coalitions.mean(axis=1))
        nearness: Float[np.ndarray, " rows"] = np.exp(-((distances / self.kernel_width) ** 2) / 2)
        return nearness
