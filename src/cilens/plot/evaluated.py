"""Faithfulness against cost: one point for each method, with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from cilens.plot.style import BODY, DPI, FAINT, INK, SMALL, SOFT, heading, inches

if TYPE_CHECKING:
    from cilens.evaluation import Summary

_LEFT, _TOP, _ROW, _CHART, _MARGIN, _BOTTOM = 2.9, 0.75, 0.27, 2.9, 0.4, 0.5


def evaluation_figure(summaries: Sequence[Summary]) -> Figure:
    """Draw each method's symmetric relevance gain, a chart for each fill.

    Parameters
    ----------
    summaries : sequence of Summary
        From `cilens.evaluation.summarize`.

    Returns
    -------
    Figure
        Neither shown nor saved: means with 95 % intervals over images; the model rows stand
        beside the methods' names.

    Examples
    --------
    >>> from cilens.evaluation import Judged, summarize
    >>> rows = [Judged("a", "one", "black", 9, 0.1, 0.1, 0.9, 0.8)]
    >>> figure = evaluation_figure(summarize(rows))
    """
    fills = list(dict.fromkeys(one.fill for one in summaries))
    methods = list(dict.fromkeys(one.method for one in summaries))
    across = _LEFT + len(fills) * (_CHART + _MARGIN)
    high = _ROW * len(methods)
    figure = Figure(figsize=(across, _TOP + high + _BOTTOM), dpi=DPI, facecolor="white")
    right = max(one.high for one in summaries)
    left = min(0.0, *(one.low for one in summaries))
    for column, fill in enumerate(fills):
        place = (_LEFT + column * (_CHART + _MARGIN), _BOTTOM, _CHART, high)
        ax = inches(figure, place)
        shown = [one for one in summaries if one.fill == fill]
        for one in shown:
            row = methods.index(one.method)
            ax.plot([one.low, one.high], [row, row], color=SOFT, linewidth=1.4, zorder=1)
            ax.plot([one.srg], [row], "o", color=INK, markersize=5, zorder=2)
        ax.axvline(0, color=FAINT, linewidth=0.8, zorder=0)
        ax.set_xlim(left - 0.05 * (right - left), right + 0.05 * (right - left))
        ax.set_ylim(len(methods) - 0.5, -0.5)
        ax.set_yticks([])
        ax.tick_params(labelsize=SMALL, colors=SOFT, length=2)
        for side, spine in ax.spines.items():
            spine.set_visible(side == "bottom")
            spine.set_color(FAINT)
        heading(ax, "Symmetric relevance gain", "", f"fill: {fill}, {shown[0].images} images")
        if column == 0:
            _names(figure, shown, high)
    return figure


def _names(figure: Figure, rows: Sequence[Summary], high: float) -> None:
    """Write each method's name and cost to the left of its row."""
    width, height = figure.get_size_inches()
    for row, one in enumerate(rows):
        y = (_BOTTOM + high - (row + 0.5) * _ROW) / height
        for x, text, size, ink, side in (
            (0.25, one.method, BODY, INK, "left"),
            (_LEFT - 0.25, f"{one.model_rows:,.0f} rows", SMALL, SOFT, "right"),
        ):
            figure.text(
                x / width, y, text, fontsize=size, color=ink, ha=side, va="center", parse_math=False
            )
