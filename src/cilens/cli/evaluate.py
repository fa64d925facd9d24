"""`cilens evaluate`: what the options are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NamedTuple

from cilens.findings.option import Option
from cilens.findings.request import ImageOptions, Images, Json, Model, ModelOptions

HELP = """Evaluate methods x metrics x images.

Each method explains every image, and every metric judges each explanation: the mean of each of \
its numbers, the 95 % interval over images, and the paired difference to the first method."""


class Evaluating(NamedTuple):
    """What was asked for, as it was typed."""

    images: list[str]
    stated: ModelOptions
    reading: ImageOptions
    model: str
    method: list[str]
    metric: list[str]
    perturbation: list[str]
    steps: int | None
    out: Path | None
    json: bool


def evaluate(
    images: Images,
    stated: ModelOptions,
    reading: ImageOptions,
    *,
    model: Model = "digits",
    method: Annotated[
        list[str] | None,
        Option(
            "May be repeated; the others are compared with the first; see: cilens methods.",
            "default|paper|NAME:...",
            "default, paper and random",
            "Method",
            names="method",
        ),
    ] = None,
    metric: Annotated[
        list[str] | None,
        Option(
            "What judges each explanation; may be repeated; see: cilens metrics.",
            "NAME:...",
            "flipping",
            "Method",
            names="metric",
        ),
    ] = None,
    perturbation: Annotated[
        list[str] | None,
        Option(
            "What the metrics that hide pixels put in their place; may be repeated; see: cilens "
            "perturbations.",
            "NAME:...",
            "each metric's own",
            "Method",
            names="perturbation",
        ),
    ] = None,
    steps: Annotated[
        int | None,
        Option(
            "Portions that the metrics that have steps hide or show pixels in.",
            "STEPS",
            "each metric's own",
            "Method",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        Option(
            "Write evaluation.csv (every number of every explanation), evaluation.json (the "
            "summary) and evaluation.png (each metric's first number against model rows).",
            "DIR",
            "write nothing",
            "Result",
        ),
    ] = None,
    json: Json = False,
) -> None:
    from cilens.cli.evaluating import run

    asked = method or [], metric or [], perturbation or []
    run(Evaluating(images, stated, reading, model, *asked, steps, out, json))
