"""One process that hands damaged files to a reader and tells what came of each.

It may die at any moment: the file in hand lies on disk, and the shared clock says since when.
"""

from __future__ import annotations

import faulthandler
import os
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import MutableSequence, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any, NamedTuple

from cilens.errors import CilensError, CilensWarning
from fuzz.damage import damage
from fuzz.readers import GROUPS
from fuzz.structure import rebuild

MEMORY = 2 << 30
"""What no process may hold, in bytes."""

_RECYCLE = 1 << 30
_TRACED = 8
"""One file in this many is read under a tracer, and kept where it reached a line that is new."""

_FOLLOWED = ("/cilens/", "/PIL/", "/tifffile/", "/pydicom/", "/tomllib/", "/json/", "/zipfile")
_FOLLOWED += ("/numpy/lib/", "/csv.py", "/ast.py")
_ACTS = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "socket.connect"}
_ACTS |= {"pickle.find_class", "os.remove", "os.rename", "os.symlink", "os.link", "shutil.rmtree"}


class Task(NamedTuple):
    """A share of a group's files: every `stride`-th one from `start` on, below `stop`."""

    group: str
    seed: int
    start: int
    stop: int
    stride: int
    folder: Path


class Finding(NamedTuple):
    """Something that must not happen, and where."""

    kind: str
    text: str
    place: str


@dataclass
class Report:
    """What a worker tells now and then; counts are those since the last report."""

    upto: int
    counts: Counter[str] = field(default_factory=Counter)
    peak: int = 0
    slowest: float = 0.0
    slowest_name: str = ""
    findings: list[tuple[Finding, str, bytes]] = field(default_factory=list)
    kept: list[tuple[str, bytes]] = field(default_factory=list)


