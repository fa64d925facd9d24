"""Figures: each function draws into the axes given or into a new figure, and returns the figure.

Nothing here shows or saves, or touches pyplot; pixels come from `cilens.render`.
"""

from __future__ import annotations

from cilens.plot.animation import animate
from cilens.plot.contrast import contrast_figure
from cilens.plot.detail import detail_figure
from cilens.plot.evaluation.compare import comparison_figure
from cilens.plot.evaluation.evaluate import evaluation_figure
from cilens.plot.finding import finding_figure
from cilens.plot.highlight import plot_highlight, plot_remainder
from cilens.plot.minimal import minimal_figure, plot_necessary, plot_redundant, plot_sufficient
from cilens.plot.objects import objects_figure, plot_object, plot_owners
from cilens.plot.panels import (
    plot_difference,
    plot_image,
    plot_influence,
    plot_margin,
    plot_segments,
    plot_shares,
)
from cilens.plot.ranking import plot_ranking

__all__ = [
    "animate", "comparison_figure", "contrast_figure", "detail_figure", "evaluation_figure",
    "finding_figure", "minimal_figure", "objects_figure", "plot_difference", "plot_highlight",
    "plot_image", "plot_influence", "plot_margin", "plot_necessary", "plot_object",
    "plot_owners", "plot_ranking", "plot_redundant", "plot_remainder", "plot_segments",
    "plot_shares", "plot_sufficient",
]  # fmt: skip
