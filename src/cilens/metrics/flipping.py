"""Pixel flipping: hide pixels in the order of an attribution, and watch the score.

Deletion hides the most important pixels first (MIF), a low area is good; LIF hides the least
important first, a high area is good. Their difference, the symmetric relevance gain (SRG), ranks
methods alike whatever the fill. Insertion, which reveals the most important pixels first, walks
the same images as LIF backwards: with the same fill, its area is LIF's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from jaxtyping import Float

from cilens.explanation import Explanation
from cilens.metrics.chains import area, hiding
from cilens.perturbation import Constant
from cilens.scoring import score
from cilens.scoring.protocols import Method
from cilens.scoring.question import Answer, Question
from cilens.settings import check_settings
from cilens.types import Better, GivenImage, Model, Numbers, Perturbation, Progress


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
        return area(self.most_first)

    @property
    def lif(self) -> float:
        """Area under `least_first`: insertion with the same fill. Higher is better."""
        return area(self.least_first)

    @property
    def srg(self) -> float:
        """Symmetric relevance gain, ``lif - mif``. Higher is better; random is 0 on average."""
        return self.lif - self.mif


@dataclass(frozen=True)
class Flipping:
    """Hide pixels in steps, most and least important first: MIF, LIF and SRG.

    Parameters
    ----------
    perturbation : Perturbation
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
    >>> from cilens import ContextualImportance, Grid
    >>> corner = lambda images: images[:, 0, 0]  # a model that looks at one pixel
    >>> explanation = ContextualImportance(Grid(2, 2))(corner, np.ones((2, 2, 1)))
    >>> Flipping(steps=4)(corner, explanation)
    {'srg': 0.75, 'lif': 0.875, 'mif': 0.125}
    """

    perturbation: Perturbation = Constant(0.0)  # noqa: RUF009 (frozen)
    steps: int = 20
    batch_size: int = 32

    better: ClassVar[Mapping[str, Better]] = {"srg": "higher", "lif": "higher", "mif": "lower"}

    def __post_init__(self) -> None:
        check_settings(self, positive=("steps", "batch_size"))

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
        """Judge one explanation, from ``2 * (steps + 1)`` model rows."""
        del method
        index = explanation.target(target)
        found = self.curves(
            model, explanation.view, explanation.ranking(index), index, progress=progress
        )
        return {"srg": found.srg, "lif": found.lif, "mif": found.mif}

    def curves(
        self,
        model: Model,
        image: GivenImage,
        saliency: Float[np.ndarray, "height width"],
        target: int,
        *,
        progress: Progress | None = None,
    ) -> Curves:
        """Ask the model along both chains, for any attribution.

        Parameters
        ----------
        model : callable
            The model that was explained.
        image : (height, width, channels) array or View
            The image as the model saw it: an explanation's `view`.
        saliency : (height, width) float array
            The attribution; pixels of one value go row by row.
        target : int
            The class whose score is watched.
        progress : callable, optional
            Called after each batch with the number of model rows just answered.

        Returns
        -------
        Curves
            From ``2 * (steps + 1)`` model rows.
        """
        questions = self.questions(image, saliency)
        answers = score(model, questions, batch_size=self.batch_size, progress=progress)
        return self.read(tuple(answers), target)

    def questions(
        self, image: GivenImage, saliency: Float[np.ndarray, "height width"]
    ) -> tuple[Question, Question]:
        """Build the two nested chains of coalitions; no model is called."""
        most, least = (
            hiding(image, order, self.perturbation, self.steps) for order in (-saliency, saliency)
        )
        return most, least

    def read(self, answers: Sequence[Answer], target: int) -> Curves:
        """Read the target's score along both chains; no model is called."""
        most, least = (answer.scores[:, target] for answer in answers)
        return Curves(most, least)
