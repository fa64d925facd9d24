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
"""What no file may take."""

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
        while any([share.look() for share in shares]):
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
        self.clock = _FORK.RawArray("d", 2)
        self._start()

    def _start(self) -> None:
        shutil.rmtree(self.task.folder, ignore_errors=True)
        self.task.folder.mkdir()
        self.clock[0], self.clock[1] = self.task.start, 0.0
        self.link, theirs = _FORK.Pipe(duplex=False)
        arguments = (self.task, self.corpus, theirs, self.clock)
        self.process = _FORK.Process(target=work, args=arguments)
        self.process.start()
        theirs.close()

    def look(self) -> bool:
        """Take what the worker tells, and act on what it does; say whether there is more to do."""
        alive = self.process.is_alive()
        while self._hear():
            pass
        if alive:
            self._limit()
            return True
        self.process.join()
        if self.process.exitcode:
            self._died(f"exit code {self.process.exitcode}")
        self.link.close()
        if self.task.start < self.task.stop:
            self._start()
            return True
        return False

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

    def _limit(self) -> None:
        """End a worker that takes too long over a file, or too much memory."""
        begun = self.clock[1]
        resident = _resident(self.process.pid)
        if begun and time.monotonic() - begun > SECONDS:
            self._end("time", f"over {SECONDS:.0f} s")
        elif resident > MEMORY * 1.1:
            self._end("memory", f"{resident >> 20} MB")

    def _end(self, kind: str, text: str) -> None:
        self.process.kill()
        self.process.join()
        while self._hear():
            pass
        self._died(text, kind)

    def _died(self, text: str, kind: str = "crash") -> None:
        """Note the file that the worker had in hand, and go on with the one after."""
        index = int(self.clock[0])
        if index < self.task.start and kind == "crash":
            raise RuntimeError(f"a worker of {self.task.group} ended between files: {text}")
        path = next(self.task.folder.glob(f"{index}.*"), None)
        data = path.read_bytes() if path else b""
        noise = (self.task.folder / "noise").read_text(errors="replace")
        where = next((line for line in noise.splitlines() if 'File "' in line), "").strip()
        self.result.inputs += len(range(self.task.start, index + 1, self.task.stride))
        self.result.counts[kind] += 1
        self.task = self.task._replace(start=index + self.task.stride)
        finding = Finding(kind, text if kind == "crash" else "", where[-80:])
        self._note(finding, path.name if path else f"{index}", data)

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
    """Call a function in a process of its own: no worker inherits what it started."""
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
