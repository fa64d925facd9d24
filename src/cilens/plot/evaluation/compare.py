"""Methods side by side: one column each, judged by the same numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cilens import render
from cilens.plot.highlight import plot_highlight
from cilens.plot.panels import plot_image
from cilens.plot.scale import scale_below
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
    sharpened,
    write,
)
from cilens.text.names import class_label
from cilens.text.numbers import percent, score_text
from cilens.text.topic import about

if TYPE_CHECKING:
    from cilens.evaluation.compare import Compared

_MARGIN, _GAP, _SIDE = 0.5, 0.35, 2.3
_TOP, _HEADING, _NUMBERS = 0.85, 0.55, 1.9
"""Above all, above each picture, and for the numbers below, in inches."""


def comparison_figure(compared: Sequence[Compared], judged: str = "") -> Figure:
    """Draw one column for each method: its map, its highlight, and what the judges say.

    Parameters
    ----------
    compared : sequence of Compared
        Of one image and class, from `cilens.evaluation.compare.compare`.
    judged : str
        How the judges hid pixels, for the foot of the figure.

    Returns
    -------
    Figure
        Neither shown nor saved. All maps have the one scale of colours: shares of the output
        range, as each method tells them.

    Examples
    --------
    >>> import cilens, numpy
    >>> from cilens.evaluation.compare import compare
    >>> bright = lambda images: images.mean(axis=(1, 2))
    >>> methods = {"contextual importance": cilens.ContextualImportance(cilens.Grid(2, 2))}
    >>> figure = comparison_figure(list(compare(bright, numpy.ones((28, 28, 1)), methods)))
    """
    first, target = compared[0].explanation, compared[0].check.target
    high = _SIDE * first.image.shape[0] / first.image.shape[1]
    across = 2 * _MARGIN + (len(compared) + 1) * (_SIDE + _GAP) - _GAP
    down = _TOP + 2 * (_HEADING + high) + _NUMBERS
    figure = Figure(figsize=(across, down), dpi=DPI, facecolor="white")

    def cell(row: int, column: int) -> tuple[float, float, float, float]:
        below = down - _TOP - (row + 1) * (_HEADING + high)
        return _MARGIN + column * (_SIDE + _GAP), below, _SIDE, high

    topics = [about(one.explanation, check=one.check) for one in compared]
    plot_image(topics[0], ax=inches(figure, cell(0, 0)))
    scale_below(figure.axes[0])
    for column, (one, topic) in enumerate(zip(compared, topics, strict=True), start=1):
        _map(inches(figure, cell(0, column)), one)
        plot_highlight(topic, ax=inches(figure, cell(1, column)))
        _write(figure, cell(1, column), [value for _, value in _judges(one)])
    _write(figure, cell(1, 0), [label for label, _ in _judges(compared[0])], ink=SOFT)
    score = score_text(first, float(first.scores[target]), target)
    title = f"What speaks for {class_label(first.class_names, target)} ({score})"
    room = 72 * (across - 2 * _MARGIN)
    write(figure, (_MARGIN, down - 0.5), fitted(title, room, TITLE, bold=True), TITLE)
    write(figure, (_MARGIN, 0.2), judged, SMALL, ink=SOFT)
    return figure


def _map(ax: Axes, one: Compared) -> None:
    saliency = one.explanation.saliency(one.check.target)
    picture(ax, sharpened(render.overlay(one.explanation.image, saliency)), saliency.shape)
    strongest = percent(float(saliency.ravel()[np.abs(saliency).argmax()]), signed=True)
    heading(ax, one.name, "", f"strongest: {strongest}")


def _judges(one: Compared) -> list[tuple[str, str]]:
    """Return what each judge is called and what it says of one method."""
    judges = [
        ("Symmetric relevance gain, higher is better", f"{one.curves.srg:.3f}".replace("-", "−")),
        ("LIF, insertion: higher is better", f"{one.curves.lif:.3f}"),
        ("MIF, deletion: lower is better", f"{one.curves.mif:.3f}"),
        ("Area of the highlight", percent(one.check.area)),
        ("Model rows", f"{one.explanation.model_rows:,}"),
        ("Seconds", f"{one.seconds:.2g}"),
    ]
    if one.explanation.image.shape[2] == 1:
        ink = "–" if one.ink_precision is None else percent(one.ink_precision)
        judges.insert(3, ("Influence on ink", ink))
    return judges


def _write(
    figure: Figure, box: tuple[float, float, float, float], lines: Sequence[str], ink: str = INK
) -> None:
    """Write lines below a picture."""
    left, below = box[:2]
    for row, line in enumerate(lines):
        at = (left, below - 0.28 - 0.18 * row)
        write(figure, at, line, BODY if ink == INK else SMALL, ink=ink)
