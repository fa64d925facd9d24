"""The regions of an image: a table for the terminal, and records for other programs."""

from __future__ import annotations

from rich import box
from rich.table import Table
from rich.text import Text

from cilens.explanation import Explanation
from cilens.render import marks, scale_limit
from cilens.text.names import shortened
from cilens.text.numbers import percent, rest_words, round_percent
from cilens.text.places import spot
from cilens.text.topic import Topic

_RAISES, _LOWERS = "#e65404", "#068df5"
"""Colours of the influence scale that can be read on white and on black."""

_BAR = 8
"""Room for bars, in signs; with values below zero, half of it is theirs."""


def regions_table(topic: Topic, *, top: int = 10) -> Table:
    """List the regions with the strongest influence on a class, for the terminal.

    Parameters
    ----------
    topic : Topic
        From `cilens.text.about`: its important regions are bold.
    top : int
        Most rows; a last line says how many regions are left and how little they matter.

    Returns
    -------
    rich.table.Table
        To be printed by a `rich.console.Console`; fits 80 columns. Bars are on the colour scale of
        the figures and end at its limit, which the head of their column states. Regions with names
        of their own have these instead of a place.

    Examples
    --------
    >>> import rich
    >>> import numpy as np
    >>> from cilens import ContextualImportance, Grid
    >>> from cilens.text import about
    >>> right = lambda images: images[:, :, 2:].mean(axis=(1, 2))
    >>> explanation = ContextualImportance(Grid(rows=1, columns=2))(right, np.ones((4, 4, 1)))
    >>> rich.print(regions_table(about(explanation)))  # doctest: +SKIP
    """
    explanation, order, influence = topic.explanation, topic.ranked, topic.influence
    limit = scale_limit(influence)
    table = Table(
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        title_justify="left",
        caption_justify="left",
    )
    areas = explanation.areas()
    symbols = marks(explanation.region_names)
    named = symbols != explanation.region_names
    both = bool((influence[order[:top]] < 0).any())
    _add_columns(
        table,
        f"{'±' if both else ''}{round_percent(limit)}",
        named=named,
        last=("utility", "influence") if explanation.margin is None else ("influence", "margin"),
    )
    for rank, row in enumerate(order[:top], start=1):
        table.add_row(
            str(rank),
            *_called(topic, row, symbols[row], named=named),
            percent(areas[row], None),
            percent(explanation.importance[row, topic.target], None),
            *_numbers(explanation, row, topic.target),
            _bar(influence[row] / limit, both=both),
            style="bold" if topic.important[row] else "dim",
        )
    rest = influence[order[top:]]
    if len(rest):
        table.caption = f"and {rest_words(rest, topic.threshold)}"
    return table


def _called(topic: Topic, row: int, symbol: str, *, named: bool) -> tuple[Text, ...]:
    """Return a region's mark with its name, or with its place."""
    if named:
        return (Text(f"{symbol} {shortened(topic.explanation.region_name(row), 18)}"),)
    where = spot(topic.mask(row)).removeprefix("the ").removesuffix(" corner")
    return Text(symbol), Text(where)


def _numbers(explanation: Explanation, row: int, target: int) -> tuple[str, str]:
    """Return utility and influence, or influence and its margin where there is one."""
    influence = percent(explanation.influence[row, target], None, signed=True)
    if explanation.margin is None:
        return f"{explanation.utility[row, target]:.2f}", influence
    return influence, f"± {percent(explanation.margin[row, target], None)}"


def _add_columns(table: Table, limit: str, *, named: bool, last: tuple[str, str]) -> None:
    table.add_column("#", justify="right", no_wrap=True, min_width=2)
    table.add_column("region", justify="left" if named else "right", no_wrap=True, min_width=6)
    if not named:
        table.add_column("place", no_wrap=True)
    for head in ("area", "importance", *last):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column(limit, justify="left", no_wrap=True)


def _bar(share: float, *, both: bool) -> Text:
    """Draw a bar in half signs: to the right above zero, to the left below."""
    length = _BAR // 2 if both else _BAR
    full, half = divmod(round(abs(share) * length * 2), 2)
    if share < 0:
        return Text(("▐" * half + "█" * full).rjust(length), style=_LOWERS)
    return Text(" " * (length if both else 0) + "█" * full + "▌" * half, style=_RAISES)


def as_records(topic: Topic) -> list[dict[str, int | float | str | list[float] | None]]:
    """Return each region's numbers for one class, ready for JSON.

    Parameters
    ----------
    topic : Topic
        From `cilens.text.about`.

    Returns
    -------
    list of dict
        Strongest influence first: "id", the row in the explanation's arrays; "name", the region's
        name or the segmenter's own label; "area", a share of the image; "centroid", [row, column]
        in pixels of ``explanation.image``; "importance", "utility" and "influence";
        "margin", how far the influence may be off, or None; "sure", whether its sign is;
        "important", whether the influence surely reaches the threshold.

    Examples
    --------
    >>> import numpy as np
    >>> from cilens import ContextualImportance, Grid
    >>> from cilens.text import about
    >>> right = lambda images: images[:, :, 2:].mean(axis=(1, 2))
    >>> explanation = ContextualImportance(Grid(rows=1, columns=2))(right, np.ones((4, 4, 1)))
    >>> as_records(about(explanation))[0]
    {'id': 1, 'name': '1', 'area': 0.5, 'centroid': [1.5, 2.5], 'importance': 1.0, 'utility': 1.0,
    'influence': 1.0, 'margin': None, 'sure': True, 'important': True}
    """
    explanation, index = topic.explanation, topic.target
    areas, centroids = explanation.areas(), explanation.centroids()
    margin, sure = explanation.margin, explanation.sure(index)
    return [
        {
            "id": int(row),
            "name": explanation.region_name(row),
            "area": float(areas[row]),
            "centroid": [float(at) for at in centroids[row]],
            "importance": float(explanation.importance[row, index]),
            "utility": float(explanation.utility[row, index]),
            "influence": float(explanation.influence[row, index]),
            "margin": None if margin is None else float(margin[row, index]),
            "sure": bool(sure[row]),
            "important": bool(topic.important[row]),
        }
        for row in topic.ranked
    ]
