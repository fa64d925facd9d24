"""`cilens evaluate`: from the options to the table, the CSV, the JSON and the figure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Real
from rich.table import Table
from rich.text import Text

from cilens.cli import console
from cilens.cli.evaluate import Evaluating
from cilens.cli.options import findable
from cilens.cli.progress import Bar
from cilens.datasets.folder import expand
from cilens.errors import InputError
from cilens.evaluation.evaluate import Judged, Summary, evaluate, summarize
from cilens.files import whole_file
from cilens.findings.write import DPI, make_directory
from cilens.methods import ContextualImportance, Recommended
from cilens.parts import parse, unparse
from cilens.parts.options import split
from cilens.printable import printable
from cilens.types import Method, Metric

_WIDTHS = (6, 6, 6, 15, 10, 15)
"""Of the columns with numbers, in signs: the same in every table."""


def run(wishes: Evaluating) -> None:
    """Evaluate, and show what was asked for."""
    sources = expand(wishes.images)
    metrics = _metrics(wishes)
    findable(wishes.stated.factory)
    model = wishes.stated.load(wishes.model)
    methods = _methods(wishes.method or ["default", "paper", "random"])
    if wishes.out is not None:
        make_directory(wishes.out)
    with Bar(len(sources)) as bar:
        images = _read(bar, wishes, sources, len(methods))
        judged = list(evaluate(model, images, methods, metrics, progress=bar.advance))
    summaries = summarize(judged)
    record = {
        "model": wishes.model,
        "images": len(sources),
        "methods": {name: repr(method) for name, method in methods.items()},
        "metrics": {name: repr(metric) for name, metric in metrics.items()},
        "summary": [summary._asdict() for summary in summaries],
    }
    if wishes.out is not None:
        _write(wishes.out, judged, summaries, record)
    if wishes.json:
        console.print_json(record)
    else:
        _print(wishes, summaries, metrics, len(sources))


def _metrics(wishes: Evaluating) -> dict[str, Metric]:
    """Make the metrics; --perturbation and --steps set the fields of those that have them."""
    if wishes.steps is not None and wishes.steps < 1:
        raise InputError(f"--steps must be at least 1; got {wishes.steps}")
    hidden = [parse(text, "perturbation") for text in wishes.perturbation]
    texts = wishes.metric or ["flipping"]
    made: list[Any] = [parse(text, "metric") for text in texts]
    for field, given in (("perturbation", hidden), ("steps", wishes.steps)):
        if not given:
            continue
        if not any(field in _fields(metric) for metric in made):
            raise InputError(f"none of the metrics takes --{field}: {', '.join(texts)}")
        for text in texts:
            if field in dict(split(text.partition(":")[2])):
                raise InputError(f"the metric {text} states its own {field}: leave out --{field}")
    found: dict[str, Metric] = {}
    for metric in made:
        whole = wishes.steps is not None and "steps" in _fields(metric)
        stepped = replace(metric, steps=wishes.steps) if whole else metric
        hides = "perturbation" in _fields(metric)
        each = [replace(stepped, perturbation=one) for one in hidden] if hides else []
        for one in each or [stepped]:
            if unparse(one) in found:
                raise InputError(f"the metric {unparse(one)} is given more than once")
            found[unparse(one)] = one
    return found


def _fields(part: Any) -> set[str]:  # noqa: ANN401 (one of several dataclasses)
    return {field.name for field in fields(part)}


def _read(
    bar: Bar, wishes: Evaluating, sources: Sequence[str], methods: int
) -> Iterator[tuple[str, Real[np.ndarray, "..."]]]:
    """Read the images, one when it is needed."""
    for source in sources:
        bar.begin(source)
        bar.expect(methods)
        yield source, wishes.reading.read(source)


def _methods(names: Sequence[str]) -> dict[str, Method]:
    """Make the methods; the default is the one recommended for each image."""
    methods: dict[str, Method] = {}
    for name in names:
        if name in methods:
            raise InputError(f"--method {name} is given more than once")
        if name == "default":
            methods[name] = Recommended()
        elif name == "paper":
            methods[name] = ContextualImportance.paper()
        else:
            methods[name] = parse(name, "method")
    return methods


def _print(
    wishes: Evaluating, summaries: Sequence[Summary], metrics: Mapping[str, Metric], images: int
) -> None:
    terminal, first = console.output(), summaries[0].method
    terminal.print(
        f"{images} images, {wishes.model}: means with 95 % intervals over images; the difference "
        f"is to {first}, image by image"
    )
    wide = min(max(len(one.method) for one in summaries) + 2, terminal.width - sum(_WIDTHS) - 12)
    for metric, number in dict.fromkeys((one.metric, one.number) for one in summaries):
        chosen = [one for one in summaries if (one.metric, one.number) == (metric, number)]
        head = f"{metric} {number}: {chosen[0].better} is better"
        terminal.print(Text(head, style="bold"))
        terminal.print(_table(chosen, first, wide, header=chosen[0] is summaries[0]))
    for name, judge in metrics.items():
        terminal.print(Text(f"{name} is {judge!r}", style="dim"))
    if wishes.out is not None:
        terminal.print(f"Written: {wishes.out / 'evaluation'}.csv, .json, .png", style="dim")


def _table(chosen: Sequence[Summary], first: str, wide: int, *, header: bool) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False, show_header=header)
    table.add_column("method", width=wide, overflow="fold")
    columns = ("rows", "images", "mean", "interval", "difference", "interval")
    for column, width in zip(columns, _WIDTHS, strict=True):
        table.add_column(column, width=width, justify="right", no_wrap=True)
    for one in chosen:
        table.add_row(
            Text(f"  {one.method}"),
            f"{one.model_rows:,.0f}",
            f"{one.images:,}",
            "–" if one.mean is None else f"{one.mean:.3f}",
            _interval(one.low, one.high, ".3f"),
            "" if one.method == first or one.difference is None else f"{one.difference:+.3f}",
            ""
            if one.method == first
            else _interval(one.difference_low, one.difference_high, "+.3f"),
        )
    return table


def _interval(low: float | None, high: float | None, form: str) -> str:
    return "" if low is None or high is None else f"{low:{form}} … {high:{form}}"


def _write(
    out: Path,
    judged: Sequence[Judged],
    summaries: Sequence[Summary],
    record: Mapping[str, object],
) -> None:
    from cilens.plot import evaluation_figure

    rows = io.StringIO()
    writer = csv.writer(rows, lineterminator="\n")
    writer.writerow(Judged._fields)
    for one in judged:
        writer.writerow([printable(cell) if isinstance(cell, str) else cell for cell in one])
    with whole_file(out / "evaluation.csv") as table:
        table.write_text(rows.getvalue(), encoding="utf-8")
    with whole_file(out / "evaluation.json") as text:
        text.write_text(json.dumps(record, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    with whole_file(out / "evaluation.png") as picture:
        evaluation_figure(summaries).savefig(picture, dpi=DPI)
