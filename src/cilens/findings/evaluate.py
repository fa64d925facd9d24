"""Methods x metrics x images: from a request to the summary, its record and files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, NamedTuple

from cilens.datasets.folder import expand
from cilens.errors import InputError
from cilens.evaluation.evaluate import Judged, Summary, evaluate, summarize
from cilens.files import whole_file
from cilens.findings.method import named_method
from cilens.findings.request import EvaluateRequest
from cilens.findings.series import NOBODY, Watch
from cilens.findings.write import DPI, write_json
from cilens.parts import parse, unparse
from cilens.parts.options import split
from cilens.printable import printable
from cilens.scoring.protocols import Method, Metric
from cilens.types import Image, ImageModel


class Evaluator(NamedTuple):
    """A request whose parts are made and whose model is open: from `prepare`."""

    request: EvaluateRequest
    sources: list[str]
    methods: Mapping[str, Method]
    metrics: Mapping[str, Metric]
    model: ImageModel

    def evaluate(self, watch: Watch = NOBODY) -> Evaluation:
        """Explain and judge."""
        found = evaluate(
            self.model, self._read(watch), self.methods, self.metrics, progress=watch.advance
        )
        judged = tuple(found)
        return Evaluation(self, judged, tuple(summarize(judged)))

    def _read(self, watch: Watch) -> Iterator[tuple[str, Image]]:
        """Read the images, one when it is needed."""
        for source in self.sources:
            watch.begin(source)
            watch.expect(len(self.methods))
            yield source, self.request.reading.read(source)


class Evaluation(NamedTuple):
    """What was found: every number of every explanation, and the summary over images."""

    of: Evaluator
    judged: tuple[Judged, ...]
    summaries: tuple[Summary, ...]


def prepare(request: EvaluateRequest) -> Evaluator:
    """Check all that can be checked before the first image, and open the model.

    Raises
    ------
    CilensError
        If an option does not fit, or the model cannot be opened.

    Examples
    --------
    >>> prepare(EvaluateRequest(images=["mnist:0-3"], metric=["sparsity"])).sources[-1]
    'mnist:3'
    """
    sources, metrics = expand(request.images), _metrics(request)
    model = request.stated.load(request.model)
    return Evaluator(request, sources, _methods(request), metrics, model)


def evaluation_record(evaluation: Evaluation) -> dict[str, object]:
    """Return what the JSON says of an evaluation."""
    of = evaluation.of
    return {
        "model": of.request.model,
        "images": len(of.sources),
        "methods": {name: repr(method) for name, method in of.methods.items()},
        "metrics": {name: repr(metric) for name, metric in of.metrics.items()},
        "summary": [summary._asdict() for summary in evaluation.summaries],
    }


def write_evaluation(evaluation: Evaluation, directory: Path) -> str:
    """Write every number, the summary and the figure, and return what they are called."""
    from cilens.plot import evaluation_figure

    name = directory / "evaluation"
    with ExitStack() as files:
        table, text, picture = (
            files.enter_context(whole_file(f"{name}.{end}")) for end in ("csv", "json", "png")
        )
        table.write_text(_csv(evaluation.judged), encoding="utf-8")
        write_json(text, evaluation_record(evaluation))
        evaluation_figure(evaluation.summaries).savefig(picture, dpi=DPI)
    return f"{name}.csv, .json, .png"


def _csv(judged: Sequence[Judged]) -> str:
    rows = io.StringIO()
    writer = csv.writer(rows, lineterminator="\n")
    writer.writerow(Judged._fields)
    for one in judged:
        writer.writerow([printable(cell) if isinstance(cell, str) else cell for cell in one])
    return rows.getvalue()


def _metrics(request: EvaluateRequest) -> dict[str, Metric]:
    """Make the metrics; --perturbation and --steps set the fields of those that have them."""
    texts = request.metric or ["flipping"]
    made: list[Any] = [parse(text, "metric") for text in texts]
    stated: dict[str, list[Any]] = {
        "steps": [] if request.steps is None else [request.steps],
        "perturbation": [parse(text, "perturbation") for text in request.perturbation or ()],
    }
    for field, values in stated.items():
        if not values:
            continue
        if not any(field in _fields(metric) for metric in made):
            raise InputError(f"none of the metrics takes --{field}: {', '.join(texts)}")
        for text in texts:
            if field in dict(split(text.partition(":")[2])):
                raise InputError(f"the metric {text} states its own {field}: leave out --{field}")
        made = [
            replace(metric, **{field: value}) if field in _fields(metric) else metric
            for metric in made
            for value in (values if field in _fields(metric) else values[:1])
        ]
    return _distinct("the metric", ((unparse(metric), metric) for metric in made))


def _methods(request: EvaluateRequest) -> dict[str, Method]:
    """Make the methods; the default is the one recommended for each image."""
    names = request.method or ["default", "paper", "random"]
    return _distinct("--method", ((name, named_method(name)) for name in names))


def _distinct(what: str, parts: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, part in parts:
        if name in found:
            raise InputError(f"{what} {name} is given more than once")
        found[name] = part
    return found


def _fields(part: Any) -> set[str]:  # noqa: ANN401 (one of several dataclasses)
    return {field.name for field in fields(part)}
