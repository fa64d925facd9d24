"""The black box of LIME's own MNIST tutorial: a random forest, which has no layer to look into."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float32, Integer
from sklearn.ensemble import RandomForestClassifier

from cilens.types import Batch, Model, Scores

TREES = 100
"""In the forest."""


def grow(
    images: Float32[np.ndarray, "images 28 28 1"], labels: Integer[np.ndarray, " images"]
) -> Model:
    """Train a random forest on digits.

    Parameters
    ----------
    images : (images, 28, 28, 1) float array
        In [0, 1].
    labels : (images,) int array
        The digits shown.

    Returns
    -------
    callable
        (rows, 28, 28, 1) array to (rows, 10) scores, which add up to 1. The same forest every
        time for the same images.

    Examples
    --------
    >>> images = np.linspace(0, 1, 7840, dtype=np.float32).reshape(10, 28, 28, 1)
    >>> grow(images, np.arange(10))(images).shape
    (10, 10)
    """
    forest = RandomForestClassifier(TREES, random_state=0)
    forest.fit(images.reshape(len(images), -1), labels)
    answer: Callable[..., Scores] = forest.predict_proba

    def ask(batch: Batch) -> Scores:
        return answer(batch.reshape(len(batch), -1))

    return ask
