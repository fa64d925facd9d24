"""A limit of time for what does not listen: a framework's call that holds its thread.

Python hears Ctrl-C only between two of its own instructions, so the call is made on a thread of
its own while the caller waits, which hears everything.
"""

from __future__ import annotations

import atexit
import os
import queue
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from cilens.errors import InputError, ModelError

TIMEOUT = 300.0
"""Seconds that opening a file, or one question to a model, may take where nothing is stated."""

_GRACE = 2.0
"""Seconds that a call has to end once it was told to."""

_LAST = 10.0
"""Seconds that all of those left behind have when Python ends."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def check_timeout(timeout: object) -> float:
    """Return a limit of time as a number of seconds.

    Raises
    ------
    InputError
        If it is no number above 0, or more seconds than a wait can have.

    Examples
    --------
    >>> check_timeout(2)
    2.0
    """
    if not isinstance(timeout, int | float) or not 0 < timeout <= threading.TIMEOUT_MAX:
        raise InputError(f"timeout must be a number of seconds above 0; got {timeout!r}")
    return float(timeout)


def within(
    seconds: float, what: str, call: Callable[[], Result], stop: Callable[[], object]
) -> Result:
    """Make a call that takes at most so many seconds, and that Ctrl-C ends.

    Parameters
    ----------
    seconds : float
        The limit.
    what : str
        The start of the message: ``"opening net.onnx"``.
    call : callable
        Runs on another thread. One that does not end when told to is left behind there.
    stop : callable
        Tells it to end: called once, from the caller's thread, where time is up or Ctrl-C came.

    Returns
    -------
    object
        What the call returns; what it raises is raised.

    Raises
    ------
    ModelError
        If it takes longer.

    Examples
    --------
    >>> within(60, "adding", lambda: 1 + 1, lambda: None)
    2
    >>> stopped = threading.Event()
    >>> within(0.01, "waiting", stopped.wait, stopped.set)
    Traceback (most recent call last):
    cilens.errors.ModelError: waiting took longer than 0.01 s and was stopped: where it needs \
more time, state it (timeout=, --timeout)
    """
    worker = _worker()
    job = worker.begin(call)
    ended = False
    try:
        ended = job.done.acquire(timeout=seconds)
        if not ended:
            raise ModelError(
                f"{what} took longer than {seconds:g} s and was stopped: where it needs more time, "
                "state it (timeout=, --timeout)"
            )
    finally:
        if not ended:
            stop()
            ended = job.done.acquire(timeout=_GRACE)
        if ended:
            _IDLE.append(worker)
        else:
            _LEFT.append(job)
    try:
        if job.error is not None:
            raise job.error
        result: Result = job.result
        return result
    finally:
        del job  # an error has this frame, and must not have itself


def at_once(call: Callable[[Item], Result], items: Sequence[Item], most: int) -> list[Result]:
    """Make a call for each item, several at a time: for calls that leave Python's lock alone.

    Parameters
    ----------
    call : callable
        From an item to a result. Where one raises, no further ones begin, and that is raised.
    items : sequence
        In whose order the results are.
    most : int
        Calls at a time, one of them on the caller's thread.

    Returns
    -------
    list
        A result for each item.

    Examples
    --------
    >>> at_once(lambda number: number * 2, [1, 2, 3], 2)
    [2, 4, 6]
    """
    left = deque(enumerate(items))
    results: dict[int, Result] = {}

    def work() -> None:
        while True:
            try:
                place, item = left.popleft()
            except IndexError:
                return
            try:
                results[place] = call(item)
            except BaseException:
                left.clear()
                raise

    others = [(worker := _worker(), worker.begin(work)) for _ in range(min(most, len(items)) - 1)]
    try:
        work()
    finally:
        for worker, job in others:
            job.done.acquire()
            _IDLE.append(worker)
    for _, job in others:
        if job.error is not None:
            raise job.error
    return [results[place] for place in range(len(items))]


class _Job:
    """A call, and what came of it once `done` can be had."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self.call = call
        self.done = threading.Lock()
        self.done.acquire()
        self.result: Any = None
        self.error: BaseException | None = None


class _Worker:
    """A thread that makes one call after the other; a new thread each time takes twice as long."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        threading.Thread(target=self._work, name="cilens", daemon=True).start()

    def begin(self, call: Callable[[], Any]) -> _Job:
        job = _Job(call)
        self._jobs.put(job)
        return job

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            try:
                job.result = job.call()
            except BaseException as error:  # noqa: BLE001  # it is raised where the caller waits
                job.error = error
            job.done.release()
            del job


_IDLE: list[_Worker] = []
"""Threads that wait for a call; as many as were ever asked at once."""

_LEFT: list[_Job] = []
"""Calls that were told to end and had not; Python must not end before a framework's thread does."""


@atexit.register
def _settle() -> None:
    """Wait for calls that were left behind; leave at once where one goes on.

    Python's usual end would abort the process, with a core dump, while a framework computes.
    """
    last = time.monotonic() + _LAST
    if not all(job.done.acquire(timeout=max(0.0, last - time.monotonic())) for job in _LEFT):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(1)


if os.name == "posix":  # a forked process has none of them
    os.register_at_fork(after_in_child=_IDLE.clear)
    os.register_at_fork(after_in_child=_LEFT.clear)


def _worker() -> _Worker:
    try:
        return _IDLE.pop()
    except IndexError:
        return _Worker()
