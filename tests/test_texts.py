"""Text files end lines as .editorconfig says, and changelog fragments have names that sort."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FRAGMENT = re.compile(r"README\.md|[a-z0-9-]+\.(added|changed|fixed|removed)\.md")


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("the tracked files are known in a git clone only")
    return [path for name in listed.stdout.split("\0") if (path := ROOT / name).is_file()]


def faults(data: bytes) -> list[str]:
    """Say what is wrong with the white space of a text."""
    lines = data.split(b"\n")
    found = [
        f"line {number}: trailing white space"
        for number, line in enumerate(lines, 1)
        if line != line.rstrip()
    ]
    if data and lines[-1]:
        found.append("no newline at the end")
    return found


def test_texts_have_clean_ends() -> None:
    texts = [path for path in tracked() if b"\0" not in (data := path.read_bytes()) and data]
    wrong = {
        str(path.relative_to(ROOT)): found
        for path in texts
        if path.parts[-2] != "golden" and (found := faults(path.read_bytes()))
    }
    assert not wrong


def test_fragments_have_names_that_sort() -> None:
    names = [path.name for path in (ROOT / "changelog.d").iterdir()]
    assert [name for name in names if not FRAGMENT.fullmatch(name)] == []


@pytest.mark.parametrize("data", [b"a \n", b"a\t\n", b"a\r\n", b"a"])
def test_white_space_is_seen(data: bytes) -> None:
    assert faults(data)
    assert faults(b"a\n\nb\n") == []


@pytest.mark.parametrize("name", ["a.md", "A.added.md", "a.new.md", "a b.fixed.md"])
def test_a_bad_fragment_is_seen(name: str) -> None:
    assert not FRAGMENT.fullmatch(name)
    assert FRAGMENT.fullmatch("a-b2.fixed.md")
