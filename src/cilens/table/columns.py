"""Rows of text in columns, for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.table import Table
from rich.text import Text


def columns(head: Sequence[str], rows: Iterable[Sequence[str]], foot: Sequence[str] = ()) -> Table:
    """Lay out rows: a name on the left, numbers on the right.

    Parameters
    ----------
    head : sequence of str
        What stands over each column.
    rows : iterable of sequence of str
        A cell for each column.
    foot : sequence of str
        What stands below each column, or nothing.

    Returns
    -------
    rich.table.Table
        To be printed by a `rich.console.Console`.
    """
    table = Table(
        box=box.SIMPLE,
        padding=(0, 1, 0, 0),
        show_edge=False,
        pad_edge=False,
        show_footer=bool(foot),
    )
    for at, name in enumerate(head):
        below = foot[at] if foot else ""
        table.add_column(name, below, justify="right" if at else "left", no_wrap=at > 0)
    for row in rows:
        table.add_row(*map(Text, row))
    return table
