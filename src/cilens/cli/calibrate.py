"""`cilens calibrate`: what the options are."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import typer

from cilens.cli.factory import FACTORY_HELP

HELP = """Measure the range of a network's scores, class by class, for logits and other scores \
without bounds.

The network is asked about each image, and about the same image with one region hidden at a time, \
as cilens explain will. Smallest and largest score of each class, widened by the margin, are kept \
in NAME.cilens.toml beside the file: cilens explain takes them as its output range."""


class Calibrating(NamedTuple):
    """What was asked for, as it was typed."""

    model: str
    images: list[str]
    margin: float
    preprocess: str | None
    activation: str | None
    output_name: str | None
    factory: str | None
    batch_size: int
    channels: int | None
    json: bool


def calibrate(
    model: Annotated[str, typer.Argument(metavar="FILE", help="A model file.")],
    images: Annotated[
        list[str],
        typer.Argument(
            metavar="IMAGE",
            help="Files, patterns or directories: the more, and the more different, the better.",
        ),
    ],
    margin: Annotated[
        float,
        typer.Option(
            metavar="SHARE",
            help="Widen the range on either side by this share of it; scores that leave it later "
            "are an error.",
        ),
    ] = 0.1,
    preprocess: Annotated[
        str | None,
        typer.Option(
            metavar="KEY=VALUE,...",
            help="What the network wants its input to be; it is saved with the range.",
            show_default="what is stated",
        ),
    ] = None,
    activation: Annotated[
        str | None,
        typer.Option(
            metavar="none|softmax|sigmoid",
            help="What to apply to the network's output; it is saved with the range.",
            show_default="what is stated, or none",
        ),
    ] = None,
    output_name: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Which output of the network holds the scores; it is saved with the range.",
            show_default="what is stated, or the only one",
        ),
    ] = None,
    factory: Annotated[
        str | None,
        typer.Option(
            metavar="MODULE:FUNCTION",
            help=f"{FACTORY_HELP} It is not saved.",
            show_default="none",
        ),
    ] = None,
    batch_size: Annotated[
        int, typer.Option(metavar="ROWS", help="Most images in one call of the network.")
    ] = 32,
    channels: Annotated[
        int | None,
        typer.Option(
            metavar="1|3",
            help="Read images as grey or as RGB.",
            show_default="as the file has it",
        ),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", metavar="", help="Print one JSON document.")
    ] = False,
) -> None:
    from cilens.cli.calibrating import run

    run(
        Calibrating(
            model,
            images,
            margin,
            preprocess,
            activation,
            output_name,
            factory,
            batch_size,
            channels,
            json,
        )
    )
