"""Pixel flipping: hide pixels in the order of an attribution, and watch the score.

Deletion hides the most important pixels first (MIF), a low area is good; LIF hides the least
important first, a high area is good. Their difference, the symmetric relevance gain (SRG), ranks
methods alike whatever the fill. Insertion, which reveals the most important pixels first, walks
the same images as LIF backwards: with the same fill, its area is LIF's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from cilens.errors import InputError, require_positive
from cilens.perturbation import Constant
from cilens.questions import Answer, Question
from cilens.scoring import score
from cilens.types import Image, Model, Perturbation, Segments


class Curves(NamedTuple):
    """The target's score as pixels go.

    Attributes
    ----------
    most_first : (steps + 1,) float64 array
        The most important pixels hidden first: from the whole image to the blank one.
    least_first : (steps + 1,) float64 array
        The least important pixels hidden first.
    """

    most_first: Float[np.ndarray, " points"]
    least_first: Float[np.ndarray, " points"]

    @property
    def mif(self) -> float:
        """Area under `most_first`: deletion. Lower is better."""
        return _area(self.most_first)

    @property
    def lif(self) -> float:
        """Area under `least_first`: insertion with the same fill. Higher is better."""
        return _area(self.least_first)

    @property
    def srg(self) -> float:
        """Symmetric relevance gain, ``lif - mif``. Higher is better; random is 0 on average."""
        return self.lif - self.mif


@dataclass(frozen=True)
class Flipping:
    """Hide pixels in steps, most and least important first.

    Parameters
    ----------
    fill : Perturbation
        What stands in a hidden pixel's place.
    steps : int
        How many portions of equal size the pixels are hidden in.
    batch_size : int
        Most rows in one call of the model.

    References
    ----------
    Blücher, Vielhaben and Strodthoff, Decoupling Pixel Flipping and Occlusion Strategy for
    Consistent XAI Benchmarks, 2024, arXiv:2401.06654; Petsiuk, Das and Saenko, RISE, 2018,
    arXiv:1806.07421

    Examples
    --------
    >>> corner = lambda images: images[:, 0, 0]  # a model that looks at one pixel
    >>> image = np.ones((2, 2, 1))
    >>> right, wrong = np.array([[1.0, 0], [0, 0]]), np.array([[0.0, 0], [0, 1]])
    >>> [Flipping(steps=4)(corner, image, saliency, 0).srg for saliency in (right, wrong)]
    [0.75, -0.25]
    """

    fill: Perturbation = Constant(0.0)  # noqa: RUF009 (frozen)
    steps: int = 20
    batch_size: int = 32

    def __post_init__(self) -> None:
        require_positive(self, "steps", "batch_size")

    def __call__(
        self, model: Model, image: Image, saliency: Float[np.ndarray, "height width"], target: int
    ) -> Curves:
        """Ask the model and read the curves.

        Parameters
        ----------
        model : callable
            The model that was explained.
        image : (height, width, channels) array
            As the model saw it: an explanation's `image`.
        saliency : (height, width) float array
            The attribution; pixels of one value go row by row.
        target : int
            The class whose score is watched.

        Returns
        -------
        Curves
            From ``2 * (steps + 1)`` model rows.
        """
        questions = self.questions(image, saliency)
        answers = tuple(score(model, questions, batch_size=self.batch_size))
        return self.read(answers, target)

    def questions(
        self, image: Image, saliency: Float[np.ndarray, "height width"]
    ) -> tuple[Question, Question]:
        """Build the two nested chains of coalitions; no model is called."""
        if saliency.shape != image.shape[:2]:
            raise InputError(
                f"the saliency must have the image's shape {image.shape[:2]}; got {saliency.shape}"
            )
        # Row k keeps all but the first k portions: one chain from the whole image to the blank.
        chain = np.arange(self.steps) >= np.arange(self.steps + 1)[:, None]
        orders = (self._portions(-saliency), self._portions(saliency))
        most, least = (Question(image, portions, chain, self.fill) for portions in orders)
        return most, least

    def read(self, answers: Sequence[Answer], target: int) -> Curves:
        """Read the target's score along both chains; no model is called."""
        most, least = (answer.scores[:, target] for answer in answers)
        return Curves(most, least)

    def _portions(self, order: Float[np.ndarray, "height width"]) -> Segments:
        """Return which portion each pixel belongs to, 0 for the first to go."""
        ranks = np.empty(order.size, dtype=np.intp)
        ranks[np.argsort(order, axis=None, kind="stable")] = np.arange(order.size)
        portions: Segments = (ranks * self.steps // order.size).reshape(order.shape)
        return portions


def _area(curve: Float[np.ndarray, " points"]) -> float:
    return float(np.trapezoid(curve) / (len(curve) - 1))
