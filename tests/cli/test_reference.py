"""The reference page is current, and says something of every command, option and JSON key."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from cilens.cli import app
from cilens.cli.reference import reference

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "cli.md"


def commands(command, path: str = "cilens"):
    """Yield every command with its path, groups left out."""
    below = vars(command).get("commands")
    if below is None:
        yield path, command
        return
    for name, one in below.items():
        yield from commands(one, f"{path} {name}")


COMMANDS = dict(commands(typer.main.get_command(app)))


def test_page_is_current() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert written == reference(), "write it anew: python -m cilens.cli.reference > " + PAGE.name


def test_commands() -> None:
    names = [
        "explain",
        "run",
        "summarize",
        "compare",
        "reproduce",
        "evaluate",
        "inspect",
        "calibrate",
        "view",
        "models",
        "segmenters",
        "perturbations",
        "methods",
        "metrics",
    ]
    names += ["train digits", "train shapes"]
    assert list(COMMANDS) == [f"cilens {name}" for name in names]


@pytest.mark.parametrize("path", COMMANDS)
def test_every_option_has_help_and_stands_in_the_page(path: str) -> None:
    page = reference()
    section = page.partition(f"## {path}\n")[2].partition("\n## ")[0]
    assert COMMANDS[path].help
    for parameter in COMMANDS[path].params:
        assert parameter.help.endswith("."), parameter.name
        named = parameter.metavar if parameter.param_type_name == "argument" else parameter.opts[0]
        assert f"| `{named}" in section


def test_defaults_are_stated() -> None:
    assert "| `None` |" not in reference()


def test_every_key_of_the_json_stands_in_the_page(run) -> None:
    section = reference().partition("## Files and JSON")[2].partition("\n## ")[0]
    (record,) = run("explain", "mnist:0", "--json").json()
    planned = run("explain", "mnist:0", "--dry-run", "--json").json()
    keys = set(record) | set(record["regions"][0]) | set(record["highlight"]) | set(planned)
    for key in keys | set(record["target"]) | set(planned["images"][0]):
        assert f"`{key}`" in section, key


def test_a_new_option_changes_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    option = COMMANDS["cilens models"].params[0]
    group = typer.main.get_command(app)
    renamed = vars(group)["commands"]["models"].params[0]
    monkeypatch.setattr(renamed, "help", "Something else.")
    monkeypatch.setattr(typer.main, "get_command", lambda _: group)
    assert option.help not in reference().partition("## cilens models")[2].partition("\n## ")[0]
