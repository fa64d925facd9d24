"""`cilens run`: what is printed, and how it ends."""

from __future__ import annotations

import builtins
import sys
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from cilens import runs
from cilens.errors import StoppedError
from cilens.runs import Progress, Report

PAPER = ("--method", "paper")


def test_a_run_and_the_same_again(run: Any, tmp_path: Path) -> None:
    out = tmp_path / "results"
    first = run("run", "mnist:0-4", "--out", out, "--part", "2", *PAPER, "--profile")
    assert first.code == 0
    assert first.out.startswith("5 of 5 images · ")
    assert "images/s" in first.out
    assert "model " in first.out
    assert f"Written: {out}/images" in first.out
    assert len(list((out / "images").iterdir())) == 3
    again = run("run", "mnist:0-4", "--out", out, "--part", "2", *PAPER)
    assert again.code == 0
    assert "Nothing was left to do." in again.out


def test_json(run: Any, tmp_path: Path) -> None:
    ran = run("run", "mnist:0-1", "--out", tmp_path / "results", *PAPER, "--json")
    found = ran.json()
    assert (found["images"], found["failed"], found["explained_now"]) == (2, 0, 2)
    assert found["model_rows"] > 10
    assert set(found["spent"]) == {"reading", "cutting", "writing"}


def test_a_file_of_options(run: Any, tmp_path: Path) -> None:
    config = tmp_path / "run.toml"
    config.write_text('images = ["mnist:0-1"]\nmethod = "paper"\nout = "results"\npart = 1\n')
    assert run("run", "--config", config).code == 0
    assert len(list((tmp_path / "results" / "images").iterdir())) == 2


def test_failed_images_are_said_and_tried_again(run: Any, digit: Path, tmp_path: Path) -> None:
    (digit.parent / "broken.png").write_bytes(b"no image")
    arguments = ("run", digit.parent, "--out", tmp_path / "results", *PAPER)
    ran = run(*arguments)
    assert ran.code == 1
    assert "2 of 2 images · 1 failed" in ran.out
    assert "--retry-failed tries them again" in ran.out
    (digit.parent / "broken.png").write_bytes(digit.read_bytes())
    assert run(*arguments, "--retry-failed").code == 0


def test_another_run_is_refused(run: Any, tmp_path: Path) -> None:
    run("run", "mnist:0", "--out", tmp_path / "results", *PAPER)
    changed = run("run", "mnist:0", "--out", tmp_path / "results")
    changed.refused("--method was paper, is default", "Choose another --out")


def test_options_that_cannot_be(run: Any, tmp_path: Path) -> None:
    run("run", "mnist:0").refused("Missing option '--out'")
    run("run", "mnist:0", "--out", tmp_path, "--part", "0").refused("--part must be at least 1")
    run("run", "mnist:0", "--out", tmp_path, "--top", "0").refused("--top must be at least 1")


def raising(error: BaseException) -> Any:
    def stop(*_: object, **__: object) -> Report:
        raise error

    return stop


def test_ctrl_c(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "run", raising(KeyboardInterrupt()))
    run("run", "mnist:0", "--out", tmp_path).refused("the same command goes on", code=130)


def test_a_run_that_cannot_go_on(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "run", raising(StoppedError("no room is left")))
    run("run", "mnist:0", "--out", tmp_path).refused("no room is left", code=1)


def test_without_pyarrow(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *more: Any) -> Any:
        if name.partition(".")[0] == "pyarrow":
            raise ModuleNotFoundError("No module named 'pyarrow'", name="pyarrow")
        return real(name, *more)

    for name in [name for name in sys.modules if name.startswith("cilens.runs")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("cilens.runs", raising=False)
    monkeypatch.setattr(builtins, "__import__", missing)
    run("run", "mnist:0", "--out", tmp_path).refused('needs pyarrow: pip install "cilens[runs]"')


def test_classes_that_are_kept(run: Any, tmp_path: Path) -> None:
    run("run", "mnist:0", "--out", tmp_path / "r", *PAPER, "--top", "3", "--against", "2")
    (part,) = (tmp_path / "r" / "regions").iterdir()
    classes = set(parquet.read_table(part)["class"].to_pylist())
    assert {7, 2} < classes
    assert len(classes) <= 4
    (part,) = (tmp_path / "r" / "images").iterdir()
    assert '"contrast"' in parquet.read_table(part)["asked"][0].as_py()


def test_rates_of_nothing() -> None:
    assert Progress(3).rates == (0.0, 0.0)
