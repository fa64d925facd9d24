"""The unit of work: some images to findings, in batches that they share."""

from __future__ import annotations

import hashlib
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from cilens import scoring
from cilens.errors import CilensError, InputError
from cilens.findings.examine import Asked, Examiner
from cilens.findings.finding import Finding
from cilens.findings.series import Watch
from cilens.runs.clock import Clock
from cilens.runs.plan import Task
from cilens.scoring.ahead import ahead, is_own
from cilens.scoring.explain import ChosenMethod, Planned, PlannedMethod, explain_plans, planned
from cilens.types import Image

_SHORT = InputError("there is not enough memory: see --batch-size")


class Outcome(NamedTuple):
    """What came of one image.

    Attributes
    ----------
    task : Task
        The image.
    id : str or None
        Hash of its pixels and its index; None where it could not be read.
    stamp : tuple of int, or None
        Size of its file, and when that was changed.
    finding : Finding or None
        All there is to say of it.
    error : str or None
        Or why there is nothing.
    seconds : float
        Since the outcome before.
    """

    task: Task
    id: str | None
    stamp: tuple[int, int] | None
    finding: Finding | None
    error: str | None
    seconds: float


class _Seen(NamedTuple):
    """An image that was read, and what is asked of it; or an error."""

    task: Task
    id: str | None = None
    stamp: tuple[int, int] | None = None
    image: Image | None = None
    made: Planned | None = None
    error: CilensError | None = None


def work(
    examiner: Examiner,
    tasks: Iterable[Task],
    watch: Watch,
    clock: Clock,
) -> Iterator[Outcome]:
    """Explain images in order, reading and cutting the next while the model answers.

    The batches are filled across them. Where a batch fails, the images that have no answer yet are
    asked about one by one, so that only those fail that must. What comes of some images depends on
    these and their order alone.

    Parameters
    ----------
    examiner : Examiner
        What is asked, and the model.
    tasks : iterable of Task
        The images; as many are held as there are processors, and those of one batch.
    watch : Watch
        Told of the rows of each batch.
    clock : Clock
        Told of the time that reading and cutting take.

    Yields
    ------
    Outcome
        One for each image.
    """
    together = isinstance(examiner.method, PlannedMethod | ChosenMethod)

    def look(task: Task) -> _Seen:
        return _look(examiner, task, clock, plans=together)

    seen = (ahead if is_own(examiner.method) else map)(look, tasks)
    made = (_together if together else _singly)(examiner, seen, watch)
    begun = time.perf_counter()
    for outcome in made:
        now = time.perf_counter()
        yield outcome._replace(seconds=now - begun)
        begun = now


def key(index: int, image: Image) -> str:
    """Return the id of an image: a hash of its place in the run, its pixels and their shape.

    Examples
    --------
    >>> import numpy as np
    >>> key(0, np.zeros((2, 2, 1))) == key(1, np.zeros((2, 2, 1)))
    False
    """
    head = f"{index}|{image.dtype.str}|{image.shape}|".encode()
    return hashlib.blake2b(head + image.tobytes(), digest_size=16).hexdigest()


def stamp(source: str) -> tuple[int, int] | None:
    """Return the size of an image's file and when it was changed; None for one without a file."""
    with suppress(OSError, ValueError):
        found = Path(source).stat()
        return found.st_size, found.st_mtime_ns
    return None


def _look(examiner: Examiner, task: Task, clock: Clock, *, plans: bool) -> _Seen:
    """Read an image, and plan what is asked of it."""
    seen, begun = _Seen(task, stamp=stamp(task.source)), time.perf_counter()
    try:
        image = examiner.request.reading.read(task.source)
        seen = seen._replace(id=key(task.index, image), image=image)
        clock.add("reading", begun)
        begun = time.perf_counter()
        if plans:
            made = planned(examiner.method, scoring.view(examiner.model, image))
            seen = seen._replace(made=made)
            clock.add("cutting", begun)
    except CilensError as error:
        return seen._replace(error=error)
    except MemoryError:
        return seen._replace(error=_SHORT)
    return seen


def _together(examiner: Examiner, seen: Iterator[_Seen], watch: Watch) -> Iterator[Outcome]:
    """Explain a stream of plans; after a failure, what is left one by one."""
    waiting: deque[_Seen] = deque()

    def plans() -> Iterator[Planned]:
        for one in seen:
            waiting.append(one)
            if one.made is not None:
                yield one.made

    stream = explain_plans(examiner.model, plans(), examiner.method.batch_size, watch.advance)
    with suppress(CilensError, MemoryError):
        for explanation in stream:
            while (made := (one := waiting.popleft()).made) is None:
                yield _outcome(one, partial(_alone, examiner, one, watch))
            asked = Asked.of(made, explanation)
            yield _outcome(one, partial(examiner.conclude, one.task.source, asked, 0.0))
    yield from _singly(examiner, chain(waiting, seen), watch)


def _singly(examiner: Examiner, seen: Iterable[_Seen], watch: Watch) -> Iterator[Outcome]:
    """Explain images one after the other."""
    for one in seen:
        yield _outcome(one, partial(_alone, examiner, one, watch))


def _alone(examiner: Examiner, one: _Seen, watch: Watch) -> Finding:
    """Explain one image in batches of its own."""
    if one.image is None or one.error is not None:
        raise one.error or _SHORT
    if one.made is None:
        return examiner.examine(one.task.source, one.image, watch)
    rows = examiner.method.batch_size
    (explanation,) = explain_plans(examiner.model, [one.made], rows, watch.advance)
    return examiner.conclude(one.task.source, Asked.of(one.made, explanation), 0.0)


def _outcome(one: _Seen, make: Callable[[], Finding]) -> Outcome:
    """Return what comes of an image, or why nothing does."""
    seen = one.task, one.id, one.stamp
    try:
        return Outcome(*seen, make(), None, 0.0)
    except CilensError as error:
        return Outcome(*seen, None, str(error), 0.0)
    except MemoryError:
        return Outcome(*seen, None, str(_SHORT), 0.0)
