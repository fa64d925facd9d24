"""What the commands say: results on standard output, all else on standard error."""

from __future__ import annotations

import io
import json
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cilens.errors import CilensWarning

if TYPE_CHECKING:
    from rich.console import Console


def complain(message: str) -> None:
    """Write one line to standard error."""
    print("cilens:", " ".join(message.split()), file=sys.stderr)


def note(message: str) -> None:
    """Write a line to standard error that is no complaint."""
    print(message, file=sys.stderr)


@contextmanager
def said_in_a_line() -> Iterator[None]:
    """Write each warning of cilens to standard error, once and without a place in the code."""
    with warnings.catch_warnings():
        told, shown = warnings.showwarning, set[str]()

        def show(message: Warning | str, kind: type[Warning], *place: Any) -> None:  # noqa: ANN401
            if not issubclass(kind, CilensWarning):
                told(message, kind, *place)
            elif str(message) not in shown:
                shown.add(str(message))
                complain(str(message))

        warnings.showwarning = show  # type: ignore[assignment]
        warnings.simplefilter("always", CilensWarning)
        yield


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
