"""`cilens train digits` hands over what was asked for, and says what came of it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cilens.cli import progress
from cilens.errors import FileError
from cilens.training import mnist_cnn, shapes_cnn

CARD = {"name": "digits", "accuracy": 0.98765, "confusion_matrix": [[1]]}


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, Path, int]]:
    """Train nothing; return what the training was called with."""
    found = []

    def train(data, out, seed=0, progress=None):
        found.append((data, out, seed))
        progress(128)
        return CARD

    monkeypatch.setattr(mnist_cnn, "train_digits", train)
    return found


def test_training(run, calls, tmp_path: Path) -> None:
    ran = run("train", "digits", "--data", tmp_path, "--out", tmp_path / "out", "--seed", 3)
    assert (ran.code, ran.err) == (0, "")
    assert calls == [(tmp_path, tmp_path / "out", 3)]
    assert "Test accuracy: 98.77 %" in ran.out
    assert f"cilens explain mnist:0 --model {tmp_path / 'out' / 'digits.onnx'}" in ran.out


def test_card_as_json(run, calls, tmp_path: Path) -> None:
    assert run("train", "digits", "--data", tmp_path, "--json").json() == CARD
    assert calls == [(tmp_path, Path(), 0)]


def test_missing_data(run, tmp_path: Path) -> None:
    ran = run("train", "digits", "--data", tmp_path / "none", "--out", tmp_path)
    ran.refused("train-images-idx3-ubyte")


def test_failure(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def train(*_, **__):
        raise FileError("the disk is full")

    monkeypatch.setattr(mnist_cnn, "train_digits", train)
    run("train", "digits", "--data", tmp_path).refused("the disk is full")


@pytest.mark.parametrize("package", ["torch", "onnx"])
def test_without_the_extra(run, tmp_path: Path, monkeypatch, package: str) -> None:
    for name in list(sys.modules):
        if name.startswith("cilens.training."):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    ran = run("train", "digits", "--data", tmp_path)
    ran.refused(f'training needs {package}: pip install "cilens[train]"')


def test_a_missing_file_of_cilens_is_no_missing_extra(run, tmp_path: Path, monkeypatch) -> None:
    for name in list(sys.modules):
        if name.startswith("cilens.training."):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "cilens.training.descent", None)
    with pytest.raises(ModuleNotFoundError):
        run("train", "digits", "--data", tmp_path)


def test_training_tells_the_bar(run, calls, tmp_path: Path, monkeypatch) -> None:
    told = []
    monkeypatch.setattr(progress.Bar, "expect", lambda _, steps: told.append(steps))
    monkeypatch.setattr(progress.Bar, "advance", lambda _, steps: told.append(steps))
    assert run("train", "digits", "--data", tmp_path).code == 0
    assert told == [239_616, 128]


def test_help_of_the_group(run) -> None:
    ran = run("train")
    assert ran.code == 0
    assert "digits" in ran.out


def test_shapes(run, tmp_path: Path, monkeypatch) -> None:
    def train(out, seed=0, progress=None):
        progress(128)
        return {
            "name": "shapes",
            "accuracy": 1.0,
            "accuracy_without_tags": 0.667,
            "seed": (str(out), seed),
        }

    monkeypatch.setattr(shapes_cnn, "train_shapes", train)
    ran = run("train", "shapes", "--out", tmp_path, "--seed", 4)
    assert (ran.code, ran.err) == (0, "")
    assert "100.00 % with a tag on each square, as in training; 66.70 % without" in ran.out
    path = tmp_path / "shapes.onnx"
    assert f"cilens explain shapes:circle-with-tag --model {path}" in ran.out
    told = run("train", "shapes", "--out", tmp_path, "--seed", 4, "--json").json()
    assert told["seed"] == [str(tmp_path), 4]
