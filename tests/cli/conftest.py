"""What the tests of the command line share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import PIL.Image
import pytest

from cilens.cli import main
from command_line import Ran, raw_digit


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """Return a function that runs the command line in this process, 100 signs wide."""
    monkeypatch.setenv("COLUMNS", "100")

    def call(*arguments: object) -> Ran:
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return call


@pytest.fixture
def digit(tmp_path: Path) -> Path:
    """Return a PNG file of MNIST's first test image, a seven."""
    path = tmp_path / "seven.png"
    PIL.Image.fromarray(raw_digit()).save(path)
    return path
