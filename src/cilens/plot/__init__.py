"""Figures: each function draws into the axes given or into a new figure, and returns the figure.

Nothing here shows or saves, or touches pyplot; pixels come from `cilens.render`.
"""

from __future__ import annotations

from cilens.plot.detail import detail_figure, plot_margin
from cilens.plot.finding import finding_figure
from cilens.plot.highlight import plot_highlight, plot_remainder
from cilens.plot.panels import plot_difference, plot_image, plot_influence, plot_segments
from cilens.plot.ranking import plot_ranking
from cilens.plot.shares import plot_shares
