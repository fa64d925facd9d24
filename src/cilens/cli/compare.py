"""`cilens compare`: what the options are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NamedTuple

from cilens.findings.option import Option
from cilens.findings.request import ImageOptions, Json, Model, ModelOptions

HELP = """Compare methods on one image.

Contextual importance (over sampled contexts, and hiding one region at a time), LIME, occlusion \
sensitivity and a random attribution explain the image, and are judged alike: by hiding pixels in \
the order of each map (MIF, LIF and their difference, the symmetric relevance gain), and by the \
score of each highlight alone."""


class Comparing(NamedTuple):
    """What was asked for, as it was typed."""

    image: str
    stated: ModelOptions
    reading: ImageOptions
    model: str
    target: str | None
    segmenter: str | None
    perturbation: str | None
    budget: int
    out: Path | None
    json: bool


def compare(
    image: Annotated[
        str,
        Option(
            "A file, - for standard input, mnist:4013, or skimage:chelsea.", "IMAGE", names="image"
        ),
    ],
    stated: ModelOptions,
    reading: ImageOptions,
    *,
    model: Model = "digits",
    target: Annotated[
        str | None, Option("The class to explain.", "INDEX|NAME", "the predicted one", "Result")
    ] = None,
    segmenter: Annotated[
        str | None,
        Option(
            "How the image is cut for all methods but occlusion; see: cilens segmenters.",
            "NAME:...",
            "the recommended one",
            "Method",
            names="segmenter",
        ),
    ] = None,
    perturbation: Annotated[
        str | None,
        Option(
            "What hides pixels, for methods and judges; see: cilens perturbations.",
            "NAME:...",
            "the recommended one",
            "Method",
            names="perturbation",
        ),
    ] = None,
    budget: Annotated[
        int, Option("Images that LIME asks the model about.", "ROWS", panel="Method")
    ] = 1000,
    out: Annotated[
        Path | None,
        Option("Write NAME.compare.png and NAME.compare.json.", "DIR", "write nothing", "Result"),
    ] = None,
    json: Json = False,
) -> None:
    from cilens.cli.comparing import run

    run(
        Comparing(image, stated, reading, model, target, segmenter, perturbation, budget, out, json)
    )
