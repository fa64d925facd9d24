"""Contextual importance behind Captum's interface: it stands wherever `FeatureAblation` does."""

from __future__ import annotations

from cilens.captum.attribution import ContextualImportance

__all__ = ["ContextualImportance"]
