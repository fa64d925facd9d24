"""The project keeps the design's bars, and every bar can be broken."""

from __future__ import annotations

import functools
import importlib
import re
import socket
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pytest

import bars
import cilens

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
PYTHON = sorted(
    path
    for top in ("src", "tests", "tests_vision", "benchmarks")
    for path in (ROOT / top).rglob("*.py")
)


def faults(bar: bars.Bar, paths: Iterable[Path]) -> list[str]:
    """Return what breaks a bar, each with its file."""
    return [
        f"{path.relative_to(ROOT).as_posix()}: {fault}"
        for path in paths
        for fault in bar(path.read_text(encoding="utf-8"))
    ]


def none(found: list[str]) -> None:
    assert not found, "\n" + "\n".join(found)


def commands(path: Path) -> bool:
    return "cli" in path.relative_to(ROOT).parts


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("the tracked files are known in a git clone only")
    return [path for name in listed.stdout.split("\0") if (path := ROOT / name).is_file()]


def texts() -> list[Path]:
    return [path for path in tracked() if b"\0" not in path.read_bytes()]


@pytest.mark.parametrize("bar", [bars.long_file, bars.long_bodies])
def test_all_python_is_short(bar):
    none(faults(bar, PYTHON))


@pytest.mark.parametrize("bar", [bars.attribute_guesses, bars.inheritance, bars.untyped])
def test_sources_keep(bar):
    none(faults(bar, SOURCES))


def test_only_what_looks_for_wrong_keywords_takes_any():
    (found,) = faults(bars.keyword_catch_alls, SOURCES)
    assert found.startswith("src/cilens/keywords.py: ")


PACKAGE = ROOT / "src" / "cilens"
ROOMS = sorted({path.parent for path in SOURCES})


def names(room: Path) -> list[str]:
    """Return what the files and rooms in a room are called."""
    return sorted(
        {path.relative_to(room).parts[0].removesuffix(".py") for path in room.rglob("*.py")}
    )


def test_a_face_hands_names_on_and_does_nothing() -> None:
    faces = [room / "__init__.py" for room in ROOMS if room != PACKAGE]  # which loads lazily
    none(faults(bars.face_with_logic, faces))


@pytest.mark.parametrize("bar", [bars.wide_folder, bars.participles, bars.twins])
def test_rooms_are_small_and_called_after_things(bar) -> None:
    files = {room: [path.name for path in room.glob("*.py")] for room in ROOMS}
    named = files if bar is bars.wide_folder else {room: names(room) for room in ROOMS}
    none([f"{room.relative_to(ROOT)}: {fault}" for room in ROOMS for fault in bar(named[room])])


def test_every_exemption_is_needed() -> None:
    assert {name for room in ROOMS for name in names(room)} >= bars._PARTICIPLES


@pytest.mark.parametrize(
    ("bar", "bad", "good"),
    [
        (bars.wide_folder, [str(n) for n in range(16)], [str(n) for n in range(15)]),
        (bars.participles, ["explaining"], ["explain", "flipping"]),
        (bars.participles, ["parsed"], ["sampled"]),
        (bars.twins, ["explain", "explaining"], ["explain", "explanation"]),
        (bars.twins, ["compare", "comparison"], ["compare", "company"]),
        (bars.twins, ["list", "lists"], ["list", "listener"]),
    ],
)
def test_bar_of_rooms_can_be_broken(bar, bad: list[str], good: list[str]) -> None:
    assert bar(bad)
    assert bar(good) == []


def test_functions_take_few_parameters_unless_they_are_commands_captums_or_front_doors():
    """`load_model` takes all that can be stated of a file, and `explain` of an explanation."""
    found = faults(bars.many_parameters, [path for path in SOURCES if not commands(path)])
    several = (
        r"captum/attribution\.py: line \d+: attribute",
        r"models/load\.py: line \d+: load_model",
        r"methods/recommended\.py: line \d+: explain",
    )
    known = rf"src/cilens/({'|'.join(several)}) has \d+ parameters; at most 6"
    kept = [fault for fault in found if not re.fullmatch(known, fault)]
    assert len(kept) == len(found) - 3
    none(kept)


def test_one_place_calls_a_model():
    calls = faults(bars.model_calls, SOURCES)
    assert len(calls) == 2, calls  # without and with a look inside
    assert all(call.startswith("src/cilens/scoring/loop.py") for call in calls)


def test_public_names_are_documented():
    interface = {getattr(cilens, name) for name in cilens.__all__}
    found, seen = [], 0
    for path in SOURCES:
        if commands(path):
            continue  # a command's docstring is its help
        module = ".".join(path.relative_to(ROOT / "src").with_suffix("").parts)
        module = module.removesuffix(".__init__")
        for name in bars.public_names(path.read_text(encoding="utf-8")):
            first, *rest = name.split(".")
            owner = getattr(importlib.import_module(module), first)
            thing = functools.reduce(getattr, rest, owner)
            # A class documents its fields; its methods say in a sentence what they do with them.
            wrong = bars.docstring_faults(thing, interface=owner in interface and not rest)
            found += [f"{module}.{name}: {fault}" for fault in wrong]
            seen += 1
    assert seen > len(interface)
    none(found)