class Watch:
    """Sees what a reader does beside reading: prints, warns, writes, runs programs."""

    def __init__(self, folder: Path) -> None:
        self.folder = str(folder)
        self.seen: list[Finding] = []
        self.noise = os.open(folder / "noise", os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        os.dup2(self.noise, 1)
        os.dup2(self.noise, 2)
        faulthandler.enable(self.noise)
        warnings.simplefilter("always")
        warnings.simplefilter("ignore", DeprecationWarning)  # as Python does for its users
        warnings.showwarning = self._warned
        sys.addaudithook(self._audited)
        self.on = False

    def _warned(self, message: Warning | str, category: type[Warning], *where: Any) -> None:
        if self.on and not issubclass(category, CilensWarning):
            place = f"{Path(where[0]).name}:{where[1]}"
            self.seen.append(Finding(f"warning {category.__name__}", str(message)[:200], place))

    def _audited(self, event: str, args: tuple[Any, ...]) -> None:
        if not self.on:
            return
        if event in _ACTS or (event == "open" and self._writes(*args)):
            where = traceback.extract_stack(limit=6)
            if not any("/fuzz/" in frame.filename for frame in where[-3:-1]):
                place = f"{Path(where[-2].filename).name}:{where[-2].lineno}"
                self.seen.append(Finding(f"act {event}", str(args)[:200], place))

    def _writes(self, path: object, mode: object, flags: object) -> bool:
        wrote = isinstance(mode, str) and any(sign in mode for sign in "wax+")
        wrote |= isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
        return wrote and not str(path).startswith((self.folder, "/dev/null"))

    def taken(self) -> list[Finding]:
        """Return what was seen since last asked, standard error included."""
        size = os.lseek(self.noise, 0, os.SEEK_END)
        if size:
            printed = os.pread(self.noise, 300, 0).decode(errors="replace")
            os.ftruncate(self.noise, 0)
            os.lseek(self.noise, 0, os.SEEK_SET)
            words = " ".join(printed.split())
            self.seen.append(Finding("print", words[:200], words[:30]))
        seen, self.seen = self.seen, []
        return seen


def files(folder: Path) -> list[tuple[str, bytes]]:
    """Return the corpus that lies in a folder, in the order of its names."""
    return [(path.name, path.read_bytes()) for path in sorted(folder.iterdir())]


def made(task: Task, index: int, corpus: Sequence[tuple[str, bytes]]) -> tuple[str, bytes]:
    """Return the file of an index: its name, and what became of one of the corpus."""
    rng = Random(f"{task.seed} {task.group} {index}")
    name, data = rng.choice(corpus)
    others = [other for _, other in corpus]
    data = (rebuild if rng.random() < 0.6 else damage)(data, rng, others)
    if rng.random() < 0.1:
        data = damage(data, rng, others)
    suffix = Path(name if rng.random() < 0.95 else rng.choice(corpus)[0]).suffix
    return f"{index}{suffix}", data


def work(task: Task, corpus: list[tuple[str, bytes]], link: Connection, clock: Any) -> None:
    """Read a share of damaged files, telling `link` what came of them."""
    os.chdir(task.folder)
    tempfile.gettempdir()  # it tries to write where it may, once
    watch, lines = Watch(task.folder), _Lines()
    report, told = Report(task.start), time.monotonic()
    for index in range(task.start, task.stop, task.stride):
        name, data = made(task, index, corpus)
        path = task.folder / name
        path.write_bytes(data)
        traced = index // task.stride % _TRACED == 0
        fresh = _attempt(task, path, (watch, lines if traced else None), report, clock)
        path.unlink(missing_ok=True)
        if fresh:
            corpus.append((name, data))
            report.kept.append((name, data))
        report.upto = index + task.stride
        if time.monotonic() - told > 0.3 or report.findings:
            link.send(report)
            report, told = Report(report.upto), time.monotonic()
        if _resident() > _RECYCLE:
            break
    link.send(report)


def _attempt(
    task: Task,
    path: Path,
    eyes: tuple[Watch, _Lines | None],
    report: Report,
    clock: MutableSequence[float],
) -> bool:
    """Read one file, and put what came of it into the report; say whether it found new lines."""
    watch, lines = eyes
    Path("/proc/self/clear_refs").write_text("5")
    begun = time.process_time()
    clock[:] = (int(path.stem), time.monotonic(), begun)
    watch.on = True
    findings = _outcome(task.group, path, lines, report)
    watch.on = False
    clock[1] = 0.0
    took, peak = time.process_time() - begun, _peak()
    allowed = "print" if GROUPS[task.group].prints else ""
    findings += [seen for seen in watch.taken() if seen.kind != allowed]
    if peak > MEMORY:
        findings.append(Finding("memory", f"{peak >> 20} MB", ""))
    report.peak = max(report.peak, peak)
    if took > report.slowest:
        report.slowest, report.slowest_name = took, path.name
    for finding in findings:
        report.counts[finding.kind] += 1
        report.findings.append((finding, path.name, path.read_bytes() if path.exists() else b""))
    return lines is not None and lines.fresh()


def _outcome(group: str, path: Path, lines: _Lines | None, report: Report) -> list[Finding]:
    try:
        sys.settrace(lines)
        GROUPS[group].use(path)
    except CilensError as error:
        report.counts["refused"] += 1
        text = str(error)
        return [Finding("several lines", text[:200], "")] if "\n" in text else []
    except BaseException as error:  # noqa: BLE001 (a panic of native code is one)
        text = f"{type(error).__name__}: {error}"
        return [Finding(f"raw {type(error).__name__}", text[:200], _place(error))]
    finally:
        sys.settrace(None)
    report.counts["read"] += 1
    return []


def _place(error: BaseException) -> str:
    """Return where an error came from, and where cilens let it pass."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "/cilens/" in frame.filename] or frames
    names = (f"{Path(f.filename).name}:{f.lineno}" for f in (own[-1], frames[-1]))
    return " < ".join(dict.fromkeys(names))


def _peak() -> int:
    """Return the most memory this process held since it was last reset, in bytes."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) << 10


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


class _Lines:
    """A trace function that notes lines of the readers, and tells whether any was new."""

    def __init__(self) -> None:
        self.known: set[tuple[str, int]] = set()
        self.before = 0
        self.followed: dict[str, bool] = {}

    def __call__(self, frame: FrameType, event: str, arg: object) -> Any:
        name = frame.f_code.co_filename
        if name not in self.followed:
            self.followed[name] = any(part in name for part in _FOLLOWED)
        return self._line if self.followed[name] else None

    def _line(self, frame: FrameType, event: str, arg: object) -> Any:
        self.known.add((frame.f_code.co_filename, frame.f_lineno))
        return self._line

    def fresh(self) -> bool:
        before, self.before = self.before, len(self.known)
        return len(self.known) > before
