"""`cilens inspect`: what the options are."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from cilens.findings.option import Option
from cilens.findings.request import ImageOptions, Json, ModelOptions

HELP = """Show what a model file says, what follows from it, and what has to be stated.

Nothing is guessed: what is not known is asked for by name. With --image, the network is asked, \
and its outputs tell whether they are probabilities. What is stated once, with --preprocess, is \
kept in FILE.cilens.toml beside the file, and used from then on."""


class Inspecting(NamedTuple):
    """What was asked for, as it was typed."""

    model: str
    stated: ModelOptions
    reading: ImageOptions
    image: str | None
    save: bool
    json: bool


def inspect(
    model: Annotated[
        str,
        Option("An .onnx, .keras or .tflite file, or a network that ships.", "FILE", names="model"),
    ],
    stated: ModelOptions,
    reading: ImageOptions,
    *,
    image: Annotated[
        str | None,
        Option(
            "Ask the network about this image, its mirror image and black.",
            "IMAGE",
            "none",
            names="image",
        ),
    ] = None,
    save: Annotated[bool, Option("Write FILE.cilens.toml beside the file.")] = False,
    json: Json = False,
) -> None:
    from cilens.cli.inspecting import run

    run(Inspecting(model, stated, reading, image, save, json))
