"""Where the output cannot go: refused before the work where possible, and nothing half-written."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import matplotlib.figure
import numpy as np
import PIL.Image
import pytest

from command_line import left_over, raw_digit


def test_file_in_place_of_the_output_directory(run, digit: Path) -> None:
    run("explain", digit, "--out", digit).refused("--out must be a directory", "is a file")
    run("explain", digit, "--out", digit / "below").refused("cannot be written to")
    run("explain", digit, "--out", "/dev/full").refused("--out must be a directory")


def test_full_output_directory(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def __enter__(self):
            return self

        def __exit__(self, *_) -> None: ...

        def write(self, _: bytes) -> None:
            raise OSError(28, os.strerror(28))

    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: Full())
    run("explain", "mnist:0", "--out", tmp_path).refused("No space left on device")


@pytest.mark.slow
def test_disk_that_fills_up_during_the_work(run, tmp_path: Path, monkeypatch) -> None:
    real = matplotlib.figure.Figure.savefig

    drawn = []

    def fill(figure, path, *rest, **options) -> None:
        drawn.append(path)
        if len(drawn) == 3:  # the first of the second image
            Path(path).write_bytes(b"half a figure")
            raise OSError(28, os.strerror(28))
        real(figure, path, *rest, **options)

    monkeypatch.setattr(matplotlib.figure.Figure, "savefig", fill)
    ran = run("explain", "mnist:0", "mnist:1", "mnist:2", "--out", tmp_path, "--json")
    assert ran.code == 1
    assert "1 of 3 images failed" in ran.err
    assert "No space left on device" in ran.err
    assert [record["image"] for record in ran.json()] == ["mnist:0", "mnist:2"]
    suffixes = ("detail.png", "html", "json", "npz", "png")
    names = [f"mnist-{index}.{suffix}" for index in (0, 2) for suffix in suffixes]
    assert left_over(tmp_path) == names


@pytest.mark.parametrize("suffix", ["png", "json", "npz", "html"])
def test_directory_in_place_of_a_file(run, tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"mnist-0.{suffix}").mkdir()
    run("explain", "mnist:0", "--out", tmp_path).refused(f"mnist-0.{suffix} is a directory")
    assert left_over(tmp_path) == [f"mnist-0.{suffix}"]


def test_all_files_of_an_image_or_none(run, tmp_path: Path, monkeypatch) -> None:
    def fail(*_, **__) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(np, "savez_compressed", fail)
    run("explain", "mnist:0", "--out", tmp_path).refused("mnist-0", "No space left", code=1)
    assert left_over(tmp_path) == []


def test_images_of_one_name(run, digit: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    PIL.Image.fromarray(raw_digit()).save(other / "Seven.jpg")
    out = tmp_path / "out"
    run("explain", digit, other, "--out", out).refused("would both be written to")
    run("explain", "mnist:0", "mnist:0", "--out", out).refused("would both be written to")
    assert not out.exists()
    assert run("explain", digit, other).code == 0  # without files there is nothing to overwrite


def test_figure_that_would_overwrite_an_image(run, digit: Path) -> None:
    before = digit.read_bytes()
    run("explain", digit, "--out", digit.parent).refused("would overwrite an image")
    assert digit.read_bytes() == before
