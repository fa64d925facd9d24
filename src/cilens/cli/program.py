"""All commands, and how one ends. Nothing heavy is imported before it runs: help is quick."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from cilens.cli.commands import (
    calibrate,
    compare,
    evaluate,
    explain,
    inspect,
    parts,
    reproduce,
    run,
    summarize,
    train,
    view,
)
from cilens.cli.console import (
    DONE,
    INTERRUPTED,
    REFUSED,
    SOME_FAILED,
    complain,
    said_in_a_line,
    speak_any_language,
    stop_writing,
)
from cilens.cli.options import command
from cilens.errors import CilensError

app = typer.Typer(
    name="cilens",
    help="What an image classifier saw: how much of a score each part of an image controls.",
    epilog="Start with: cilens explain mnist:0",
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
command(app, explain.explain, explain.HELP)
command(app, run.run, run.HELP)
command(app, summarize.summarize, summarize.HELP)
command(app, compare.compare, compare.HELP)
command(app, reproduce.reproduce, reproduce.HELP)
command(app, evaluate.evaluate, evaluate.HELP)
command(app, inspect.inspect, inspect.HELP)
command(app, calibrate.calibrate, calibrate.HELP)
command(app, view.view, view.HELP)
for listed, text in parts.HELP.items():
    command(app, listed, text)
app.add_typer(train.app, name="train")


@app.callback(invoke_without_command=True)
def _cilens(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", metavar="", help="Print the version and exit.", is_eager=True),
    ] = False,
) -> None:
    if version:
        from cilens import __version__

        print(f"cilens {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


_UsageError: type[Exception] = typer.BadParameter.__mro__[1]
"""What Typer raises for an unknown option or command; it has no public name of its own."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        By default those of the process.

    Returns
    -------
    int
        0: done. 1: some images failed, the others are done. 2: nothing was begun. 130: interrupted.

    Examples
    --------
    >>> main(["--version"])
    cilens ...
    0
    """
    speak_any_language()
    try:
        with said_in_a_line():
            code = app(
                sys.argv[1:] if arguments is None else list(arguments),
                prog_name="cilens",
                standalone_mode=False,
            )
        sys.stdout.flush()
    except (CilensError, MemoryError, OSError, _UsageError) as error:
        return _say(error)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    return code or DONE


def _say(error: Exception) -> int:
    """Put an error into one line, and return the exit code."""
    if isinstance(error, CilensError):
        complain(str(error))
        return REFUSED
    if isinstance(error, _UsageError):
        context: typer.Context | None = error.ctx  # type: ignore[attr-defined]
        command = context.command_path if context else "cilens"
        complain(f"{error.format_message()} (see {command} --help)")  # type: ignore[attr-defined]
        return REFUSED
    if isinstance(error, MemoryError):
        complain("there is not enough memory: try a smaller --batch-size or a smaller image")
        return SOME_FAILED
    stop_writing()
    if not isinstance(error, BrokenPipeError):  # who has stopped to read wants to hear no more
        complain(f"standard output cannot be written: {error}")
    return SOME_FAILED
