"""Several images, one after the other: who watches, and which of them failed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Protocol, TypeVar

from cilens.datasets.folder import expand
from cilens.errors import CilensError, InputError

_Result = TypeVar("_Result")


class Watch(Protocol):
    """Who is told how far the work is: a bar, a page, a log."""

    def begin(self, name: str) -> None:
        """Hear of the next image."""
        ...

    def expect(self, steps: int) -> None:
        """Hear how many steps it has, when that is known."""
        ...

    def advance(self, steps: int) -> None:
        """Hear that so many more steps are done."""
        ...


class _Nobody:
    def _hear(self, _: object) -> None: ...

    begin = expect = advance = _hear


NOBODY: Watch = _Nobody()
"""Nobody watches."""


class Failure(NamedTuple):
    """An image that could not be worked on, and why."""

    source: str
    error: CilensError

    def __str__(self) -> str:
        said = str(self.error)
        bare = self.source == "-" or said.startswith(self.source)
        return said if bare else f"{self.source}: {said}"


def sources_of(images: Sequence[str]) -> list[str]:
    """Return the images that are meant, one by one; see `cilens.datasets.folder.expand`.

    Raises
    ------
    InputError
        If standard input, which holds one image, is given more than once.
    """
    sources = expand(images)
    if sources.count("-") > 1:
        raise InputError("standard input holds one image; - is given more than once")
    return sources


def each(
    sources: Sequence[str], work: Callable[[str], _Result], watch: Watch, failures: list[Failure]
) -> Iterator[_Result]:
    """Do the work for each image; those for which it fails are added to the failures.

    Examples
    --------
    >>> failures = []
    >>> from cilens import read_image
    >>> shapes = each(["mnist:0", "gone.png"], lambda one: read_image(one).shape, NOBODY, failures)
    >>> list(shapes), failures[0].source
    ([(28, 28, 1)], 'gone.png')
    """
    for source in sources:
        watch.begin(source)
        try:
            yield work(source)
        except CilensError as error:
            failures.append(Failure(source, error))
        except MemoryError:
            short = InputError("there is not enough memory: see --batch-size")
            failures.append(Failure(source, short))
