"""Several objects in one image on one sheet: the image, whose regions are whose, each class."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cilens import render
from cilens.errors import InputError
from cilens.explanation import Explanation
from cilens.explanation.objects import Objects
from cilens.plot.classes import Box, class_ink, draw_box, full_colour, plot_object, plot_owners
from cilens.plot.style import (
    BODY,
    DPI,
    INK,
    SMALL,
    SOFT,
    TITLE,
    fitted,
    heading,
    inches,
    picture,
    text_width,
    write,
)
from cilens.text.english import agree, count, listed
from cilens.text.names import class_label
from cilens.text.numbers import round_percent

_MARGIN, _GAP, _SIDE = 0.5, 0.35, 2.5
_TOP, _HEADING, _BOTTOM = 0.75, 0.6, 0.85
_LOWEST, _HIGHEST = 0.8, 3.6
"""Least and most height of a picture: for very wide and very tall images."""


def objects_figure(explanation: Explanation, found: Objects, boxes: Sequence[Box] = ()) -> Figure:
    """Draw the image, what speaks for which class, and a panel for each class.

    Parameters
    ----------
    explanation : Explanation
        Of one image.
    found : Objects
        From `cilens.find_objects`.
    boxes : sequence of (left, top, right, bottom), optional
        One for each class of the model, in pixels of the image: a `cilens.Detector`'s ``boxes``.
        They are drawn, and what speaks for a class from outside its box is named.

    Returns
    -------
    Figure
        Neither shown nor saved. Each class has a colour: its panel's frame, its regions in all
        panels. Regions that several classes share are striped in the colours of all of them.

    Examples
    --------
    >>> import cilens
    >>> from cilens.datasets.synthetic import two_digits
    >>> from cilens.models.wrappers.canvas import CanvasModel
    >>> model = CanvasModel(cilens.load_model("digits"))
    >>> explanation = cilens.explain(model, two_digits().image)
    >>> figure = objects_figure(explanation, cilens.find_objects(explanation, top=2))
    """
    if len(boxes) not in (0, len(explanation.scores)):
        raise InputError(
            f"there must be a box for each of {len(explanation.scores)} classes; got {len(boxes)}"
        )
    height, width = explanation.image.shape[:2]
    side, high = _SIDE, min(max(_SIDE * height / width, _LOWEST), _HIGHEST)
    panels = 2 + len(found.classes)
    columns = panels if panels <= 5 else 3 if panels == 6 else 4
    rows = -(-panels // columns)
    across = 2 * _MARGIN + columns * (side + _GAP) - _GAP
    down = _TOP + rows * (_HEADING + high) + _BOTTOM
    figure = Figure(figsize=(across, down), dpi=DPI, facecolor="white")
    axes = [
        inches(
            figure,
            (
                _MARGIN + place % columns * (side + _GAP),
                down - _TOP - (place // columns + 1) * (_HEADING + high),
                side,
                high,
            ),
        )
        for place in range(panels)
    ]
    _plain(axes[0], explanation, found, boxes)
    plot_owners(explanation, found, ax=axes[1])
    for place, ax in enumerate(axes[2:]):
        box = boxes[found.classes[place]] if boxes else None
        plot_object(explanation, found, place, box=box, ax=ax)
    _words(figure, explanation, found, boxed=bool(boxes))
    return figure


def _plain(ax: Axes, explanation: Explanation, found: Objects, boxes: Sequence[Box]) -> None:
    picture(ax, render.to_rgb(explanation.image))
    for place, index in enumerate(found.classes):
        if boxes:
            draw_box(ax, boxes[index], class_ink(place))
    height, width = explanation.image.shape[:2]
    heading(ax, "Image", "", f"{height} x {width}")


def _words(figure: Figure, explanation: Explanation, found: Objects, *, boxed: bool) -> None:
    """Write the title on top, and below what the colours say and how it was asked."""
    width, height = figure.get_size_inches()
    room = 72 * (width - 2 * _MARGIN)
    facts = f"{explanation.model_rows} model rows for all classes"
    title = objects_title(explanation, found, room - text_width(facts, BODY) - 2 * BODY)
    lines = [explanation.method, *reversed(_key(explanation, found, room, boxed=boxed))]
    texts = [
        (fitted(line, room, SMALL), _MARGIN, 0.18 + 0.16 * row, SMALL, SOFT)
        for row, line in enumerate(lines)
    ]
    texts += [
        (title, _MARGIN, height - 0.5, TITLE, INK),
        (facts, width - _MARGIN, height - 0.5, BODY, SOFT),
    ]
    for text, x, y, size, ink in texts:
        write(figure, (x, y), text, size, ink=ink, right=x != _MARGIN)


def objects_title(explanation: Explanation, found: Objects, room: float) -> str:
    """Name as many of the classes as there is room for.

    Parameters
    ----------
    explanation : Explanation
        Of one image.
    found : Objects
        From `cilens.find_objects`.
    room : float
        In points.
    """
    names = [class_label(explanation.class_names, index, 24) for index in found.classes]
    titles = [
        f"What speaks for {listed(names, most=most)}" for most in range(len(names), 0, -1)
    ] + [f"What speaks for {count(len(names))} {agree(len(names), 'class', 'classes')}"]
    fitting = [title for title in titles if text_width(title, TITLE, bold=True) <= room]
    return fitting[0] if fitting else fitted(titles[-1], room, TITLE, bold=True)


def _key(explanation: Explanation, found: Objects, room: float, *, boxed: bool) -> list[str]:
    """Say what the colours mean, in as many lines as that takes."""
    sentences = [
        f"Coloured: from {round_percent(found.threshold)} of the output range on, sure.",
        f"Full colour: {round_percent(full_colour(explanation, found))}.",
        "Striped: speaks for several classes.",
        "Outside: the part of a class's positive influence that lies outside its box."
        if boxed
        else "Its own: the part of a class's influence on regions that speak for no other.",
    ]
    lines = [""]
    for sentence in sentences:
        longer = f"{lines[-1]} {sentence}".strip()
        if text_width(longer, SMALL) <= room:
            lines[-1] = longer
        else:
            lines.append(sentence)
    return lines
