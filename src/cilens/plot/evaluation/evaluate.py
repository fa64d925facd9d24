"""A number against its cost: each method's mean and interval over model rows, and who is ahead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedFormatter, FixedLocator, MaxNLocator, NullLocator

from cilens.plot.style import (
    BODY,
    DPI,
    FAINT,
    INK,
    SMALL,
    SOFT,
    fitted,
    heading,
    inches,
    size_of,
    text_width,
)

if TYPE_CHECKING:
    from cilens.evaluation.evaluate import Summary

_LEFT, _CHART, _GAP, _APART, _RIGHT = 0.6, 3.9, 0.35, 2.3, 0.3
_TOP, _BOTTOM, _ROW, _LEAST = 0.7, 0.6, 0.3, 2.4
"""Inches: across, the cost, the names, the differences; down, a heading, its chart, the axis."""

_LONGEST, _COST = 4.8, 1.55
"""Inches: a name at most, and its model rows and mean beside it."""

_DISC, _ROOM = 11.5, 13.5
"""A method's disc, and how far apart two of them are at least, in points."""

_FIRST = "#0365cf"
"""The method that the others are compared with."""


def evaluation_figure(summaries: Sequence[Summary]) -> Figure:
    """Draw the first number of each metric: against model rows, and method by method.

    Parameters
    ----------
    summaries : sequence of Summary
        From `cilens.evaluation.evaluate.summarize`.

    Returns
    -------
    Figure
        Neither shown nor saved. For each metric, its first number: to the left the means with 95 %
        intervals over model rows, where discs that would overlap stand side by side; to the right
        the methods, the best first, with their paired differences to the first method: filled
        where the interval leaves 0 out.

    Examples
    --------
    >>> from cilens.evaluation.evaluate import Judged, summarize
    >>> rows = [Judged("a", "one", "black", "srg", 0.8, "higher", 9, 0.1)]
    >>> figure = evaluation_figure(summarize(rows))
    """
    numbers = {one.metric: one.number for one in reversed(summaries)}
    charts = [
        [one for one in summaries if (one.metric, one.number) == (metric, numbers[metric])]
        for metric in dict.fromkeys(one.metric for one in summaries)
    ]
    heights = [max(_LEAST, _ROW * len(chart)) for chart in charts]
    wide = max(text_width(one.method, BODY) for one in summaries) / 72
    names = min(wide + 0.05, _LONGEST) + _COST
    across = _LEFT + _CHART + _GAP + names + _APART + _RIGHT
    bottom = sum(heights) + len(charts) * (_TOP + _BOTTOM)
    figure = Figure(figsize=(across, bottom), dpi=DPI, facecolor="white")
    for chart, high in zip(charts, heights, strict=True):
        bottom -= _TOP + high
        _draw_costs(inches(figure, (_LEFT, bottom, _CHART, high)), chart, high)
        best = sorted(chart, key=_worth, reverse=True)
        _draw_names(inches(figure, (_LEFT + _CHART + _GAP, bottom, names, high)), best, chart)
        left = _LEFT + _CHART + _GAP + names
        _draw_differences(inches(figure, (left, bottom, _APART, high)), best, chart[0].method)
        bottom -= _BOTTOM
    return figure


def _worth(one: Summary) -> float:
    if one.mean is None:
        return -np.inf
    return one.mean if one.better == "higher" else -one.mean


def _draw_costs(ax: Axes, chart: Sequence[Summary], high: float) -> None:
    """Draw each method's mean and interval over its model rows."""
    known = [one for one in chart if one.mean is not None]
    ends = [(_low(one), _high(one)) for one in known] or [(0.0, 1.0)]
    least, most = min(0.0, *(low for low, _ in ends)), max(0.0, *(end for _, end in ends))
    spare = 0.08 * ((most - least) or 1.0)
    least, most = least - spare, most + spare
    _axis(ax, (least, most), [one.model_rows for one in chart])
    heading(ax, f"{chart[0].number}, {chart[0].better} is better", chart[0].metric, _count(chart))
    low, width = np.log(ax.get_xlim()[0]), np.diff(np.log(ax.get_xlim())).item()
    points = 72 * high / (most - least)
    spans = [
        (down * points - _ROOM / 2, up * points + _ROOM / 2)
        for down, up in ((_low(one), _high(one)) for one in known)
    ]
    wanted = [(np.log(one.model_rows) - low) / width * 72 * _CHART for one in known]
    places = _side_by_side(wanted, spans)
    if places != wanted:
        ax.set_xlabel(f"{ax.get_xlabel()}; discs that would overlap stand side by side")
    for one, x in zip(known, places, strict=True):
        rows, ink = float(np.exp(low + x / (72 * _CHART) * width)), _ink(one, chart)
        ax.plot([rows, rows], [_low(one), _high(one)], color=ink, linewidth=1.3, zorder=2)
        _disc(ax, rows, float(one.mean or 0.0), one, chart)


