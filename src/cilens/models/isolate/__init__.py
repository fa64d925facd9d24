"""Models in a separate process, with limits: what a file does there stays there."""

from __future__ import annotations

from cilens.models.isolate.limits import Limits

__all__ = ["Limits"]
