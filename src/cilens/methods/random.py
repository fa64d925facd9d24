"""A random attribution: what a method must beat to mean anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from cilens.coalitions import everything
from cilens.explanation import Explanation
from cilens.explanation.numbers import Reading, Tables
from cilens.perturbation import Constant
from cilens.scoring.explain import Answers, explain_one
from cilens.scoring.question import Plan, Question, plan_segments
from cilens.segmentation import Slic, segment
from cilens.settings import check_settings
from cilens.types import GivenImage, Model, Progress, Segmenter, View


@dataclass(frozen=True)
class RandomAttribution:
    """Draw every region's influence at random: the control beside every method.

    Parameters
    ----------
    segmenter : Segmenter
        Image to (height, width) integer labels.
    seed : int
        Seed of the random draw; the same for every image.
    batch_size : int
        Most rows in one call of the model.

    Examples
    --------
    >>> from cilens import Grid
    >>> bright = lambda images: images.mean(axis=(1, 2))
    >>> explanation = RandomAttribution(Grid(2, 2))(bright, np.ones((4, 4, 1)))
    >>> explanation.model_rows, explanation.influence.shape
    (1, (4, 1))
    """

    segmenter: Segmenter = Slic()  # noqa: RUF009 (frozen)
    seed: int = 0
    batch_size: int = 32

    def __post_init__(self) -> None:
        check_settings(self, positive=("batch_size",), natural=("seed",))

    def __call__(
        self, model: Model, image: GivenImage, /, *, progress: Progress | None = None
    ) -> Explanation:
        """Ask for the scores alone; see `cilens.explain`."""
        return explain_one(self, model, image, progress)

    def plan(self, view: View) -> Plan:
        """Build the one question: the unchanged image."""
        segments, labels = segment(self.segmenter, view)
        question = Question.on(view, segments, everything(len(labels)), Constant())
        return plan_segments(view, segments, labels, question)

    def read(
        self, plan: Plan, answers: Sequence[Answers], bounds: Float[np.ndarray, "2 classes"]
    ) -> Reading:
        """Draw the influence, uniform in [-1, 1] for each region and class."""
        del bounds
        scores = answers[0][0]
        shape = (len(plan.regions), len(scores))
        drawn = np.random.default_rng(self.seed).uniform(-1.0, 1.0, shape)
        tables = Tables(
            low=np.tile(scores, (shape[0], 1)),
            high=np.tile(scores, (shape[0], 1)),
            importance=np.abs(drawn),
            utility=np.full(shape, 0.5),
            influence=drawn,
        )
        return Reading(scores, tables)
