"""The strongest regions as bars, numbered and coloured as in the pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cilens import render
from cilens.plot.panels import plot_segments
from cilens.plot.style import (
    BODY,
    DPI,
    INK,
    SMALL,
    SOFT,
    canvas,
    fitted,
    heading,
    inches,
    note,
    size_of,
    text_width,
)
from cilens.text.names import shortened
from cilens.text.numbers import percent, rest_words, round_percent
from cilens.text.topic import Topic

_ROW = 26.0
"""Most height of a row, in points: few bars do not become thick."""
_GAP = 7.0
"""Between a number, its bar and its value, in points."""


class _Row(NamedTuple):
    label: str
    value: float
    words: str
    important: bool
    notable: bool
    margin: float

    @property
    def end(self) -> float:
        """Where bar and interval end, away from 0."""
        return self.value - self.margin if self.value < 0 else self.value + self.margin


def plot_ranking(topic: Topic, *, top: int = 12, ax: Axes | None = None) -> Figure:
    """Rank the regions by their influence on a class, as bars numbered as in `plot_segments`.

    Parameters
    ----------
    topic : Topic
        From `cilens.text.about`.
    top : int
        Most bars; below them stands how many regions are left, and the sum of their influences.
    ax : Axes, optional
        Where to draw the bars; by default a new figure with the numbered picture beside them.

    Returns
    -------
    Figure
        Neither shown nor saved. Important regions have their number in bold.

    Examples
    --------
    >>> import cilens
    >>> from cilens.text import about
    >>> brightness = lambda images: images.mean(axis=(1, 2))
    >>> figure = plot_ranking(about(cilens.explain(brightness, np.ones((28, 28, 1)))))
    """
    explanation, threshold = topic.explanation, topic.threshold
    if ax is None:
        figure, ax = _beside_picture(topic)
    else:
        figure, ax = canvas(ax, explanation.image.shape)
    rows = _rows(topic, topic.ranked[:top])
    _draw(ax, rows, render.scale_limit(topic.influence))
    rest = topic.influence[topic.ranked[top:]]
    notes = [f"bold: important, sure and from {round_percent(threshold)} on"]
    if explanation.margin is not None:
        notes.append("lines: 95 % intervals over contexts")
    if len(rest):
        together = percent(float(rest.sum()), signed=True)
        notes.insert(0, f"and {rest_words(rest, threshold)}; their sum: {together}")
    room = size_of(ax)[0]
    top_of_notes = ax.transAxes.inverted().transform(ax.transData.transform((0, len(rows) - 0.5)))
    for line, words in enumerate(notes):
        at = (0.0, float(top_of_notes[1]))
        written = note(
            ax, at, fitted(words, room, SMALL), SMALL, SOFT, (0, -10 - line * SMALL * 1.6)
        )
        written.set_verticalalignment("top")
    heading(ax, "Strongest regions", "", "influence on ", topic.label(topic.target))
    return figure


def _beside_picture(topic: Topic) -> tuple[Figure, Axes]:
    """Make a figure with the numbered picture on the left and room for bars on the right."""
    height, width = topic.explanation.image.shape[:2]
    high = 3.0 * min(max(height / width, 0.8), 2.0)
    figure = Figure(figsize=(6.9, high + 0.75), dpi=DPI)
    plot_segments(topic, ax=inches(figure, (0.15, 0.15, 3.0, high)))
    return figure, inches(figure, (3.55, 0.15, 3.1, high))


def _rows(topic: Topic, order: Sequence[int]) -> list[_Row]:
    explanation, names = topic.explanation, topic.explanation.region_names
    influence, margin = topic.influence, np.zeros(len(names))
    if explanation.margin is not None:
        margin = explanation.margin[:, topic.target]
    marks = render.marks(names)
    return [
        _Row(
            marks[row]
            if marks == names
            else f"{marks[row]}  {shortened(explanation.region_name(row), 18)}",
            float(influence[row]),
            percent(float(influence[row]), signed=True),
            bool(topic.important[row]),
            bool(topic.important[row] or topic.opposing[row]),
            float(margin[row]),
        )
        for row in order
    ]


def _draw(ax: Axes, rows: list[_Row], limit: float) -> None:
    """Draw the bars, their labels in a column on the left, their values at their ends."""
    width, height = size_of(ax)
    notes = 4 * SMALL * 1.6
    row = min(_ROW, (height - notes) / max(len(rows), 1))
    ax.set_ylim(height / row - 0.5, -0.5)
    start, stop = _span(rows, limit, width)
    ax.set_xlim(start, stop)
    values = np.array([entry.value for entry in rows])
    colours = render.signed_map(values[None])[0] / 255
    places = np.arange(len(rows))
    ax.barh(places, values, height=0.62, color=colours, edgecolor=SOFT, linewidth=0.4)
    for place, entry in enumerate(rows):
        if entry.margin > 0:
            ends = (entry.value - entry.margin, entry.value + entry.margin)
            ax.plot(ends, (place, place), color=INK, linewidth=0.9, solid_capstyle="butt")
    ax.plot([0, 0], [-0.5, len(rows) - 0.5], color=INK, linewidth=0.6)
    for place, entry in enumerate(rows):
        _label(ax, (start, place), entry, entry.label, 0.0)
        _label(ax, (entry.end, place), entry, entry.words, -4.0 if entry.value < 0 else 4.0)
    ax.set_axis_off()


def _label(ax: Axes, at: tuple[float, float], entry: _Row, text: str, aside: float) -> None:
    """Write beside a point: to the left of it where `aside` is below zero."""
    written = note(ax, at, text, BODY, INK if entry.notable else SOFT)
    written.set(position=(aside, 0), ha="right" if aside < 0 else "left")
    if text == entry.label and aside == 0 and entry.important:
        written.set_fontweight("bold")


def _span(rows: list[_Row], limit: float, width: float) -> tuple[float, float]:
    """Return the ends of the value axis: room for labels, then bars on the scale of the limit."""
    labels = max((text_width(entry.label, BODY, bold=True) for entry in rows), default=0)
    below = [text_width(entry.words, BODY) for entry in rows if entry.value < 0]
    above = [text_width(entry.words, BODY) for entry in rows if entry.value >= 0]
    ends = [entry.value + sign * entry.margin for entry in rows for sign in (-1, 1)]
    lowest, highest = min([0.0, *ends]), max([limit if above or not rows else 0.0, *ends])
    left = labels + _GAP + (max(below) + _GAP if below else 0)
    right = max(above, default=0) + _GAP
    scale = (highest - lowest or limit) / max(width - left - right, 1)
    return lowest - left * scale, highest + right * scale
