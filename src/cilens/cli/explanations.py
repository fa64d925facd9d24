"""`cilens explain`: image by image, from its name to what is printed and written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from cilens.cli import cost, show
from cilens.cli.console import complain, print_json
from cilens.cli.options import findable
from cilens.cli.progress import Bar
from cilens.datasets.folder import expand
from cilens.errors import CilensError, InputError
from cilens.findings import write
from cilens.findings.cost import Clock, Cost
from cilens.findings.examine import Watch, prepare
from cilens.findings.finding import Finding
from cilens.findings.record import record
from cilens.findings.request import Request
from cilens.findings.summary import glance, summary

_Result = TypeVar("_Result")


class Asked(NamedTuple):
    """What was asked for, and where the answer goes."""

    request: Request
    out: Path | None
    json: bool
    dry_run: bool


def run(asked: Asked) -> int:
    """Do what was asked for, and return the exit code."""
    sources = _sources(asked)
    findable(asked.request.stated.factory)
    examiner, reading = prepare(asked.request), asked.request.reading
    if asked.out is not None and not asked.dry_run:
        write.make_directory(asked.out)
    failures: list[tuple[str, CilensError]] = []
    with Bar(len(sources)) as bar:
        clock = Clock(examiner)

        def cost_of(source: str) -> Cost:
            return clock.estimate(source, reading.read(source))

        def examine(source: str) -> Finding:
            watch = Watch(bar.expect, bar.advance)
            found = examiner.examine(source, reading.read(source), watch)
            if asked.out is not None:
                write.write(found, asked.out)
            return found

        if asked.dry_run:
            costs = list(_each(sources, bar, cost_of, failures))
            bar.hide()
            (cost.print_json if asked.json else cost.print_table)(costs)
        elif asked.json:
            print_json([record(found) for found in _each(sources, bar, examine, failures)])
        else:
            glances = []
            for found in _each(sources, bar, examine, failures):
                bar.hide()
                show.finding(found, asked.out)
                glances.append(glance(found))
            if len(glances) > 1:
                bar.hide()
                show.lines(summary(glances, len(failures)))
    _list(failures, len(sources))
    return 1 if failures else 0


def _sources(asked: Asked) -> Sequence[str]:
    """Return the images by name, none of whose files would be in another's way."""
    told, sources = asked.request.told, expand(asked.request.images)
    if sources.count("-") > 1:
        raise InputError("standard input holds one image; - is given more than once")
    if asked.out is not None:
        further = {
            ".against.png": told.against is not None,
            ".minimal.png": told.minimal,
            ".objects.png": told.objects,
            ".animation.gif": told.animate,
        }
        write.check_names(asked.out, sources, [end for end, wanted in further.items() if wanted])
    return sources


def _each(
    sources: Sequence[str],
    bar: Bar,
    work: Callable[[str], _Result],
    failures: list[tuple[str, CilensError]],
) -> Iterator[_Result]:
    """Do the work for each image, and note the images for which it fails."""
    for source in sources:
        bar.begin(source)
        try:
            yield work(source)
        except CilensError as error:
            failures.append((source, error))
        except MemoryError:
            failures.append((source, InputError("there is not enough memory: see --batch-size")))


def _list(failures: list[tuple[str, CilensError]], images: int) -> None:
    """List the images that failed, after all that was printed of the others."""
    if images > 1 and failures:
        complain(f"{len(failures)} of {images} images failed:")
    for source, error in failures:
        message = str(error)
        complain(message if source == "-" or message.startswith(source) else f"{source}: {message}")
