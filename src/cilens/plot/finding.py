"""The one look: what carries a class, on the photograph, and what the model says without it."""

from __future__ import annotations

import re
from typing import NamedTuple, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cilens.plot.fonts import legible
from cilens.plot.frame import MARGIN
from cilens.plot.highlight import plot_highlight, plot_remainder
from cilens.plot.panels import plot_image, plot_shares
from cilens.plot.style import (
    BODY,
    DPI,
    FAINT,
    HEADING,
    INK,
    SOFT,
    TITLE,
    fitted,
    heading,
    inches,
    note,
    place,
    size_of,
    text_width,
    wrapped,
    write,
)
from cilens.text.sentence import sentence
from cilens.text.topic import Topic

_GAP, _HEADING = 0.4, 0.62
"""Between the figure's columns, and above each picture, in inches."""
_LINES = (1.35, 1.5)
"""Height of a line of the title and of the text below it, in type sizes."""
_LARGE, _NARROW = 5.4, 2.35
"""The longer side of the overlay, and the least width of a column: headings need the room."""
_WIDE, _ACROSS = 1.9, 11.4
"""From this ratio of width to height on the overlay takes the whole width: so many inches."""
_LEAST = (1.0, 0.5)
"""Least side of the overlay and of the small pictures: longer images are stretched."""
_TRUE = 0.05
"""Ratios of width to height that differ by less are the same to the eye."""
_CLASSES = 4
"""So many of the best classes are listed."""


_Box: TypeAlias = tuple[float, float, float, float]


class _Places(NamedTuple):
    """Where things stand, as (left, top, width, height) in inches below the title."""

    across: float
    down: float
    column: float
    overlay: _Box
    image: _Box
    alone: _Box
    without: _Box
    scores: _Box


def finding_figure(topic: Topic) -> Figure:
    """Draw what was found at a glance: the sentence, the image, what carries the class, the pair.

    Parameters
    ----------
    topic : Topic
        From `cilens.text.about`; with its check the sentence and the pair have the model's
        answers.

    Returns
    -------
    Figure
        Neither shown nor saved: ``figure.savefig("seven.png")`` writes it. Colour is where the
        influence is sure and reaches the threshold, on the one scale of all figures
        (`cilens.render.depth`). Hidden pixels are shown as the model saw them.

    Examples
    --------
    >>> import cilens
    >>> from cilens.followup.highlight import check_highlight
    >>> from cilens.text import about
    >>> model, image = cilens.load_model("digits"), cilens.read_image("mnist:18")
    >>> explanation = cilens.explain(model, image)
    >>> check = check_highlight(model, explanation)
    >>> figure = finding_figure(about(explanation, kind="digit", check=check))
    """
    topic = legible(topic)
    places = _places(topic.explanation.image.shape)
    title, told = _words(topic, 72 * (places.across - 2 * MARGIN))
    above = MARGIN + 0.1 + (len(title) * TITLE * _LINES[0] + len(told) * HEADING * _LINES[1]) / 72
    figure = Figure(figsize=(places.across, above + places.down), dpi=DPI, facecolor="white")
    _title(figure, title, told)

    def at(box: _Box) -> Axes:
        left, top, width, height = box
        below = (left, places.down - top - height, width, height)
        return place(figure, below, places.column, topic.explanation.image.shape)

    plot_image(topic, ax=at(places.image))
    plot_shares(topic, ax=at(places.overlay))
    plot_highlight(topic, ax=at(places.alone))
    plot_remainder(topic, ax=at(places.without))
    left, top, width, height = places.scores
    _scores(inches(figure, (left, places.down - top - height, width, height)), topic)
    facts = f"{topic.explanation.model_rows:,} model rows"
    facts = f"{_stretched(topic.explanation.image.shape, places)}{facts}"
    facts += "" if topic.check is None else f" + {topic.check.model_rows} for the check"
    write(figure, (places.across - MARGIN, 0.22), facts, BODY - 1, ink=SOFT, right=True)
    return figure


