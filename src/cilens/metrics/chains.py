"""Nested chains of coalitions: pixels go, or come, in portions of equal size."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from cilens.errors import InputError
from cilens.pixels import whole
from cilens.scoring.question import Question
from cilens.types import GivenImage, Perturbation, Segments


def hiding(
    image: GivenImage,
    order: Float[np.ndarray, "height width"],
    perturbation: Perturbation,
    steps: int,
) -> Question:
    """Hide more and more of an image: from all of it to none.

    Parameters
    ----------
    image : (height, width, channels) array or View
        The image as the model saw it: an explanation's `view`.
    order : (height, width) float array
        The pixels with the lowest values go first; those of one value row by row.
    perturbation : Perturbation
        What stands in a hidden pixel's place.
    steps : int
        Portions of equal size.

    Returns
    -------
    Question
        Of ``steps + 1`` model rows.

    Raises
    ------
    InputError
        If the order has another shape than the image.

    Examples
    --------
    >>> from cilens import Constant
    >>> question = hiding(np.ones((1, 2, 1)), np.array([[5.0, 3.0]]), Constant(0.0), 2)
    >>> question.segments.tolist(), question.coalitions.astype(int).tolist()
    ([[1, 0]], [[1, 1], [0, 1], [0, 0]])
    """
    view = whole(image)
    if order.shape != (shape := view.image.shape[:2]):
        raise InputError(f"the saliency must have the image's shape {shape}; got {order.shape}")
    # Row k keeps all but the first k portions: one chain from the whole image to the blank.
    chain = np.arange(steps) >= np.arange(steps + 1)[:, None]
    return Question.on(view, _portions(order, steps), chain, perturbation)


def area(curve: Float[np.ndarray, " points"]) -> float:
    """Return the area under a curve over [0, 1], by trapezoids.

    Examples
    --------
    >>> area(np.array([1.0, 0.0, 0.0]))
    0.25
    """
    return float(np.trapezoid(curve) / (len(curve) - 1))


def _portions(order: Float[np.ndarray, "height width"], steps: int) -> Segments:
    """Return which portion each pixel belongs to, 0 for the first to go."""
    ranks = np.empty(order.size, dtype=np.intp)
    ranks[np.argsort(order, axis=None, kind="stable")] = np.arange(order.size)
    portions: Segments = (ranks * steps // order.size).reshape(order.shape)
    return portions