def _axis(ax: Axes, limits: tuple[float, float], rows: Sequence[float]) -> None:
    """Prepare the axes: model rows on a logarithmic scale, a line at 0."""
    ax.set_xscale("log")
    cheap, dear = max(min(rows), 1.0), max(*rows, 1.0)
    # At each end there is room for the discs of a few methods of one cost.
    aside = max((dear / cheap) ** 0.12, 1.3)
    least, most = cheap / aside, dear * aside
    ax.set(xlim=(least, most), ylim=limits)
    decades = [10.0**power for power in range(8)]
    ticks = [tick for tick in decades if least <= tick <= most]
    if len(ticks) < 3:
        finer = (step * decade for decade in decades for step in (1, 2, 5))
        ticks = [tick for tick in finer if least <= tick <= most]
    ax.xaxis.set_major_locator(FixedLocator(ticks))
    ax.xaxis.set_major_formatter(FixedFormatter([f"{tick:,.0f}" for tick in ticks]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xlabel("model rows for each image", fontsize=SMALL, color=SOFT)
    ax.grid(axis="y", color=FAINT, linewidth=0.4, zorder=0)
    ax.axhline(0, color=SOFT, linewidth=0.8, zorder=1)
    _plain(ax, ("bottom", "left"))


def _draw_names(ax: Axes, best: Sequence[Summary], chart: Sequence[Summary]) -> None:
    """Name the methods, with their discs, model rows and means."""
    _rows_axis(ax, len(best))
    names = size_of(ax)[0] / 72
    ax.set_xlim(0, names)
    for row, one in enumerate(best):
        _disc(ax, 0.12, row, one, chart)
        mean = "–" if one.mean is None else f"{one.mean:.3f}".replace("-", "−")
        cost = f"{one.model_rows:,.0f} row{'' if one.model_rows == 1 else 's'}"
        for x, text, size, ink, side in (
            (0.3, fitted(one.method, 72 * (names - _COST), BODY), BODY, INK, "left"),
            (names - 0.7, cost, SMALL, SOFT, "right"),
            (names - 0.25, mean, SMALL, INK, "right"),
        ):
            ax.text(x, row, text, fontsize=size, color=ink, ha=side, va="center", parse_math=False)
    _plain(ax, ())


def _draw_differences(ax: Axes, best: Sequence[Summary], first: str) -> None:
    """Draw the paired differences to the first method, with their intervals."""
    _rows_axis(ax, len(best))
    heading(ax, "Difference, image by image", "to ", first)
    ax.axvline(0, color=SOFT, linewidth=0.8, zorder=1)
    ends = [0.0]
    for row, one in enumerate(best):
        if one.method == first:
            ax.plot([0], [row], "o", color=_FIRST, markersize=5.5, zorder=3)
        if one.method == first or one.difference is None:
            continue
        low, high = one.difference_low, one.difference_high
        apart = low is not None and high is not None and not low <= 0 <= high
        if low is not None and high is not None:
            ax.plot([low, high], [row, row], color=INK, linewidth=1.3, zorder=2)
            ends += [low, high]
        face = INK if apart else "white"
        ax.plot([one.difference], [row], "o", color=INK, mfc=face, markersize=5.5, zorder=3)
        ends.append(one.difference)
    spare = 0.08 * (max(ends) - min(ends) or 1.0)
    ax.set_xlim(min(ends) - spare, max(ends) + spare)
    ax.xaxis.set_major_locator(MaxNLocator(4))
    _plain(ax, ("bottom",))


def _side_by_side(wanted: Sequence[float], spans: Sequence[tuple[float, float]]) -> list[float]:
    """Move what would overlap apart, by as little as there is need; all in points."""
    placed: list[tuple[float, tuple[float, float]]] = []
    offsets = sorted((2.0 * step for step in range(-400, 401)), key=lambda by: (abs(by), -by))
    for x, (low, high) in zip(wanted, spans, strict=True):
        near = [at for at, (down, up) in placed if down < high and low < up]
        inside = (x + by for by in offsets if _DISC < x + by < 72 * _CHART - _DISC)
        free = (to for to in inside if all(abs(to - at) >= _ROOM for at in near))
        placed.append((next(free, x), (low, high)))
    return [x for x, _ in placed]


def _disc(ax: Axes, x: float, y: float, one: Summary, chart: Sequence[Summary]) -> None:
    """Draw a method's disc with its number, by which it is found in the list of names."""
    number = [each.method for each in chart].index(one.method) + 1
    ax.plot([x], [y], "o", color=_ink(one, chart), mec="white", mew=0.6, ms=_DISC, zorder=3)
    ax.text(
        x, y, str(number), fontsize=SMALL - 0.5, color="white", fontweight="bold", ha="center",
        va="center_baseline", zorder=4,
    )  # fmt: skip


def _ink(one: Summary, chart: Sequence[Summary]) -> str:
    return _FIRST if one.method == chart[0].method else INK


def _rows_axis(ax: Axes, count: int) -> None:
    """Give each row the same height, the first on top; few rows do not spread over the chart."""
    height = ax.get_position(original=True).height * ax.figure.bbox.height / ax.figure.dpi
    ax.set_ylim(min(height / _ROW, 1.3 * count + 0.4) - 0.5, -0.5)
    ax.set_yticks([])


def _plain(ax: Axes, sides: Sequence[str]) -> None:
    """Leave the frame only at some sides, thin, and the ticks there."""
    ax.tick_params(labelsize=SMALL, colors=SOFT, length=2)
    if "bottom" not in sides:
        ax.set_xticks([])
    for side, spine in ax.spines.items():
        spine.set_visible(side in sides)
        spine.set_color(FAINT)


def _low(one: Summary) -> float:
    return float((one.mean or 0.0) if one.low is None else one.low)


def _high(one: Summary) -> float:
    return float((one.mean or 0.0) if one.high is None else one.high)


def _count(chart: Sequence[Summary]) -> str:
    images = max(one.images for one in chart)
    return f", {images:,} image{'' if images == 1 else 's'}, 95 % intervals"