def _places(shape: tuple[int, ...]) -> _Places:
    """Lay out a large overlay between two columns, or, for a wide image, above a row."""
    ratio = shape[1] / shape[0]
    if ratio > _WIDE:
        large = _ACROSS, max(_ACROSS / ratio, _LEAST[0])
        side = (_ACROSS - 3 * _GAP) / 4
        small = side, max(side / ratio, _LEAST[1])
        top = _HEADING + large[1] + 0.75 + _HEADING
        lefts = [MARGIN + place * (side + _GAP) for place in range(4)]
        image, alone, without = ((left, top, *small) for left in lefts[:3])
        down = top + max(small[1], 1.0) + 0.55
        scores = (lefts[3], top, side, max(small[1], 1.0))
        overlay = (MARGIN, _HEADING, *large)
        return _Places(2 * MARGIN + _ACROSS, down, side, overlay, image, alone, without, scores)
    high = min(_LARGE / ratio, _LARGE if ratio > 0.8 else _LARGE * 1.15)
    wide = max(high * ratio, _LEAST[0])
    low = (high - _HEADING) / 2
    narrow = max(low * ratio, _LEAST[1])
    column = max(narrow, _NARROW)
    room = max(wide, _NARROW * 1.3)
    middle, right = MARGIN + column + _GAP, MARGIN + column + 2 * _GAP + room
    upper, lower = _HEADING, _HEADING + low + _HEADING
    return _Places(
        right + column + MARGIN,
        _HEADING + high + 0.9,
        column,
        overlay=(middle, upper, wide, high),
        image=(MARGIN, upper, narrow, low),
        alone=(right, upper, narrow, low),
        without=(right, lower, narrow, low),
        scores=(MARGIN, lower, column, low),
    )


def _stretched(shape: tuple[int, ...], places: _Places) -> str:
    """Say that the pictures of a very long image are drawn thicker than it is, where they are."""
    *_, width, height = places.overlay
    true = abs(np.log(width / height * shape[0] / shape[1])) < _TRUE
    return "" if true else f"{shape[0]} x {shape[1]} pixels, drawn thicker than they are · "


def _words(topic: Topic, room: float) -> tuple[list[str], list[str]]:
    """Break what is said into a title, the first sentence, and the text below it."""
    said = sentence(topic)
    first, *rest = re.split(r"(?<=[a-z%)\d]{2}\.)\s+(?=[A-Z“])", said, maxsplit=1)
    title = _balanced(first.removesuffix("."), room)
    return title, wrapped(" ".join(rest), room, HEADING, most=3)


def _balanced(text: str, room: float) -> list[str]:
    """Break a title into as few lines as it takes, all about as long."""
    lines = wrapped(text, room, TITLE, bold=True)
    for share in (0.6, 0.7, 0.8, 0.9):
        shorter = wrapped(text, share * room, TITLE, bold=True, most=len(lines) + 1)
        if len(shorter) == len(lines):
            return shorter
    return lines


def _title(figure: Figure, title: list[str], told: list[str]) -> None:
    below = figure.get_size_inches()[1] - MARGIN + 0.12
    for lines, size, ink, step in (
        (title, TITLE, INK, _LINES[0]),
        (told, HEADING, SOFT, _LINES[1]),
    ):
        below -= 0.05
        for line in lines:
            below -= size * step / 72
            write(figure, (MARGIN, below), line, size, ink=ink)


def _scores(ax: Axes, topic: Topic) -> None:
    """List the best classes and the target, each with a thin bar of its score."""
    explanation, target = topic.explanation, topic.target
    order = np.argsort(-explanation.scores, kind="stable")[:_CLASSES].tolist()
    best = order if target in order else [*order[:-1], target]
    ax.set_axis_off()
    if len(explanation.scores) == 1:
        return
    heading(ax, "Scores", "", "the best classes")
    row = 0.36
    wide, high = (points / 72 for points in size_of(ax))
    ax.set(xlim=(0, wide), ylim=(high, 0))
    low, top = explanation.output_range[:, best].min(), explanation.output_range[:, best].max()
    for line, index in enumerate(best):
        score, ink = float(explanation.scores[index]), INK if index == target else SOFT
        words, y = topic.own_score(index), 0.14 + line * row
        name = fitted(topic.label(index), 72 * wide - text_width(words, BODY) - 8, BODY)
        note(ax, (0, y), name, BODY, ink)
        note(ax, (wide, y), words, BODY, ink).set_horizontalalignment("right")
        ax.plot([0, wide], [y + 0.13] * 2, color=FAINT, linewidth=1.6, solid_capstyle="butt")
        end = wide * (score - low) / (top - low)
        ax.plot([0, end], [y + 0.13] * 2, color=ink, linewidth=1.6, solid_capstyle="butt")
