"""The paper, made again: its figures, and which of its claims hold, in one page to read."""

from __future__ import annotations

from cilens.paper.pipeline import all_steps
from cilens.paper.run import reproduce
from cilens.paper.study import Study, open_study

__all__ = ["Study", "all_steps", "open_study", "reproduce"]
