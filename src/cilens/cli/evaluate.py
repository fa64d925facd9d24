"""`cilens evaluate`: what the options are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NamedTuple

import typer

HELP = """Evaluate methods over many images.

Each method explains every image, and each explanation is judged by hiding pixels in its order, \
with every fill: the symmetric relevance gain, its mean, its 95 % interval over images, and the \
paired difference to the first method."""


class Evaluating(NamedTuple):
    """What was asked for, as it was typed."""

    images: list[str]
    model: str
    method: list[str]
    fill: list[str]
    steps: int
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
    fill: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME:...",
            help="What the judges hide pixels with; may be repeated; see: cilens perturbations.",
            show_default="constant:value=0",
        ),
    ] = None,
    steps: Annotated[
        int, typer.Option(metavar="STEPS", help="Portions that the pixels are hidden in.")
    ] = 20,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Write evaluation.csv (all explanations), evaluation.json (the summary) and "
            "evaluation.png.",
            show_default="write nothing",
        ),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", metavar="", help="Print one JSON document.")
    ] = False,
) -> None:
    from cilens.cli.evaluating import run

    run(Evaluating(images, model, method or [], fill or [], steps, out, json))
