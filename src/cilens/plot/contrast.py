"""One class against another: both maps and their difference, on one colour scale."""

from __future__ import annotations

from dataclasses import replace

from matplotlib.figure import Figure

from cilens.errors import InputError
from cilens.plot.panels import plot_difference, plot_image
from cilens.plot.scale import scale_below
from cilens.plot.shares import plot_shares
from cilens.plot.style import DPI, SMALL, SOFT, TITLE, fitted, place, write
from cilens.text.names import class_label
from cilens.text.topic import Topic

_MARGIN, _GAP, _SIDE, _TOP, _BOTTOM = 0.5, 0.35, 2.6, 1.45, 1.0
_LEAST, _HIGHEST = 0.8, 4.2
"""Least and most height of a picture: for very wide and very tall images."""


def contrast_figure(topic: Topic) -> Figure:
    """Draw the image, what carries the class and its foil, and what speaks for the one rather.

    Parameters
    ----------
    topic : Topic
        From `cilens.text.about`, with a foil.

    Returns
    -------
    Figure
        Neither shown nor saved.

    Raises
    ------
    InputError
        If the topic has no foil.

    Examples
    --------
    >>> import cilens
    >>> from cilens.text import about
    >>> model, image = cilens.load_model("digits"), cilens.read_image("mnist:18")
    >>> figure = contrast_figure(about(cilens.explain(model, image), 3, 8))
    """
    if topic.foil is None:
        raise InputError("a contrast needs a foil: the model has one class")
    shape = topic.explanation.image.shape
    high = min(max(_SIDE * shape[0] / shape[1], _LEAST), _HIGHEST)
    across, down = 2 * _MARGIN + 4 * _SIDE + 3 * _GAP, _TOP + high + _BOTTOM
    figure = Figure(figsize=(across, down), dpi=DPI, facecolor="white")
    lefts = [_MARGIN + column * (_SIDE + _GAP) for column in range(4)]
    axes = [place(figure, (left, _BOTTOM, _SIDE, high), _SIDE, shape) for left in lefts]
    plot_image(topic, ax=axes[0])
    plot_shares(topic, scale=False, ax=axes[1])
    plot_shares(replace(topic, target=topic.foil, check=None), scale=False, ax=axes[2])
    plot_difference(topic, scale=False, ax=axes[3])
    scale_below(axes[1], topic.threshold)
    one, other = (
        class_label(topic.explanation.class_names, index) for index in (topic.target, topic.foil)
    )
    room = 72 * (across - 2 * _MARGIN)
    title = fitted(f"Why {one} and not {other}", room, TITLE, bold=True)
    write(figure, (_MARGIN, down - 0.5), title, TITLE)
    write(figure, (_MARGIN, 0.2), fitted(topic.explanation.method, room, SMALL), SMALL, ink=SOFT)
    return figure
