"""P11: contextual importance beside occlusion sensitivity, LIME and a random attribution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from jaxtyping import Float, Integer

from cilens.evaluation.compare import Compared, compare
from cilens.methods.occlusion import Occlusion
from cilens.methods.random import RandomAttribution
from cilens.paper.measure.p03_questions import Linear, constant
from cilens.paper.study import LIME, NINE, PAPER
from cilens.paper.verdicts import Found, Measured, average
from cilens.scoring import score_images
from cilens.scoring.explain import PlannedMethod
from cilens.types import AnyImage, Batch, Model, Scores

METHODS: dict[str, PlannedMethod] = {
    "occlusion": Occlusion(),
    "LIME": LIME,
    "contextual importance": PAPER,
    "random": RandomAttribution(NINE),
}
"""What is compared, by name."""


def stand(
    model: Model, images: Sequence[AnyImage], name: str, method: PlannedMethod
) -> tuple[Compared, ...]:
    """Explain images with one method, and let the judges judge each explanation.

    Parameters
    ----------
    model : callable
        (rows, height, width, channels) array to (rows, classes) scores.
    images : sequence of (height, width, channels) arrays
        Grey, in [0, 1].
    name : str
        What the method is called.
    method : PlannedMethod
        What explains. A random attribution is drawn anew for each image.

    Returns
    -------
    tuple of Compared
        For the class predicted, hidden in black.
    """
    found: list[Compared] = []
    for seed, image in enumerate(images):
        one: Any = method
        if isinstance(method, RandomAttribution):
            one = replace(method, seed=seed)
        found += compare(model, image, {name: one})
    return tuple(found)


def summary(found: Sequence[Compared]) -> Found:
    """Average over images, number by number.

    Parameters
    ----------
    found : sequence of Compared
        Of one method.

    Returns
    -------
    dict of str to Measured
        Empty highlights are counted, and left out of "alone".
    """
    rows = sum(one.explanation.model_rows for one in found)
    ink = [one.ink_precision for one in found if one.ink_precision is not None]
    numbers: dict[str, list[float]] = {
        "rows": [float(one.explanation.model_rows) for one in found],
        "ink": ink,
        "alone": [one.check.score for one in found if not one.check.empty],
        "empty": [float(one.check.empty) for one in found],
        "mif": [one.curves.mif for one in found],
        "lif": [one.curves.lif for one in found],
        "srg": [one.curves.srg for one in found],
    }
    return {name: average(np.array(values), rows) for name, values in numbers.items()}


def gain(ours: Sequence[float], control: Sequence[float], rows: int) -> Measured:
    """Measure by how much a method's SRG beats a random attribution's, image by image.

    Parameters
    ----------
    ours, control : sequence of float
        SRG of the method and of the random attribution, for the same images.
    rows : int
        Images the model was asked about.

    Returns
    -------
    Measured
        The mean of the paired differences.

    Examples
    --------
    >>> gain([0.5, 0.75], [0.0, 0.25], rows=4).value
    0.5
    """
    return average(np.array(ours) - np.array(control), rows, note="paired, image by image")


def accuracy(
    model: Model, images: Sequence[AnyImage], labels: Integer[np.ndarray, " images"]
) -> Measured:
    """Measure how many images a model gives their own class.

    Parameters
    ----------
    model : callable
        (rows, height, width, channels) array to (rows, classes) scores.
    images : sequence of (height, width, channels) arrays
        What it is asked about.
    labels : (images,) int array
        The classes shown.

    Returns
    -------
    Measured
    """
    scores = np.stack(list(score_images(model, images, batch_size=256)))
    return average(scores.argmax(axis=1) == labels, len(images))


def known_answers(image: AnyImage) -> Found:
    """Ask models whose maps can be written down: constant, one pixel, additive.

    Parameters
    ----------
    image : (height, width, channels) array
        Grey, in [0, 1]: gives the segments.

    Returns
    -------
    dict of str to Measured
    """
    uniform = Occlusion()(constant, image)
    white = np.ones(image.shape)
    return {
        "uniform": Measured(float(np.abs(uniform.saliency()).max()), 1, uniform.model_rows),
        "peak": _peak(white),
        "additive": _additive(image),
    }


def _peak(white: Float[np.ndarray, "height width 1"]) -> Measured:
    """Return how far the map of a one-pixel model has its peak from that pixel."""
    row, column = 9, 17

    def pixel(images: Batch) -> Scores:
        return images[:, row, column].astype(np.float64)

    explanation = Occlusion()(pixel, white)
    saliency = explanation.saliency(0)
    peaks = np.argwhere(saliency == saliency.max())
    gaps = np.abs(peaks - [row, column]).max(axis=1)
    return Measured(float(gaps.min()), 1, explanation.model_rows)


def _additive(image: AnyImage) -> Measured:
    """Return how far LIME's coefficients are from those of an additive model."""
    linear = Linear.drawn(image)
    explanation = replace(LIME, budget=3000)(linear, np.ones(image.shape))
    expected = np.bincount(explanation.segments.ravel(), linear.weights.ravel())
    error = np.abs(explanation.influence[:, 1] - expected).max()
    return Measured(float(error), 1, explanation.model_rows)
