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

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from string import ascii_lowercase
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Integer
from scipy.special import stdtrit

from cilens.coalitions import everything, refine
from cilens.designs import halves
from cilens.errors import InputError
from cilens.explanation import Explanation, numbers
from cilens.explanation.numbers import Reading
from cilens.perturbation import Constant
from cilens.proxy import Asked, Proxy, fit_cells, fit_scores, joined
from cilens.scoring.explain import Answers, explain_one
from cilens.scoring.question import Answer, Plan, Question, cut, plan_segments, told_apart
from cilens.segmentation import Slic
from cilens.settings import check_settings
from cilens.types import (
    Coalitions,
    GivenImage,
    Head,
    Image,
    Look,
    Model,
    Perturbation,
    Progress,
    Segmenter,
    Segments,
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
        opposite for each segmenter and perturbation, beside the image, and the blank one with a
        look.
    seed : int
        Seed of the design.
    tolerance : float
        As for `cilens.ContextualImportance`.
    batch_size : int
        Most rows in one call of the model.
    look : {"none", "outside", "inside"}
        Whether a proxy of the model is fitted to the answers: a surrogate that predicts the scores
        of any coalition, and orders the segments by what they do together; see `cilens.Proxy`. From
        outside it is fitted to the scores, of any model. Inside it is fitted to the logits of each
        cell of the model's last grid, of networks that have one: more is told by as many rows. Of
        one segmenter's segments. The influence and its margin are the same numbers with any look.
    every_fourth : Perturbation, optional
        What stands in a segment's place in every fourth pair of halves instead, where the
        perturbation is one: influence is the mean over all pairs, and the proxy knows both.

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
    look: Look = "none"
    every_fourth: Perturbation | None = None

    def __post_init__(self) -> None:
        check_settings(self, positive=("batch_size",), natural=("seed",), share=("tolerance",))
        if not 1 <= len(self.segmenters) <= len(ascii_lowercase):
            raise InputError(
                f"SampledImportance takes 1 to 26 segmenters; got {len(self.segmenters) or 'none'}"
            )
        if not self.perturbations:
            raise InputError("SampledImportance needs at least one perturbation; got none")
        if self.look != "none" and len(self.segmenters) > 1:
            raise InputError("SampledImportance fits a proxy to one segmenter's segments; got more")
        if self.every_fourth is not None and len(self.perturbations) > 1:
            raise InputError(
                "SampledImportance.every_fourth is for one perturbation; got "
                f"{len(self.perturbations)} beside it"
            )
        least = 1 + self._blanks + 2 * self._shares + 2 * (self.every_fourth is not None)
        if self.budget < least:
            raise InputError(
                f"SampledImportance.budget must be at least {least}: the image, and a half and its "
                "opposite for each segmenter and perturbation (a blank image for each too, with a "
                f"look); got {self.budget}"
            )

    def __call__(
        self, model: Model, image: GivenImage, /, *, progress: Progress | None = None
    ) -> Explanation:
        """Explain the model's scores for one image; see `cilens.explain`."""
        return explain_one(self, model, image, progress)

    def plan(self, view: View) -> Plan:
        """Build all questions about one image; no model is called."""
        cuts = [cut(view, each, self.perturbations[0]) for each in self.segmenters]
        inside = self.look == "inside"
        questions = [
            Question.on(view, segments, rows, one)._replace(inside=inside)
            for segments, _ in cuts
            for rows, one in self._asked(view.image, segments)
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
        scores, pairs = answers[0][0], self._pairs(plan, answers)
        if self.every_fourth is not None:  # two questions, one design
            pairs = [joined(pairs[at : at + 2]) for at in range(0, len(pairs), 2)]
        found = [_effects(each) for each in pairs]
        several = len(self.perturbations)
        found = [_pooled(found[at : at + several]) for at in range(0, len(found), several)]
        effects, margin = (np.concatenate(each) for each in zip(*found, strict=True))
        read = numbers.from_effects(scores, effects, bounds, self.tolerance)
        share = np.minimum(margin / (bounds[1] - bounds[0]), 1.0)
        return Reading(scores, read, share, asked="contexts")

    def proxy(self, plan: Plan, answers: Sequence[Answer], head: Head | None) -> Proxy | None:
        """Fit a proxy to the pairs of halves, and to the unchanged image and the blank ones."""
        if self.look == "none" or all(one.coalitions.all() for one in plan.questions):
            return None
        tables = [answer.scores for answer in answers]
        whole, predicted = everything(len(plan.labels)), int(tables[0][0].argmax())
        pairs = self._pairs(plan, tables)
        ends = [
            Asked(pair.varied, whole, tables[0][:1], table[-1:], pair.perturbation[:1])
            for pair, table in zip(pairs, tables, strict=True)
        ]
        asked = joined([*ends, *pairs])
        if head is None:
            return fit_scores(plan.segments, asked, predicted)

        def cells(
            classes: Integer[np.ndarray, " _"],
        ) -> Float[np.ndarray, "2 pairs _ height width"]:
            seen = [
                head.cells(answer.features, classes)
                for answer in answers
                if answer.features is not None
            ]
            ends = [np.stack([seen[0][:1], one[-1:]]) for one in seen]
            pairs = [np.stack(np.split(one[self._half(at)], 2)) for at, one in enumerate(seen)]
            return np.concatenate([*ends, *pairs], axis=1)

        return fit_cells(plan.segments, asked, cells, head.link, predicted)

    @property
    def _shares(self) -> int:
        return len(self.segmenters) * len(self.perturbations)

    @property
    def _blanks(self) -> int:
        """How many rows show nothing: one for each perturbation, where there is a look."""
        return 0 if self.look == "none" else self._shares + (self.every_fourth is not None)

    def _asked(self, image: Image, segments: Segments) -> Iterator[tuple[Coalitions, Perturbation]]:
        """Give the coalitions of one segmenter's segments, and what stands in their place."""
        varied = [told_apart(image, segments, one) for one in self.perturbations]
        if self.every_fourth is None:
            for one, told in zip(self.perturbations, varied, strict=True):
                yield self._with_blank(self._halves(told), told), one
            return
        either = varied[0] | told_apart(image, segments, self.every_fourth)
        pairs = np.stack(np.split(self._halves(either), 2))
        fourth = np.arange(pairs.shape[1]) % 4 == 1
        for chosen, one in ((~fourth, self.perturbations[0]), (fourth, self.every_fourth)):
            yield self._with_blank(np.concatenate(pairs[:, chosen]), either), one

    def _halves(self, varied: Bool[np.ndarray, " segments"]) -> Coalitions:
        """Hide another half of some segments each time, never the others."""
        n_varied = int(varied.sum())
        if not n_varied:
            pairs = 1 if self.every_fourth is None else 2
            return np.ones((2 * pairs, len(varied)), dtype=bool)
        rows = (self.budget - 1 - self._blanks) // self._shares
        design = halves(n_varied, rows, self.seed)
        coalitions = np.ones((len(design), len(varied)), dtype=bool)
        coalitions[:, varied] = design
        return coalitions

    def _with_blank(
        self, halves: Coalitions, varied: Bool[np.ndarray, " segments"]
    ) -> Bool[np.ndarray, "_ segments"]:
        """Put a row behind the halves that hides all that varies, where there is a look."""
        return halves if self.look == "none" else np.concatenate([halves, ~varied[None]])

    def _half(self, at: int) -> slice:
        """Return where a question's halves stand, between the unchanged image and the blank one."""
        return slice(1 if at == 0 else 0, None if self.look == "none" else -1)

    def _pairs(self, plan: Plan, tables: Sequence[Answers]) -> list[Asked]:
        """Return the halves of each question, and what was said of them and of their opposites."""
        found = []
        for at, (question, table) in enumerate(zip(plan.questions, tables, strict=True)):
            first, opposite = np.split(table[self._half(at)], 2)
            kept, hidden = np.split(question.coalitions[self._half(at)], 2)
            varied = np.asarray((kept != hidden).any(axis=0))
            found.append(Asked(varied, kept, first, opposite, np.full(len(kept), at)))
        return found


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


def _effects(asked: Asked) -> _Effects:
    """Compare the scores where a segment is kept and where it is hidden.

    Each half and its opposite make a pair; its difference holds each segment's effect once, with
    its sign, and nothing of what two segments do together. What the effects leave unexplained of
    the differences (three together, five together) is the noise of the estimate. A segment that
    no question hides has no effect, and that is certain.
    """
    apart = asked.scores - asked.opposite
    varied = asked.varied
    found = np.zeros((2, len(varied), apart.shape[1]))
    if varied.any():
        found[:, varied] = _contrasts(asked.kept[:, varied] * 2.0 - 1.0, apart)
    return _Effects(*found)


def _contrasts(
    signs: Float[np.ndarray, "pairs segments"], apart: Float[np.ndarray, "pairs classes"]
) -> _Effects:
    pairs = len(signs)
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
