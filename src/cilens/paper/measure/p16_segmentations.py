"""P16: how much hangs on the over-segmentation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float

from cilens.paper.measure.p10_highlights import ask_highlights, within
from cilens.paper.study import PAPER
from cilens.paper.verdicts import Found, Measured, average
from cilens.scoring.explain import explain_each
from cilens.segmentation import Felzenszwalb, Grid, Slic
from cilens.types import AnyImage, Model, Segmenter

COUNTS = (4, 9, 16, 25, 49)
"""Numbers of segments asked of SLIC."""

COMPACTNESS = (0.03, 0.1, 0.3, 1.0, 10.0)
"""From segments that follow the ink to squares."""

OTHERS: dict[str, Segmenter] = {
    "grid 3 × 3": Grid(3, 3),
    "grid 7 × 7": Grid(7, 7),
    "Felzenszwalb": Felzenszwalb(50.0, 0.5, 10),
}
"""Other ways to cut a digit."""


def segmenters() -> dict[str, Segmenter]:
    """Return all segmentations to compare, by name.

    Examples
    --------
    >>> list(segmenters())[:2]
    ['SLIC 4, 0.03', 'SLIC 4, 0.1']
    """
    slic: dict[str, Segmenter] = {
        f"SLIC {count}, {compactness:g}": Slic(count, compactness)
        for count in COUNTS
        for compactness in COMPACTNESS
    }
    return slic | OTHERS


def segmentation(model: Model, images: Sequence[AnyImage], segmenter: Segmenter) -> Found:
    """Explain images on one segmentation, and ask about the highlights.

    Parameters
    ----------
    model : callable
        (rows, height, width, channels) array to (rows, classes) scores.
    images : sequence of (height, width, channels) arrays
        Grey, in [0, 1].
    segmenter : Segmenter
        How they are cut.

    Returns
    -------
    dict of str to Measured
        "segments": how many. "empty": highlights without a segment. "within": those that score
        at least the image's score - 0.01. "kept": those that keep the class. "remainder": mean
        score without the highlight. "ink": the share of the ink that highlights keep.
    """
    method = replace(PAPER, segmenter=segmenter)
    explained = list(explain_each(method, model, images))
    asked = ask_highlights(model, explained)
    there = ~asked.empty
    return {
        "segments": average(np.array([len(e.regions) for e in explained], dtype=float)),
        "empty": average(asked.empty, asked.rows),
        "within": within(asked),
        "kept": average(asked.kept[there], asked.rows),
        "remainder": average(asked.remainder[there], asked.rows),
        "ink": average(asked.ink[there], asked.rows),
    }


def spread(found: dict[str, Found]) -> Measured:
    """P16: how far apart the best and the worst segmentation are.

    Parameters
    ----------
    found : dict of str to (dict of str to Measured)
        From `segmentation`, by name.

    Returns
    -------
    Measured
        Of the share of highlights within 0.01 of the image's score.
    """
    shares = {
        name: one["within"].value for name, one in found.items() if one["within"].value is not None
    }
    best, worst = max(shares, key=lambda name: shares[name]), min(shares, key=lambda n: shares[n])
    values: Float[np.ndarray, " segmentations"] = np.array(list(shares.values()))
    return Measured(
        float(np.ptp(values)),
        max(one["within"].images for one in found.values()),
        sum(one["within"].rows for one in found.values()),
        note=f"best: {best}; worst: {worst}; {len(shares)} segmentations",
    )
