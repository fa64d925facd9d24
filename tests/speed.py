"""What keeps the suite fast: a limit for each test, a quick part, and little search for garbage."""

from __future__ import annotations

import gc
import os
import re
from collections.abc import Generator
from functools import cache
from pathlib import Path

import pytest

FRAMEWORKS = {"ai_edge_litert", "captum", "keras", "lime", "quantus", "shap", "sklearn", "torch"}
"""Packages that take seconds to be imported, or start a process for each model."""

_ROOTS = [Path(__file__).parent, Path(__file__).parents[1] / "src"]
_IMPORTS = re.compile(  # at the left margin, or first in a `with` that stands there
    r"^(?:with [^\n]*:\n(?:    [^\n]*\n)*?    )?"
    r"(?:from ([\w.]+) import ([\w, ]*)|import ([\w.]+)|[^'\"\n]*importorskip\(\"([\w.]+)\")",
    re.MULTILINE,
)
_SLOW = "\npytestmark = pytest.mark.slow\n"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("speed")
    group.addoption(
        "--quick",
        action="store_true",
        help="leave out what is marked slow, and unread each file that imports a framework",
    )
    group.addoption(
        "--most-seconds",
        type=float,
        help="processor time at which a test fails that is not marked slow",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.option.quick:
        config.option.markexpr = "not slow"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave slow files unread in the quick part, and those of a framework, and folders of these."""
    if not config.option.quick:
        return None
    path = collection_path / "conftest.py" if collection_path.is_dir() else collection_path
    if path.suffix != ".py" or not path.is_file():
        return None
    return imports_framework(path) or _SLOW in path.read_text() or None


@cache
def imports_framework(path: Path) -> bool:
    """Tell whether importing a file imports a framework, itself or by other files of ours."""
    todo, seen = {path}, set()
    while todo:
        seen |= todo
        read = [imported(file) for file in todo]
        if any(packages & FRAMEWORKS for packages, _ in read):
            return True
        todo = {file for _, files in read for file in files} - seen
    return False


@cache
def imported(path: Path) -> tuple[set[str], set[Path]]:
    """Return the packages that a file imports at its left margin, and which files are ours."""
    names = set()
    for parent, members, *others in _IMPORTS.findall(path.read_text() if path.is_file() else ""):
        names |= {parent, *others, *(f"{parent}.{name.strip()}" for name in members.split(","))}
    places = [root / name.replace(".", "/") for name in names if name.strip(".") for root in _ROOTS]
    files = {place.with_name(f"{place.name}.py") for place in places}
    files |= {place / "__init__.py" for place in places}
    return {name.partition(".")[0] for name in names}, {file for file in files if file.is_file()}


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Take what is imported by then out of every later search for garbage: half a second each."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Hold a test to its limit; a machine that is busy with something else does not count."""
    begun = _processor_seconds()
    result = yield
    most, took = item.config.option.most_seconds, _processor_seconds() - begun
    if most is not None and took > most and item.get_closest_marker("slow") is None:
        pytest.fail(
            f"this test took {took:.1f} s of processor time, and may take {most:g} s: let it do "
            "less, or mark it slow (CONTRIBUTING.md)",
            pytrace=False,
        )
    return result


def _processor_seconds() -> float:
    """Return the time of this process and of its children that have ended."""
    return sum(os.times()[:4])
