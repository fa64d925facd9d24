"""`cilens compare`: from the options to the table, the figure and the JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from rich.table import Table

from cilens.cli import console
from cilens.cli.compare import Comparing
from cilens.cli.options import findable
from cilens.cli.progress import Bar
from cilens.errors import MissingDependencyError
from cilens.evaluation.compare import Compared, compare
from cilens.files import whole_file
from cilens.findings.targets import read_targets
from cilens.findings.write import DPI, make_directory, stem
from cilens.methods import ContextualImportance, recommended
from cilens.methods.occlusion import Occlusion
from cilens.methods.random import RandomAttribution
from cilens.parts import parse, part_class
from cilens.text import about, percent
from cilens.types import Image, Method, Perturbation, Segmenter


def run(wishes: Comparing) -> None:
    """Compare, and show what was asked for."""
    segmenter = None if wishes.segmenter is None else parse(wishes.segmenter, "segmenter")
    findable(wishes.stated.factory)
    loaded, image = wishes.stated.load(wishes.model), wishes.reading.read(wishes.image)
    targets = read_targets(loaded, wishes.model, (), (wishes.target,))
    target = None if wishes.target is None else targets.find(wishes.target)
    model = targets.over(loaded)
    seen = model.view(image).image
    if wishes.perturbation is not None:
        perturbation = parse(wishes.perturbation, "perturbation")
    else:
        (perturbation,) = recommended(seen).perturbations
    methods = _methods(seen, segmenter, perturbation, wishes.budget)
    if wishes.out is not None:
        make_directory(wishes.out)
    with Bar(1) as bar:
        bar.begin(wishes.image)
        bar.expect(wishes.budget)
        found = list(
            compare(
                model,
                image,
                methods,
                perturbation=perturbation,
                target=target,
                progress=bar.advance,
            )
        )
    records = _records(wishes, found, perturbation)
    if wishes.out is not None:
        _write(wishes, found, records, perturbation)
    if wishes.json:
        console.print_json(records)
    else:
        _print(wishes, found, perturbation)


def _methods(
    seen: Image, segmenter: Segmenter | None, perturbation: Perturbation, budget: int
) -> Mapping[str, Method]:
    """Return the methods by name; without the lime package, say so and leave it out."""
    best = recommended(seen)
    segmenter = segmenter or best.segmenters[0]
    methods: dict[str, Method] = {
        "Contextual importance": replace(
            best, segmenters=(segmenter,), perturbations=(perturbation,)
        ),
        "One region at a time": ContextualImportance(segmenter, (perturbation,)),
    }
    try:
        lime = part_class("method", "lime")
        methods["LIME"] = lime(segmenter, perturbation, budget)
    except MissingDependencyError as error:
        console.complain(f"LIME is left out: {error}")
    methods["Occlusion"] = Occlusion.of(seen)
    methods["Random"] = RandomAttribution(segmenter)
    return methods


def _records(
    wishes: Comparing, found: Sequence[Compared], perturbation: Perturbation
) -> dict[str, object]:
    first, target = found[0].explanation, found[0].check.target
    return {
        "image": wishes.image,
        "model": wishes.model,
        "target": {
            "index": target,
            "name": first.class_name(target),
            "score": float(first.scores[target]),
            "output_range": first.output_range[:, target].tolist(),
        },
        "judges": {
            "perturbation": repr(perturbation),
            "steps": len(found[0].curves.most_first) - 1,
        },
        "methods": [
            {
                "name": one.name,
                "method": one.explanation.method,
                "model_rows": one.explanation.model_rows,
                "seconds": one.seconds,
                "ink_precision": one.ink_precision,
                "highlight": {
                    "area": one.check.area,
                    "score": one.check.score,
                    "predicted": one.check.predicted,
                    "empty": one.check.empty,
                },
                "mif": one.curves.mif,
                "lif": one.curves.lif,
                "srg": one.curves.srg,
            }
            for one in found
        ],
    }


def _judged(found: Sequence[Compared], perturbation: Perturbation) -> str:
    steps = len(found[0].curves.most_first) - 1
    return f"Judged by hiding pixels with {perturbation!r}, in {steps} steps."


def _print(wishes: Comparing, found: Sequence[Compared], perturbation: Perturbation) -> None:
    first, target = found[0].explanation, found[0].check.target
    topic = about(first, target)
    terminal = console.output()
    terminal.print(
        f"{wishes.image}  {wishes.model}, {topic.label(target)} {topic.own_score(target)}"
    )
    table = Table(box=None, padding=(0, 1), pad_edge=False)
    table.add_column("method")
    for column in ("SRG", "LIF", "MIF", "highlight", "area", "on ink", "rows", "seconds"):
        table.add_column(column, justify="right")
    for one in found:
        alone = topic.score(one.check.score, target)
        table.add_row(
            one.name,
            *(f"{value:.3f}" for value in (one.curves.srg, one.curves.lif, one.curves.mif)),
            "empty" if one.check.empty else alone,
            percent(one.check.area, None),
            "–" if one.ink_precision is None else percent(one.ink_precision, None),
            f"{one.explanation.model_rows:,}",
            f"{one.seconds:.2g}",
        )
    terminal.print(table)
    terminal.print(_judged(found, perturbation), style="dim")
    if wishes.out is not None:
        name = f"{stem(wishes.image)}.compare"
        terminal.print(f"Written: {wishes.out / name}.png, .json", style="dim")


def _write(
    wishes: Comparing,
    found: Sequence[Compared],
    records: Mapping[str, object],
    perturbation: Perturbation,
) -> None:
    from cilens.plot import comparison_figure

    if wishes.out is None:
        return
    name = wishes.out / f"{stem(wishes.image)}.compare"
    figure = comparison_figure(found, _judged(found, perturbation))
    with whole_file(f"{name}.png") as picture:
        figure.savefig(picture, dpi=DPI)
        with whole_file(f"{name}.json") as text:
            text.write_text(json.dumps(records, indent=2, allow_nan=False) + "\n")
