"""P15: explanations before and after a distortion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from cilens.datasets.distort import DISTORTIONS, figure_7a, figure_7b, figure_7c
from cilens.explanation import Explanation
from cilens.metrics.robustness import Comparison, compare
from cilens.paper.measure.p09_print import Printed
from cilens.paper.study import PAPER
from cilens.paper.verdicts import Found, Measured, average
from cilens.scoring.explain import explain_each
from cilens.types import AnyImage, Model

FIGURE_7 = {
    "a": Printed(lambda: figure_7a().image, 2, 0.9880),
    "b": Printed(lambda: figure_7b().image, 3, 0.9995),
    "c": Printed(lambda: figure_7c().image, 1, 0.9821),
}
"""The three distorted digits, with the scores printed in the paper."""


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
        Explanations of the images as they are.
    name : str
        One of `cilens.datasets.distort.DISTORTIONS`.

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
