"""What the commands say: results on standard output, all else on standard error."""

from __future__ import annotations

import io
import json
import os
import sys
import warnings
from typing import TYPE_CHECKING, TextIO

from cilens.errors import CilensWarning

if TYPE_CHECKING:
    from rich.console import Console


def complain(message: str) -> None:
    """Write one line to standard error."""
    print("cilens:", " ".join(message.split()), file=sys.stderr)


def note(message: str) -> None:
    """Write a line to standard error that is no complaint."""
    print(message, file=sys.stderr)


def hear_warnings() -> None:
    """Say each warning of cilens once, in a line of its own; within `warnings.catch_warnings`."""
    others, said = warnings.showwarning, set[str]()

    def show(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if not issubclass(category, CilensWarning):
            others(message, category, filename, lineno, file, line)
        elif str(message) not in said:
            said.add(str(message))
            complain(str(message))

    warnings.simplefilter("always", CilensWarning)
    warnings.showwarning = show


def print_json(document: object) -> None:
    """Write one JSON document to standard output."""
    print(json.dumps(document, indent=2, allow_nan=False))


def output() -> Console:
    """Return a console on standard output; in a file or a pipe, lines are 100 signs long."""
    from rich.console import Console

    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = int(os.environ.get("COLUMNS", "100"))
    return console


def speak_any_language() -> None:
    """Write what the terminal's encoding lacks as an escape, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def stop_writing() -> None:
    """Let Python's exit write to nowhere: who read the output has gone."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
