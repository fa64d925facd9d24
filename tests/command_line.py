"""What a command did, and small files for it to work on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np

import cilens


class Ran(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    def json(self) -> object:
        return json.loads(self.out)

    def refused(self, *messages: str, code: int = 2) -> None:
        """Assert that nothing was done, and that one line says why."""
        assert self.code == code, self
        assert self.out == ""
        assert self.err.startswith("cilens: ")
        assert self.err.count("\n") == 1
        assert "Traceback" not in self.err
        for message in messages:
            assert message in self.err


def raw_digit(index: int = 0) -> np.ndarray:
    return np.rint(cilens.read_image(f"mnist:{index}")[..., 0] * 255).astype(np.uint8)


def left_over(directory: Path) -> list[str]:
    """Return the names of all files in a directory, hidden ones too."""
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*"))
