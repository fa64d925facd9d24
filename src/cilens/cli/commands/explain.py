"""`cilens explain`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cilens.cli.console import DONE, SOME_FAILED, complain, output, print_json
from cilens.cli.options import Json
from cilens.findings.request import Option, Request

if TYPE_CHECKING:
    from cilens.cli.progress import Bar
    from cilens.findings.cost import Cost
    from cilens.findings.finding import Finding
    from cilens.findings.series import Failure
    from cilens.types import Perturbation

HELP = """Explain what a network saw in images.

Each image is cut into segments, and the network is asked again with many choices of them hidden: \
a region's influence is the share of the score's range that is lost, on average, with it.

Exit code: 0 if all went well; 1 if some images failed, the others are done; 2 if nothing could be \
begun."""

_FEW = 10
"""With more classes than these, the first line leaves too much open: the five best are listed."""

Out = Annotated[
    Path | None,
    Option(
        "Write NAME.png (figure), NAME.detail.png (all that is behind it), NAME.json, NAME.npz "
        "(all numbers) and NAME.html (the interactive page) for each image, over those of an "
        "earlier run.",
        "DIR",
        "write nothing",
        "Result",
    ),
]
Html = Annotated[
    bool,
    Option(
        "Write NAME.html, the interactive page; without --out, into the current directory and "
        "nothing else.",
        panel="Result",
    ),
]
DryRun = Annotated[
    bool,
    Option("Explain nothing: print what it would cost, from one timed batch.", panel="Result"),
]


def explain(
    request: Request,
    *,
    out: Out = None,
    html: Html = False,
    json: Json = False,
    dry_run: DryRun = False,
) -> int:
    from cilens.cli.progress import Bar
    from cilens.findings.cost import Clock, costs_record
    from cilens.findings.examine import prepare
    from cilens.findings.record import record
    from cilens.findings.series import Failure, each, sources_of
    from cilens.findings.write import check_names, make_directory, suffixes, write

    sources, ends = sources_of(request.images), suffixes(request.told)
    if html and out is None:
        out, ends = Path(), (".html",)
    if out is not None:
        check_names(out, sources, ends)
    examiner, failures = prepare(request), list[Failure]()
    if out is not None and not dry_run:
        make_directory(out)

    def examine(source: str) -> Finding:
        found = examiner.examine(source, request.reading.read(source), bar)
        if out is not None:
            from cilens.view import finding_page

            write(found, out, finding_page, ends)
        return found

    with Bar(len(sources)) as bar:
        if dry_run:
            costs = list(each(sources, Clock(examiner).estimate, bar, failures))
            bar.hide()
            print_json(costs_record(costs)) if json else _print_costs(costs)
        elif json:
            print_json([record(found) for found in each(sources, examine, bar, failures)])
        else:
            _print_all(each(sources, examine, bar, failures), bar, failures, out, ends)
    if len(sources) > 1 and failures:
        complain(f"{len(failures)} of {len(sources)} images failed:")
    for failure in failures:
        complain(str(failure))
    return SOME_FAILED if failures else DONE


def _print_all(
    findings: Iterator[Finding],
    bar: Bar,
    failures: Sequence[Failure],
    out: Path | None,
    ends: Sequence[str],
) -> None:
    """Print each image as it comes, and a summary of several."""
    from cilens.findings.summary import glance, summary

    glances = []
    for found in findings:
        bar.hide()
        _print(found, out, ends)
        glances.append(glance(found))
    if len(glances) > 1:
        bar.hide()
        for number, line in enumerate(summary(glances, len(failures))):
            output().line((line, "" if number else "bold"))


def _print(found: Finding, out: Path | None, ends: Sequence[str]) -> None:
    """Print the head, what is said, the table, and what was written."""
    from cilens.findings.record import best
    from cilens.findings.write import stem
    from cilens.table import audit_table, regions_table
    from cilens.text import order_line

    explanation, topic, terminal = found.explanation, found.topic, output()
    size = " x ".join(map(str, explanation.image.shape))
    cost = f"{explanation.model_rows} model rows in {found.seconds:.2f} s"
    head = (found.source, "bold"), (f"  {found.model}, {size}, {cost}", "dim")
    terminal.line(*head, soft_wrap=True)
    first, *others = found.lines
    terminal.line(first)
    if len(explanation.scores) > _FEW:
        named = (f"{topic.label(index)} {topic.own_score(index)}" for index in best(explanation))
        terminal.line((f"Top 5: {' · '.join(named)}", "dim"))
    for line in others:
        terminal.line(line)
    if found.minimal is not None and found.redundancy is not None:
        rows = found.minimal.model_rows + found.redundancy.model_rows
        terminal.line((f"{rows} further model rows", "dim"))
    terminal.print(regions_table(topic))
    if order := order_line(topic):
        terminal.line((order, "dim"))
    if found.audited is not None:
        terminal.print()
        terminal.print(audit_table(topic, found.audited, _option(found.audited.perturbation)))
    if out is not None:
        figure, *rest = ends
        names = ", ".join([f"{out / stem(found.source)}{figure}", *rest])
        terminal.line(f"Written: {names}", soft_wrap=True)
    terminal.print()


def _option(perturbation: Perturbation) -> str:
    """Write a perturbation as the option has it; black is said, though it is the default."""
    from cilens.parts import unparse

    return {"constant": "constant:value=0"}.get(text := unparse(perturbation), text)


def _print_costs(costs: Sequence[Cost]) -> None:
    """Print a line for each image, one for all of them, and what checks would cost beside."""
    from cilens.findings.cost import CHECK_ROWS, total
    from cilens.table.columns import columns
    from cilens.text.cost import duration, size

    if not costs:
        return

    def row(name: str, cost: Cost, batch: str = "") -> tuple[str, ...]:
        memory, seconds = size(cost.batch_bytes), duration(cost.seconds)
        return name, f"{cost.model_rows:,}", batch, memory, seconds

    everything = total(costs)
    head = ("image", "model rows", "batch size", "batch memory", "estimated time")
    rows = (row(one.image, one, str(one.batch_size)) for one in costs)
    foot = row(f"all {len(costs)}", everything) if len(costs) > 1 else ()
    output().print(columns(head, rows, foot))
    more = f"Checks take {CHECK_ROWS} more rows for the highlight and 2 for the model, an image."
    for option, words, most in (
        ("minimal", "up to", everything.minimal_rows),
        ("animate", "up to", everything.animate_rows),
        ("audit", "about", everything.audit_rows),
    ):
        more += f" --{option} takes {words} {most} more." if most else ""
    output().line(f"Nothing was explained. {more}")
