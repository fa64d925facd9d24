"""`cilens explain`: what the options are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cilens.findings.option import Option
from cilens.findings.request import (
    ImageOptions,
    Images,
    Json,
    MethodOptions,
    Model,
    ModelOptions,
    Request,
)
from cilens.findings.result import ResultOptions

HELP = """Explain what a network saw in images.

Each image is cut into segments, and the network is asked again with many choices of them hidden: \
a region's influence is the share of the score's range that is lost, on average, with it.

Exit code: 0 if all went well; 1 if some images failed, the others are done; 2 if nothing could be \
begun."""


def explain(
    images: Images,
    stated: ModelOptions,
    reading: ImageOptions,
    how: MethodOptions,
    told: ResultOptions,
    *,
    model: Model = "digits",
    out: Annotated[
        Path | None,
        Option(
            "Write NAME.png (figure), NAME.detail.png (all that is behind it), NAME.json and "
            "NAME.npz (all numbers) for each image, over those of an earlier run.",
            "DIR",
            "write nothing",
            "Result",
        ),
    ] = None,
    json: Json = False,
    dry_run: Annotated[
        bool,
        Option("Explain nothing: print what it would cost, from one timed batch.", panel="Result"),
    ] = False,
) -> int:
    from cilens.cli.explanations import Asked, run

    request = Request(images, model, stated, reading, how, told)
    return run(Asked(request, out, json, dry_run))
