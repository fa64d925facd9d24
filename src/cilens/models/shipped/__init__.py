"""The networks that come with cilens, and the groups of their classes."""

from __future__ import annotations

from cilens.models.shipped.catalogue import SHIPPED, ShippedModel, model_names, shipped_path

__all__ = ["SHIPPED", "ShippedModel", "model_names", "shipped_path"]
