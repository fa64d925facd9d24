"""Many images: explained in parts that appear whole, and gone on with where they were stopped."""

from __future__ import annotations

from cilens.runs.local import Progress, Report, run
from cilens.runs.summary import Summary, summarize

__all__ = ["Progress", "Report", "Summary", "run", "summarize"]
