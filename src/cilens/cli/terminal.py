"""Rich's console, for texts that nobody has looked at: see `cilens.cli.console`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cilens.printable import printable

Styled: TypeAlias = str | tuple[str, str]
"""A text, or a text and its style."""


class Terminal:
    """Print what names stand in: rich leaves escape sequences as they are, and reads markup."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, markup=False, emoji=False)
        if not self._console.is_terminal:
            self._console.width = int(os.environ.get("COLUMNS", "100"))

    @property
    def width(self) -> int:
        """How many signs a line has."""
        return self._console.width

    def print(self, what: RenderableType = "", *, soft_wrap: bool = False) -> None:
        """Print what rich can render."""
        self._console.print(_Printable(what), soft_wrap=soft_wrap)

    def line(self, *parts: Styled, soft_wrap: bool = False) -> None:
        """Print a text on one line, its parts in their styles; soft-wrapped, it may be copied."""
        text = Text("\\n").join(Text.assemble(*parts).split("\n", allow_blank=True))
        self.print(text, soft_wrap=soft_wrap)

    def grid(self, rows: Iterable[Sequence[Styled | list[Styled]]], indent: int = 0) -> None:
        """Print rows of texts in columns without a head."""
        table = Table.grid(padding=(0, 2))
        for row in rows:
            cells = (cell if isinstance(cell, list) else [cell] for cell in row)
            table.add_row(*(Text.assemble(*cell) for cell in cells))
        if table.row_count:
            self.print(Padding(table, (0, 0, 0, indent), expand=False))


class _Printable(NamedTuple):
    """Something that rich renders, whose texts are made printable then."""

    what: RenderableType

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for segment in console.render(self.what, options):
            lines = map(printable, segment.text.split("\n"))
            yield segment if segment.control else segment._replace(text="\n".join(lines))