def test_no_file_names_a_place_on_one_machine():
    none(faults(bars.machine_paths, texts()))


def test_no_file_names_this_machine():
    host = socket.gethostname()
    if not re.search(r"\d", host):
        pytest.skip("this machine's name could be any word")
    none([str(path) for path in texts() if host in path.read_text(encoding="utf-8")])


BODY = "\n".join(["    a = 1"] * 41)
DOCUMENTED = f'def f():\n    """Not\n\n    counted."""\n{BODY[10:]}'

DOCSTRING = f'"""{chr(10) * 60}"""\n'

BROKEN = [
    (bars.long_file, "a = 1\n" * 251, DOCSTRING + "# note\n\na = 1\n" * 250),
    (bars.face_with_logic, "NAMES = []", '"""Doc."""\nfrom a import b\n\n__all__ = ["b"]'),
    (bars.face_with_logic, "from a import b\n" * 40, "from a import b\n" * 39),
    (bars.long_bodies, f"def f():\n{BODY}", DOCUMENTED),
    (bars.many_parameters, "def f(a, b, /, c, *d, e, f, g): 1", "def f(self, a, b, c, d, e, f): 1"),
    (bars.keyword_catch_alls, "def f(**options): ...", "f(**options)"),
    (bars.attribute_guesses, "if hasattr(a, 'b'): ...", "a.hasattr"),
    (bars.inheritance, "class A(B): ...", "class A(typing.Protocol): ..."),
    (bars.inheritance, "class A(InputError, B[int]): ...", "class A(InputError): ..."),
    (bars.model_calls, "self.model(images)", "load_model(name)"),
    (bars.model_calls, "model.__call__(images)", "model.view(image)"),
    (bars.model_calls, "self.model.cells(images)", "head.cells(features, classes)"),
    (bars.model_calls, "def f(ask: Model): ask(images)", "def f(ask: Method): ask(images)"),
    (bars.model_calls, "class A:\n    b: ImageModel\nA.b(1)", "class A:\n    model: Model"),
    (bars.untyped, "def f(a) -> int: ...", "def _f(a): ..."),
    (bars.untyped, "class A:\n    def b(self): ...", "class A:\n    def b(self) -> int: ..."),
    (bars.untyped, "def f(a: np.ndarray) -> int: 1", "def f(a: Real[np.ndarray, 'n']) -> int: 1"),
    (bars.machine_paths, "cd /" + "root/project", "cd ~/project"),
    (bars.machine_paths, "see '/" + "home/me'", "see src/home/me and https://a.b/home/me"),
]


@pytest.mark.parametrize(("bar", "bad", "good"), BROKEN)
def test_bar_can_be_broken(bar, bad, good):
    assert bar(bad)
    assert bar(good) == []


def documented(image: int) -> int:
    """Return the image.

    Parameters
    ----------
    image : int
        Something.

    Returns
    -------
    int
        The same.

    Examples
    --------
    >>> 1
    1
    """
    return image


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("Return the", "Returns the", "SS05"),
        ("the image.", "the image", "SS03"),
        ("image : int", "picture : int", "PR02"),
        ("Something.", "", "PR07"),
    ],
)
def test_docstring_must_be_true(old, new, code):
    assert bars.docstring_faults(documented, interface=True) == []
    lying = functools.update_wrapper(lambda image: image, documented)
    lying.__doc__ = documented.__doc__.replace(old, new)
    assert any(fault.startswith(code) for fault in bars.docstring_faults(lying, interface=False))


@pytest.mark.parametrize(
    ("cut", "code"),
    [
        (r"Parameters\n *-+\n( +\S.*\n)+\n", "PR01"),
        (r"(?<=image) : int", "PR04"),
        (r"Returns\n *-+\n( +\S.*\n)+\n", "RT01"),
        (r" +The same.\n", "RT03"),
        (r"Examples\n *-+\n( +\S.*\n)+", "EX01"),
    ],
)
def test_interface_must_be_documented_completely(cut, code):
    brief = functools.update_wrapper(lambda image: image, documented)
    brief.__doc__ = re.sub(cut, "", documented.__doc__)
    assert [fault[:4] for fault in bars.docstring_faults(brief, interface=True)] == [code]
    assert bars.docstring_faults(brief, interface=False) == []


class Record(NamedTuple):
    """A record is documented by its attributes.

    Attributes
    ----------
    low, high : float
        Two numbers.
    name : str
        A word.

    Examples
    --------
    >>> 1
    1
    """

    low: float
    high: float
    name: str


def test_record_may_list_attributes_in_place_of_parameters():
    assert bars.docstring_faults(Record, interface=True) == []
    for shorter in (Record.__doc__.replace("low, high", "low"), Record.__doc__.split("Attr")[0]):
        lesser = type("Record", (Record,), {"__doc__": shorter})
        assert "PR01" in {fault[:4] for fault in bars.docstring_faults(lesser, interface=True)}


def test_error_needs_no_example():
    assert bars.docstring_faults(cilens.InputError, interface=True) == []
