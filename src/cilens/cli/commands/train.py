"""`cilens train`: networks that ship, made anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cilens.cli.console import output, print_json
from cilens.errors import missing_extra

if TYPE_CHECKING:
    from cilens.cli.progress import Bar

app = typer.Typer()


@app.callback(invoke_without_command=True)
def _train(context: typer.Context) -> None:
    """Train a network that ships with cilens."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


Out = Annotated[
    Path,
    typer.Option(metavar="DIR", help="Where the model file and its card, NAME.json, go."),
]
Seed = Annotated[int, typer.Option(metavar="NUMBER", help="Of the training.")]
Json = Annotated[bool, typer.Option("--json", metavar="", help="Print one JSON document.")]


@app.command()
def digits(
    data: Annotated[
        Path,
        typer.Option(
            metavar="DIR", help="Where the four IDX files of MNIST are, packed with gzip or not."
        ),
    ],
    out: Out = Path(),
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Train the paper's network on MNIST: two minutes on two cores."""
    with _extra():
        from cilens.training.descent import rows_to_learn
        from cilens.training.mnist_cnn import train_digits

    with _bar(rows_to_learn(TRAINING_IMAGES)) as bar:
        card = train_digits(data, out, seed, bar.advance)
    _tell(card, out, json, f"Test accuracy: {card['accuracy']:.2%}", "mnist:0")


@app.command()
def shapes(out: Out = Path(), seed: Seed = 0, json: Json = False) -> None:
    """Train a network that takes a shortcut: a tag on every square. Twenty seconds."""
    with _extra():
        from cilens.training.descent import rows_to_learn
        from cilens.training.shapes_cnn import EPOCHS, PICTURES, train_shapes

    with _bar(rows_to_learn(PICTURES, EPOCHS)) as bar:
        card = train_shapes(out, seed, bar.advance)
    told = (
        f"Test accuracy: {card['accuracy']:.2%} with a tag on each square, as in training; "
        f"{card['accuracy_without_tags']:.2%} without"
    )
    _tell(card, out, json, told, "shapes:circle-with-tag")


TRAINING_IMAGES = 60_000
"""Of MNIST."""


@contextmanager
def _extra() -> Iterator[None]:
    """Say which extra brings what training needs and is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] == "cilens":
            raise
        raise missing_extra("training", str(error.name), "train") from error


@contextmanager
def _bar(steps: int) -> Iterator[Bar]:
    from cilens.cli.progress import Bar

    with Bar(1) as bar:
        bar.begin("training")
        bar.expect(steps)
        yield bar


def _tell(card: Mapping[str, object], out: Path, json: bool, told: str, image: str) -> None:
    """Print the card, or what matters of it and what to do with the network."""
    if json:
        print_json(card)
        return
    terminal, path = output(), out / f"{card['name']}.onnx"
    terminal.line(told.replace("%", " %"), soft_wrap=True)
    terminal.line(f"Written: {path}, {path.with_suffix('.json')}", soft_wrap=True)
    terminal.line(f"As in: cilens explain {image} --model {path}", soft_wrap=True)
