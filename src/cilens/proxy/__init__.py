"""A proxy of the model around one image: what it would say of coalitions nobody has asked about."""

from __future__ import annotations

from cilens.proxy.fit import Asked, fit_cells, fit_scores, joined
from cilens.proxy.record import Proxy, packed, unpacked

__all__ = ["Asked", "Proxy", "fit_cells", "fit_scores", "joined", "packed", "unpacked"]
