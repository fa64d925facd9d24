"""Models: one adapter for each framework, found by a name or by a file's suffix.

An adapter owns what its framework wants: layout, normalisation, device, softmax. It is told,
and never guesses. Importing this package loads no framework.
"""

from __future__ import annotations

from cilens.models.load import is_shipped, load_model, model_path
from cilens.models.shipped import ShippedModel, model_names

__all__ = ["ShippedModel", "is_shipped", "load_model", "model_names", "model_path"]
