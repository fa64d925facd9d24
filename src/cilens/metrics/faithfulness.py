"""Faithfulness: whether the model behaves as the explanation says."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cilens.coalitions import nothing
from cilens.explanation import Explanation
from cilens.perturbation import Constant
from cilens.questions import Question
from cilens.scoring import score
from cilens.types import Model, Perturbation

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
    index = explanation.target(target)
    kept = explanation.kept(index, threshold)
    coalitions = np.concatenate([kept[None], ~kept[None], nothing(len(kept))])
    question = Question(explanation.image, explanation.segments, coalitions, perturbation)
    (answer,) = score(model, [question], batch_size=batch_size)
    scores, predicted = answer.scores[:, index].tolist(), answer.scores.argmax(axis=1).tolist()
    return HighlightCheck(
        target=index,
        threshold=threshold,
        area=float(explanation.highlight(index, threshold).mean()),
        score=scores[0],
        predicted=predicted[0],
        remainder_score=scores[1],
        remainder_predicted=predicted[1],
        blank_score=scores[2],
        blank_predicted=predicted[2],
        empty=not kept.any(),
        model_rows=len(coalitions),
    )
