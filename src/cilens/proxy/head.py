"""Whether a network's scores are what a mean over its last grid and one linear layer give."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from scipy.special import expit, softmax

from cilens.types import Cells, Features, Head, Link, Scores

TOLERANCE = 1e-3
"""Scores may differ by so much of their span: half precision differs by less."""

_LINKS: tuple[Link, ...] = ("softmax", "sigmoid", "none")


def head_of(
    seen: Cells,
    weights: Float[np.ndarray, "_ _"] | None,
    bias: Float[np.ndarray, " _"] | None,
    where: str,
) -> Head | None:
    """Return the head of a network, if its scores of some images confirm it.

    Parameters
    ----------
    seen : Cells
        What was said of images that differ.
    weights : (classes, channels) array, optional
        None where a channel is a class.
    bias : (classes,) array, optional
        None for zeros.
    where : str
        Which layer it is, as a person reads it.

    Returns
    -------
    Head or None
        None where the mean over cells does not give the scores by any link.

    Examples
    --------
    >>> features = np.arange(8.0).reshape(2, 1, 2, 2)
    >>> head_of(Cells(np.array([[1.5], [5.5]]), features), None, None, "pool").link
    'none'
    """
    features, scores = seen.features, seen.scores
    if features.ndim != 4 or features.shape[2] * features.shape[3] < 2:
        return None
    if weights is None:
        weights = np.eye(features.shape[1], dtype=features.dtype)
    if weights.ndim != 2 or weights.shape != (scores.shape[1], features.shape[1]):
        return None
    bias = np.zeros(len(weights)) if bias is None else bias.reshape(-1)
    if len(bias) != len(weights):
        return None
    logits = features.mean(axis=(2, 3), dtype=np.float64) @ weights.T + bias
    span = max(float(np.ptp(scores)), 1e-9)
    for link in _LINKS:
        if np.abs(linked(logits, link) - scores).max() <= TOLERANCE * span:
            kinds = weights.astype(np.float32), bias.astype(np.float32)
            return Head(*kinds, link, where)
    return None


def linked(
    logits: Float[np.ndarray, "*rows classes"], link: Link
) -> Float[np.ndarray, "*rows classes"]:
    """Return the scores that logits stand for.

    Examples
    --------
    >>> linked(np.zeros((1, 2)), "softmax").tolist(), linked(np.zeros((1, 1)), "sigmoid").tolist()
    ([[0.5, 0.5]], [[0.5]])
    """
    if link == "softmax":
        return np.asarray(softmax(logits, axis=-1))
    return np.asarray(expit(logits)) if link == "sigmoid" else logits


def split(table: Float[np.ndarray, "rows _"], classes: int, features: tuple[int, ...]) -> Cells:
    """Return scores and features that were joined in one table: `joined` undone.

    Examples
    --------
    >>> split(np.zeros((2, 7)), 3, (1, 2, 2)).features.shape
    (2, 1, 2, 2)
    """
    return Cells(table[:, :classes], table[:, classes:].reshape(len(table), *features))


def joined(scores: Scores, features: Features) -> Float[np.ndarray, "rows _"]:
    """Return scores and features in one table, so that they pass through what batches a table.

    Examples
    --------
    >>> joined(np.zeros((2, 3)), np.zeros((2, 1, 2, 2))).shape
    (2, 7)
    """
    return np.concatenate([scores, features.reshape(len(features), -1)], axis=1)
