"""Records as options: a command's parameters are records, and Typer is shown their fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, field, fields, is_dataclass, make_dataclass
from inspect import Parameter, signature
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import typer

from cilens.cli.completion import completer
from cilens.findings.request import Option

Json = Annotated[bool, Option("Print one JSON document.", panel="Result")]
"""Nothing else is printed then."""


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
    hints.pop("return", None)
    defaults = {name: one.default for name, one in signature(function).parameters.items()}

    def run(asked: Any) -> None:  # noqa: ANN401 (of the class made below)
        given = vars(asked)
        raise typer.Exit(
            function(**{name: _made(name, kind, given) for name, kind in hints.items()}) or 0
        )

    # Typer calls what it is given with one keyword for each option, whose names it reads from the
    # signature: a dataclass of all the fields has just that one.
    flat = [one for name, kind in hints.items() for one in _flat(name, kind, defaults[name], "")]
    made = make_dataclass(function.__name__, flat, kw_only=True, namespace={"__post_init__": run})
    app.command(function.__name__.replace("_", "-"), help=text)(made)


def _flat(name: str, kind: Any, default: Any, panel: str) -> Iterator[Any]:  # noqa: ANN401
    """Give the options of a parameter: those of a record in a panel that has its name."""
    if not (isinstance(kind, type) and is_dataclass(kind)):
        yield _option(name, kind, default, panel)
        return
    hints = get_type_hints(kind, include_extras=True)
    title = kind.__name__.removesuffix("Options")
    for one in fields(kind):
        inside = "" if title.endswith("Request") else title
        yield from _flat(one.name, hints[one.name], one.default, inside)


def _made(name: str, kind: Any, given: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Put the options of a parameter together again."""
    if not (isinstance(kind, type) and is_dataclass(kind)):
        return given[name]
    hints = get_type_hints(kind, include_extras=True)
    return kind(**{one.name: _made(one.name, hints[one.name], given) for one in fields(kind)})


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
