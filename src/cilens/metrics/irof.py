"""IROF: iterative removal of segments, the most important first, as a share of the score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from cilens.explanation import Explanation
from cilens.metrics.chains import area
from cilens.perturbation import ImageMean
from cilens.scoring import score
from cilens.scoring.protocols import Method
from cilens.scoring.question import Question
from cilens.segmentation import Slic, segment
from cilens.settings import check_settings
from cilens.types import Better, Model, Numbers, Perturbation, Progress, Segmenter


@dataclass(frozen=True)
class Irof:
    """Remove segments in the order of their mean saliency: the area over the curve (IROF).

    The curve is the target's score as a share of its score on the whole image, over the share of
    segments removed; so a number compares between segmentations of different size. The segments
    are the metric's own, the same for every method.

    Parameters
    ----------
    segmenter : Segmenter
        What is removed at once.
    perturbation : Perturbation
        What stands in a removed segment's place.
    batch_size : int
        Most rows in one call of the model.

    References
    ----------
    Rieger and Hansen, IROF: a low resource evaluation metric for explanation methods, 2020,
    arXiv:2003.08747

    Examples
    --------
    >>> from cilens import Constant, ContextualImportance, Grid
    >>> corner = lambda images: images[:, 0, 0]  # a model that looks at one pixel
    >>> explanation = ContextualImportance(Grid(2, 2))(corner, np.ones((2, 2, 1)))
    >>> Irof(Grid(2, 2), Constant(0.0))(corner, explanation)
    {'irof': 0.875}
    """

    segmenter: Segmenter = Slic()  # noqa: RUF009 (frozen)
    perturbation: Perturbation = ImageMean()  # noqa: RUF009 (frozen)
    batch_size: int = 32

    better: ClassVar[Mapping[str, Better]] = {"irof": "higher"}

    def __post_init__(self) -> None:
        check_settings(self, positive=("batch_size",))

    def __call__(
        self,
        model: Model,
        explanation: Explanation,
        /,
        target: int | str | None = None,
        *,
        method: Method | None = None,
        progress: Progress | None = None,
    ) -> Numbers:
        """Judge one explanation, from one model row for each segment, and one.

        There is no number where the whole image's score is not above 0: no share of it.
        """
        del method
        curve = self.curve(model, explanation, target, progress=progress)
        return {"irof": 1.0 - area(curve / curve[0]) if curve[0] > 0 else None}

    def curve(
        self,
        model: Model,
        explanation: Explanation,
        target: int | str | None = None,
        *,
        progress: Progress | None = None,
    ) -> Float[np.ndarray, " points"]:
        """Return the target's score as segments go: of the whole image first, of the blank last."""
        index = explanation.target(target)
        segments, labels = segment(self.segmenter, explanation.image)
        flat = segments.ravel()
        sums = np.bincount(flat, explanation.ranking(index).ravel())
        first = np.argsort(-sums / np.bincount(flat), kind="stable")
        gone = np.empty(len(labels), dtype=np.intp)
        gone[first] = np.arange(len(labels))
        chain = gone >= np.arange(len(labels) + 1)[:, None]
        question = Question.on(explanation.view, segments, chain, self.perturbation)
        (answer,) = score(model, [question], batch_size=self.batch_size, progress=progress)
        curve: Float[np.ndarray, " points"] = answer.scores[:, index]
        return curve
