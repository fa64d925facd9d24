"""What the commands say: results on standard output, all else on standard error.

Everything printed passes here, and nothing in it commands the terminal but its own colours: signs
that would are printed as escapes, and markup in a name is a name.
"""

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
from cilens.printable import printable

if TYPE_CHECKING:
    from cilens.cli.terminal import Terminal


DONE, SOME_FAILED, REFUSED, INTERRUPTED = 0, 1, 2, 130
"""Exit codes: all went well; some images failed, others are done; nothing was begun; Ctrl-C."""


def complain(message: str) -> None:
    """Write one line to standard error."""
    print("cilens:", printable(" ".join(message.split())), file=sys.stderr)


def note(message: str) -> None:
    """Write a line to standard error that is no complaint."""
    print(printable(message), file=sys.stderr)


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


def output() -> Terminal:
    """Return a terminal on standard output; in a file or a pipe, lines are 100 signs long."""
    from cilens.cli.terminal import Terminal

    return Terminal()


def speak_any_language() -> None:
    """Write what the terminal's encoding lacks as an escape, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def stop_writing() -> None:
    """Let Python's exit write to nowhere: who read the output has gone."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
