"""Deletion and insertion: the most important pixels go first, or come first.

`Deletion` is the first half of pixel flipping by itself. `Insertion` begins with a blurred image by
default, so that the first pixels do not stand as shards on black; with the same perturbation it is
the LIF of `cilens.metrics.flipping`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from cilens.explanation import Explanation
from cilens.metrics.chains import area, hiding
from cilens.perturbation import Blur, Constant
from cilens.scoring import score
from cilens.scoring.protocols import Method
from cilens.scoring.question import Question
from cilens.settings import check_settings
from cilens.types import Better, Model, Numbers, Perturbation, Progress


@dataclass(frozen=True)
class Deletion:
    """Hide the most important pixels first: the area under the falling score.

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
    Petsiuk, Das and Saenko, RISE: Randomized Input Sampling for Explanation of Black-box Models,
    2018, arXiv:1806.07421

    Examples
    --------
    >>> from cilens import ContextualImportance, Grid
    >>> corner = lambda images: images[:, 0, 0]  # a model that looks at one pixel
    >>> explanation = ContextualImportance(Grid(2, 2))(corner, np.ones((2, 2, 1)))
    >>> Deletion(steps=4)(corner, explanation)
    {'deletion': 0.125}
    """

    perturbation: Perturbation = Constant(0.0)  # noqa: RUF009 (frozen)
    steps: int = 20
    batch_size: int = 32

    better: ClassVar[Mapping[str, Better]] = {"deletion": "lower"}

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
        """Judge one explanation, from ``steps + 1`` model rows."""
        del method
        index = explanation.target(target)
        question = hiding(
            explanation.view, -explanation.ranking(index), self.perturbation, self.steps
        )
        curve = _ask(model, question, index, self.batch_size, progress)
        return {"deletion": area(curve)}


@dataclass(frozen=True)
class Insertion:
    """Show the most important pixels first, the others hidden: the area under the rising score.

    Parameters
    ----------
    perturbation : Perturbation
        What the picture is before its pixels come.
    steps : int
        How many portions of equal size the pixels come in.
    batch_size : int
        Most rows in one call of the model.

    References
    ----------
    Petsiuk, Das and Saenko, RISE: Randomized Input Sampling for Explanation of Black-box Models,
    2018, arXiv:1806.07421

    Examples
    --------
    >>> from cilens import ContextualImportance, Grid
    >>> corner = lambda images: images[:, 0, 0]  # a model that looks at one pixel
    >>> explanation = ContextualImportance(Grid(2, 2))(corner, np.ones((2, 2, 1)))
    >>> Insertion(Constant(0.0), steps=4)(corner, explanation)
    {'insertion': 0.875}
    """

    perturbation: Perturbation = Blur(10.0)  # noqa: RUF009 (frozen)
    steps: int = 20
    batch_size: int = 32

    better: ClassVar[Mapping[str, Better]] = {"insertion": "higher"}

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
        """Judge one explanation, from ``steps + 1`` model rows."""
        del method
        index = explanation.target(target)
        # The same pictures backwards: the least important pixels go first.
        backwards = hiding(
            explanation.view, explanation.ranking(index), self.perturbation, self.steps
        )
        curve = _ask(model, backwards, index, self.batch_size, progress)
        return {"insertion": area(curve)}


def _ask(
    model: Model, question: Question, target: int, batch_size: int, progress: Progress | None
) -> Float[np.ndarray, " points"]:
    """Return the target's score along a chain."""
    (answer,) = score(model, [question], batch_size=batch_size, progress=progress)
    curve: Float[np.ndarray, " points"] = answer.scores[:, target]
    return curve
