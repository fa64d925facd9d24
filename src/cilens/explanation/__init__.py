"""The answer: what each region of an image means to each class."""

from __future__ import annotations

from cilens.explanation.record import Explanation

__all__ = [
    "Explanation",
]
