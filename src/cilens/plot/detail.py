"""All there is to see of an explanation: segments, every influence, other classes, settings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cilens import render
from cilens.plot.panels import overlapping, plot_influence, plot_segments
from cilens.plot.ranking import plot_ranking
from cilens.plot.shares import plot_shares
from cilens.plot.style import (
    DPI,
    INK,
    SMALL,
    SOFT,
    TITLE,
    canvas,
    fitted,
    heading,
    inches,
    picture,
    place,
    wrapped,
    write,
)
from cilens.text.names import class_label
from cilens.text.numbers import percent, score_text
from cilens.text.topic import Topic

_MARGIN, _GAP, _HEADING, _TOP = 0.5, 0.4, 0.62, 0.7
"""Around the sheet, between its columns, above each picture, above all, in inches."""
_WIDEST, _HIGHEST, _LEAST = 3.1, 4.2, (2.35, 0.8)
"""Most width and height of a picture, and least."""
_BAR = 0.21
"""Height of a bar's row on the sheet, in inches."""
_BARS, _MOST = 3.3, 34
"""Width of the chart of regions, and most bars."""
_REACH = (0.5, 0.1)
"""Another class is shown where its score is this share of the target's, or this share of 1."""
_EVEN = 5e-4
"""Margins that differ by less are the same to one decimal of a percent."""
_CLASSES = 4
"""So many classes at most, the target among them."""


def detail_figure(topic: Topic) -> Figure:
    """Draw the second sheet: what the finding rests on.

    Parameters
    ----------
    topic : Topic
        From `cilens.text.about`.

    Returns
    -------
    Figure
        Neither shown nor saved. The numbered segments, the influence of all, sure or not, as a
        map and as bars with their margins; what carries the classes within reach, on one scale
        and from the same questions; the method with its settings. Where the image was cut in
        several ways, a map of the margin stands in the place of the bars.

    Examples
    --------
    >>> import cilens
    >>> from cilens.text import about
    >>> model, image = cilens.load_model("digits"), cilens.read_image("mnist:18")
    >>> figure = detail_figure(about(cilens.explain(model, image), kind="digit"))
    """
    explanation = topic.explanation
    shape, classes = explanation.image.shape, within_reach(topic)
    ratio = shape[1] / shape[0]
    wide = min(_WIDEST, max(_HIGHEST * ratio, _LEAST[0]))
    high = max(min(wide / ratio, _HIGHEST), _LEAST[1])
    maps = overlapping(explanation)
    bars = min(len(explanation.regions), _MOST)
    strip = len(classes) > 1
    columns = max(len(classes), 2)
    side = (2 * wide - (columns - 2) * _GAP) / columns
    low = max(high * side / wide, 0.5) if strip else 0.0
    row = _HEADING + high + 0.55
    content = max(row + (_HEADING + low) * strip, _HEADING + (0 if maps else bars * _BAR + 0.75))
    across = 2 * _MARGIN + 2 * (wide + _GAP) + _BARS
    settings = wrapped(explanation.method, 72 * (across - 2 * _MARGIN), SMALL, most=4)
    foot = 0.35 + 0.15 * (len(settings) + 1)
    down = _TOP + content + foot
    figure = Figure(figsize=(across, down), dpi=DPI, facecolor="white")

    def at(left: float, top: float, width: float, height: float) -> Axes:
        return place(figure, (left, down - _TOP - top - height, width, height), width, shape)

    second = _MARGIN + wide + _GAP
    third = second + wide + _GAP
    plot_segments(topic, ax=at(_MARGIN, _HEADING, wide, high))
    plot_influence(topic, ax=at(second, _HEADING, wide, high))
    if maps:
        plot_margin(topic, ax=at(third, _HEADING, min(wide, _BARS), high * min(1, _BARS / wide)))
    else:
        tall = max(content - _HEADING, bars * _BAR + 0.75)
        ax = inches(figure, (third, down - _TOP - _HEADING - tall, _BARS, tall))
        plot_ranking(topic, top=_MOST, ax=ax)
    for column, index in enumerate(classes if strip else ()):
        left = _MARGIN + column * (side + _GAP)
        other = replace(topic, target=index, foil=None, check=None)
        plot_shares(other, scale=False, ax=at(left, row + _HEADING, side, low))
    _frame(figure, topic, settings)
    return figure


def plot_margin(topic: Topic, *, ax: Axes | None = None) -> Figure:
    """Show how far each pixel's influence may be off: the darker, the farther.

    Parameters
    ----------
    topic : Topic
        From `cilens.text.about`.
    ax : Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    Figure
        Neither shown nor saved.

    Examples
    --------
    >>> import cilens
    >>> from cilens.text import about
    >>> model, image = cilens.load_model("digits"), cilens.read_image("mnist:18")
    >>> figure = plot_margin(about(cilens.explain(model, image)))
    """
    figure, ax = canvas(ax, topic.explanation.image.shape)
    margin = topic.explanation.saliency_margin(topic.target)
    picture(ax, render.to_rgb((1 - render.depth(np.minimum(margin, 1.0)))[..., None]))
    most = f"± {percent(float(margin.max()))}"
    even = float(np.ptp(margin)) < _EVEN
    heading(
        ax, "Margin", "", f"{most} everywhere" if even else f"{most} at most, the darker the larger"
    )
    return figure


def within_reach(topic: Topic) -> list[int]:
    """Return the class explained, and others with a score in its reach, the best first.

    Parameters
    ----------
    topic : Topic
        From `cilens.text.about`.

    Returns
    -------
    list of int
        Class indices: those with half of the target's score, or a tenth of their range.
    """
    explanation, target = topic.explanation, topic.target
    low, high = explanation.output_range
    shares = (explanation.scores - low) / (high - low)
    order = np.argsort(-shares, kind="stable").tolist()
    near = min(_REACH[0] * shares[target], _REACH[1])
    apart = {target, *dict(explanation.outside)}
    others = [at for at in order if at not in apart and shares[at] >= max(near, 0.01)]
    return [target, *others[: _CLASSES - 1]]


def _frame(figure: Figure, topic: Topic, settings: list[str]) -> None:
    """Write what is explained on top, and how it was asked below."""
    explanation, index = topic.explanation, topic.target
    width, height = figure.get_size_inches()
    score = score_text(explanation, float(explanation.scores[index]), index)
    title = f"{class_label(explanation.class_names, index)}: {score}, in detail"
    room = 72 * (width - 2 * _MARGIN)
    write(figure, (_MARGIN, height - 0.55), fitted(title, room, TITLE, bold=True), TITLE)
    rows = f"{explanation.model_rows:,} model rows"
    for number, line in enumerate([rows, *settings]):
        below = 0.18 + 0.15 * (len(settings) - number)
        write(figure, (_MARGIN, below), line, SMALL, ink=SOFT if number else INK)
