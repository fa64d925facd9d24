"""`cilens calibrate`: what the options are."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from cilens.findings.option import Option
from cilens.findings.request import ImageOptions, Json, ModelOptions

HELP = """Measure the range of a network's scores, class by class, for logits and other scores \
without bounds.

The network is asked about each image, and about the same image with one region hidden at a time, \
as cilens explain will. Smallest and largest score of each class, widened by the margin, are kept \
in FILE.cilens.toml beside the file: cilens explain takes them as its output range. What is stated \
of the network is saved with them, but for --factory."""


class Calibrating(NamedTuple):
    """What was asked for, as it was typed."""

    model: str
    images: list[str]
    stated: ModelOptions
    reading: ImageOptions
    margin: float
    json: bool


def calibrate(
    model: Annotated[str, Option("A model file.", "FILE", names="model")],
    images: Annotated[
        list[str],
        Option(
            "Files, patterns or directories: the more, and the more different, the better.",
            "IMAGE",
            names="image",
        ),
    ],
    stated: ModelOptions,
    reading: ImageOptions,
    *,
    margin: Annotated[
        float,
        Option(
            "Widen the range on either side by this share of it; scores that leave it later are "
            "an error.",
            "SHARE",
        ),
    ] = 0.1,
    json: Json = False,
) -> None:
    from cilens.cli.calibrating import run

    run(Calibrating(model, images, stated, reading, margin, json))
