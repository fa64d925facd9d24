"""`cilens evaluate`: from the options to the table, the CSV, the JSON and the figure."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from jaxtyping import Real
from rich.table import Table

from cilens.cli import console
from cilens.cli.evaluate import Evaluating
from cilens.cli.output import DPI, make_directory
from cilens.cli.progress import Bar
from cilens.datasets import read_image
from cilens.datasets.folder import expand
from cilens.errors import InputError
from cilens.evaluation import Judged, Summary, evaluate, summarize
from cilens.files import whole_file
from cilens.methods import ContextualImportance, recommended
from cilens.metrics.flipping import Flipping
from cilens.models import load_model
from cilens.parts import parse
from cilens.types import ImageModel, Method

_MOST = 100_000
"""So many images of one range are more than anybody waits for."""


def run(wishes: Evaluating) -> None:
    """Evaluate, and show what was asked for."""
    sources = list(_sources(wishes.images))
    if wishes.steps < 1:
        raise InputError(f"--steps must be at least 1; got {wishes.steps}")
    judges = {
        text: Flipping(parse(text, "perturbation"), wishes.steps)
        for text in wishes.fill or ["constant:value=0"]
    }
    model = load_model(wishes.model)
    methods = _methods(wishes.method or ["default", "paper", "random"], model, sources[0])
    if wishes.out is not None:
        make_directory(wishes.out)
    with Bar(len(sources)) as bar:
        judged = list(_judge(bar, model, sources, methods, judges))
    summaries = summarize(judged)
    if wishes.out is not None:
        _write(wishes, judged, summaries)
    if wishes.json:
        console.print_json(_record(wishes, summaries))
    else:
        _print(wishes, summaries)


def _judge(
    bar: Bar,
    model: ImageModel,
    sources: Sequence[str],
    methods: Mapping[str, Method],
    judges: Mapping[str, Flipping],
) -> list[Judged]:
    def images() -> Iterator[tuple[str, Real[np.ndarray, "..."]]]:
        for source in sources:
            bar.begin(source)
            bar.expect(len(methods))
            yield source, read_image(source)

    found = evaluate(model, images(), methods, judges, progress=bar.advance)
    return list(found)


def _sources(given: Sequence[str]) -> Iterator[str]:
    """Expand ranges of digits, then files, patterns and directories."""
    for source in given:
        ends = re.fullmatch(r"mnist:(\d+)-(\d+)", source)
        if ends is None:
            yield from expand([source])
            continue
        first, last = int(ends[1]), int(ends[2])
        if not first <= last < first + _MOST:
            raise InputError(f"a range of digits must go up, as in mnist:0-99; got {source}")
        yield from (f"mnist:{index}" for index in range(first, last + 1))


def _methods(names: Sequence[str], model: ImageModel, source: str) -> dict[str, Method]:
    """Make the methods; the default is the one recommended for the first image's size."""
    methods: dict[str, Method] = {}
    for name in names:
        if name in methods:
            raise InputError(f"--method {name} is given more than once")
        if name == "default":
            methods[name] = recommended(model.view(read_image(source)).image)
        elif name == "paper":
            methods[name] = ContextualImportance.paper()
        else:
            methods[name] = parse(name, "method")
    return methods


def _record(wishes: Evaluating, summaries: Sequence[Summary]) -> dict[str, object]:
    return {
        "model": wishes.model,
        "steps": wishes.steps,
        "summary": [summary._asdict() for summary in summaries],
    }


def _print(wishes: Evaluating, summaries: Sequence[Summary]) -> None:
    terminal = console.output()
    first = summaries[0]
    terminal.print(
        f"{first.images} images, {wishes.model}: symmetric relevance gain, higher is better; "
        f"95 % intervals over images; the difference is to {first.method}, image by image"
    )
    table = Table(box=None, padding=(0, 1), pad_edge=False)
    for column in ("method", "fill"):
        table.add_column(column)
    for column in ("rows", "SRG", "interval", "difference", "interval"):
        table.add_column(column, justify="right")
    for one in summaries:
        itself = one.method == first.method
        table.add_row(
            one.method,
            one.fill,
            f"{one.model_rows:,.0f}",
            f"{one.srg:.3f}",
            f"{one.low:.3f} … {one.high:.3f}",
            "" if itself else f"{one.difference:+.3f}",
            "" if itself else f"{one.difference_low:+.3f} … {one.difference_high:+.3f}",
        )
    terminal.print(table)
    if wishes.out is not None:
        terminal.print(f"Written: {wishes.out / 'evaluation'}.csv, .json, .png", style="dim")


def _write(wishes: Evaluating, judged: Sequence[Judged], summaries: Sequence[Summary]) -> None:
    from cilens.plot import evaluation_figure

    if wishes.out is None:
        return
    rows = io.StringIO()
    writer = csv.writer(rows, lineterminator="\n")
    writer.writerow(Judged._fields)
    writer.writerows(judged)
    with whole_file(wishes.out / "evaluation.csv") as table:
        table.write_text(rows.getvalue(), encoding="utf-8")
    with whole_file(wishes.out / "evaluation.json") as text:
        text.write_text(json.dumps(_record(wishes, summaries), indent=2) + "\n", encoding="utf-8")
    with whole_file(wishes.out / "evaluation.png") as picture:
        evaluation_figure(summaries).savefig(picture, dpi=DPI)
