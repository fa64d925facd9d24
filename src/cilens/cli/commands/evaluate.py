"""`cilens evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cilens.cli.options import Json
from cilens.findings.request import EvaluateRequest, Option

HELP = """Evaluate methods x metrics x images.

Each method explains every image, and every metric judges each explanation: the mean of each of \
its numbers, the 95 % interval over images, and the paired difference to the first method."""

Out = Annotated[
    Path | None,
    Option(
        "Write evaluation.csv (every number of every explanation), evaluation.json (the "
        "summary) and evaluation.png (each metric's first number against model rows).",
        "DIR",
        "write nothing",
        "Result",
    ),
]


def evaluate(request: EvaluateRequest, *, out: Out = None, json: Json = False) -> None:
    from cilens.cli.console import output, print_json
    from cilens.cli.progress import Bar
    from cilens.findings.evaluate import evaluation_record, prepare, write_evaluation
    from cilens.findings.write import make_directory
    from cilens.table.evaluate import evaluate_tables

    evaluator = prepare(request)
    if out is not None:
        make_directory(out)
    with Bar(len(evaluator.sources)) as bar:
        evaluation = evaluator.evaluate(bar)
    written = None if out is None else write_evaluation(evaluation, out)
    if json:
        print_json(evaluation_record(evaluation))
        return
    terminal, first = output(), evaluation.summaries[0].method
    terminal.line(
        f"{len(evaluator.sources)} images, {request.model}: means with 95 % intervals over images; "
        f"the difference is to {first}, image by image"
    )
    for head, table in evaluate_tables(evaluation.summaries, terminal.width):
        terminal.line((head, "bold"))
        terminal.print(table)
    for name, judge in evaluator.metrics.items():
        terminal.line((f"{name} is {judge!r}", "dim"))
    if written is not None:
        terminal.line((f"Written: {written}", "dim"), soft_wrap=True)
