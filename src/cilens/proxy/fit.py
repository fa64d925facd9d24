"""Fit a proxy: a Gaussian process over coalitions, given pairs of opposite ones and the answers.

What a cell of a network's last grid says depends mostly on the segments near it. So does the
prior: for each cell, two coalitions are as alike as the segments near it that both keep or both
hide; the cell's logits follow that and its square. From a look inside each cell's logits are seen
by themselves, from outside only their mean; the prior is the same. A coalition and its opposite
share all that two segments do together, and differ in what each does alone: their half sum and half
difference are two processes that know nothing of each other, each with half of the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from jaxtyping import Float, Integer

from cilens.proxy.record import Link, Proxy, linked
from cilens.types import Coalitions, Segments

_GRID = (7, 7)
"""Cells of the prior where no grid is seen."""

_REACH = 1 / 8
"""Of a cell, in sides of the image: the standard deviation of its nearness."""

_EVERYWHERE = 0.1
"""How much of what one segment does alone reaches every cell, in all."""

_NEAR = 0.01
"""Two segments act together in cells to which both are at least so near as the nearest is."""

_TOGETHER = 0.5
"""Variance of what two segments do together, if what each does alone has 1."""

_NOISE = {"inside": 0.1, "outside": 0.3}
"""Variance of what neither explains."""

_ALIKE = 0.85
"""Correlation between the answers under two perturbations."""

_MOST = 20
"""Classes that are told apart: those with the highest scores."""

_LEAST = 1e-12
"""A probability counts as no less: its logarithm is asked for."""


class Asked(NamedTuple):
    """Pairs of opposite coalitions, and what was said of each.

    Attributes
    ----------
    kept : (N, S) bool array
        The first of each pair; the other keeps what it hides, of the segments that are varied.
    scores, opposite : (N, K) float64 array
        Of the first and of the other.
    perturbation : (N,) int array
        Which one stood in the hidden segments' place: 0, 1, …
    """

    kept: Coalitions
    scores: Float[np.ndarray, "pairs classes"]
    opposite: Float[np.ndarray, "pairs classes"]
    perturbation: Integer[np.ndarray, " pairs"]


Cells: TypeAlias = Callable[
    [Integer[np.ndarray, " classes"]], Float[np.ndarray, "2 pairs classes height width"]
]


class _Prior(NamedTuple):
    """How alike coalitions are in each cell, by what segments do alone and by twos."""

    signs: Float[np.ndarray, "pairs segments"]
    near: Float[np.ndarray, "cells segments"]
    double: Float[np.ndarray, "cells segments"]


class _Fitted(NamedTuple):
    """The mean of the process, as the numbers of a quadratic, and its predictions of pairs left out."""

    constant: Float[np.ndarray, "perturbations outputs"]
    single: Float[np.ndarray, "perturbations outputs segments"]
    double: Float[np.ndarray, "perturbations outputs segments segments"]
    left_out: Float[np.ndarray, "2 pairs outputs"]


def fit_scores(segments: Segments, asked: Asked, predicted: int) -> Proxy:
    """Fit a proxy to the scores of all classes: any model's.

    Where the scores of each row are shares of 1, probabilities, their logarithms are fitted.

    Parameters
    ----------
    segments : (height, width) int array
        Labels 0 … S-1.
    asked : Asked
        What was said.
    predicted : int
        A class that the proxy must know.

    Returns
    -------
    Proxy
    """
    table = np.stack([asked.scores, asked.opposite])
    sums = table.sum(axis=2)
    link: Link = "softmax" if table.min() >= 0 and np.abs(sums - 1).max() < 1e-3 else "none"
    classes = _highest(table, predicted)
    outputs = _logs(table, classes) if link == "softmax" else table[..., classes]
    prior = _prior(segments, asked.kept, _GRID)
    fitted = [_fit(prior, asked, outputs[:, None], _NOISE["outside"])]
    return _proxy("outside", link, classes, asked, fitted)


def fit_cells(
    segments: Segments, asked: Asked, cells: Cells, link: Link, predicted: int
) -> Proxy:
    """Fit a proxy to what each cell of a network's last grid says: a look inside.

    Parameters
    ----------
    segments : (height, width) int array
        Labels 0 … S-1.
    asked : Asked
        What was said.
    cells : callable
        From classes to their logits in each cell, (2, N, C, height, width): of the first of each
        pair and of the other. Their mean over cells is the class's logit.
    link : {"softmax", "sigmoid", "none"}
        What makes scores of logits.
    predicted : int
        A class that the proxy must know.

    Returns
    -------
    Proxy
    """
    table = np.stack([asked.scores, asked.opposite])
    classes = _highest(table, predicted)
    seen = cells(classes)
    grid = seen.shape[3], seen.shape[4]
    prior = _prior(segments, asked.kept, grid)
    local = seen.reshape(*seen.shape[:3], -1).transpose(0, 3, 1, 2)
    fitted = [_fit(prior, asked, local, _NOISE["inside"])]
    logs = _logs(table, classes)
    if link == "softmax" and logs.shape[2] > len(classes):
        # All other classes together: their logit, up to what the softmax divides by.
        place = int(np.flatnonzero(classes == predicted)[0])
        divisor = local.mean(axis=1)[..., place] - logs[..., place]
        rest = (logs[..., -1] + divisor)[:, None, :, None]
        fitted.append(_fit(prior, asked, rest, _NOISE["inside"]))
    return _proxy("inside", link, classes, asked, fitted)


def _highest(
    table: Float[np.ndarray, "2 pairs classes"], predicted: int
) -> Integer[np.ndarray, " _"]:
    """Return the classes whose scores reach highest, in order, the predicted one among them."""
    reached = table.max(axis=(0, 1))
    reached[predicted] = np.inf
    return np.sort(np.argsort(-reached, kind="stable")[:_MOST])


def _logs(
    table: Float[np.ndarray, "2 pairs classes"], classes: Integer[np.ndarray, " _"]
) -> Float[np.ndarray, "2 pairs outputs"]:
    """Return the logarithms of probabilities, those of all other classes as one more."""
    chosen = table[..., classes]
    if len(classes) < table.shape[2]:
        rest = np.delete(table, classes, axis=2).sum(axis=2, keepdims=True)
        chosen = np.concatenate([chosen, rest], axis=2)
    return np.log(np.maximum(chosen, _LEAST))


def _prior(segments: Segments, kept: Coalitions, grid: tuple[int, int]) -> _Prior:
    """Return how near each segment is to each cell; those that are never hidden count nowhere."""
    varied = ~kept.all(axis=0)
    signs = np.where(kept, 1.0, -1.0) * varied
    areas = np.maximum(np.bincount(segments.ravel()), 1)
    distances = []
    for axis, count in enumerate(grid):
        side = segments.shape[axis]
        places = np.broadcast_to(np.arange(side) + 0.5, segments.T.shape if axis == 0 else segments.shape)
        places = places.T if axis == 0 else places
        centres = np.bincount(segments.ravel(), places.ravel()) / areas / side
        distances.append((np.arange(count)[:, None] + 0.5) / count - centres)
    square = np.square(distances[0])[:, None] + np.square(distances[1])[None]
    near = np.exp(-square / (2 * _REACH**2)).reshape(-1, len(areas)) * varied
    double = np.where(near >= _NEAR * near.max(axis=1, keepdims=True), near, 0.0)
    near = near + varied * (_EVERYWHERE / max(varied.sum(), 1))
    return _Prior(signs, *(each / each.sum(axis=1, keepdims=True) for each in (near, double)))


def _fit(
    prior: _Prior, asked: Asked, outputs: Float[np.ndarray, "2 cells pairs outputs"], noise: float
) -> _Fitted:
    """Return the mean of the process given outputs of each cell, or of all cells together."""
    signs, near, double = prior
    which = asked.perturbation
    alike = np.where(np.arange(which.max() + 1)[:, None] == which, 1.0, _ALIKE)
    means = np.stack([outputs[:, :, which == one].mean(axis=(0, 2)) for one in range(len(alike))])
    half = (outputs[0] - outputs[1]) / 2, (outputs[0] + outputs[1]) / 2 - means[which].swapaxes(0, 1)
    alone = (signs * near[:, None]) @ signs.T
    together = _TOGETHER * np.square((signs * double[:, None]) @ signs.T)
    weights, left = [], []
    for kernel, values in zip((alone, together), half, strict=True):
        if len(values) == 1:
            kernel = kernel.mean(axis=0, keepdims=True)
        inverse = np.linalg.inv(kernel * alike[which] + noise / 2 * np.eye(len(signs)))
        weights.append(inverse @ values)
        left.append((weights[-1] / np.diagonal(inverse, axis1=1, axis2=2)[..., None]).mean(axis=0))
    told = outputs.mean(axis=1)
    left_out = told - np.stack([left[1] + left[0], left[1] - left[0]])
    return _Fitted(*_quadratic(prior, means, weights, alike), left_out)


def _quadratic(prior, means, weights, alike):
    """Return the mean of the process as a constant, a number for each segment and for each two."""
    signs, near, double = prior
    cells = len(near)
    first, second = np.nonzero(np.triu((double.T @ double) > 0, 1))
    products, nearness = signs[:, first] * signs[:, second], double[:, first] * double[:, second]
    constant, single = means.mean(axis=1), []
    n_segments = signs.shape[1]
    both = np.zeros((len(alike), means.shape[2], n_segments, n_segments))
    for one, share in enumerate(alike):
        odd, even = (each.swapaxes(1, 2) * share for each in weights)  # cells, outputs, pairs
        single.append(np.einsum("cks,cs->ks", np.broadcast_to(odd @ signs, (cells, *odd.shape[1:2], n_segments)), near) / cells)
        told = np.broadcast_to(even @ products, (cells, even.shape[1], len(first)))
        both[one][:, first, second] = _TOGETHER * np.einsum("ckm,cm->km", told, nearness) / cells
        itself = _TOGETHER * np.square(double).sum(axis=1)
        constant[one] += (np.broadcast_to(even.sum(axis=2), (cells, even.shape[1])) * itself[:, None]).mean(axis=0)
    return constant, np.stack(single), both + both.swapaxes(2, 3)


def _proxy(
    look: Literal["inside", "outside"], link: Link, classes: Integer[np.ndarray, " classes"], asked: Asked, fitted: Sequence[_Fitted]
) -> Proxy:
    """Put the parts together, and see what they say of pairs left out."""
    constant, single, double, left_out = (np.concatenate(each, axis=axis) for each, axis in zip(zip(*fitted, strict=True), (1, 1, 1, 2), strict=True))
    told = np.concatenate([asked.scores, asked.opposite])[:, classes]
    outputs = left_out.reshape(-1, left_out.shape[2])
    missed = np.stack([linked(outputs, link, place) for place in range(len(classes))], axis=1) - told
    error = np.square(missed).mean(axis=0)
    varied = np.var(told, axis=0)
    trust = 1 - np.divide(error, varied, out=np.ones_like(error), where=varied > 0)
    shares = np.bincount(asked.perturbation) / len(asked.perturbation)
    return Proxy(look, link, classes, constant, single, double, shares, trust, np.sqrt(error))
