"""`cilens reproduce`: the paper, made again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from cilens.cli.console import output, print_json
from cilens.cli.options import Json
from cilens.findings.request import Option

HELP = """Make the paper again: its figures, and which of its claims hold.

From shipped data, without a download, in a few minutes. What is interrupted goes on where it \
stopped, with the same command; run twice, everything but seconds.json is the same, bit by bit. A \
claim that fails is a result: the exit code is 0."""


def reproduce(
    *,
    out: Annotated[
        Path,
        Option(
            "Gets report.html, results.json, seconds.json, figures/, and steps/ with what is "
            "done so far.",
            "DIR",
        ),
    ],
    model: Annotated[
        str,
        Option(
            "The network asked: 28 x 28 grey images, ten digits; an ONNX file that states "
            "its preprocessing.",
            "NAME|FILE",
        ),
    ] = "digits",
    data: Annotated[
        Path | None,
        Option(
            "Where MNIST's training split is, the authors' golden.json, or both: there, or in "
            "its folders mnist and paper.",
            "DIR",
            "what ships",
        ),
    ] = None,
    images: Annotated[
        int, Option("Test images to look at, spread evenly over MNIST's test split.", "N")
    ] = 1000,
    json: Json = False,
) -> None:
    from cilens.cli.progress import Bar
    from cilens.findings.write import make_directory
    from cilens.paper.pipeline import all_steps
    from cilens.paper.run import reproduce as run
    from cilens.paper.study import open_study

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
    terminal = output()
    terminal.line(f"{found['model']['name']}, {found['images']:,} test images")
    rows = []
    for claim in found["claims"]:
        verdicts = [check["verdict"] for check in claim["checks"]]
        counts = [
            f"{verdicts.count(verdict)} {verdict}" for verdict in _STYLES if verdict in verdicts
        ]
        style = _STYLES[claim["verdict"]]
        told = claim["title"], (claim["verdict"], style), ", ".join(counts)
        rows.append((claim["id"], *told))
    heads = [(name, "bold") for name in ("", "claim", "verdict", "checks")]
    terminal.grid([heads, *rows])
    terminal.line(f"Written: {out / 'report.html'}, results.json, figures/")


_STYLES = {"holds": "green", "fails": "bold red", "not measured": "dim"}
"""How verdicts look."""
