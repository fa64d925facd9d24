"""P7: Eq. 1, Eq. 2 and utility, by identities and by the authors' own case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from cilens.datasets.mnist import mnist_image
from cilens.explanation import Explanation
from cilens.followup.highlight import Highlight
from cilens.paper.study import PAPER
from cilens.paper.verdicts import Found, Measured, largest, missing
from cilens.perturbation import Constant, ImageMean
from cilens.scoring import estimate_output_range, score_images
from cilens.scoring.explain import explain_each
from cilens.scoring.statement import StatedModel
from cilens.segmentation import Labels
from cilens.types import AnyImage, Model

CASE_HIGHLIGHT = 0.916180
"""Score of the highlight in the authors' case 454."""


def equations(model: Model, images: Sequence[AnyImage], explained: Sequence[Explanation]) -> Found:
    """Hold importances against each other and against bounds.

    Parameters
    ----------
    model : callable
        (rows, height, width, channels) array to (rows, classes) scores.
    images : sequence of (height, width, channels) arrays
        Grey, in [0, 1].
    explained : sequence of Explanation
        The same images with the paper's settings: one perturbation.

    Returns
    -------
    dict of str to Measured
    """
    twice = replace(PAPER, perturbations=(Constant(0.0), ImageMean()))
    more = list(explain_each(twice, model, images))
    rows = [sum(e.model_rows for e in several) for several in (explained, more)]
    losses = [
        float((one.importance - two.importance).max())
        for one, two in zip(explained, more, strict=True)
    ]
    return {
        "bounds": Measured(
            float(sum(map(_out_of_bounds, (*explained, *more)))), len(images), sum(rows)
        ),
        "one": largest(
            [float(np.abs(np.abs(e.influence) - e.importance).max()) for e in explained],
            len(images),
            rows[0],
        ),
        "more": largest(losses, len(images), sum(rows), "black, then the image's mean as well"),
        "joint": _joint(model, explained[:20]),
        "range": _ranged(model, images[:20], explained[:20]),
    }


def case(model: Model, golden: Mapping[str, Any] | None, *, is_authors: bool) -> Found:
    """Explain the authors' case 454 (``mnist:4013``) on the segments of their own code.

    Parameters
    ----------
    model : callable
        The authors' network.
    golden : mapping or None
        Their numbers.
    is_authors : bool
        Whether the model is the authors' network: no other can give their numbers.

    Returns
    -------
    dict of str to Measured
    """
    if not is_authors or golden is None:
        needed = "the authors' network (--model)" if not is_authors else "golden.json (--data)"
        return {name: missing(f"needs {needed}") for name in ("golden", "kept", "highlight")}
    numbers = golden["case_454"]
    segments = np.array(numbers["superpixel_labels_1_to_9"])
    explanation = replace(PAPER, segmenter=Labels(segments))(model, mnist_image(4013))
    check = Highlight().check(model, explanation)
    expected = np.array(numbers["importance"])
    kept = {int(label) for label in explanation.labels[explanation.important()]}
    error = float(np.abs(explanation.influence[:, explanation.predicted] - expected).max())
    rows = explanation.model_rows
    return {
        "golden": Measured(error, 1, rows),
        "kept": Measured(float(len(kept ^ set(numbers["kept_segments"]))), 1, rows),
        "highlight": Measured(abs(check.score - CASE_HIGHLIGHT), 1, rows + check.model_rows),
    }


def _out_of_bounds(explanation: Explanation) -> int:
    tables = (explanation.importance, explanation.utility, (explanation.influence + 1.0) / 2.0)
    wrong = [~((table >= -1e-12) & (table <= 1.0 + 1e-12)) for table in tables]  # NaN is wrong
    return int(sum(table.sum() for table in wrong))


def _joint(model: Model, explained: Sequence[Explanation]) -> Measured:
    """Hide all segments as one region: its influence is what the blank image loses."""
    (blank,) = score_images(model, [np.zeros_like(explained[0].image)])
    errors, rows = [], 1
    for explanation in explained:
        everything = {"all": explanation.labels.tolist()}
        whole = replace(PAPER, segmenter=Labels(explanation.segments), regions=everything)
        joint = whole(model, explanation.image)
        errors.append(float(np.abs(joint.influence[0] - (explanation.scores - blank)).max()))
        rows += joint.model_rows
    return largest(errors, len(explained), rows)


def _ranged(model: Model, images: Sequence[AnyImage], explained: Sequence[Explanation]) -> Measured:
    """Estimate the output range, widened to hold perturbed images: importance times it stays."""
    low, high = (np.array(bound) for bound in estimate_output_range(model, images))
    wide = tuple((low - 1.0).tolist()), tuple((high + 1.0).tolist())
    width = high - low + 2.0
    ranged = list(explain_each(PAPER, StatedModel(model, wide), images))
    errors = [
        float(np.abs(one.importance - other.importance * width).max())
        for one, other in zip(explained, ranged, strict=True)
    ]
    return largest(errors, len(images), len(images) + sum(e.model_rows for e in ranged))
