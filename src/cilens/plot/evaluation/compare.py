"""Methods side by side: one column each, judged by the same numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cilens import render
from cilens.plot.fonts import legible
from cilens.plot.frame import panel, scale_below, sheet
from cilens.plot.highlight import plot_highlight
from cilens.plot.panels import plot_image
from cilens.plot.style import BODY, INK, SMALL, SOFT, note
from cilens.text.numbers import percent
from cilens.text.topic import about

if TYPE_CHECKING:
    from cilens.evaluation.compare import Compared

_LINE = 13.0
"""Height of a line of numbers below the pictures, in points."""


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
    topics = [legible(about(one.explanation, check=one.check)) for one in compared]
    first, target = topics[0], compared[0].check.target
    title = f"What speaks for {first.label(target)} ({first.own_score(target)})"
    judges = [_judges(one) for one in compared]
    below = 0.25 + _LINE * len(judges[0]) / 72
    shape = first.explanation.image.shape
    figure, axes = sheet(shape, (2, len(compared) + 1), title, [judged] if judged else [], below)
    plot_image(first, ax=axes[0])
    scale_below(axes[0])
    _write(axes[len(topics) + 1], [label for label, _ in judges[0]], SMALL, SOFT)
    axes[len(topics) + 1].set_axis_off()
    for one, topic, told, upper, lower in zip(
        compared, topics, judges, axes[1:], axes[len(topics) + 2 :], strict=False
    ):
        _map(upper, one)
        plot_highlight(topic, ax=lower)
        _write(lower, [value for _, value in told], BODY, INK)
    return figure


def _map(ax: Axes, one: Compared) -> None:
    saliency = one.explanation.saliency(one.check.target)
    strongest = percent(float(saliency.ravel()[np.abs(saliency).argmax()]), signed=True)
    pixels = render.overlay(one.explanation.image, saliency)
    panel(ax, pixels, one.name, "", f"strongest: {strongest}")


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


def _write(ax: Axes, lines: Sequence[str], size: float, ink: str) -> None:
    """Write lines below a picture."""
    for row, line in enumerate(lines):
        note(ax, (0, 0), line, size, ink, (0, -_LINE * (row + 1.2)))
