"""P18: several objects in one image, one explanation for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from cilens.datasets.mnist import mnist_image
from cilens.datasets.synthetic import Scene, mosaic, two_digits
from cilens.methods.random import RandomAttribution
from cilens.metrics.localization import pointing
from cilens.models.wrappers.canvas import CanvasModel
from cilens.paper.study import PAPER
from cilens.paper.verdicts import Measured, average
from cilens.scoring.explain import PlannedMethod, explain_each
from cilens.segmentation import Slic
from cilens.types import Model

SEGMENTER = Slic(n_segments=18, compactness=0.3)
"""Nine segments for each digit's worth of canvas, as for one digit."""

FOUR = Slic(n_segments=36, compactness=0.3)
"""The same for four digits."""


def canvases(count: int) -> tuple[Scene, ...]:
    """Return canvases with two digits of different classes: side by side, or corner to corner.

    Examples
    --------
    >>> [scene.image.shape for scene in canvases(2)]
    [(34, 62, 1), (62, 62, 1)]
    """
    layouts: tuple[Literal["beside", "corners"], ...] = ("beside", "corners")
    return tuple(two_digits(layout=layouts[seed % 2], seed=seed) for seed in range(count))


def mosaics(count: int, labels: Sequence[int]) -> Iterator[Scene]:
    """Give mosaics of four digits of different classes, for the grid pointing game.

    Parameters
    ----------
    count : int
        How many.
    labels : sequence of int
        Labels of all test images.
    """
    for seed in range(count):
        random = np.random.default_rng(seed)
        classes = random.choice(10, size=4, replace=False)
        indices = [int(random.choice(np.flatnonzero(np.equal(labels, c)))) for c in classes]
        tiles = [mnist_image(index) for index in indices]
        yield mosaic(tiles, [int(label) for label in classes])


def objects(model: Model, scenes: Sequence[Scene], method: PlannedMethod | None = None) -> Measured:
    """Explain each class that is there, and measure whether its influence lies on its object.

    Parameters
    ----------
    model : callable
        Of digits, 28 x 28: it looks at every place of the canvas.
    scenes : sequence of Scene
        What is looked at.
    method : PlannedMethod, optional
        By default contextual importance with nine segments for each digit's worth of canvas.

    Returns
    -------
    Measured
        Of a class's positive influence, the part on its object; a class without any is left aside.
    """
    method = method or replace(PAPER, segmenter=SEGMENTER)
    looking = CanvasModel(model)
    explained = list(explain_each(method, looking, (scene.image for scene in scenes)))
    shares = [
        pointing(explanation, place, target).share
        for explanation, scene in zip(explained, scenes, strict=True)
        for target, place in zip(scene.classes, scene.objects, strict=True)
    ]
    rows = sum(explanation.model_rows for explanation in explained)
    known = np.array([share for share in shares if share is not None], dtype=float)
    note = f"{len(known)} objects on {len(scenes)} canvases; rows are canvases"
    return average(known, rows, note=note)


def random_objects(model: Model, scenes: Sequence[Scene]) -> Measured:
    """Measure the same for a random attribution: the control.

    Parameters
    ----------
    model, scenes
        As for `objects`.

    Returns
    -------
    Measured
    """
    return objects(model, scenes, RandomAttribution(SEGMENTER))
