"""Methods: ask a model about coalitions of segments, and read its answers as importance."""

from __future__ import annotations

from cilens.methods.contextual import ContextualImportance
from cilens.methods.recommended import Recommended, explain, recommended
from cilens.methods.sampled import SampledImportance

__all__ = ["ContextualImportance", "Recommended", "SampledImportance", "explain", "recommended"]
