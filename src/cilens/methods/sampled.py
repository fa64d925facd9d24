"""Contextual importance averaged over sampled contexts.

What hiding a region changes depends on the context, on what else is there. The paper asks in one
context, the whole image, where two regions that can stand in for each other both look dispensable.
Here the context varies: in each question another half of the segments is kept, and a region's
influence is how much higher the score is, on average, where it is kept than where it is hidden.

Averaged over independent halves that difference is the Banzhaf value; the Shapley value weighs
contexts of all sizes alike; LIME draws the same contexts at random, weighs those near the whole
image more, and fits a ridge regression.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_lowercase
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float
from scipy.special import stdtrit

from cilens.coalitions import everything, refine
from cilens.designs import halves
from cilens.errors import InputError
from cilens.explanation import Explanation, numbers
from cilens.explanation.numbers import Reading
from cilens.perturbation import Constant
from cilens.scoring.explain import Answers, explain_one
from cilens.scoring.question import Plan, Question, cut, plan_segments, told_apart
from cilens.segmentation import Slic
from cilens.settings import check_settings
from cilens.types import (
    Coalitions,
    GivenImage,
    Model,
    Perturbation,
    Progress,
    Segmenter,
    View,
)

_RIDGE = 10.0
"""Weight of the penalty where a design is not balanced, for columns of -1/2 and 1/2."""


@dataclass(frozen=True)
class SampledImportance:
    """Keep another half of the segments in each question, and compare where a segment is kept.

    Within the budget, a balanced design is used: every segment is kept in half of the questions
    and every pair together in a quarter, so that no segment's effect leaks into another's and the
    difference of two means is the least noisy estimate there is. Where the segments are too many
    for that, random halves with their opposites and a ridge regression take its place. A segment
    that looks the same when hidden, black in black, is never hidden: its influence is 0, exactly,
    and the design has room for others.

    Importance is the size of the influence: the mean over contexts, as a share of the output's
    range. Low and high are the image's score with and without that mean. The margin is that of a
    95 % interval, from what the means leave unexplained; 1 where so few rows leave nothing to tell.

    Parameters
    ----------
    segmenters : tuple of Segmenter
        Image to (height, width) integer labels. With several, each gets an equal share of the
        budget, each of its segments is a region (named ``b3`` for segment 3 of the second), and
        the saliency is the mean over them: finer and surer than one, from about 600 rows on.
    perturbations : tuple of Perturbation
        What stands in a segment's place. With several, each segmenter's segments are asked about
        with each, in equal shares of the budget. Influence is the mean over them, and the margin
        reaches to the end of each one's own interval: a sign is sure where it is so whatever
        stands in the segment's place.
    budget : int
        Most model rows, the unchanged image among them. More is better. At least a half and its
        opposite for each segmenter and perturbation, beside the image.
    seed : int
        Of the design.
    tolerance : float
        As for `cilens.ContextualImportance`.
    batch_size : int
        Most rows in one call of the model.

    References
    ----------
    Plackett and Burman, The Design of Optimum Multifactorial Experiments, 1946,
    doi:10.1093/biomet/33.4.305; Wang and Jia, Data Banzhaf, 2023, arXiv:2205.15466

    Examples
    --------
    >>> from cilens import Constant, Grid
    >>> either = lambda images: images.reshape(len(images), 2, -1).min(axis=2).max(axis=1)[:, None]
    >>> method = SampledImportance((Grid(rows=2, columns=1),), (Constant(0.0),), budget=9)
    >>> explanation = method(either, np.ones((4, 4, 1)))  # one half of the image is enough
    >>> explanation.influence.ravel().tolist(), explanation.model_rows
    ([0.5, 0.5], 9)
    """

    segmenters: tuple[Segmenter, ...] = (Slic(compactness=20.0),)
    perturbations: tuple[Perturbation, ...] = (Constant(0.5),)
    budget: int = 200
    seed: int = 0
    tolerance: float = 1e-6
    batch_size: int = 32

    def __post_init__(self) -> None:
        check_settings(self, positive=("batch_size",), natural=("seed",), share=("tolerance",))
        if not 1 <= len(self.segmenters) <= len(ascii_lowercase):
            raise InputError(
                f"SampledImportance takes 1 to 26 segmenters; got {len(self.segmenters) or 'none'}"
            )
        if not self.perturbations:
            raise InputError("SampledImportance needs at least one perturbation; got none")
        least = 1 + 2 * self._shares
        if self.budget < least:
            raise InputError(
                f"SampledImportance.budget must be at least {least}: the image, and a half and its "
                f"opposite for each segmenter and perturbation; got {self.budget}"
            )

    def __call__(
        self, model: Model, image: GivenImage, /, *, progress: Progress | None = None
    ) -> Explanation:
        """Explain the model's scores for one image; see `cilens.explain`."""
        return explain_one(self, model, image, progress)

    def plan(self, view: View) -> Plan:
        """Build all questions about one image; no model is called."""
        cuts = [cut(view, each, self.perturbations[0]) for each in self.segmenters]
        questions = [
            Question.on(view, segments, self._halves(told_apart(view.image, segments, one)), one)
            for segments, _ in cuts
            for one in self.perturbations
        ]
        unchanged = everything(len(cuts[0][1]))
        coalitions = np.concatenate([unchanged, questions[0].coalitions])
        questions[0] = questions[0]._replace(coalitions=coalitions)
        if len(cuts) == 1:
            return plan_segments(view, *cuts[0], *questions)
        atoms, regions = refine([segments for segments, _ in cuts])
        names = tuple(
            f"{letter}{label}"
            for letter, (_, labels) in zip(ascii_lowercase, cuts, strict=False)
            for label in labels
        )
        return Plan(view, atoms, np.arange(regions.shape[1]), regions, names, tuple(questions))

    def read(
        self, plan: Plan, answers: Sequence[Answers], bounds: Float[np.ndarray, "2 classes"]
    ) -> Reading:
        """Compare the scores where a segment is kept and where it is hidden."""
        scores, tables = answers[0][0], [answers[0][1:], *answers[1:]]
        found = [
            _effects(question.coalitions[-len(table) :], table)
            for question, table in zip(plan.questions, tables, strict=True)
        ]
        several = len(self.perturbations)
        found = [_pooled(found[at : at + several]) for at in range(0, len(found), several)]
        effects, margin = (np.concatenate(each) for each in zip(*found, strict=True))
        read = numbers.from_effects(scores, effects, bounds, self.tolerance)
        share = np.minimum(margin / (bounds[1] - bounds[0]), 1.0)
        return Reading(scores, read, share, asked="contexts")

    @property
    def _shares(self) -> int:
        return len(self.segmenters) * len(self.perturbations)

    def _halves(self, varied: Bool[np.ndarray, " segments"]) -> Coalitions:
        """Hide another half of some segments each time, never the others."""
        rows, n_varied = (self.budget - 1) // self._shares, int(varied.sum())
        if not n_varied:
            return np.ones((2, len(varied)), dtype=bool)
        design = halves(n_varied, rows, self.seed)
        coalitions = np.ones((len(design), len(varied)), dtype=bool)
        coalitions[:, varied] = design
        return coalitions


