"""The paper, made again: its figures, and which of its claims hold, in one page to read."""

from __future__ import annotations

from cilens.report.measuring import all_steps
from cilens.report.run import reproduce
from cilens.report.study import Study, open_study

__all__ = ["Study", "all_steps", "open_study", "reproduce"]
