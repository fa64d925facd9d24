"""The parts there are, by the names used at the edges: command line, run files, documentation."""

from __future__ import annotations

from cilens.parts.notation import describe, parse, unparse
from cilens.parts.table import KINDS, METHODS, METRICS, PERTURBATIONS, SEGMENTERS, part_class

__all__ = [
    "KINDS",
    "METHODS",
    "METRICS",
    "PERTURBATIONS",
    "SEGMENTERS",
    "describe",
    "parse",
    "part_class",
    "unparse",
]
