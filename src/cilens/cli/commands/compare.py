"""`cilens compare`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cilens.cli.options import Json
from cilens.findings.request import CompareRequest, Option

HELP = """Compare methods on one image.

Contextual importance (over sampled contexts, and hiding one region at a time), LIME, occlusion \
sensitivity and a random attribution explain the image, and are judged alike: by hiding pixels in \
the order of each map (MIF, LIF and their difference, the symmetric relevance gain), and by the \
score of each highlight alone."""

Out = Annotated[
    Path | None,
    Option("Write NAME.compare.png and NAME.compare.json.", "DIR", "write nothing", "Result"),
]


def compare(request: CompareRequest, *, out: Out = None, json: Json = False) -> None:
    from cilens.cli.console import output, print_json
    from cilens.cli.progress import Bar
    from cilens.findings.compare import compare_methods, comparison_record, write_comparison
    from cilens.findings.write import make_directory
    from cilens.table.compare import compare_table
    from cilens.text import about

    if out is not None:
        make_directory(out)
    with Bar(1) as bar:
        comparison = compare_methods(request, bar)
    written = None if out is None else write_comparison(comparison, out)
    if json:
        print_json(comparison_record(comparison))
        return
    first, terminal = comparison.found[0], output()
    topic = about(first.explanation, check=first.check)
    head = f"{topic.label(topic.target)} {topic.own_score(topic.target)}"
    terminal.line(f"{request.image}  {request.model}, {head}")
    terminal.print(compare_table(comparison.found))
    terminal.line((comparison.judged, "dim"))
    if written is not None:
        terminal.line((f"Written: {written}", "dim"), soft_wrap=True)
