"""`cilens inspect`: what the options are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NamedTuple

import typer

HELP = """Show what a model file says, what follows from it, and what has to be stated.

Nothing is guessed: what is not known is asked for by name. With --image, the network is asked, \
and its outputs tell whether they are probabilities. What is stated once, with --preprocess, is \
kept in NAME.cilens.toml beside the file, and used from then on."""


class Inspecting(NamedTuple):
    """What was asked for, as it was typed."""

    model: str
    image: str | None
    preprocess: str | None
    activation: str | None
    output_name: str | None
    class_names: Path | None
    channels: int | None
    save: bool
    json: bool


def inspect(
    model: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="An .onnx, .keras or .tflite file, or a network that ships."
        ),
    ],
    image: Annotated[
        str | None,
        typer.Option(
            metavar="IMAGE",
            help="Ask the network about this image, its mirror image and black.",
            show_default="ask nothing",
        ),
    ] = None,
    preprocess: Annotated[
        str | None,
        typer.Option(
            metavar="KEY=VALUE,...",
            help="What is not known of the network's input; see: cilens models. It is saved.",
            show_default="nothing",
        ),
    ] = None,
    activation: Annotated[
        str | None,
        typer.Option(
            metavar="none|softmax|sigmoid",
            help="What to apply to the network's output to get probabilities.",
            show_default="what --image shows",
        ),
    ] = None,
    output_name: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Which output of the network holds the scores, where it has several.",
            show_default="the only one",
        ),
    ] = None,
    class_names: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Text with one class name a line.",
            show_default="what the file states",
        ),
    ] = None,
    channels: Annotated[
        int | None,
        typer.Option(
            metavar="1|3",
            help="Read the image as grey or as RGB.",
            show_default="as the network takes it",
        ),
    ] = None,
    save: Annotated[
        bool,
        typer.Option("--save", metavar="", help="Write NAME.cilens.toml beside the file."),
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", metavar="", help="Print one JSON document.")
    ] = False,
) -> None:
    from cilens.cli.inspecting import run

    run(
        Inspecting(
            model, image, preprocess, activation, output_name, class_names, channels, save, json
        )
    )
