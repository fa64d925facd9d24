"""Sparsity: how few pixels an attribution needs to say what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from cilens.explanation import Explanation
from cilens.scoring.protocols import Method
from cilens.types import Better, Model, Numbers, Progress


@dataclass(frozen=True)
class Sparsity:
    """Measure how unevenly the absolute saliency is spread over the pixels (Gini index).

    0 where all pixels have the same, almost 1 where one pixel has all. It asks no model, and says
    nothing of whether the few pixels are the right ones.

    References
    ----------
    Hurley and Rickard, Comparing Measures of Sparsity, 2009, doi:10.1109/TIT.2009.2027527;
    Chalasani et al., Concise Explanations of Neural Networks using Adversarial Training, 2020,
    arXiv:1810.06583

    Examples
    --------
    >>> from cilens import ContextualImportance, Grid
    >>> corner = lambda images: images[:, 0, 0]  # a model that looks at one pixel
    >>> explanation = ContextualImportance(Grid(2, 2))(corner, np.ones((2, 2, 1)))
    >>> Sparsity()(corner, explanation)
    {'gini': 0.75}
    """

    better: ClassVar[Mapping[str, Better]] = {"gini": "higher"}

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
        """Judge one explanation; there is no number where all of its saliency is 0."""
        del model, method, progress
        return {"gini": gini(explanation.saliency(target))}


def gini(saliency: Float[np.ndarray, "height width"]) -> float | None:
    """Return the Gini index of the absolute values, or None where all are 0.

    Examples
    --------
    >>> gini(np.array([[1.0, -1.0, 0.0, 0.0]]))
    0.5
    """
    sizes = np.sort(np.abs(saliency), axis=None)
    total = sizes.sum()
    if total == 0:
        return None
    count = len(sizes)
    weights = 2 * np.arange(1, count + 1) - count - 1
    return float(weights @ sizes / (count * total))
