"""`cilens explain`: image by image, from its name to what is printed and written."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from cilens.audit import Audit
from cilens.cli import cost, output, show
from cilens.cli.console import complain, print_json
from cilens.cli.factory import findable
from cilens.cli.grouping import Targets, read_targets
from cilens.cli.output import Finding
from cilens.cli.progress import Bar
from cilens.cli.ranges import with_stated_range
from cilens.cli.recipe import Recipe, Watched, read_recipe
from cilens.cli.wishes import Wishes
from cilens.contrast import RUNNER_UP, Contrast
from cilens.datasets import read_image
from cilens.datasets.folder import expand
from cilens.errors import CilensError, InputError
from cilens.explanation import Explanation
from cilens.image import MAX_PIXELS
from cilens.metrics.faithfulness import check_highlight
from cilens.metrics.minimal import MinimalSearch
from cilens.metrics.redundancy import RedundancySearch
from cilens.models import load_model
from cilens.models.preprocess.record import Preprocess
from cilens.objects import MOST, Objects, find_objects
from cilens.types import Image, ImageModel

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Job:
    """What is to be done; all that could be checked before the first image has been."""

    wishes: Wishes
    sources: Sequence[str]
    recipe: Recipe
    model: ImageModel
    targets: Targets
    target: int | None

    def read(self, source: str) -> Image:
        """Return one of the images."""
        limit = MAX_PIXELS if self.wishes.max_pixels is None else self.wishes.max_pixels
        return read_image(source, channels=self.wishes.channels, max_pixels=limit)


def run(wishes: Wishes) -> int:
    """Do what was asked for, and return the exit code."""
    job = _prepare(wishes)
    failures: list[tuple[str, CilensError]] = []
    with Bar(len(job.sources)) as bar:
        if wishes.dry_run:
            show_costs = cost.print_json if wishes.json else cost.print_table
            costs = list(_each(job, bar, _estimate, failures))
            bar.hide()
            show_costs(costs)
        elif wishes.json:
            print_json([output.record(found) for found in _each(job, bar, _explain, failures)])
        else:
            for found in _each(job, bar, _explain, failures):
                bar.hide()
                show.finding(found, wishes.out)
    _list(failures, len(job.sources))
    return 1 if failures else 0


def _prepare(wishes: Wishes) -> Job:
    """Check all that can be checked before the first image."""
    if not math.isfinite(wishes.threshold):
        raise InputError(f"--threshold must be a finite number; got {wishes.threshold}")
    if not 0 <= wishes.above <= 1:
        raise InputError(f"--above must be a share, 0 to 1; got {wishes.above}")
    if wishes.objects and not wishes.threshold > 0:
        raise InputError(f"--objects needs a --threshold above 0; got {wishes.threshold}")
    if wishes.channels not in (None, 1, 3):
        raise InputError(f"--channels must be 1 (grey) or 3 (RGB); got {wishes.channels}")
    if wishes.batch_size is not None and wishes.batch_size < 1:
        raise InputError(f"--batch-size must be at least 1; got {wishes.batch_size}")
    recipe = read_recipe(wishes)
    preprocess = None if wishes.preprocess is None else Preprocess.parse(wishes.preprocess)
    sources = expand(wishes.images)
    if sources.count("-") > 1:
        raise InputError("standard input holds one image; - is given more than once")
    if wishes.out is not None:
        further = {
            ".against.png": wishes.against is not None,
            ".minimal.png": wishes.minimal,
            ".objects.png": wishes.objects,
        }
        output.check_names(wishes.out, sources, [end for end, wanted in further.items() if wanted])
    model = load_model(
        wishes.model,
        preprocess=preprocess,
        class_names=wishes.class_names,
        output=wishes.output_name,
        activation=wishes.activation,
        factory=findable(wishes.factory),
    )
    recipe = with_stated_range(recipe, wishes)
    targets = read_targets(model, wishes.model, wishes.group, (wishes.target, wishes.against))
    target = None if wishes.target is None else targets.find(wishes.target)
    if wishes.out is not None and not wishes.dry_run:
        output.make_directory(wishes.out)
    return Job(wishes, sources, recipe, targets.over(model), targets, target)


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
    image = job.read(source)
    method = Watched(job.recipe, _hearing(job, bar))
    begun = time.perf_counter()
    explanation = method.explain(job.model, image, bar.advance)
    seconds = time.perf_counter() - begun
    check = check_highlight(
        job.model,
        explanation,
        method.fill,
        target=job.target,
        threshold=job.wishes.threshold,
        batch_size=method.batch_size,
    )
    contrast = _contrast(job, explanation)
    words = None
    if job.wishes.words:
        words = explanation.describe(
            check,
            foil=None if contrast is None else contrast.foil,
            target=check.target,
            threshold=check.threshold,
            kind="digit" if job.wishes.model == "digits" else "image",
        )
    found = Finding(source, job.wishes.model, explanation, check, seconds, contrast, words)
    if job.wishes.objects:
        found = found._replace(objects=_objects(job, explanation))
    if job.wishes.minimal:
        found = _minimal(job, method, found)
    if job.wishes.audit:
        found = _audit(job, bar, method, found)
    if job.wishes.out is not None:
        output.write(found, job.wishes.out)
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
    wishes = job.wishes
    found = find_objects(explanation, above=wishes.above, threshold=wishes.threshold)
    if job.target is None or job.target in found.classes:
        return found
    classes = [*found.classes[: MOST - 1], job.target]
    return find_objects(explanation, classes, threshold=wishes.threshold)


def _hearing(job: Job, bar: Bar) -> Callable[[int], object]:
    """Return what tells the bar how many rows there are: the explanation's, and the audit's."""
    if not job.wishes.audit:
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
    wanted = job.wishes.against
    if wanted is None:
        return None
    index = explanation.target(job.target)
    named = wanted if wanted == RUNNER_UP else job.targets.find(wanted)
    found = explanation.contrast(index, named, job.wishes.threshold)
    if found.foil == index:
        raise InputError(
            f"--against must name another class than the target; both are "
            f"{explanation.class_name(index)!r}"
        )
    return found


def _estimate(job: Job, bar: Bar, source: str) -> cost.Cost:
    method = Watched(job.recipe, bar.expect)
    estimated = cost.estimate(source, job.model, job.read(source), method)
    if job.wishes.minimal:
        most = MinimalSearch().most_rows + RedundancySearch().most_rows(method.n_regions)
        estimated = estimated._replace(minimal_rows=most)
    if job.wishes.audit:
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
