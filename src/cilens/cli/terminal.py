"""Rich's console, for texts that nobody has looked at: see `cilens.cli.console`."""

from __future__ import annotations

import os
from typing import NamedTuple

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text

from cilens.printable import printable


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

    def print(
        self, what: RenderableType = "", *, style: str | None = None, soft_wrap: bool = False
    ) -> None:
        """Print a text, on one line, or what rich can render."""
        if isinstance(what, str):
            what = printable(what)
        elif isinstance(what, Text):
            what = Text("\\n").join(what.split("\n", allow_blank=True))
        self._console.print(_Printable(what), style=style, soft_wrap=soft_wrap)


class _Printable(NamedTuple):
    """Something that rich renders, whose texts are made printable then."""

    what: RenderableType

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for segment in console.render(self.what, options):
            lines = map(printable, segment.text.split("\n"))
            yield segment if segment.control else segment._replace(text="\n".join(lines))
