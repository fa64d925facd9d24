"""Runs that are killed: ``python -m support.killed_run OUT SEED KILLS`` kills, then finishes one.

Each run is a process of its own that ends itself by SIGKILL at some event: a call of the model, a
part half written, a file not yet on the disk, or on the disk without its name.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from pyarrow import parquet

from cilens import datasets
from cilens.datasets.read import read_image
from cilens.findings.request import MethodOptions, Request, RunOptions, RunRequest
from cilens.runs import run
from cilens.scoring import loop

MOST = 25
"""Events after which a run is killed, at most; all of this one has some 200."""

PART = 2


def count_down(events: int) -> Callable[[], bool]:
    """Return a function that says, each time it is called, whether this was the last event."""
    left = events

    def last() -> bool:
        nonlocal left
        left -= 1
        return left < 0

    return last


def before(function: Callable[..., object], die: Callable[[], None]) -> Callable[..., object]:
    """Return the function, with a way to die before it."""

    def call(*given: object, **named: object) -> object:
        die()
        return function(*given, **named)

    return call


def halved(function: Callable[..., object], last: Callable[[], bool]) -> Callable[..., object]:
    """Return what writes a file, or half of it and dies."""

    def write(table: object, path: Path, **named: object) -> object:
        made = function(table, path, **named)
        if last():
            os.truncate(path, path.stat().st_size // 2)
            os.kill(os.getpid(), signal.SIGKILL)
        return made

    return write


def explain(out: Path, log: Path, events: int | None) -> None:
    """Run, and note which images are read; die at an event."""

    def read(source: str, **named: object) -> object:
        with log.open("a") as file:
            print(source, file=file)
        return read_image(source, **named)

    datasets.read_image = read
    if events is not None:
        last = count_down(events)

        def die() -> None:
            if last():
                os.kill(os.getpid(), signal.SIGKILL)

        loop._Conversation._call = before(loop._Conversation._call, die)
        os.fsync = before(os.fsync, die)
        Path.replace = before(Path.replace, die)
        parquet.write_table = halved(parquet.write_table, last)
    asked = Request(["mnist:0-19"], how=MethodOptions(method="paper"))
    run(RunRequest(asked, RunOptions(out=out, part=PART)))


def apart(out: Path, log: Path, events: int | None) -> int:
    """Run in a process of its own; return the signal that ended it, or 0."""
    child = os.fork()
    if child == 0:
        try:
            explain(out, log, events)
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def main(out: Path, seed: int, kills: int) -> None:
    """Kill a run again and again, then let it end; no recorded image may be read again."""
    chance, log = random.Random(seed), out.with_suffix(".log")
    for events in [*(chance.randrange(MOST) for _ in range(kills)), None]:
        log.write_text("")
        sealed = [int(path.stem[-6:]) for path in (out / "images").glob("part-*.parquet")]
        recorded = {f"mnist:{PART * part + at}" for part in sealed for at in range(PART)}
        ended = apart(out, log, events)
        read = log.read_text().split()
        print(events, ended, len(sealed), len(read), len(recorded & set(read)))  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
