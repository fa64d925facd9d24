"""Records as options: a command's parameters are records, and Typer is shown their fields."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, field, make_dataclass
from inspect import Parameter, signature
from pathlib import Path
from typing import Annotated, Any, get_args, get_type_hints

import typer

from cilens.cli.completion import completer
from cilens.findings.request import Field, Option, assembled, is_record, options_of

Json = Annotated[bool, Option("Print one JSON document.", panel="Result")]
"""Nothing else is printed then."""

_ARGUMENTS = ("directory", "image", "images", "model", "results")
"""Options that stand without dashes, where they have no default."""


def command(app: typer.Typer, function: Callable[..., int | None], text: str) -> None:
    """Make a command of a function: what it takes are options, records field by field.

    A command that takes a record takes its options from a file too; those given win over them.
    What the function returns is the exit code.

    Parameters
    ----------
    app : typer.Typer
        What gets the command, named as the function is.
    function : callable
        Each parameter is a record of `cilens.findings.request`, or annotated with an `Option`.
    text : str
        The command's help.
    """
    hints = get_type_hints(function, include_extras=True)
    hints.pop("return", None)
    shown: list[Any] = []
    for name, parameter in signature(function).parameters.items():
        default = MISSING if parameter.default is Parameter.empty else parameter.default
        if is_record(kind := hints[name]):
            shown += [*map(_option, options_of(kind)), _config(kind)]
        else:
            values, told = get_args(kind)
            shown.append(_option(Field(name, values, told, default)))

    def run(asked: Any) -> None:  # noqa: ANN401 (of the class made below)
        given = vars(asked)
        raise typer.Exit(
            function(
                **{
                    name: assembled(kind, given) if is_record(kind) else given[name]
                    for name, kind in hints.items()
                }
            )
            or 0
        )

    # Typer calls what it is given with one keyword for each option, whose names it reads from the
    # signature: a dataclass of all the fields has just that one.
    made = make_dataclass(function.__name__, shown, kw_only=True, namespace={"__post_init__": run})
    app.command(function.__name__.replace("_", "-"), help=text)(made)


def _option(one: Field) -> Any:  # noqa: ANN401
    """Return a field as `make_dataclass` takes it, with what Typer is to know of it."""
    told, must = one.told, one.default is MISSING
    shared: dict[str, Any] = {"metavar": told.takes, "help": told.help}
    if one.names:
        shared["autocompletion"] = completer(one.names)
    if must and one.name in _ARGUMENTS:
        return one.name, Annotated[one.type, typer.Argument(**shared)]
    # A switch has no --no-NAME.
    info = typer.Option(
        f"--{one.name.replace('_', '-')}",
        show_default=told.default or one.default is not None,
        rich_help_panel=told.panel or None,
        **shared,
    )
    made = one.name, Annotated[one.type, info]
    return made if must else (*made, field(default=one.default))


def _config(kind: type) -> Any:  # noqa: ANN401
    """Return the option that names a file of options."""

    def read(context: typer.Context, path: Path | None) -> None:
        from cilens.findings.request.document import read_options

        if path is not None:
            context.default_map = read_options(path, kind)

    info = typer.Option(
        "--config",
        metavar="FILE",
        help="A TOML file with options, named as here, with _ for each hyphen; those given here "
        "win over the file's, and its paths start at its folder.",
        show_default="none",
        is_eager=True,
        callback=read,
    )
    return "config", Annotated[Path | None, info], field(default=None)
