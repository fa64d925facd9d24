"""Faithfulness: whether the model behaves as the explanation says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from cilens.coalitions import nothing
from cilens.explanation import Explanation
from cilens.perturbation import Constant
from cilens.scoring import score
from cilens.scoring.question import Question
from cilens.settings import check_settings
from cilens.types import Better, Method, Model, Numbers, Perturbation, Progress

_BLACK = Constant(0.0)


class HighlightCheck(NamedTuple):
    """What the model says of a highlight alone, of the image without it, and of the blank image.

    Attributes
    ----------
    target : int
        The class that was explained.
    threshold : float
        The share of the output range from which on a region counts as important.
    area : float
        The highlight's share of the image's pixels.
    score, predicted : float, int
        The target's score on the highlighted regions alone (sufficiency), and the class predicted
        there. Where the highlight is empty this is the blank image: see `empty`.
    remainder_score, remainder_predicted : float, int
        The same with exactly the highlighted regions removed (necessity).
    blank_score, blank_predicted : float, int
        The same with every region removed.
    empty : bool
        True where no region reached the threshold.
    model_rows : int
        Images the model was asked about for this check.
    """

    target: int
    threshold: float
    area: float
    score: float
    predicted: int
    remainder_score: float
    remainder_predicted: int
    blank_score: float
    blank_predicted: int
    empty: bool
    model_rows: int


def check_highlight(
    model: Model,
    explanation: Explanation,
    perturbation: Perturbation = _BLACK,
    *,
    target: int | str | None = None,
    threshold: float = 0.01,
    batch_size: int = 32,
) -> HighlightCheck:
    """Ask the model about a highlight alone, the image without it, and the blank image.

    Parameters
    ----------
    model : callable
        The model that was explained.
    explanation : Explanation
        Its explanation of one image.
    perturbation : Perturbation
        What stands in the place of the regions left out.
    target : int or str, optional
        A class index or name; by default the predicted class.
    threshold : float
        Regions count as important from this share of the output range on.
    batch_size : int
        Most rows in one call of the model.

    Returns
    -------
    HighlightCheck
        Three model rows, whatever the number of regions and classes.

    Examples
    --------
    >>> import cilens
    >>> model, image = cilens.load_model("digits"), cilens.read_image("mnist:0")
    >>> check = check_highlight(model, cilens.explain(model, image))
    >>> check.predicted, check.model_rows
    (7, 3)
    """
    return Highlight(perturbation, threshold, batch_size).check(model, explanation, target)


@dataclass(frozen=True)
class Highlight:
    """Ask about the highlight alone and about the rest: sufficiency, necessity, area.

    Sufficiency is the target's score on the highlight alone; ``class_kept`` is 1 where the class
    predicted for the whole image is predicted there too, else 0; necessity is what the target's
    score loses when exactly the highlight is removed; the area is a share of the image. An empty
    highlight is the blank image, with whatever score the model gives that.

    Parameters
    ----------
    fill : Perturbation
        What stands in the place of the regions left out.
    threshold : float
        Regions are highlighted from this share of the output range on.
    batch_size : int
        Most rows in one call of the model.

    Examples
    --------
    >>> from cilens import ContextualImportance, Grid
    >>> corner = lambda images: images[:, 0, 0]  # a model that looks at one pixel
    >>> explanation = ContextualImportance(Grid(2, 2))(corner, np.ones((2, 2, 1)))
    >>> Highlight()(corner, explanation)
    {'sufficiency': 1.0, 'class_kept': 1.0, 'necessity': 1.0, 'area': 0.25}
    """

    fill: Perturbation = _BLACK
    threshold: float = 0.01
    batch_size: int = 32

    better: ClassVar[Mapping[str, Better]] = {
        "sufficiency": "higher",
        "class_kept": "higher",
        "necessity": "higher",
        "area": "lower",
    }

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
        """Judge one explanation, from three model rows."""
        del method
        check = self.check(model, explanation, target, progress=progress)
        return {
            "sufficiency": check.score,
            "class_kept": float(check.predicted == explanation.predicted),
            "necessity": float(explanation.scores[check.target]) - check.remainder_score,
            "area": check.area,
        }

    def check(
        self,
        model: Model,
        explanation: Explanation,
        target: int | str | None = None,
        *,
        progress: Progress | None = None,
    ) -> HighlightCheck:
        """Ask the model about the highlight alone, the image without it, and the blank image."""
        index = explanation.target(target)
        kept = explanation.kept(index, self.threshold)
        coalitions = np.concatenate([kept[None], ~kept[None], nothing(len(kept))])
        question = Question.on(explanation.view, explanation.segments, coalitions, self.fill)
        (answer,) = score(model, [question], batch_size=self.batch_size, progress=progress)
        scores, predicted = answer.scores[:, index].tolist(), answer.scores.argmax(axis=1).tolist()
        return HighlightCheck(
            target=index,
            threshold=self.threshold,
            area=float(explanation.highlight(index, self.threshold).mean()),
            score=scores[0],
            predicted=predicted[0],
            remainder_score=scores[1],
            remainder_predicted=predicted[1],
            blank_score=scores[2],
            blank_predicted=predicted[2],
            empty=not kept.any(),
            model_rows=len(coalitions),
        )
