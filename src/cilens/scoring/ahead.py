"""What can be made for the next images while the model answers about this one."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import fields, is_dataclass
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")


def ahead(make: Callable[[Item], Made], items: Iterable[Item]) -> Iterator[Made]:
    """Make something of each item, a few items ahead, on other threads.

    Segmentation leaves Python's lock alone most of the time, and so does a model. A single item
    is made where it is asked for.

    Parameters
    ----------
    make : callable
        What it raises is raised when its item's turn comes.
    items : iterable
        Taken on the caller's thread, as many ahead as there are processors.

    Yields
    ------
    object
        What was made of each, in order.

    Examples
    --------
    >>> list(ahead(str, [1, 2, 3]))
    ['1', '2', '3']
    """
    coming = iter(items)
    first = list(islice(coming, 2))
    if len(first) < 2:
        yield from map(make, first)
        return
    most = processors()
    with ThreadPoolExecutor(most, "cilens") as pool:
        waiting: deque[Future[Made]] = deque(pool.submit(make, one) for one in first)
        try:
            for one in coming:
                if len(waiting) > most:
                    yield waiting.popleft().result()
                waiting.append(pool.submit(make, one))
            while waiting:
                yield waiting.popleft().result()
        finally:  # nobody wants the rest
            pool.shutdown(cancel_futures=True)


def is_own(part: object) -> bool:
    """Say whether a part, and each that it is made of, is cilens' own: these share no state.

    Examples
    --------
    >>> import cilens
    >>> own = cilens.ContextualImportance.paper()
    >>> is_own(own), is_own(cilens.ContextualImportance(lambda image: image[..., 0] > 0))
    (True, False)
    """
    if isinstance(part, tuple):
        return all(map(is_own, part))
    if callable(part) and type(part).__module__.partition(".")[0] != __name__.partition(".")[0]:
        return False
    if not is_dataclass(part):
        return True
    return all(is_own(getattr(part, field.name)) for field in fields(part))


def processors() -> int:
    """Return how many processors this process may use.

    Examples
    --------
    >>> processors() > 0
    True
    """
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
