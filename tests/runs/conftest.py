"""Small runs over digits, and their rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from PIL import Image
from pyarrow import parquet

from cilens.datasets.mnist import load_mnist
from cilens.findings.request import MethodOptions, Request, RunOptions, RunRequest

PAPER = MethodOptions(method="paper")


def rows(out: Path, table: str = "images") -> pa.Table:
    """Return the rows of a run, but for the one column that no two runs share."""
    parts = sorted((out / table).glob("part-*.parquet"))
    found = pa.concat_tables([parquet.read_table(part, partitioning=None) for part in parts])
    return found.drop_columns(["seconds"]) if table == "images" else found


def same(one: Path, other: Path) -> bool:
    """Say whether two runs have the same rows, bit by bit."""
    return all(rows(one, table).equals(rows(other, table)) for table in ("images", "regions"))


def request(images: list[str] | str, out: Path, part: int = 4, **asked: object) -> RunRequest:
    """Return what asks for a run with the paper's preset, which is quick."""
    named = [images] if isinstance(images, str) else images
    return RunRequest(Request(named, **({"how": PAPER} | asked)), RunOptions(out=out, part=part))


@pytest.fixture
def digits(tmp_path: Path) -> Callable[[str, int], Path]:
    """Return a function that writes a digit to a file."""

    def write(name: str, number: int) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(load_mnist()[0][number]).save(path)
        return path

    return write
