"""`cilens train digits`: the network that ships, made anew."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cilens.errors import missing_extra

app = typer.Typer()


@app.callback(invoke_without_command=True)
def _train(context: typer.Context) -> None:
    """Train a network that ships with cilens."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command()
def digits(
    data: Annotated[
        Path,
        typer.Option(
            metavar="DIR", help="Where the four IDX files of MNIST are, packed with gzip or not."
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(metavar="DIR", help="Where digits.onnx and its model card digits.json go."),
    ] = Path(),
    seed: Annotated[int, typer.Option(metavar="NUMBER", help="Of the training.")] = 0,
    json: Annotated[
        bool, typer.Option("--json", metavar="", help="Print one JSON document.")
    ] = False,
) -> None:
    """Train the paper's network on MNIST: two minutes on two cores."""
    try:
        from cilens.training.descent import rows_to_learn
        from cilens.training.mnist_cnn import train_digits
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] == "cilens":
            raise
        raise missing_extra("training", str(error.name), "train") from error
    from cilens.cli.console import output, print_json
    from cilens.cli.progress import Bar

    with Bar(1) as bar:
        bar.begin("training")
        bar.expect(rows_to_learn(TRAINING_IMAGES))
        card = train_digits(data, out, seed, bar.advance)
    if json:
        print_json(card)
        return
    terminal = output()
    terminal.print(f"Test accuracy: {card['accuracy']:.2%}".replace("%", " %"))
    terminal.print(f"Written: {out / 'digits.onnx'}, {out / 'digits.json'}", soft_wrap=True)
    terminal.print(f"As in: cilens explain mnist:0 --model {out / 'digits.onnx'}", soft_wrap=True)


TRAINING_IMAGES = 60_000
"""Of MNIST."""
