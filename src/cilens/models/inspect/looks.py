"""What a network's outputs look like: probabilities, or scores that still want an activation."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

_NEAR = 2e-3
"""How far a row may sum from 1: outputs in half precision do."""


class Looks(NamedTuple):
    """What the answers to a few images show of an output.

    Attributes
    ----------
    what : str
        In a few words.
    activation : str or None
        What to apply to it; None where the answers do not tell.
    low, high : float or None
        Smallest and largest number in the answers; None where some are not finite.
    sums : (float, float) or None
        Smallest and largest sum of a row.
    rows : int
        Images that were asked about.
    proposed : str or None
        What such an output mostly wants where the answers do not tell: softmax, of logits of
        several classes. To be confirmed, not used.
    """

    what: str
    activation: str | None
    low: float | None
    high: float | None
    sums: tuple[float, float] | None
    rows: int
    proposed: str | None = None


def look(answers: Float[np.ndarray, "rows classes"]) -> Looks:
    """Say what a network's raw answers look like. They are evidence, and no proof.

    Parameters
    ----------
    answers : (rows, classes) float array
        The network's output, without any activation.

    Returns
    -------
    Looks
        With the activation that makes them probabilities, where the answers show it.

    Examples
    --------
    >>> look(np.array([[0.25, 0.75], [0.5, 0.5]]))[:2]
    ('probabilities: each row sums to 1', 'none')
    >>> look(np.array([[-2.0, 3.0]])).activation is None
    True
    """
    values = answers.astype(np.float64)
    finite = values[np.isfinite(values).all(axis=1)]
    if len(finite) < len(values):
        what = f"not finite in {len(values) - len(finite)} rows: preprocessing may be wrong"
        return Looks(what, None, None, None, None, len(values))
    sums = values.sum(axis=1)
    low, high = float(values.min()), float(values.max())
    what, activation = _kind(values, low, high)
    if len(values) > 1 and np.ptp(values, axis=0).max() == 0:
        what += "; but the same for every image"
    proposed = "softmax" if activation is None and values.shape[1] > 1 else None
    ends = float(sums.min()), float(sums.max())
    return Looks(what, activation, low, high, ends, len(values), proposed)


def _kind(
    values: Float[np.ndarray, "rows classes"], low: float, high: float
) -> tuple[str, str | None]:
    several = values.shape[1] > 1
    if low >= 0 and high <= 1 + _NEAR:
        if not several:
            return "one number in 0 … 1: a probability, where the network ends in a sigmoid", "none"
        if np.abs(values.sum(axis=1) - 1).max() <= _NEAR:
            return "probabilities: each row sums to 1", "none"
        return "in 0 … 1, rows do not sum to 1: a probability for each class apart", "none"
    if several and high <= _NEAR and np.abs(np.exp(values).sum(axis=1) - 1).max() <= _NEAR:
        return "logarithms of probabilities, which softmax turns back", "softmax"
    return "logits: neither in 0 … 1, nor summing to 1", None
