"""Methods over images, as tables: one for each number of each metric."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.table import Table
from rich.text import Text

from cilens.evaluation.evaluate import Summary

_COLUMNS = (
    ("rows", 6),
    ("images", 6),
    ("mean", 6),
    ("interval", 15),
    ("difference", 10),
    ("interval", 15),
)
"""The numbers, and how many signs each has room for: the same in every table."""


def evaluate_tables(summaries: Sequence[Summary], width: int) -> Iterator[tuple[str, Table]]:
    """Lay out what each number of each metric says of the methods.

    Parameters
    ----------
    summaries : sequence of Summary
        From `cilens.evaluation.evaluate.summarize`.
    width : int
        How many signs a line has.

    Yields
    ------
    tuple of str and rich.table.Table
        What the number is called and which way it is better; a row a method. The first table has
        a head.
    """
    longest = max(len(one.method) for one in summaries) + 2
    wide = min(longest, width - sum(room for _, room in _COLUMNS) - 12)
    numbers = dict.fromkeys((one.metric, one.number) for one in summaries)
    for metric, number in numbers:
        chosen = [one for one in summaries if (one.metric, one.number) == (metric, number)]
        head = f"{metric} {number}: {chosen[0].better} is better"
        yield head, _table(chosen, wide, summaries[0])


def _table(chosen: Sequence[Summary], wide: int, first: Summary) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False, show_header=chosen[0] is first)
    table.add_column("method", width=wide, overflow="fold")
    for name, room in _COLUMNS:
        table.add_column(name, width=room, justify="right", no_wrap=True)
    for one in chosen:
        apart = one._replace(difference=None, difference_low=None)
        shown = apart if one.method == first.method else one
        table.add_row(
            Text(f"  {one.method}"),
            f"{one.model_rows:,.0f}",
            f"{one.images:,}",
            "–" if one.mean is None else f"{one.mean:.3f}",
            _interval(one.low, one.high, ".3f"),
            "" if shown.difference is None else f"{shown.difference:+.3f}",
            _interval(shown.difference_low, shown.difference_high, "+.3f"),
        )
    return table


def _interval(low: float | None, high: float | None, form: str) -> str:
    return "" if low is None or high is None else f"{low:{form}} … {high:{form}}"
