"""`cilens summarize`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cilens.cli.console import output, print_json
from cilens.cli.options import Json
from cilens.findings.request import Option

HELP = """Summarize what a run found over all its images.

How many labels were predicted, the most confident errors, where on the image each class is read, \
and shortcut suspects: looks that decide a class in many of its images, alike in each of them and \
hardly in another class, as a tag or a watermark does. A suspect is to be looked at, no verdict."""

Results = Annotated[Path, Option("What a run wrote with --out.", "DIR")]


def summarize(results: Results, *, json: Json = False) -> None:
    from cilens.errors import missing_extra
    from cilens.table.run import summary_lines, suspect_line

    try:
        from cilens import runs
    except ModuleNotFoundError as error:
        raise missing_extra("cilens summarize", str(error.name), "runs") from error

    found = runs.summarize(results)
    places = {name: shares.tolist() for name, shares in found.places.items()}
    if json:
        print_json(
            found._asdict()
            | {
                "mistakes": [one._asdict() for one in found.mistakes],
                "places": places,
                "suspects": [one._asdict() for one in found.suspects],
            }
        )
        return
    terminal, counts = output(), (found.images, found.failed, found.labelled, found.correct)
    for line in summary_lines(counts, found.mistakes, places):
        terminal.line(line)
    for one in found.suspects:
        counted, size = (one.images, one.of, one.places), (one.area, one.influence)
        terminal.line((suspect_line(one.name, counted, size, one.examples[0]), "bold"))
