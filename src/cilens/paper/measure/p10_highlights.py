"""P10 and P9's numbers: what a model says of highlights alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Integer

from cilens.coalitions import nothing
from cilens.explanation import Explanation
from cilens.paper.verdicts import Found, Measured, average
from cilens.perturbation import Constant
from cilens.scoring import score, score_images
from cilens.scoring.question import Question
from cilens.types import Coalitions, Model

_ROWS = 4


class Highlights(NamedTuple):
    """What a model says of each image's highlight, one row for each image.

    Attributes
    ----------
    target : (images,) int array
        The class the highlight is of.
    score : (images,) float array
        The target's score on the image.
    alone : (images,) float array
        On its highlight alone.
    kept : (images,) bool array
        Whether the highlight alone has the target as its class.
    remainder : (images,) float array
        The target's score without the highlight.
    random : (images,) float array
        On as many segments as the highlight has, drawn at random.
    blank : (images,) float array
        With every segment hidden.
    empty : (images,) bool array
        Whether no segment reached the threshold.
    ink : (images,) float array
        The highlight's share of the image's ink: of the sum of its pixels.
    rows : int
        Images the model was asked about, explanations included.
    """

    target: Integer[np.ndarray, " images"]
    score: Float[np.ndarray, " images"]
    alone: Float[np.ndarray, " images"]
    kept: Bool[np.ndarray, " images"]
    remainder: Float[np.ndarray, " images"]
    random: Float[np.ndarray, " images"]
    blank: Float[np.ndarray, " images"]
    empty: Bool[np.ndarray, " images"]
    ink: Float[np.ndarray, " images"]
    rows: int


def ask_highlights(
    model: Model, explained: Sequence[Explanation], threshold: float = 0.01
) -> Highlights:
    """Ask about each highlight, what is left without it, and as many random segments.

    Parameters
    ----------
    model : callable
        The model explained.
    explained : sequence of Explanation
        Explanations of each image; the highlight is that of the class predicted.
    threshold : float
        From where on a segment counts.

    Returns
    -------
    Highlights
        Four rows for each image beside the explanations.
    """
    targets = np.array([explanation.predicted for explanation in explained], dtype=np.intp)
    answers = score(model, _questions(explained, threshold), batch_size=32)
    scores = np.stack([answer.scores for answer in answers])
    of_target = scores[np.arange(len(scores)), :, targets]
    return Highlights(
        target=targets,
        score=np.array([e.scores[e.predicted] for e in explained]),
        alone=of_target[:, 0],
        kept=scores[:, 0].argmax(axis=1) == targets,
        remainder=of_target[:, 1],
        random=of_target[:, 2],
        blank=of_target[:, 3],
        empty=np.array([not e.important(threshold=threshold).any() for e in explained]),
        ink=np.array([_ink(explanation, threshold) for explanation in explained]),
        rows=sum(e.model_rows for e in explained) + _ROWS * len(explained),
    )


def faithfulness(asked: Highlights) -> Found:
    """P10: whether leaving out what matters little leaves the score, or raises it.

    Parameters
    ----------
    asked : Highlights
        From `ask_highlights`. Empty highlights are counted, and then left aside.

    Returns
    -------
    dict of str to Measured
    """
    there, rows = ~asked.empty, asked.rows
    unsure, less = there & (asked.score < 0.99), there & (asked.ink < 0.9)
    change = asked.alone - asked.score
    return {
        "empty": average(asked.empty, rows),
        "kept": average(asked.kept[there], rows),
        "score": average(change[there] >= -0.01, rows),
        "rises": average(change[unsure] > 0, rows),
        "median": average(change[unsure], rows, statistic=np.median),
        "random": average((asked.alone - asked.random)[there], rows),
        "remainder": average(asked.remainder[there], rows),
        "ink": average(asked.ink[there], rows),
        "less": average(change[less] >= -0.01, rows),
    }


def black(model: Model) -> tuple[int, Measured]:
    """Ask about the black image: what an empty highlight shows.

    Parameters
    ----------
    model : callable
        Of 28 x 28 grey images.

    Returns
    -------
    digit : int
        The class it is taken for.
    score : Measured
        That class's score.
    """
    (scores,) = score_images(model, [np.zeros((28, 28, 1), np.float32)])
    return int(scores.argmax()), Measured(float(scores.max()), 1, 1, note=f"as {scores.argmax()}")


def within(asked: Highlights, margin: float = 0.01) -> Measured:
    """Measure which share of the highlights that are not empty score as the image does.

    Parameters
    ----------
    asked : Highlights
        From `ask_highlights`.
    margin : float
        How much lower a score may be.

    Returns
    -------
    Measured
    """
    there = ~asked.empty
    return average((asked.alone >= asked.score - margin)[there], asked.rows)


def _ink(explanation: Explanation, threshold: float) -> float:
    pixels = explanation.image.astype(np.float64).sum(axis=2)
    return float(pixels[explanation.highlight(threshold=threshold)].sum() / (pixels.sum() or 1.0))


def _questions(explained: Sequence[Explanation], threshold: float) -> Iterator[Question]:
    for index, explanation in enumerate(explained):
        kept = explanation.kept(threshold=threshold)
        drawn = np.zeros_like(kept)
        order = np.random.default_rng(index).permutation(len(kept))
        drawn[order[: int(kept.sum())]] = True
        asked: Coalitions = np.concatenate([[kept, ~kept, drawn], nothing(len(kept))])
        yield Question.on(explanation.view, explanation.segments, asked, Constant(0.0))
