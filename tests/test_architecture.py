"""The map of the house names every room there is, and no file that is not there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "cilens"
PAGE = (ROOT / "docs" / "explanation" / "architecture.md").read_text(encoding="utf-8")


def rooms() -> set[str]:
    """Return the folders of the package that hold code, and its top files."""
    folders = {
        path.parent.relative_to(PACKAGE).as_posix() + "/" for path in PACKAGE.rglob("*/__init__.py")
    }
    files = {path.stem for path in PACKAGE.glob("*.py") if not path.stem.startswith("__")}
    return {folder.rpartition("/")[0].rpartition("/")[2] + "/" for folder in folders} | files


def missing(page: str) -> set[str]:
    """Return the rooms that a page does not name."""
    (tree,) = re.findall(r"```\n(src/cilens/.*?)```", page, re.DOTALL)
    return {room for room in rooms() if not re.search(rf"(?<!\w){re.escape(room)}(?!\w)", tree)}


def dangling(page: str) -> set[str]:
    """Return the files that a page names and that are not there."""
    named = set(re.findall(r"`([\w/]+\.py)", page))
    return {name for name in named if not (PACKAGE / name).is_file()}


def test_every_room_is_on_the_map() -> None:
    assert missing(PAGE) == set()


def test_every_file_on_the_map_is_there() -> None:
    assert dangling(PAGE) == set()
    folders = set(re.findall(r"`([\w/]+)/`", PAGE))
    assert all((PACKAGE / name).is_dir() for name in folders)


@pytest.mark.parametrize("room", ["scoring/", "designs", "isolate/"])
def test_a_room_that_is_left_out_is_missed(room: str) -> None:
    assert room in missing(PAGE.replace(room, "elsewhere"))


def test_a_file_that_is_gone_is_missed() -> None:
    assert dangling(PAGE + "`scoring/gone.py`") == {"scoring/gone.py"}
