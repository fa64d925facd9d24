"""All there is to see of an explanation: segments, every influence, other classes, settings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cilens.plot.fonts import legible
from cilens.plot.frame import MARGIN
from cilens.plot.panels import (
    plot_influence,
    plot_margin,
    plot_segments,
    plot_shares,
)
from cilens.plot.ranking import plot_ranking
from cilens.plot.style import (
    DPI,
    INK,
    SMALL,
    SOFT,
    TITLE,
    fitted,
    inches,
    place,
    wrapped,
    write,
)
from cilens.text.topic import Topic

_GAP, _HEADING, _TOP = 0.4, 0.62, 0.7
"""Between the sheet's columns, above each picture, above all, in inches."""
_WIDEST, _HIGHEST, _LEAST = 3.1, 4.2, (2.35, 0.8)
"""Most width and height of a picture, and least."""
_BAR = 0.21
"""Height of a bar's row on the sheet, in inches."""
_BARS, _MOST = 3.3, 34
"""Width of the chart of regions, and most bars."""
_REACH = (0.5, 0.1)
"""Another class is shown where its score is this share of the target's, or this share of 1."""
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
    topic = legible(topic)
    explanation = topic.explanation
    shape, classes = explanation.image.shape, within_reach(topic)
    ratio = shape[1] / shape[0]
    wide = min(_WIDEST, max(_HIGHEST * ratio, _LEAST[0]))
    high = max(min(wide / ratio, _HIGHEST), _LEAST[1])
    maps = topic.overlapping
    bars = min(len(explanation.regions), _MOST)
    strip = len(classes) > 1
    columns = max(len(classes), 2)
    side = (2 * wide - (columns - 2) * _GAP) / columns
    low = max(high * side / wide, 0.5) if strip else 0.0
    row = _HEADING + high + 0.55
    content = max(row + (_HEADING + low) * strip, _HEADING + (0 if maps else bars * _BAR + 0.75))
    across = 2 * MARGIN + 2 * (wide + _GAP) + _BARS
    settings = wrapped(explanation.method, 72 * (across - 2 * MARGIN), SMALL, most=4)
    foot = 0.35 + 0.15 * (len(settings) + 1)
    down = _TOP + content + foot
    figure = Figure(figsize=(across, down), dpi=DPI, facecolor="white")

    def at(left: float, top: float, width: float, height: float) -> Axes:
        return place(figure, (left, down - _TOP - top - height, width, height), width, shape)

    second = MARGIN + wide + _GAP
    third = second + wide + _GAP
    plot_segments(topic, ax=at(MARGIN, _HEADING, wide, high))
    plot_influence(topic, ax=at(second, _HEADING, wide, high))
    if maps:
        plot_margin(topic, ax=at(third, _HEADING, min(wide, _BARS), high * min(1, _BARS / wide)))
    else:
        tall = max(content - _HEADING, bars * _BAR + 0.75)
        ax = inches(figure, (third, down - _TOP - _HEADING - tall, _BARS, tall))
        plot_ranking(topic, top=_MOST, ax=ax)
    for column, index in enumerate(classes if strip else ()):
        left = MARGIN + column * (side + _GAP)
        other = replace(topic, target=index, foil=None, check=None)
        plot_shares(other, scale=False, ax=at(left, row + _HEADING, side, low))
    _frame(figure, topic, settings)
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
    width, height = figure.get_size_inches()
    title = f"{topic.label(topic.target)}: {topic.own_score(topic.target)}, in detail"
    room = 72 * (width - 2 * MARGIN)
    write(figure, (MARGIN, height - 0.55), fitted(title, room, TITLE, bold=True), TITLE)
    rows = f"{topic.explanation.model_rows:,} model rows"
    for number, line in enumerate([rows, *settings]):
        below = 0.18 + 0.15 * (len(settings) - number)
        write(figure, (MARGIN, below), line, SMALL, ink=SOFT if number else INK)
