"""Explanations with the numbers a test wants, without a model."""

from __future__ import annotations

import numpy as np

from cilens.explanation import Explanation
from cilens.followup.highlight import HighlightCheck
from cilens.segmentation import Grid


def explanation(
    influence,
    *,
    scores=(0.1, 0.9),
    shape=(28, 28, 1),
    class_names=(),
    region_names=None,
    output_range=(0.0, 1.0),
    margin=None,
    asked="one-out",
) -> Explanation:
    """Return an explanation of a grid's cells: these influences on class 1, none on the others."""
    values = np.asarray(influence, dtype=float)
    rows = int(np.ceil(np.sqrt(len(values))))
    grid = Grid(rows, -(-len(values) // rows))(np.zeros(shape))
    segments = np.minimum(grid, len(values) - 1)
    table = np.zeros((len(values), len(scores)))
    table[:, 1] = values
    margins = None
    if margin is not None:
        margins = np.zeros_like(table)
        margins[:, 1] = margin
    pixels = np.random.default_rng(7).random(shape).astype(np.float32)
    return Explanation(
        image=pixels,
        box=(0.0, 0.0, *map(float, shape[:2])),
        segments=segments,
        labels=np.arange(len(values)),
        regions=np.eye(len(values), dtype=bool),
        region_names=region_names or tuple(str(row) for row in range(len(values))),
        scores=np.array(scores, dtype=float),
        low=np.zeros_like(table),
        high=np.abs(table),
        importance=np.abs(table),
        utility=np.where(table == 0, 0.5, table > 0),
        influence=table,
        output_range=np.repeat(np.array(output_range, dtype=float)[:, None], len(scores), axis=1),
        class_names=class_names,
        method="ContextualImportance(segmenter=Grid(rows=3, columns=3))",
        model_rows=len(values) + 1,
        margin=margins,
        asked=asked,
    )


def unchecked(found: Explanation, **changes) -> Explanation:
    """Return an explanation that holds what none can, for code that has to find that out."""
    wrong = object.__new__(Explanation)
    wrong.__dict__.update(vars(found) | changes)
    return wrong


def check(
    target=1, threshold=0.01, *, alone=(0.8, 1), without=(0.2, 0), blank=(0.1, 0), **changes
) -> HighlightCheck:
    """Return a check with these scores of the target and these classes predicted."""
    check = HighlightCheck(
        target=target,
        threshold=threshold,
        kept=np.zeros(0, dtype=bool),
        added=0,
        area=0.25,
        score=alone[0],
        predicted=alone[1],
        remainder_score=without[0],
        remainder_predicted=without[1],
        blank_score=blank[0],
        blank_predicted=blank[1],
        blank_lead=0.5,
        empty=False,
        model_rows=3,
    )
    return check._replace(**changes)


def checked(explanation, target=1, threshold=0.01, **changes) -> HighlightCheck:
    """Return a check whose highlight is the explanation's own."""
    kept = explanation.kept(target, threshold)
    return check(target, threshold, **({"kept": kept, "empty": not kept.any()} | changes))


def spread(n, low=-0.4, high=0.7):
    """Return influences of both signs, in no order."""
    return np.random.default_rng(5).permutation(np.linspace(low, high, n))
