"""P17: what a model saw in the images it gets wrong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Integer

from cilens.datasets.mnist import mnist_image
from cilens.evaluation.mistakes import Misclassification, check_errors
from cilens.methods.contextual import ContextualImportance
from cilens.paper.verdicts import Found, Measured, average, missing
from cilens.scoring import score_images
from cilens.types import AnyImage, Model

FIGURE_8 = 8322
"""The paper's misclassified image, in MNIST's test split: a nine, taken for a four."""

PRINTED = {"four": (4, 0.5146), "nine": (9, 0.1901), "five": (5, 0.1928)}
"""Classes and scores of that image, by the paper and its code."""


def figure_8(model: Model, *, is_authors: bool) -> Found:
    """Ask about the paper's misclassified image.

    Parameters
    ----------
    model : callable
        (rows, height, width, channels) array to (rows, classes) scores.
    is_authors : bool
        Whether the model is the authors' network: no other can give their scores.

    Returns
    -------
    dict of str to Measured
        Differences from the scores printed, in points of a percentage.
    """
    if not is_authors:
        return {name: missing("needs the authors' network (--model)") for name in PRINTED}
    (scores,) = score_images(model, [mnist_image(FIGURE_8)])
    return {
        name: Measured(100.0 * abs(float(scores[index]) - printed), 1, 1)
        for name, (index, printed) in PRINTED.items()
    }


def listed(
    scores: Float[np.ndarray, "images classes"], labels: Integer[np.ndarray, " images"]
) -> tuple[Misclassification, ...]:
    """List the images a model gets wrong, the most confident error first, from its scores.

    Parameters
    ----------
    scores : (images, classes) float array
        The model's answers.
    labels : (images,) int array
        The classes shown.

    Returns
    -------
    tuple of Misclassification
        As `cilens.evaluation.mistakes.find_errors` returns them.

    Examples
    --------
    >>> found = listed(np.array([[0.25, 0.75], [0.5, 0.5]]), np.array([0, 0]))
    >>> [(error.index, error.predicted, error.confidence) for error in found]
    [(0, 1, 0.75)]
    """
    given = scores.argmax(axis=1)
    found = [
        Misclassification(
            int(index),
            int(labels[index]),
            int(given[index]),
            float(scores[index, given[index]]),
            float(scores[index, labels[index]]),
        )
        for index in np.flatnonzero(given != labels)
    ]
    return tuple(sorted(found, key=lambda error: (-error.confidence, error.index)))


def errors(model: Model, images: Sequence[AnyImage], found: Sequence[Misclassification]) -> Found:
    """Explain every error for the class predicted and for the true one.

    Parameters
    ----------
    model : callable
        (rows, height, width, channels) array to (rows, classes) scores.
    images : sequence of (height, width, channels) arrays
        The set that the errors are in.
    found : sequence of Misclassification
        The errors.

    Returns
    -------
    dict of str to Measured
        An empty highlight raises nothing.
    """
    checks = list(check_errors(ContextualImportance.paper(), model, images, found))
    rows = sum(
        check.explanation.model_rows + check.predicted.model_rows + check.true.model_rows
        for check in checks
    )
    return {
        "predicted": average(np.array([c.predicted_raised for c in checks], dtype=bool), rows),
        "true": average(np.array([c.true_raised for c in checks], dtype=bool), rows),
        "empty": average(np.array([c.true.empty for c in checks], dtype=bool), rows),
        "sure": average(np.array([e.confidence > 0.9 for e in found], dtype=bool), len(images)),
    }
