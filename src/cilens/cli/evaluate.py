"""`cilens evaluate`: what the options are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NamedTuple

import typer

HELP = """Evaluate methods x metrics x images.

Each method explains every image, and every metric judges each explanation: the mean of each of \
its numbers, the 95 % interval over images, and the paired difference to the first method."""


class Evaluating(NamedTuple):
    """What was asked for, as it was typed."""

    images: list[str]
    model: str
    method: list[str]
    metric: list[str]
    fill: list[str]
    steps: int | None
    out: Path | None
    json: bool


def evaluate(
    images: Annotated[
        list[str],
        typer.Argument(
            metavar="IMAGE",
            help="Files, patterns or directories; mnist:4013 or mnist:0-99 for digits of the "
            "MNIST test split; skimage:chelsea for a photograph of scikit-image.",
        ),
    ],
    model: Annotated[
        str,
        typer.Option(
            metavar="NAME|FILE",
            help="A network that comes with cilens, or a model file; see: cilens models.",
        ),
    ] = "digits",
    method: Annotated[
        list[str] | None,
        typer.Option(
            metavar="default|paper|NAME:...",
            help="May be repeated; the others are compared with the first; see: cilens methods.",
            show_default="default, paper and random",
        ),
    ] = None,
    metric: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME:...",
            help="What judges each explanation; may be repeated; see: cilens metrics.",
            show_default="flipping",
        ),
    ] = None,
    fill: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME:...",
            help="What the metrics that have a fill hide pixels with; may be repeated; see: cilens "
            "perturbations.",
            show_default="each metric's own",
        ),
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option(
            metavar="STEPS",
            help="Portions that the metrics that have steps hide or show pixels in.",
            show_default="each metric's own",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Write evaluation.csv (every number of every explanation), evaluation.json (the "
            "summary) and evaluation.png (each metric's first number against model rows).",
            show_default="write nothing",
        ),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", metavar="", help="Print one JSON document.")
    ] = False,
) -> None:
    from cilens.cli.evaluating import run

    run(Evaluating(images, model, method or [], metric or [], fill or [], steps, out, json))
