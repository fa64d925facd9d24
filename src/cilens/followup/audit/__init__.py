"""An explanation's own audit: what it is worth, beside controls that know nothing of the model."""

from __future__ import annotations

from cilens.followup.audit.judge import Audit
from cilens.followup.audit.record import Again, Audited, Flipped, Hidden

__all__ = ["Again", "Audit", "Audited", "Flipped", "Hidden"]
