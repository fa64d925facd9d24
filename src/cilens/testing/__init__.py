"""Contracts of the exchangeable parts, as checks for the tests of those who write one.

Each check raises AssertionError with the part, what it must do and what came, or lets the part's
own error through. cilens runs them over all of its own parts.
"""

from __future__ import annotations

from cilens.testing.answers import check_method, check_metric, check_model
from cilens.testing.inputs import check_part, check_perturbation, check_segmenter, sample_images

__all__ = [
    "check_method",
    "check_metric",
    "check_model",
    "check_part",
    "check_perturbation",
    "check_segmenter",
    "sample_images",
]
