"""A run on this machine: goes on where it was stopped, and tells how far it is."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import FrameType
from typing import Any, NamedTuple

import pyarrow as pa

from cilens.errors import CilensError, FileError, StoppedError
from cilens.findings.examine import Examiner, prepare
from cilens.findings.request import RunRequest
from cilens.findings.request.document import write_request
from cilens.runs.clock import Clock, timed
from cilens.runs.plan import Plan, Task, fingerprint, plan
from cilens.runs.rows import add_image, add_regions
from cilens.runs.schema import IMAGES, REGIONS
from cilens.runs.store import Rows, Store, open_store
from cilens.runs.work import Outcome, key, stamp, work


class Progress(NamedTuple):
    """How far a run is.

    Attributes
    ----------
    total : int
        Images of the run.
    done : int
        Those that have their row, or will with the part in work; failures among them.
    failed : int
        Those that could not be explained.
    here : int
        Those that this process did.
    model_rows : int
        Images that it asked the model about for the explanations.
    seconds : float
        Since it began with the first.
    """

    total: int
    done: int = 0
    failed: int = 0
    here: int = 0
    model_rows: int = 0
    seconds: float = 0.0

    @property
    def rates(self) -> tuple[float, float]:
        """Images and model rows a second; 0 before the first image."""
        if not self.here or self.seconds <= 0:
            return 0.0, 0.0
        return self.here / self.seconds, self.model_rows / self.seconds


class Report(NamedTuple):
    """What came of a run.

    Attributes
    ----------
    progress : Progress
        All done.
    spent : dict of str to float
        Where the time went, in seconds: reading and cutting, which go on beside the model, summed
        over threads; the model, where it was timed; writing.
    """

    progress: Progress
    spent: dict[str, float]


def run(
    request: RunRequest,
    tell: Callable[[Progress], object] = lambda _: None,
    *,
    retry_failed: bool = False,
    profile: bool = False,
) -> Report:
    """Explain many images, and record what was found; go on where the same run was stopped.

    Parameters
    ----------
    request : RunRequest
        What is asked, and what is kept where.
    tell : callable
        Called after each image with a `Progress`.
    retry_failed : bool
        Whether to try the images again that failed before.
    profile : bool
        Whether to time the model apart.

    Returns
    -------
    Report

    Raises
    ------
    CilensError
        If nothing can be begun, the folder has results of another run, or cannot be written to.
    KeyboardInterrupt
        After Ctrl-C, once the model has answered the batch it is at. What is recorded stays.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from cilens.findings.request import Request, RunOptions
    >>> kept = RunOptions(out=Path(tempfile.mkdtemp(), "results"))
    >>> report = run(RunRequest(Request(["mnist:0-3"]), kept))
    >>> report.progress.done, report.progress.failed
    (4, 0)
    """
    examiner, kept = prepare(request.asked), request.kept
    made, clock = plan(request.asked.images, examiner), Clock()
    mark = fingerprint(request.asked, kept, examiner, made)
    further = pa.schema([made.table.schema.field(name) for name in made.further])
    if profile:
        examiner = replace(examiner, model=timed(examiner.model, clock))
    with open_store(kept.out, further) as store, _interruptible() as check:
        store.claim(mark, write_request(request))
        watch = _Watch(Progress(len(made)), tell, check)
        desk = _Desk(examiner, made, store, watch, clock)
        todo = desk.stand(kept.part, retry_failed=retry_failed)
        if todo:
            store.finished.unlink(missing_ok=True)
        for part, again in todo.items():
            desk.do(part, made.part(part, kept.part), again, kept.top)
        store.finish()
    return Report(watch.progress, clock.spent)


@dataclass
class _Watch:
    """Count what is done, tell of it, and stop where that is asked for."""

    progress: Progress
    tell: Callable[[Progress], object]
    check: Callable[[], None]
    begun: float = field(default_factory=time.monotonic)

    def begin(self, name: str) -> None:
        """Hear of nothing new."""

    def expect(self, steps: int) -> None:
        """Hear of nothing new."""

    def advance(self, steps: int) -> None:
        """Count the rows of a batch."""
        self.progress = self.progress._replace(model_rows=self.progress.model_rows + steps)
        self.check()

    def count(self, outcome: Outcome) -> None:
        """Count an image, and tell of it."""
        now = self.progress
        self.progress = now._replace(
            done=now.done + 1,
            failed=now.failed + (outcome.error is not None),
            here=now.here + 1,
            seconds=time.monotonic() - self.begun,
        )
        self.tell(self.progress)
        self.check()


class _Desk(NamedTuple):
    """All that the parts of a run are done with."""

    examiner: Examiner
    made: Plan
    store: Store
    watch: _Watch
    clock: Clock

    def stand(self, size: int, *, retry_failed: bool) -> dict[int, frozenset[int] | None]:
        """Return which parts are to be done: whole, or those of their images that failed."""
        todo: dict[int, frozenset[int] | None] = {}
        done = failed = 0
        for part in range(self.made.count(size)):
            recorded = self.store.recorded(part)
            if recorded is None:
                todo[part] = None
                continue
            places, start = recorded["index"].to_numpy(), part * size
            if places.tolist() != list(range(start, min(start + size, len(self.made)))):
                raise FileError(
                    f"part {part} of the results has other images than the run: it is of another "
                    "run; delete its two files, and the run does its images again"
                )
            sound = recorded["error"].is_null().to_numpy()
            for row in recorded.filter(recorded["bytes"].is_valid()).to_pylist():
                _check_same(self.examiner, row)
            failures = frozenset(places[~sound].tolist())
            if failures and retry_failed:
                todo[part] = failures
            done += len(places) - len(failures) * retry_failed
            failed += len(failures) * (not retry_failed)
        self.watch.progress = self.watch.progress._replace(done=done, failed=failed)
        self.watch.begun = time.monotonic()
        return todo

    def do(self, part: int, tasks: Sequence[Task], again: frozenset[int] | None, top: int) -> None:
        """Explain the images of a part, all or those that failed, and write it."""
        images: Rows = {name: [] for name in (*IMAGES, *self.made.further)}
        regions: Rows = {name: [] for name in REGIONS}
        if again is not None:
            images, regions = self.store.kept(part, again)
            tasks = [task for task in tasks if task.index in again]
        names = self.examiner.model.class_names
        for outcome in work(self.examiner, tasks, self.watch, self.clock):
            add_image(images, outcome, names, self.made.more(outcome.task.index))
            add_regions(regions, outcome, top)
            self.watch.count(outcome)
        begun = time.perf_counter()
        try:
            self.store.write(part, images, regions)
        except FileError as error:
            raise StoppedError(f"{error}; what is recorded stays: mend it, and go on") from error
        self.clock.add("writing", begun)


def _check_same(examiner: Examiner, row: Mapping[str, Any]) -> None:
    """Refuse an image whose file changed after its row was written, unless the pixels did not.

    Raises
    ------
    FileError
        Naming it.
    """
    source = row["image"]
    if row["error"] is not None or stamp(source) == (row["bytes"], row["modified"]):
        return
    try:
        same = key(row["index"], examiner.request.reading.read(source)) == row["id"]
    except CilensError as error:
        raise FileError(
            f"the results have {source}, which can no longer be read: {error}"
        ) from error
    if not same:
        raise FileError(
            f"the image {source} has changed since its results were written, and old and new "
            "cannot be mixed: choose another --out, or put the image back"
        )


@contextmanager
def _interruptible() -> Iterator[Callable[[], None]]:
    """Give a function that raises KeyboardInterrupt after Ctrl-C; a second one does so at once."""
    asked = threading.Event()

    def hear(number: int, frame: FrameType | None) -> None:
        del number, frame
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    def check() -> None:
        if asked.is_set():
            raise KeyboardInterrupt

    usual = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if not usual or threading.current_thread() is not threading.main_thread():
        yield check
        return
    signal.signal(signal.SIGINT, hear)
    try:
        yield check
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
