"""P15: explanations before and after a distortion."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from cilens.datasets.distort.edits import figure_7a, figure_7b, figure_7c
from cilens.datasets.distort.kinds import DISTORTIONS
from cilens.datasets.distort.record import Distorted
from cilens.explanation import Explanation
from cilens.methods.contextual import ContextualImportance
from cilens.metrics.robustness import Comparison, compare
from cilens.paper.verdicts import Found, Measured, average, missing
from cilens.scoring import score_images
from cilens.scoring.explain import explain_each
from cilens.types import AnyImage, Model

PAPER = ContextualImportance.paper()


class Edit(NamedTuple):
    """A digit that the paper has edited, and what its network said of it."""

    name: str
    make: Callable[[], Distorted]
    target: int
    score: float


FIGURE_7 = (
    Edit("a", figure_7a, 2, 0.9880),
    Edit("b", figure_7b, 3, 0.9995),
    Edit("c", figure_7c, 1, 0.9821),
)
"""The three distorted digits, with the scores printed in the paper."""


def edits(model: Model, *, is_authors: bool) -> Found:
    """Ask about the paper's three distorted digits.

    Parameters
    ----------
    model : callable
        (rows, height, width, channels) array to (rows, classes) scores.
    is_authors : bool
        Whether the model is the authors' network: no other can give their scores.

    Returns
    -------
    dict of str to Measured
        Differences from the scores printed, in points of a percentage.
    """
    if not is_authors:
        return {edit.name: missing("needs the authors' network (--model)") for edit in FIGURE_7}
    answers = list(score_images(model, [edit.make().image for edit in FIGURE_7]))
    return {
        edit.name: Measured(100.0 * abs(float(scores[edit.target]) - edit.score), 1, 1)
        for edit, scores in zip(FIGURE_7, answers, strict=True)
    }


def distorted(
    model: Model, images: Sequence[AnyImage], explained: Sequence[Explanation], name: str
) -> Found:
    """Distort each image another way, explain it again, and compare.

    Parameters
    ----------
    model : callable
        (rows, height, width, channels) array to (rows, classes) scores.
    images : sequence of (height, width, channels) arrays
        Grey, in [0, 1].
    explained : sequence of Explanation
        Of the images as they are.
    name : str
        One of `cilens.datasets.distort.kinds.DISTORTIONS`.

    Returns
    -------
    dict of str to Measured
        "class": it stays. "ink": overlap (IoU) of the highlighted ink. "noise": highlighted share
        of the pixels that the distortion changed. "ranks": rank correlation of the maps.
    """
    part: Any = DISTORTIONS[name]()
    after = [replace(part, seed=seed)(image) for seed, image in enumerate(images)]
    others = list(explain_each(PAPER, model, (one.image for one in after)))
    pairs = [
        compare(before, other, noise=one.noise)
        for before, other, one in zip(explained, others, after, strict=True)
    ]
    rows = sum(explanation.model_rows for explanation in (*explained, *others))
    return {
        "class": average(np.array([pair.class_kept for pair in pairs]), rows),
        "ink": _known(pairs, "ink_overlap", rows),
        "noise": _known(pairs, "noise_highlighted", rows),
        "ranks": _known(pairs, "rank_correlation", rows),
    }


def _known(pairs: Sequence[Comparison], name: str, rows: int) -> Measured:
    """Average what is not None."""
    values = [getattr(pair, name) for pair in pairs]
    return average(np.array([value for value in values if value is not None], dtype=float), rows)
