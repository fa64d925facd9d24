"""`cilens explain`: image by image, from its name to what is printed and written."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

from cilens.cli import cost, output, show
from cilens.cli.console import complain, print_json
from cilens.cli.grouping import Targets, read_targets
from cilens.cli.options import findable
from cilens.cli.output import Finding
from cilens.cli.progress import Bar
from cilens.cli.ranges import with_stated_range
from cilens.cli.recipe import Recipe, Watched, read_recipe
from cilens.contrast import RUNNER_UP, Contrast
from cilens.datasets.folder import expand
from cilens.errors import CilensError, InputError
from cilens.explanation import Explanation
from cilens.findings.request import Request
from cilens.followup.audit import Audit
from cilens.followup.highlight import check_highlight
from cilens.followup.insertion import insert
from cilens.followup.minimal import MinimalSearch
from cilens.followup.redundancy import RedundancySearch
from cilens.models.shipped.groups import shared_group
from cilens.objects import MOST, Objects, find_objects
from cilens.text import describe
from cilens.types import ImageModel

_Result = TypeVar("_Result")

_IMAGENET = 1000
"""Its classes, where none were put into groups yet."""


class Asked(NamedTuple):
    """What was asked for, and where the answer goes."""

    request: Request
    out: Path | None
    json: bool
    dry_run: bool


@dataclass(frozen=True)
class Job:
    """What is to be done; all that could be checked before the first image has been."""

    request: Request
    out: Path | None
    sources: Sequence[str]
    recipe: Recipe
    model: ImageModel
    targets: Targets
    target: int | None


def run(asked: Asked) -> int:
    """Do what was asked for, and return the exit code."""
    job = _prepare(asked)
    failures: list[tuple[str, CilensError]] = []
    with Bar(len(job.sources)) as bar:
        if asked.dry_run:
            show_costs = cost.print_json if asked.json else cost.print_table
            costs = list(_each(job, bar, _estimate, failures))
            bar.hide()
            show_costs(costs)
        elif asked.json:
            print_json([output.record(found) for found in _each(job, bar, _explain, failures)])
        else:
            for found in _each(job, bar, _explain, failures):
                bar.hide()
                show.finding(found, asked.out)
    _list(failures, len(job.sources))
    return 1 if failures else 0


def _prepare(asked: Asked) -> Job:
    """Check all that can be checked before the first image."""
    request, told = asked.request, asked.request.told
    recipe = read_recipe(request)
    sources = expand(request.images)
    if sources.count("-") > 1:
        raise InputError("standard input holds one image; - is given more than once")
    if asked.out is not None:
        further = {
            ".against.png": told.against is not None,
            ".minimal.png": told.minimal,
            ".objects.png": told.objects,
            ".animation.gif": told.animate,
        }
        output.check_names(asked.out, sources, [end for end, wanted in further.items() if wanted])
    findable(request.network.factory)
    model = request.load()
    recipe = with_stated_range(recipe, request)
    targets = read_targets(model, request.model, told.group or (), (told.target, told.against))
    target = None if told.target is None else targets.find(told.target)
    if asked.out is not None and not asked.dry_run:
        output.make_directory(asked.out)
    return Job(request, asked.out, sources, recipe, targets.over(model), targets, target)


def _each(
    job: Job,
    bar: Bar,
    work: Callable[[Job, Bar, str], _Result],
    failures: list[tuple[str, CilensError]],
) -> Iterator[_Result]:
    """Do the work for each image, and note the images for which it fails."""
    for source in job.sources:
        bar.begin(source)
        try:
            yield work(job, bar, source)
        except CilensError as error:
            failures.append((source, error))
        except MemoryError:
            failures.append((source, InputError("there is not enough memory: see --batch-size")))


def _explain(job: Job, bar: Bar, source: str) -> Finding:
    image = job.request.reading.read(source)
    method = Watched(job.recipe, _hearing(job, bar))
    begun = time.perf_counter()
    explanation = method.explain(job.model, image, bar.advance)
    seconds = time.perf_counter() - begun
    check = check_highlight(
        job.model,
        explanation,
        method.fill,
        target=job.target,
        threshold=job.request.told.threshold,
        batch_size=method.batch_size,
    )
    contrast = _contrast(job, explanation)
    found = Finding(source, job.request.model, explanation, check, seconds, contrast)
    if job.request.model == "imagenet" and len(explanation.scores) == _IMAGENET:
        found = found._replace(group=shared_group(explanation.scores, check.target))
    if job.request.told.words:
        found = found._replace(words=describe(found.topic))
    if job.request.told.objects:
        found = found._replace(objects=_objects(job, explanation))
    if job.request.told.minimal:
        found = _minimal(job, method, found)
    if job.request.told.animate:
        inserted = insert(
            job.model,
            explanation,
            method.fill,
            target=check.target,
            batch_size=method.batch_size,
        )
        found = found._replace(inserted=inserted)
    if job.request.told.audit:
        found = _audit(job, bar, method, found)
    if job.out is not None:
        output.write(found, job.out)
    return found


def _minimal(job: Job, method: Watched, found: Finding) -> Finding:
    """Ask what is enough, what is needed, and what is redundant."""
    search = MinimalSearch(method.fill, batch_size=method.batch_size)
    pairs = RedundancySearch(method.fill, batch_size=method.batch_size)
    explanation, target = found.explanation, found.check.target
    return found._replace(
        minimal=search(job.model, explanation, target),
        redundancy=pairs(job.model, explanation, target),
    )


def _objects(job: Job, explanation: Explanation) -> Objects:
    """Say what speaks for each class that is there; the target always is."""
    told = job.request.told
    found = find_objects(explanation, above=told.above, threshold=told.threshold)
    if job.target is None or job.target in found.classes:
        return found
    classes = [*found.classes[: MOST - 1], job.target]
    return find_objects(explanation, classes, threshold=told.threshold)


def _hearing(job: Job, bar: Bar) -> Callable[[int], object]:
    """Return what tells the bar how many rows there are: the explanation's, and the audit's."""
    if not job.request.told.audit:
        return bar.expect
    return lambda rows: bar.expect(rows + Audit().about_rows(rows))


def _audit(job: Job, bar: Bar, method: Watched, found: Finding) -> Finding:
    """Let the explanation be judged beside controls that know nothing of the model."""
    judge = Audit(method.fill, batch_size=method.batch_size)
    audited = judge(
        job.model,
        found.explanation,
        found.check.target,
        method=method.method,
        progress=bar.advance,
    )
    return found._replace(audited=audited)


def _contrast(job: Job, explanation: Explanation) -> Contrast | None:
    """Hold the target against the class that ``--against`` names."""
    wanted = job.request.told.against
    if wanted is None:
        return None
    index = explanation.target(job.target)
    named = wanted if wanted == RUNNER_UP else job.targets.find(wanted)
    found = explanation.contrast(index, named, job.request.told.threshold)
    if found.foil == index:
        raise InputError(
            f"--against must name another class than the target; both are "
            f"{explanation.class_name(index)!r}"
        )
    return found


def _estimate(job: Job, bar: Bar, source: str) -> cost.Cost:
    method = Watched(job.recipe, bar.expect)
    estimated = cost.estimate(source, job.model, job.request.reading.read(source), method)
    if job.request.told.minimal:
        most = MinimalSearch().most_rows + RedundancySearch().most_rows(method.n_regions)
        estimated = estimated._replace(minimal_rows=most)
    if job.request.told.audit:
        rows = Audit().about_rows(estimated.model_rows)
        estimated = estimated._replace(audit_rows=rows)
    return estimated


def _list(failures: list[tuple[str, CilensError]], images: int) -> None:
    """List the images that failed, after all that was printed of the others."""
    if images > 1 and failures:
        complain(f"{len(failures)} of {images} images failed:")
    for source, error in failures:
        message = str(error)
        complain(message if source == "-" or message.startswith(source) else f"{source}: {message}")
