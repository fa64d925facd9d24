"""An explanation for the terminal and for other programs: tables, records, plain words."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from rich import box
from rich.table import Table
from rich.text import Text

from cilens.explanation import Explanation
from cilens.render import marks, scale_limit
from cilens.table.audit import (
    audit_record,
    audit_table,
    audit_warning,
    edges_verdict,
    random_verdict,
)
from cilens.table.minimal import minimal_lines, minimal_records, redundancy_records
from cilens.table.objects import objects_lines, objects_records
from cilens.table.records import as_records
from cilens.text.sentence import sentence
from cilens.text.names import percent, place, round_percent, short_name

_RAISES, _LOWERS = "#e65404", "#068df5"
"""Colours of the influence scale that can be read on white and on black."""

_BAR = 12
"""Room for bars, in signs; with values below zero, half of it is theirs."""


def regions_table(
    explanation: Explanation,
    target: int | str | None = None,
    threshold: float = 0.01,
    *,
    top: int = 10,
) -> Table:
    """List the regions with the strongest influence on a class, for the terminal.

    Parameters
    ----------
    explanation : Explanation
        Of one image.
    target : int or str, optional
        A class index or name; by default the predicted class.
    threshold : float
        Regions from this share of the output range on make the highlight; they are bold where
        their sign is sure.
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
    >>> from cilens import ContextualImportance, Grid
    >>> right = lambda images: images[:, :, 2:].mean(axis=(1, 2))
    >>> explanation = ContextualImportance(Grid(rows=1, columns=2))(right, np.ones((4, 4, 1)))
    >>> rich.print(regions_table(explanation))  # doctest: +SKIP
    """
    index = explanation.target(target)
    order = explanation.ranked(index)
    influence = explanation.influence[:, index]
    limit = scale_limit(influence)
    table = Table(
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        title_justify="left",
        caption_justify="left",
    )
    areas, centroids = explanation.areas(), explanation.centroids()
    symbols = marks(explanation.region_names)
    named = symbols != explanation.region_names
    both = bool((influence[order[:top]] < 0).any())
    margin, sure = explanation.margin, explanation.sure(index)
    _add_columns(
        table,
        f"{'±' if both else ''}{round_percent(limit)}",
        named=named,
        last=("utility", "influence") if margin is None else ("influence", "margin"),
    )
    for rank, row in enumerate(order[:top], start=1):
        name = explanation.region_names[row]
        table.add_row(
            str(rank),
            Text(f"{symbols[row]} {short_name(name, 18)}" if named else symbols[row]),
            *(() if named else (place(centroids[row], explanation.image.shape),)),
            percent(areas[row]),
            percent(explanation.importance[row, index]),
            *_numbers(explanation, row, index),
            _bar(influence[row] / limit, both=both),
            style="bold" if influence[row] >= threshold and sure[row] else "dim",
        )
    rest = influence[order[top:]]
    if len(rest):
        table.caption = f"and {rest_words(rest, threshold)}"
    return table


def rest_words(influence: Float[np.ndarray, " regions"], threshold: float) -> str:
    """Say how many regions are not listed, and how little each of them matters.

    Parameters
    ----------
    influence : (regions,) float array
        Of the regions that are not listed.
    threshold : float
        Named where all of them stay below.

    Returns
    -------
    str

    Examples
    --------
    >>> rest_words(np.array([0.004, -0.001]), 0.01), rest_words(np.array([0.04]), 0.01)
    ('2 more below 1 %', '1 more, up to 4.0 %')
    """
    largest = float(np.abs(influence).max())
    if largest < threshold:
        return f"{len(influence)} more below {round_percent(threshold)}"
    return f"{len(influence)} more, up to {percent(largest)}"


def _numbers(explanation: Explanation, row: int, target: int) -> tuple[str, str]:
    """Return utility and influence, or influence and its margin where there is one."""
    influence = percent(explanation.influence[row, target], signed=True)
    if explanation.margin is None:
        return f"{explanation.utility[row, target]:.2f}", influence
    return influence, f"± {percent(explanation.margin[row, target])}"


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


__all__ = [
    "as_records",
    "audit_record",
    "audit_table",
    "audit_warning",
    "edges_verdict",
    "minimal_lines",
    "minimal_records",
    "objects_lines",
    "objects_records",
    "percent",
    "place",
    "random_verdict",
    "redundancy_records",
    "regions_table",
    "rest_words",
    "round_percent",
    "sentence",
    "short_name",
]
