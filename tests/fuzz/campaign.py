"""The workers, watched: who dies, hangs or swells is found out, noted, and replaced."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fuzz.readers import GROUPS
from fuzz.worker import MEMORY, Finding, Report, Task, files, work

SECONDS = 10.0
"""What no file may take, of processor time."""

PATIENCE = 6
"""How many times as long it may take on the clock, where others use the processor too."""

SHARES = 2
"""Into which a group is divided, so that the same seed gives the same files on any machine."""

_FORK = multiprocessing.get_context("fork")
_SPECIMENS = 2
"""How many files are kept of each finding."""


@dataclass
class Result:
    """What came of one group."""

    group: str
    inputs: int = 0
    seconds: float = 0.0
    peak: int = 0
    slowest: float = 0.0
    slowest_name: str = ""
    corpus: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    findings: Counter[Finding] = field(default_factory=Counter)
    specimens: dict[Finding, list[str]] = field(default_factory=dict)


def run(group: str, inputs: int, seed: int, keep: Path) -> Result:
    """Hand `inputs` damaged files of one group to its reader, in two processes.

    Parameters
    ----------
    group : str
        A key of `GROUPS`.
    inputs : int
        How many files.
    seed : int
        The same seed makes the same files.
    keep : path
        A folder for files that were not met as they must be.
    """
    for module in GROUPS[group].needs:
        importlib.import_module(module)
    home = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    result, begun = Result(group), time.monotonic()
    try:
        corpus = home / "corpus"
        corpus.mkdir()
        _in_process(_write_corpus, group, corpus)
        result.corpus = len(list(corpus.iterdir()))
        shares = [
            _Share(
                Task(group, seed, start, inputs, SHARES, home / str(start)), corpus, result, keep
            )
            for start in range(SHARES)
        ]
        while shares := [share for share in shares if share.look()]:
            time.sleep(0.02)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    result.seconds = time.monotonic() - begun
    return result


class _Share:
    """One share of the files, and the process that is reading them."""

    def __init__(self, task: Task, corpus: Path, result: Result, keep: Path) -> None:
        self.task, self.result, self.keep = task, result, keep
        self.corpus = files(corpus)
        self.clock = _FORK.RawArray("d", 3)
        self._start()

    def _start(self) -> None:
        shutil.rmtree(self.task.folder, ignore_errors=True)
        self.task.folder.mkdir()
        self.clock[:] = (self.task.start, 0.0, 0.0)
        self.link, theirs = _FORK.Pipe(duplex=False)
        arguments = (self.task, self.corpus, theirs, self.clock)
        self.process = _FORK.Process(target=work, args=arguments, daemon=True)
        self.process.start()
        theirs.close()

    def look(self) -> bool:
        """Take what the worker tells, and act on what it does; say whether there is more to do."""
        alive = self.process.is_alive()
        excess = self._excess() if alive else None
        if excess:
            self.process.kill()
        while self._hear():
            pass
        if alive and not excess:
            return True
        self.process.join()
        if excess or self.process.exitcode:
            self._died(excess or "crash")
        self.link.close()
        if self.task.start < self.task.stop:
            self._start()
        return self.task.start < self.task.stop

    def _hear(self) -> bool:
        try:
            if not self.link.poll():
                return False
            report: Report = self.link.recv()
        except (EOFError, OSError):
            return False
        result = self.result
        result.inputs += len(range(self.task.start, report.upto, self.task.stride))
        self.task = self.task._replace(start=report.upto)
        result.counts += report.counts
        result.peak = max(result.peak, report.peak)
        if report.slowest > result.slowest:
            result.slowest, result.slowest_name = report.slowest, report.slowest_name
        self.corpus += report.kept
        for finding, name, data in report.findings:
            self._note(finding, name, data)
        return True

    def _excess(self) -> str | None:
        """Return what the worker takes too much of for a file."""
        _, begun, spent = self.clock
        if begun and (
            _spent(self.process.pid) - spent > SECONDS
            or time.monotonic() - begun > PATIENCE * SECONDS
        ):
            return "time"
        return "memory" if _resident(self.process.pid) > 1.1 * MEMORY else None

    def _died(self, kind: str) -> None:
        """Note the file that the worker had in hand, and go on with the one after."""
        index = int(self.clock[0])
        path = next(self.task.folder.glob(f"{index}.*"), None)
        alone = GROUPS[self.task.group].alone
        noise = (self.task.folder / "noise").read_text(errors="replace")
        if path is None or index < self.task.start:
            if kind == "crash":
                raise RuntimeError(f"a worker of {self.task.group} ended by itself: {noise}")
            return  # it was done with the file when it was ended, and has told of it
        where = next((line for line in noise.splitlines() if 'File "' in line), "").strip()
        self.result.inputs += len(range(self.task.start, index + 1, self.task.stride))
        self.result.counts["refused" if alone else kind] += 1
        self.task = self.task._replace(start=index + self.task.stride)
        text = f"exit code {self.process.exitcode}" if kind == "crash" else ""
        if not alone:
            self._note(Finding(kind, text, where[-80:]), path.name, path.read_bytes())

    def _note(self, finding: Finding, name: str, data: bytes) -> None:
        key = finding._replace(text="")
        known = next((one for one in self.result.findings if one._replace(text="") == key), finding)
        self.result.findings[known] += 1
        specimens = self.result.specimens.setdefault(known, [])
        if len(specimens) < _SPECIMENS:
            self.keep.mkdir(parents=True, exist_ok=True)
            specimens.append(f"{self.task.group}-{name}")
            (self.keep / specimens[-1]).write_bytes(data)


def _write_corpus(group: str, folder: Path) -> None:
    for place, (name, data) in enumerate(GROUPS[group].seeds()):
        (folder / f"{place:03}-{name}").write_bytes(data)


def _in_process(function: Callable[..., None], *arguments: Any) -> None:
    """Call a function in a separate process: no worker inherits what it started."""
    process = _FORK.Process(target=function, args=arguments)
    process.start()
    process.join()
    if process.exitcode:
        raise RuntimeError(f"{function.__name__} failed")


def _resident(pid: int | None) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
    except (OSError, IndexError):
        return 0


def _spent(pid: int | None) -> float:
    """Return the processor time that a process has taken, in seconds."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
