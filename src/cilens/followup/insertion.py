"""Insertion: the regions come in one after the other, the strongest first, and the score rises."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Integer

from cilens.explanation import Explanation
from cilens.perturbation import Constant
from cilens.scoring import score
from cilens.scoring.question import Question
from cilens.types import Model, Perturbation

_BLACK = Constant(0.0)

STEPS = 24
"""Most steps: the strongest segments come alone, the many weak ones in growing groups."""


class Insertion(NamedTuple):
    """What the model says of more and more of an image.

    Attributes
    ----------
    target : int
        The class that was explained.
    coalitions : (N, S) bool array
        The segments there at each step: none at first, all at last.
    scores : (N,) float array
        The target's score.
    predicted : (N,) int array
        The class that wins.
    perturbation : Perturbation
        What stands in the place of the others.
    """

    target: int
    coalitions: Bool[np.ndarray, "steps segments"]
    scores: Float[np.ndarray, " steps"]
    predicted: Integer[np.ndarray, " steps"]
    perturbation: Perturbation

    @property
    def model_rows(self) -> int:
        """Images the model was asked about."""
        return len(self.coalitions)


def insert(
    model: Model,
    explanation: Explanation,
    perturbation: Perturbation = _BLACK,
    *,
    target: int | str | None = None,
    batch_size: int = 32,
) -> Insertion:
    """Ask the model about the image as its segments come in, those that speak for the class first.

    Parameters
    ----------
    model : callable
        The model that was explained.
    explanation : Explanation
        Its explanation of one image.
    perturbation : Perturbation
        What stands in the place of the segments that are not there yet.
    target : int or str, optional
        A class index or name; by default the predicted class.
    batch_size : int
        Most rows in one call of the model.

    Returns
    -------
    Insertion
        One model row for each step, at most `STEPS` + 1.

    Examples
    --------
    >>> import cilens
    >>> model, image = cilens.load_model("digits"), cilens.read_image("mnist:0")
    >>> inserted = insert(model, cilens.explain(model, image))
    >>> inserted.predicted[-1].item(), inserted.model_rows <= STEPS + 1
    (7, True)
    """
    index = explanation.target(target)
    coalitions = chain(explanation, index)
    question = Question.on(explanation.view, explanation.segments, coalitions, perturbation)
    (answer,) = score(model, [question], batch_size=batch_size)
    return Insertion(
        index, coalitions, answer.scores[:, index], answer.scores.argmax(axis=1), perturbation
    )


def chain(explanation: Explanation, target: int) -> Bool[np.ndarray, "steps segments"]:
    """Return which segments are there at each step, from none to all.

    Parameters
    ----------
    explanation : Explanation
        Of one image.
    target : int
        A class index.

    Examples
    --------
    >>> import cilens
    >>> brightness = lambda images: images.mean(axis=(1, 2))
    >>> explanation = cilens.ContextualImportance(cilens.Grid(1, 2))(brightness, np.ones((2, 2, 1)))
    >>> chain(explanation, 0).sum(axis=1).tolist()
    [0, 1, 2]
    """
    ranks = np.argsort(np.argsort(-explanation.ranks(target), kind="stable"), kind="stable")
    counts = np.unique(np.rint(np.geomspace(1, len(ranks), STEPS)).astype(int))
    return ranks[None] < np.concatenate([[0], counts])[:, None]
