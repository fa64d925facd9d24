"""A shell that asks what can stand next is offered commands, options, parts and images."""

from __future__ import annotations

import sys

import pytest

from cilens.cli import main
from cilens.cli.completion import complete


@pytest.fixture
def offered(monkeypatch, capsys):
    """Return what the command line prints when Bash asks for the last of some words."""

    def ask(*words: str) -> list[str]:
        monkeypatch.setenv("_CILENS_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", "\n".join(words))
        monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
        monkeypatch.setattr(sys, "argv", ["cilens"])
        with pytest.raises(SystemExit):
            main([])
        return capsys.readouterr().out.split()

    return ask


def test_commands(offered) -> None:
    assert offered("cilens", "ex") == ["explain"]
    assert set(offered("cilens", "")) >= {"explain", "compare", "inspect", "train"}


def test_options(offered) -> None:
    assert offered("cilens", "explain", "--perturb") == ["--perturbation"]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("explain", "a.png", "--segmenter", "sl"), {"slic"}),
        (("explain", "a.png", "--perturbation", "b"), {"blur"}),
        (("explain", "a.png", "--method", "p"), {"paper", "partition"}),
        (("evaluate", "a.png", "--metric", "sp"), {"sparsity"}),
        (("compare", "a.png", "--model", "im"), {"imagenet"}),
        (("explain", "skimage", ":", "ch"), {"chelsea"}),
        (("explain", "mn"), {"mnist:"}),
    ],
)
def test_names(offered, words: tuple[str, ...], wanted: set[str], tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert set(offered("cilens", *words)) == wanted


def test_other_shells_keep_the_colon_in_the_word() -> None:
    assert complete("image", "skimage:che") == ["skimage:chelsea"]


def test_files(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dogs").mkdir()
    (tmp_path / "dogs" / "rex.png").touch()
    (tmp_path / ".hidden").touch()
    assert complete("image", "d") == ["dogs/"]
    assert complete("image", "dogs/r") == ["dogs/rex.png"]
    assert ".hidden" not in complete("model", "")
    assert complete("image", "none/here") == []
