"""`--config FILE`: options from a file, and those given win over them."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "run.toml"
    path.write_text('images = ["mnist:0", "mnist:18"]\nmethod = "paper"\nthreshold = 0.05\n')
    return path


def test_a_file_gives_images_and_options(run, file: Path) -> None:
    options = ("--method", "paper", "--threshold", 0.05)
    typed = run("explain", "mnist:0", "mnist:18", *options, "--json").json()
    found = run("explain", "--config", file, "--json").json()
    assert [one["threshold"] for one in found] == [0.05, 0.05]
    for one, other in zip(found, typed, strict=True):
        assert one | {"seconds": 0} == other | {"seconds": 0}


def test_what_is_given_wins_wherever_it_stands(run, file: Path) -> None:
    for arguments in (
        ("explain", "mnist:1", "--threshold", 0.2, "--config", file, "--json"),
        ("explain", "--config", file, "--json", "--threshold", 0.2, "mnist:1"),
    ):
        (found,) = run(*arguments).json()
        assert (found["image"], found["threshold"]) == ("mnist:1", 0.2)
        assert "n_segments=9" in found["method"]


def test_paths_start_at_the_files_folder(run, digit: Path) -> None:
    file = digit.with_name("run.toml")
    file.write_text(f'images = ["{digit.name}"]\nmethod = "paper"\n')
    (found,) = run("explain", "--config", file, "--json").json()
    assert found["image"] == str(digit)


def test_what_is_wrong_in_the_file_is_one_line(run, file: Path) -> None:
    file.write_text("batch-size = 8\n")
    run("explain", "mnist:0", "--config", file).refused(str(file), "did you mean 'batch_size'?")
    file.write_text("batch_size = 8\n")
    run("explain", "--config", file).refused("Missing argument")
    run("explain", "mnist:0", "--config", file.with_name("none")).refused("cannot be read")


def test_other_commands_take_files_too(run, tmp_path: Path) -> None:
    file = tmp_path / "judge.toml"
    file.write_text('images = ["mnist:0"]\nmethod = ["paper"]\nmetric = ["sparsity"]\n')
    found = run("evaluate", "--config", file, "--json").json()
    assert list(found["methods"]) == ["paper"]
