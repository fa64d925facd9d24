"""Figures: each function draws into the axes given or into a new figure, and returns the figure.

Nothing here shows or saves, or touches pyplot; pixels come from `cilens.render`.
"""

from __future__ import annotations

from cilens.plot.contrasted import contrast_figure
from cilens.plot.evaluated import evaluation_figure
from cilens.plot.kept import plot_highlight, plot_important, plot_remainder
from cilens.plot.minimal import (
    minimal_figure,
    plot_necessary,
    plot_redundant,
    plot_sufficient,
)
from cilens.plot.objects import objects_figure
from cilens.plot.panels import plot_difference, plot_image, plot_influence, plot_segments
from cilens.plot.ranking import plot_ranking
from cilens.plot.several import plot_object, plot_owners
from cilens.plot.sheet import explanation_figure
from cilens.plot.side_by_side import comparison_figure

__all__ = [
    "comparison_figure",
    "contrast_figure",
    "evaluation_figure",
    "explanation_figure",
    "minimal_figure",
    "objects_figure",
    "plot_difference",
    "plot_highlight",
    "plot_image",
    "plot_important",
    "plot_influence",
    "plot_necessary",
    "plot_object",
    "plot_owners",
    "plot_ranking",
    "plot_redundant",
    "plot_remainder",
    "plot_segments",
    "plot_sufficient",
]
