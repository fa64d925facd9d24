"""`cilens reproduce`: the paper, made again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping

HELP = """Make the paper again: its figures, and which of its claims hold.

From shipped data, without a download, in some minutes. What is interrupted goes on where it \
stopped, with the same command; run twice, everything but seconds.json is the same, bit by bit. A \
claim that fails is a result: the exit code is 0."""


def reproduce(
    out: Annotated[
        Path,
        typer.Option(
            metavar="DIR",
            help="Gets report.html, results.json, seconds.json, figures/, and steps/ with what is "
            "done so far.",
        ),
    ],
    model: Annotated[
        str,
        typer.Option(
            metavar="NAME|FILE",
            help="The network asked: 28 x 28 grey images, ten digits; an ONNX file that states "
            "its preprocessing.",
        ),
    ] = "digits",
    data: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Where MNIST's training split is, the authors' golden.json, or both: there, or in "
            "its folders mnist and paper.",
            show_default="what ships",
        ),
    ] = None,
    images: Annotated[
        int,
        typer.Option(
            metavar="N", help="Test images to look at, spread evenly over MNIST's test split."
        ),
    ] = 1000,
    json: Annotated[
        bool, typer.Option("--json", metavar="", help="Print what results.json holds.")
    ] = False,
) -> None:
    from cilens.cli.console import print_json
    from cilens.cli.progress import Bar
    from cilens.findings.write import make_directory
    from cilens.paper import all_steps, open_study
    from cilens.paper import reproduce as run

    make_directory(out)
    study = open_study(model, data, images)
    with Bar(len(all_steps())) as bar:

        def tell(title: str) -> None:
            bar.begin(title)
            bar.advance(0)

        found = run(study, out, tell)
    if json:
        print_json(found)
    else:
        _print(found, out)


def _print(found: Mapping[str, Any], out: Path) -> None:
    """Print a line for each claim, and where to read on."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from cilens.cli.console import output

    table = Table(box=box.SIMPLE, pad_edge=False)
    for name in ("", "claim", "verdict", "checks"):
        table.add_column(name, no_wrap=name != "claim")
    for claim in found["claims"]:
        verdicts = [check["verdict"] for check in claim["checks"]]
        counts = [
            f"{verdicts.count(verdict)} {verdict}"
            for verdict in ("holds", "fails", "not measured")
            if verdict in verdicts
        ]
        style = {"holds": "green", "fails": "bold red"}.get(claim["verdict"], "dim")
        verdict = Text(claim["verdict"], style=style)
        table.add_row(claim["id"], claim["title"], verdict, ", ".join(counts))
    terminal = output()
    terminal.print(f"{found['model']['name']}, {found['images']:,} test images")
    terminal.print(table)
    terminal.print(Text(f"Written: {out / 'report.html'}, results.json, figures/"))
