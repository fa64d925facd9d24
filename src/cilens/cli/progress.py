"""How far the work is, on standard error: a bar for some images, a line for many."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from cilens.cli.console import note
from cilens.printable import printable
from cilens.text.cost import progress_line

if TYPE_CHECKING:
    from cilens.runs import Progress as RunProgress

PATIENCE = 1.0
"""Seconds without a bar."""


class Bar:
    """Show what is done of some items, each of so many steps; nothing where nobody watches.

    Parameters
    ----------
    items : int
        How many there are.
    patience : float
        Seconds to wait before anything is shown.
    """

    def __init__(self, items: int, patience: float = PATIENCE) -> None:
        self._items, self._patience = items, patience
        self._begun = time.monotonic()
        self._item, self._steps, self._step, self._name = 0, 1, 0, ""
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeRemainingColumn(compact=True),
            console=Console(stderr=True),
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._progress.add_task("", total=items)
        self._watched, self._shown = self._progress.console.is_terminal, False

    def begin(self, name: str) -> None:
        """Begin the next item."""
        self._item += 1
        self._steps, self._step, self._name = 1, 0, printable(name)

    def expect(self, steps: int) -> None:
        """Say how many steps the item has."""
        self._steps = steps

    def advance(self, steps: int) -> None:
        """Say that so many more steps are done."""
        self._step += steps
        if not self._watched or time.monotonic() - self._begun < self._patience:
            return
        done = self._item - 1 + self._step / self._steps
        count = f"{self._item} of {self._items}  " if self._items > 1 else ""
        self._progress.update(self._task, description=f"{count}{self._name}", completed=done)
        self._progress.start()
        self._shown = True

    def hide(self) -> None:
        """Clear the bar's line, so that something can be printed; the next step shows it again."""
        if self._shown:
            self._progress.stop()
            self._shown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.hide()


class Ticker:
    """Tell how far a run is: in one line that changes, or, without a terminal, in a line at times.

    Parameters
    ----------
    every : float
        Seconds from line to line where nobody watches.
    """

    def __init__(self, every: float = 10.0) -> None:
        self._live = Live(console=Console(stderr=True), transient=True, refresh_per_second=5)
        self._every, self._told = every, time.monotonic()
        self._watched = self._live.console.is_terminal

    def __call__(self, now: RunProgress) -> None:
        """Hear how far it is."""
        if self._watched:
            line = progress_line(now.done, now.total, now.failed, now.rates)
            self._live.update(Text(line, no_wrap=True))
            self._live.start()
        elif time.monotonic() - self._told >= self._every:
            self._told = time.monotonic()
            note(progress_line(now.done, now.total, now.failed, now.rates))

    def hide(self) -> None:
        """Clear the line, so that something can be printed."""
        self._live.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.hide()
