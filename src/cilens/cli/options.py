"""Records as options: a command's parameters are records, and Typer is shown their fields."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import MISSING, field, fields, is_dataclass, make_dataclass
from inspect import Parameter, signature
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import typer

from cilens.cli.completion import completer
from cilens.findings.request import Option


def command(app: typer.Typer, function: Callable[..., int | None], text: str) -> None:
    """Make a command of a function: what it takes are options, records field by field.

    A parameter without a default is an argument. What the function returns is the exit code.

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
    flat: list[Any] = []
    for name, parameter in signature(function).parameters.items():
        if is_dataclass(kind := hints[name]):
            flat += _record(kind)
        else:
            flat.append(_option(name, kind, parameter.default, ""))

    def run(asked: Any) -> None:  # noqa: ANN401 (of the class made below)
        given = {
            name: kind(**{one.name: getattr(asked, one.name) for one in fields(kind)})
            if isinstance(kind, type) and is_dataclass(kind)
            else getattr(asked, name)
            for name, kind in hints.items()
            if name != "return"
        }
        raise typer.Exit(function(**given) or 0)

    # Typer calls what it is given with one keyword for each option, whose names it reads from the
    # signature: a dataclass of all the fields has just that one.
    made = make_dataclass(function.__name__, flat, kw_only=True, namespace={"__post_init__": run})
    app.command(function.__name__.replace("_", "-"), help=text)(made)


def findable(factory: str | None) -> str | None:
    """Let Python look into the current directory first, where a factory is named; return it."""
    here = str(Path.cwd())
    if factory is not None and here not in sys.path:
        sys.path.insert(0, here)
    return factory


def _record(kind: Any) -> list[Any]:  # noqa: ANN401 (a dataclass)
    """Return the fields of a record, as options in a panel that its name gives the title."""
    hints = get_type_hints(kind, include_extras=True)
    panel = kind.__name__.removesuffix("Options")
    return [_option(one.name, hints[one.name], one.default, panel) for one in fields(kind)]


def _option(name: str, hint: Any, default: Any, panel: str) -> Any:  # noqa: ANN401
    """Return a field as `make_dataclass` takes it, with what Typer is to know of it."""
    kind, told = get_args(hint) if get_origin(hint) is Annotated else (hint, Option(""))
    shared: dict[str, Any] = {"metavar": told.takes, "help": told.help}
    if told.names:
        shared["autocompletion"] = completer(told.names)
    if default in (Parameter.empty, MISSING) and name in _ARGUMENTS:
        return name, Annotated[kind, typer.Argument(**shared)]
    shared["rich_help_panel"] = told.panel or panel or None
    # A switch has no --no-NAME.
    spelled = f"--{name.replace('_', '-')}"
    info = typer.Option(spelled, show_default=told.default or default is not None, **shared)
    if default in (Parameter.empty, MISSING):
        return name, Annotated[kind, info]
    return name, Annotated[kind, info], field(default=default)


_ARGUMENTS = ("image", "images", "model")
"""Parameters that stand without dashes, where they have no default."""
