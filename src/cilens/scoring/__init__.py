"""The one loop that asks a model, and what is asked and told around it."""

from __future__ import annotations

from cilens.scoring.loop import (
    class_names,
    computed_by,
    estimate_output_range,
    look_batch,
    score,
    score_batch,
    score_images,
    view,
)

__all__ = [
    "class_names",
    "computed_by",
    "estimate_output_range",
    "look_batch",
    "score",
    "score_batch",
    "score_images",
    "view",
]
