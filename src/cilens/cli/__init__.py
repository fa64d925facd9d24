"""The command line: parse, call, print. One file a command, in `commands`."""

from __future__ import annotations

from cilens.cli.console import DONE, INTERRUPTED, REFUSED, SOME_FAILED
from cilens.cli.program import app, main

__all__ = ["DONE", "INTERRUPTED", "REFUSED", "SOME_FAILED", "app", "main"]