class _Effects(NamedTuple):
    """How much higher the score is where a segment is kept, and how far that may be off."""

    mean: Float[np.ndarray, "segments classes"]
    margin: Float[np.ndarray, "segments classes"]


def _pooled(found: Sequence[_Effects]) -> _Effects:
    """Return the mean over perturbations, and a margin that holds each one's whole interval."""
    if len(found) == 1:
        return found[0]
    means, margins = (np.stack(each) for each in zip(*found, strict=True))
    mean = means.mean(axis=0)
    return _Effects(mean, (np.abs(means - mean) + margins).max(axis=0))


def _effects(halves: Coalitions, scores: Float[np.ndarray, "rows classes"]) -> _Effects:
    """Compare the scores where a segment is kept and where it is hidden.

    Each half and its opposite make a pair; its difference holds each segment's effect once, with
    its sign, and nothing of what two segments do together. What the effects leave unexplained of
    the differences (three together, five together) is the noise of the estimate. A segment that
    no question hides has no effect, and that is certain.
    """
    varied = np.asarray(~halves.all(axis=0))
    found = np.zeros((2, len(varied), scores.shape[1]))
    if varied.any():
        found[:, varied] = _contrasts(halves[:, varied], scores)
    return _Effects(*found)


def _contrasts(halves: Coalitions, scores: Float[np.ndarray, "rows classes"]) -> _Effects:
    pairs = len(halves) // 2
    signs = halves[:pairs] * 2.0 - 1.0
    apart = scores[:pairs] - scores[pairs:]
    weights = _weights(signs)
    effects = weights @ apart
    left = apart - signs @ effects
    freedom = pairs - float(np.sum(signs * weights.T))
    if freedom < 1e-9:  # as many effects as pairs: nothing is left to tell
        return _Effects(effects, np.full_like(effects, np.inf))
    noise = np.sqrt(np.square(left).sum(axis=0) / freedom)
    quantile = float(stdtrit(freedom, 0.975))
    spread = np.sqrt(np.square(weights).sum(axis=1))[:, None] * noise
    return _Effects(effects, quantile * spread)


def _weights(signs: Float[np.ndarray, "pairs segments"]) -> Float[np.ndarray, "segments pairs"]:
    """Return how each pair's difference counts for each segment: a mean, or a ridge regression.

    Of the regression's two forms the one is solved that has the smaller system of equations.
    """
    pairs, n_segments = signs.shape
    if n_segments > pairs:
        solved = np.linalg.solve(signs @ signs.T + 2 * _RIDGE * np.eye(pairs), signs)
        return np.ascontiguousarray(solved.T)
    products = signs.T @ signs
    if np.array_equal(products, np.eye(n_segments) * pairs):
        weights: Float[np.ndarray, "segments pairs"] = np.divide(signs.T, pairs, order="C")
    else:
        weights = np.linalg.solve(products + 2 * _RIDGE * np.eye(n_segments), signs.T)
    return weights
