"""Everything about one image on one sheet: the figure that the command line writes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cilens.explanation import Explanation
from cilens.plot.kept import plot_highlight, plot_important, plot_remainder
from cilens.plot.panels import BAR_ROOM, plot_image, plot_influence, plot_segments
from cilens.plot.ranking import plot_ranking
from cilens.plot.style import BODY, DPI, INK, SMALL, SOFT, TITLE, fitted, inches, text_width, write
from cilens.text.names import score_words, short_name

if TYPE_CHECKING:
    from cilens.followup.highlight import HighlightCheck

_MARGIN, _GAP, _BARS = 0.5, 0.4, 3.1
"""Around the sheet, between its columns, and the width of the chart of regions, in inches."""
_HEADING, _TOP, _BOTTOM = 0.62, 0.85, 0.5
"""Above each picture, above all, and below all."""
_WIDEST, _HIGHEST = 2.7, 3.6
"""Most width and height of a picture."""
_NARROWEST, _LOWEST, _CHART = 2.25, 0.8, 4.0
"""Least width of a column, least height of a picture and of the chart: for very tall and very wide
images, whose headings and bars need room too."""


class _Grid(NamedTuple):
    """Where things stand on the sheet, in inches."""

    figure: Figure
    column: float
    row: float

    def cell(self, row: int, column: int) -> Axes:
        left = _MARGIN + column * (self.column + _GAP)
        below = self.figure.get_size_inches()[1] - _TOP - (row + 1) * (_HEADING + self.row)
        return inches(self.figure, (left, below, self.column, self.row))

    def side(self) -> Axes:
        width, height = self.figure.get_size_inches()
        high = height - _TOP - _HEADING - _BOTTOM
        return inches(self.figure, (width - _MARGIN - _BARS, _BOTTOM, _BARS, high))


def explanation_figure(
    explanation: Explanation,
    target: int | str | None = None,
    check: HighlightCheck | None = None,
    threshold: float = 0.01,
) -> Figure:
    """Compose everything about one image on one sheet.

    Parameters
    ----------
    explanation : Explanation
        Of one image.
    target : int or str, optional
        A class index or name; by default the predicted class.
    check : HighlightCheck, optional
        Has the scores of highlight and remainder; without it none are shown. Of the same class
        and threshold.
    threshold : float
        Regions count as important from this share of the output range on.

    Returns
    -------
    Figure
        Neither shown nor saved: ``figure.savefig("seven.png")`` writes it.

    Raises
    ------
    InputError
        If the check is of another class or threshold.

    Examples
    --------
    >>> import cilens, numpy
    >>> brightness = lambda images: images.mean(axis=(1, 2))
    >>> figure = explanation_figure(cilens.explain(brightness, numpy.ones((28, 28, 1))))
    """
    index = explanation.target(target)
    grid = _sheet(explanation)
    plot_image(explanation, index, ax=grid.cell(0, 0))
    plot_segments(explanation, index, ax=grid.cell(0, 1))
    plot_influence(explanation, index, ax=grid.cell(0, 2))
    plot_highlight(explanation, index, threshold, check=check, ax=grid.cell(1, 0))
    plot_remainder(explanation, index, threshold, check=check, ax=grid.cell(1, 1))
    plot_important(explanation, index, threshold, ax=grid.cell(1, 2))
    plot_ranking(explanation, index, threshold, ax=grid.side())
    _title(grid.figure, explanation, index, check)
    return grid.figure


def _sheet(explanation: Explanation) -> _Grid:
    height, width = explanation.image.shape[:2]
    column = min(max(_HIGHEST * width / height, _NARROWEST), _WIDEST)
    row = min(max(column * height / width, _LOWEST), _HIGHEST)
    across = 2 * _MARGIN + 3 * (column + _GAP) + BAR_ROOM + _BARS
    down = _TOP + _BOTTOM + max(2 * (row + _HEADING), _CHART + _HEADING)
    return _Grid(Figure(figsize=(across, down), dpi=DPI, facecolor="white"), column, row)


def _title(
    figure: Figure, explanation: Explanation, target: int, check: HighlightCheck | None
) -> None:
    """Write what was seen and how it was asked on top, and the method's settings below."""
    width, height = figure.get_size_inches()
    room = 72 * (width - 2 * _MARGIN)
    facts = f"{_method(explanation.method)}, {explanation.model_rows} model rows"
    if check is not None:
        facts += f" + {check.model_rows} for the check"
    left = room - text_width(facts, BODY) - 2 * BODY
    title = fitted(_seen(explanation, target), left, TITLE, bold=True)
    settings = fitted(explanation.method, room, SMALL)
    for text, x, y, size, ink in (
        (title, _MARGIN, height - 0.5, TITLE, INK),
        (facts, width - _MARGIN, height - 0.5, BODY, SOFT),
        (settings, _MARGIN, 0.2, SMALL, SOFT),
    ):
        write(figure, (x, y), text, size, ink=ink, right=x != _MARGIN)


def _seen(explanation: Explanation, target: int) -> str:
    predicted, target_words = explanation.predicted, _scored(explanation, target)
    if target == predicted:
        return f"Seen as {target_words}"
    return f"{target_words}; seen as {_scored(explanation, predicted)}"


def _scored(explanation: Explanation, target: int) -> str:
    score = score_words(explanation, float(explanation.scores[target]), target)
    return f"{short_name(explanation.class_name(target))} ({score})"


def _method(text: str) -> str:
    """Turn "ContextualImportance(…)" into "contextual importance"."""
    name = text.partition("(")[0].rpartition(".")[2]
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
