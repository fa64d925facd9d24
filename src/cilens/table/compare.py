"""Methods side by side, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from cilens.evaluation.compare import Compared
from cilens.table.columns import columns
from cilens.text.numbers import percent
from cilens.text.topic import about


def compare_table(found: Sequence[Compared]) -> Table:
    """Lay out what the judges say of each method, a row a method.

    Parameters
    ----------
    found : sequence of Compared
        From `cilens.evaluation.compare.compare`.

    Returns
    -------
    rich.table.Table
        To be printed by a `rich.console.Console`.
    """
    head = ("method", "SRG", "LIF", "MIF", "highlight", "area", "on ink", "rows", "seconds")
    return columns(head, map(_row, found))


def _row(one: Compared) -> tuple[str, ...]:
    topic = about(one.explanation, check=one.check)
    return (
        one.name,
        *(f"{value:.3f}" for value in (one.curves.srg, one.curves.lif, one.curves.mif)),
        "empty" if one.check.empty else topic.score(one.check.score, topic.target),
        percent(one.check.area, None),
        "–" if one.ink_precision is None else percent(one.ink_precision, None),
        f"{one.explanation.model_rows:,}",
        f"{one.seconds:.2g}",
    )
