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
from jaxtyping import Bool, Float, Integer

from cilens.proxy.head import linked
from cilens.proxy.record import Proxy
from cilens.types import Coalitions, Link, Segments

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
    varied : (S,) bool array
        The segments that one of each pair hides; all others are kept in both.
    kept : (N, S) bool array
        The first of each pair.
    scores, opposite : (N, K) float64 array
        Of the first and of the other.
    perturbation : (N,) int array
        Which one stood in the hidden segments' place: 0, 1, …
    """

    varied: Bool[np.ndarray, " segments"]
    kept: Coalitions
    scores: Float[np.ndarray, "pairs classes"]
    opposite: Float[np.ndarray, "pairs classes"]
    perturbation: Integer[np.ndarray, " pairs"]


def joined(parts: Sequence[Asked]) -> Asked:
    """Return the pairs of several questions as those of one."""
    varied, *others = zip(*parts, strict=True)
    return Asked(np.any(varied, axis=0), *(np.concatenate(each) for each in others))


Cells: TypeAlias = Callable[
    [Integer[np.ndarray, " classes"]], Float[np.ndarray, "2 pairs classes height width"]
]


class _Prior(NamedTuple):
    """How alike coalitions are in each cell, by what segments do alone and by twos."""

    signs: Float[np.ndarray, "pairs segments"]
    near: Float[np.ndarray, "cells segments"]
    both: Float[np.ndarray, "cells segments"]


class _Fitted(NamedTuple):
    """The mean of the process as the numbers of a quadratic, and what it says of pairs left out."""

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
    prior = _prior(segments, asked, _GRID)
    fitted = [_fit(prior, asked, outputs[:, None], _NOISE["outside"])]
    return _proxy("outside", link, classes, asked, fitted)


def fit_cells(segments: Segments, asked: Asked, cells: Cells, link: Link, predicted: int) -> Proxy:
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
    prior = _prior(segments, asked, seen.shape[3:])
    logits = seen.reshape(*seen.shape[:3], -1).transpose(0, 3, 1, 2)
    fitted = [_fit(prior, asked, logits, _NOISE["inside"])]
    if link == "softmax" and len(classes) < table.shape[2]:
        # The logit of all other classes together: up to what the softmax divides by.
        logs, place = _logs(table, classes), np.flatnonzero(classes == predicted)
        divisor = logits.mean(axis=1)[..., place] - logs[..., place]
        fitted.append(_fit(prior, asked, (logs[..., -1:] + divisor)[:, None], _NOISE["inside"]))
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
    return np.asarray(np.log(np.maximum(chosen, _LEAST)))


def _prior(segments: Segments, asked: Asked, grid: tuple[int, int]) -> _Prior:
    """Return how near each segment is to each cell; those that are never hidden count nowhere."""
    signs = np.where(asked.kept, 1.0, -1.0) * asked.varied
    rows, columns = (
        np.square((np.arange(cells)[:, None] + 0.5) / cells - centre)
        for cells, centre in zip(grid, _centres(segments), strict=True)
    )
    square = (rows[:, None] + columns).reshape(-1, len(asked.varied))
    near = np.exp(-square / (2 * _REACH**2)) * asked.varied
    both = np.where(near >= _NEAR * near.max(axis=1, keepdims=True), near, 0.0)
    near += asked.varied * (_EVERYWHERE / asked.varied.sum())
    return _Prior(signs, *(each / each.sum(axis=1, keepdims=True) for each in (near, both)))


def _centres(segments: Segments) -> Float[np.ndarray, "2 segments"]:
    """Return each segment's mean row and column, as shares of the image's sides."""
    areas = np.maximum(np.bincount(segments.ravel()), 1)
    places = ((np.indices(segments.shape) + 0.5) / np.array(segments.shape)[:, None, None]).reshape(
        2, -1
    )
    return np.stack([np.bincount(segments.ravel(), each) / areas for each in places])


def _fit(
    prior: _Prior, asked: Asked, outputs: Float[np.ndarray, "2 cells pairs outputs"], noise: float
) -> _Fitted:
    """Return the mean of the process given outputs of each cell, or their mean over all cells."""
    which = asked.perturbation
    several = np.arange(which.max() + 1)
    alike = np.where(several[:, None] == which, 1.0, _ALIKE)
    means = np.stack([outputs[:, :, which == one].mean(axis=(0, 2)) for one in several])
    kernels = (
        (prior.signs * prior.near[:, None]) @ prior.signs.T,
        _TOGETHER * np.square((prior.signs * prior.both[:, None]) @ prior.signs.T),
    )
    halves = outputs[0] - outputs[1], outputs[0] + outputs[1] - 2 * means[which].swapaxes(0, 1)
    weights, missed = [], []
    for kernel, half in zip(kernels, halves, strict=True):
        cells = kernel if len(half) > 1 else kernel.mean(axis=0, keepdims=True)
        inverse = np.linalg.inv(cells * alike[which] + noise / 2 * np.eye(len(which)))
        weights.append((inverse @ (half / 2)).swapaxes(1, 2))  # cells, outputs, pairs
        # What a pair is off by where the others predict it, in closed form.
        certain = np.diagonal(inverse, axis1=1, axis2=2)[:, None]
        missed.append((weights[-1] / certain).mean(axis=0).T)
    left_out = outputs.mean(axis=1) - np.stack([missed[1] + missed[0], missed[1] - missed[0]])
    return _Fitted(*_quadratic(prior, means, weights, alike), left_out)


def _quadratic(
    prior: _Prior,
    means: Float[np.ndarray, "perturbations cells outputs"],
    weights: Sequence[Float[np.ndarray, "_ outputs pairs"]],
    alike: Float[np.ndarray, "perturbations pairs"],
) -> tuple[
    Float[np.ndarray, "perturbations outputs"],
    Float[np.ndarray, "perturbations outputs segments"],
    Float[np.ndarray, "perturbations outputs segments segments"],
]:
    """Return the mean of the process as a constant, a number for each segment and for each two."""
    signs, near, both = prior
    cells, n_segments = near.shape
    one, other = np.nonzero(np.triu(both.T @ both > 0, 1))
    products, nearness = signs[:, one] * signs[:, other], both[:, one] * both[:, other]
    itself = np.square(both).sum(axis=1)
    constant, single = means.mean(axis=1), np.empty((*means.shape[::2], n_segments))
    double = np.zeros((*single.shape, n_segments))
    for at, share in enumerate(alike):
        alone, together = (each * share for each in weights)
        single[at] = _mean(alone @ signs, near, cells)
        double[at][:, one, other] = _TOGETHER * _mean(together @ products, nearness, cells)
        constant[at] += (
            _TOGETHER * _mean(together.sum(axis=2, keepdims=True), itself[:, None], cells)[:, 0]
        )
    return constant, single, double + double.swapaxes(2, 3)


def _mean(
    told: Float[np.ndarray, "_ outputs numbers"],
    near: Float[np.ndarray, "cells numbers"],
    cells: int,
) -> Float[np.ndarray, "outputs numbers"]:
    """Return the mean over cells of what is told of each, or of all together, by nearness."""
    if len(told) == 1:
        return np.asarray(told[0] * near.mean(axis=0))
    return np.asarray(np.einsum("con,cn->on", told, near) / cells)


def _proxy(
    look: Literal["inside", "outside"],
    link: Link,
    classes: Integer[np.ndarray, " classes"],
    asked: Asked,
    fitted: Sequence[_Fitted],
) -> Proxy:
    """Put the parts together, and see what they say of pairs left out."""
    constant, single, double = (
        np.concatenate(each, axis=1) for each in list(zip(*fitted, strict=True))[:3]
    )
    outputs = np.concatenate([one.left_out for one in fitted], axis=2)
    told = np.stack([asked.scores, asked.opposite])[..., classes]
    predicted = linked(outputs, link)[..., : len(classes)]
    error = np.square(predicted - told).mean(axis=(0, 1))
    varied = told.var(axis=(0, 1))
    trust = 1 - np.divide(error, varied, out=np.ones_like(error), where=varied > 0)
    shares = np.bincount(asked.perturbation) / len(asked.perturbation)
    kept = constant, single, double, shares, trust, np.sqrt(error)
    return Proxy(look, link, classes, *(each.astype(np.float32) for each in kept))
