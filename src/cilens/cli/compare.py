"""`cilens compare`: what the options are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NamedTuple

import typer

HELP = """Compare methods on one image.

Contextual importance (over sampled contexts, and hiding one region at a time), LIME, occlusion \
sensitivity and a random attribution explain the image, and are judged alike: by hiding pixels in \
the order of each map (MIF, LIF and their difference, the symmetric relevance gain), and by the \
score of each highlight alone."""


class Comparing(NamedTuple):
    """What was asked for, as it was typed."""

    image: str
    model: str
    target: str | None
    segmenter: str | None
    perturbation: str | None
    samples: int
    out: Path | None
    json: bool


def compare(
    image: Annotated[
        str,
        typer.Argument(
            metavar="IMAGE", help="A file, - for standard input, mnist:4013, or skimage:chelsea."
        ),
    ],
    model: Annotated[
        str,
        typer.Option(
            metavar="NAME|FILE",
            help="A network that comes with cilens, or a model file; see: cilens models.",
        ),
    ] = "digits",
    target: Annotated[
        str | None,
        typer.Option(
            metavar="INDEX|NAME", help="The class to explain.", show_default="the predicted one"
        ),
    ] = None,
    segmenter: Annotated[
        str | None,
        typer.Option(
            metavar="NAME:...",
            help="How the image is cut for all methods but occlusion; see: cilens segmenters.",
            show_default="the recommended one",
        ),
    ] = None,
    perturbation: Annotated[
        str | None,
        typer.Option(
            metavar="NAME:...",
            help="What hides pixels, for methods and judges; see: cilens perturbations.",
            show_default="the recommended one",
        ),
    ] = None,
    samples: Annotated[
        int, typer.Option(metavar="ROWS", help="Random coalitions that LIME asks about.")
    ] = 1000,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Write NAME.compare.png and NAME.compare.json.",
            show_default="write nothing",
        ),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", metavar="", help="Print one JSON document.")
    ] = False,
) -> None:
    from cilens.cli.comparing import run

    run(Comparing(image, model, target, segmenter, perturbation, samples, out, json))
