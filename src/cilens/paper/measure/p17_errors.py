"""P17: what a model saw in the images it gets wrong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cilens.datasets.mnist import mnist_image
from cilens.evaluation.mistakes import Misclassification, check_errors
from cilens.paper.measure.p09_print import Printed
from cilens.paper.study import PAPER
from cilens.paper.verdicts import Found, average
from cilens.types import AnyImage, Model

FIGURE_8 = 8322
"""The paper's misclassified image, in MNIST's test split: a nine, taken for a four."""

PRINTED = {
    name: Printed(lambda: mnist_image(FIGURE_8), target, score)
    for name, target, score in (("four", 4, 0.5146), ("nine", 9, 0.1901), ("five", 5, 0.1928))
}
"""Classes and scores of that image, by the paper and its code."""


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
    checks = list(check_errors(PAPER, model, images, found))
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
