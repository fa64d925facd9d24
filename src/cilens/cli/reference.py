"""The reference of the command line: `reference.md`, with commands and parts as they are.

``python -m cilens.cli.reference > docs/reference/cli.md`` writes it anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import resources
from typing import Any

import typer

from cilens.cli import app
from cilens.findings.catalogue import described, preprocess_options
from cilens.parts.options import Description, Option

_KINDS = {
    "segmenter": ("Segmenters", "`--segmenter NAME:OPTION=VALUE,...`"),
    "perturbation": ("Perturbations", "`--perturbation NAME:OPTION=VALUE,...`, may be repeated"),
    "method": ("Methods", "`--method NAME:OPTION=VALUE,...`"),
    "metric": ("Metrics", "`--metric NAME:OPTION=VALUE,...` of `cilens evaluate`, may be repeated"),
}

_COLUMNS = ("option", "what", "default")


def reference() -> str:
    """Return the whole page."""
    group: Any = typer.main.get_command(app)
    parts = [
        text
        for kind, (title, usage) in _KINDS.items()
        for text in (f"## {title}\n\n{usage}.", *map(_part, described(kind)))
    ]
    page = resources.files("cilens.cli").joinpath("reference.md").read_text(encoding="utf-8")
    for mark, made in {
        "{commands}": "\n\n".join(_commands("cilens", group)),
        "{parts}": "\n\n".join(parts),
        "{preprocess}": _table(_COLUMNS, _option_rows(preprocess_options())),
    }.items():
        page = page.replace(mark, made)
    return page


def _commands(path: str, command: Any) -> Iterator[str]:  # noqa: ANN401 (Typer's, not exported)
    """Describe a command, and those below it."""
    if "commands" not in vars(command):
        yield _command(path, command)
        return
    for name, below in vars(command)["commands"].items():
        yield from _commands(f"{path} {name}", below)


def _command(path: str, command: Any) -> str:  # noqa: ANN401
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option"]
    usage = " ".join([path, "[OPTIONS]", *(p.metavar + "..." * (p.nargs == -1) for p in arguments)])
    text = f"## {path}\n\n```\n{usage}\n```\n\n{command.help}"
    rows = [(f"`{p.metavar}`", _told(p), "") for p in arguments]
    rows += [(f"`{_spelled(p)}`", _told(p), _default(p)) for p in options]
    return f"{text}\n\n{_table(_COLUMNS, rows)}"


def _spelled(option: Any) -> str:  # noqa: ANN401
    return f"{option.opts[0]} {option.metavar or ''}".strip()


def _told(parameter: Any) -> str:  # noqa: ANN401
    return str(parameter.help)


def _default(option: Any) -> str:  # noqa: ANN401
    if isinstance(option.show_default, str):
        return option.show_default
    if option.required:
        return "must be given"
    return "" if option.is_flag else f"`{option.default}`"


def _part(part: Description) -> str:
    text = f"### {part.name}\n\n{part.summary}"
    rows = _option_rows(part.options)
    return f"{text}\n\n{_table(_COLUMNS, rows)}" if rows else text


def _option_rows(options: Sequence[Option]) -> list[tuple[str, ...]]:
    return [
        (
            f"`{option.name}`",
            f"{option.help} {f'({option.takes})' if option.takes else ''}".strip(),
            "must be given" if option.default is None else f"`{option.default}`",
        )
        for option in options
    ]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    cells = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(c.replace("|", "\\|") for c in row) + " |" for row in cells)


if __name__ == "__main__":
    print(reference(), end="")
