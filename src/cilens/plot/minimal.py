"""What is enough for a class, what it needs, and which regions stand in for each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from cilens.explanation import Explanation
from cilens.plot.fonts import legible
from cilens.plot.frame import sheet
from cilens.plot.highlight import part
from cilens.plot.panels import numbered, plot_image
from cilens.plot.style import write_numbers
from cilens.text.english import agree
from cilens.text.names import class_label
from cilens.text.numbers import percent, score_text
from cilens.text.topic import about

if TYPE_CHECKING:
    from cilens.followup.minimal import MinimalSet, MinimalSets
    from cilens.followup.redundancy import Redundancy

_PAIRS = ("#f28e2b", "#59a14f", "#b07aa1", "#edc948", "#76b7b2", "#ff9da7")
"""Colours of pairs: none of them on the influence scale."""


def minimal_figure(explanation: Explanation, sets: MinimalSets, redundancy: Redundancy) -> Figure:
    """Draw the image, what is enough of it, what is left without what is needed, and the pairs.

    Parameters
    ----------
    explanation : Explanation
        Of one image.
    sets : MinimalSets
        What `cilens.followup.minimal.MinimalSearch` found for it.
    redundancy : Redundancy
        What `cilens.followup.redundancy.RedundancySearch` found for the same class.

    Returns
    -------
    Figure
        Neither shown nor saved.

    Examples
    --------
    >>> import cilens
    >>> from cilens.followup.minimal import MinimalSearch
    >>> from cilens.followup.redundancy import RedundancySearch
    >>> model, image = cilens.load_model("digits"), cilens.read_image("mnist:18")
    >>> explanation = cilens.explain(model, image)
    >>> sets, pairs = (search()(model, explanation) for search in (MinimalSearch, RedundancySearch))
    >>> figure = minimal_figure(explanation, sets, pairs)
    """
    topic = legible(about(explanation, sets.target))
    explanation, name = topic.explanation, topic.label(sets.target)
    asked = f"{sets.model_rows} + {redundancy.model_rows} model rows after {explanation.method}"
    title, shape = f"What is enough for {name}, and what it needs", explanation.image.shape
    figure, axes = sheet(shape, (1, 4), title, [asked])
    plot_image(topic, ax=axes[0])
    plot_sufficient(explanation, sets, ax=axes[1])
    plot_necessary(explanation, sets, ax=axes[2])
    plot_redundant(explanation, redundancy, ax=axes[3])
    return figure


def plot_sufficient(
    explanation: Explanation, sets: MinimalSets, *, ax: Axes | None = None
) -> Figure:
    """Show the sufficient set alone, with the score it keeps.

    Parameters
    ----------
    explanation : Explanation
        Of one image.
    sets : MinimalSets
        Found for it.
    ax : Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    Figure
        Neither shown nor saved. The other regions are shown as the model saw them.

    Examples
    --------
    >>> import cilens
    >>> from cilens.followup.minimal import MinimalSearch
    >>> model, image = cilens.load_model("digits"), cilens.read_image("mnist:18")
    >>> explanation = cilens.explain(model, image)
    >>> figure = plot_sufficient(explanation, MinimalSearch()(model, explanation))
    """
    found = sets.sufficient
    title = _title("Enough:", found) if found.regions.any() else "Enough: the blank image"
    told = title, *_answer(explanation, sets, found)
    return part(ax, explanation, found.coalition, sets.perturbation, *told)[0]


def plot_necessary(
    explanation: Explanation, sets: MinimalSets, *, ax: Axes | None = None
) -> Figure:
    """Show the image without the necessary set, with the score that is left.

    Parameters
    ----------
    explanation, sets, ax
        As in `plot_sufficient`.

    Returns
    -------
    Figure
        Neither shown nor saved.

    Examples
    --------
    >>> import cilens
    >>> from cilens.followup.minimal import MinimalSearch
    >>> model, image = cilens.load_model("digits"), cilens.read_image("mnist:18")
    >>> explanation = cilens.explain(model, image)
    >>> figure = plot_necessary(explanation, MinimalSearch()(model, explanation))
    """
    found = sets.necessary
    if found.regions.any():
        told = _title("Without", found), *_answer(explanation, sets, found)
    else:
        blank = score_text(explanation, sets.blank_score, sets.target)
        words = f"even the blank image has {blank}" if found.minimal else "the rows came to an end"
        told = "Needed: none found", "", words
    return part(ax, explanation, ~found.coalition, sets.perturbation, *told)[0]


def plot_redundant(
    explanation: Explanation, redundancy: Redundancy, *, ax: Axes | None = None
) -> Figure:
    """Show the regions that matter alone, and those that stand in for each other.

    Parameters
    ----------
    explanation : Explanation
        Of one image.
    redundancy : Redundancy
        Found for it.
    ax : Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    Figure
        Neither shown nor saved. Each pair that is decisive only together is joined by a line and
        numbered, with the numbers of all figures (`cilens.render.marks`); what is dispensable, or
        was not asked about, fades to grey.

    Examples
    --------
    >>> import cilens
    >>> from cilens.followup.redundancy import RedundancySearch
    >>> model, image = cilens.load_model("digits"), cilens.read_image("mnist:18")
    >>> explanation = cilens.explain(model, image)
    >>> figure = plot_redundant(explanation, RedundancySearch()(model, explanation))
    """
    marked, matter = redundancy.redundant, np.abs(redundancy.drop) >= redundancy.threshold
    pairs, rows = redundancy.pairs(), np.flatnonzero(marked).tolist()
    where = dict(zip(rows, numbered(explanation, rows), strict=True))
    told = "no two stand in for each other"
    if pairs:
        one, other = (where[row].text for row in (pairs[0].one, pairs[0].other))
        told = f"{one} and {other} cost {percent(pairs[0].joint_drop)} together"
        told += f", {len(pairs) - 1} more" if len(pairs) > 1 else ""
    title = f"Hidden alone, {int(matter.sum())} of {len(marked)} matter"
    shown = (marked | matter) @ explanation.regions
    figure, ax = part(ax, explanation, shown, None, title, "", told)
    for place, pair in enumerate(pairs):
        ends = where[pair.one], where[pair.other]
        ax.plot(
            [end.column for end in ends],
            [end.row for end in ends],
            color=_PAIRS[place % len(_PAIRS)],
            linewidth=2.5,
            solid_capstyle="round",
            path_effects=[withStroke(linewidth=4.0, foreground="#202020")],
            scalex=False,
            scaley=False,
        )
    numbers = [where[row] for pair in pairs for row in (pair.one, pair.other)]
    write_numbers(ax, numbers, important=len(numbers))
    return figure


def _title(what: str, found: MinimalSet) -> str:
    count = int(found.regions.sum())
    return f"{what} {count} {agree(count, 'region', 'regions')}, {percent(found.area)}"


def _answer(explanation: Explanation, sets: MinimalSets, found: MinimalSet) -> tuple[str, ...]:
    """Name the class explained with its score, and the class that wins instead."""
    name, told = (
        class_label(explanation.class_names, sets.target),
        score_text(explanation, found.score, sets.target),
    )
    if found.predicted == sets.target:
        return name, f": {told}"
    return name, f": {told}, seen as ", class_label(explanation.class_names, found.predicted)
