"""Steps: each is done once, its result a whole file; a second run does only what is missing.

A step's file is good as long as its key is: what the numbers depend on, which is the network, the
settings, the code and the packages underneath. Seconds are kept apart, so that all else is the
same, bit by bit, when it is done again.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata, resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from matplotlib.figure import Figure

from cilens.errors import FileError
from cilens.files import whole_file
from cilens.paper.study import Study
from cilens.paper.verdicts import Found, from_plain, to_plain
from cilens.plot.style import DPI

_PACKAGES = ("matplotlib", "numpy", "onnxruntime", "pillow", "scikit-image", "scipy")
"""What the numbers and pictures depend on beside cilens."""


class Result(NamedTuple):
    """What a step found.

    Attributes
    ----------
    checks : dict of str to Measured
        A number for each check, by its name in `cilens.paper.claims`.
    tables : mapping
        What else there is to tell, ready for JSON.
    figures : mapping of str to Figure
        Drawn; empty once they are files.
    seconds : mapping of str to float
        What took how long, where that is a result.
    """

    checks: Found
    tables: Mapping[str, Any] = MappingProxyType({})
    figures: Mapping[str, Figure] = MappingProxyType({})
    seconds: Mapping[str, float] = MappingProxyType({})

    @classmethod
    def of(
        cls,
        found: Mapping[str, Found],
        tables: Mapping[str, Any] = MappingProxyType({}),
        figures: Mapping[str, Figure] = MappingProxyType({}),
    ) -> Result:
        """Return what was found of each claim, its numbers under the full names of their checks."""
        checks = {
            f"{claim}.{name}": measured
            for claim, numbers in found.items()
            for name, measured in numbers.items()
        }
        return cls(checks, tables, figures)


Done: TypeAlias = Mapping[str, Result]
"""The results of the steps so far, by name."""


class Step(NamedTuple):
    """One piece of the work.

    Attributes
    ----------
    name : str
        Name of the step and its file.
    title : str
        What a person who waits is told.
    run : callable
        (study, results of the steps before) to Result.
    """

    name: str
    title: str
    run: Callable[[Study, Done], Result]


def run_steps(
    steps: Sequence[Step], study: Study, out: Path, tell: Callable[[str], object]
) -> dict[str, Result]:
    """Do the steps that are not done, and read the results of the others.

    Parameters
    ----------
    steps : sequence of Step
        In their order.
    study : Study
        What they are about.
    out : path
        Where ``steps/``, ``figures/`` and ``seconds.json`` are.
    tell : callable
        Called with the title of each step before it is done or read.

    Returns
    -------
    dict of str to Result
        By the steps' names.

    Raises
    ------
    FileError
        If a file cannot be written. What is done stays.
    """
    key, done = settings_key(study), dict[str, Result]()
    for step in steps:
        tell(step.title)
        file = out / "steps" / f"{step.name}.json"
        found = _read(file, key, out)
        if found is None:
            begun = time.perf_counter()
            found = step.run(study, done)
            _write(found, file, key, out)
            spent = {"step": time.perf_counter() - begun, **found.seconds}
            _remember(out / "seconds.json", step.name, spent)
        done[step.name] = found
    return done


def settings_key(study: Study) -> str:
    """Return a digest of all that the numbers of a study depend on.

    Parameters
    ----------
    study : Study
        Whose settings and network.

    Returns
    -------
    str
        SHA-256, in hexadecimal digits.
    """
    parts = json.dumps({**study.settings(), "packages": versions()}, sort_keys=True)
    return hashlib.sha256(f"{parts}{_code()}".encode()).hexdigest()


def versions() -> dict[str, str]:
    """Return the versions of the packages that numbers and pictures depend on.

    Examples
    --------
    >>> "numpy" in versions()
    True
    """
    return {name: metadata.version(name) for name in _PACKAGES}


def _code() -> str:
    """Return a digest of cilens' own source: a step done by other code is done again."""
    digest, root = hashlib.sha256(), Path(str(resources.files("cilens")))
    for file in sorted(file for end in ("py", "toml") for file in root.rglob(f"*.{end}")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _read(file: Path, key: str, out: Path) -> Result | None:
    """Return what a step's file says, unless it is of other settings or its figures are gone."""
    try:
        stored = json.loads(file.read_bytes())
        if stored["key"] != key:
            return None
        for name, digest in stored["figures"].items():
            pixels = (out / "figures" / f"{name}.png").read_bytes()
            if hashlib.sha256(pixels).hexdigest() != digest:
                return None
        return Result(from_plain(stored["checks"]), stored["tables"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _write(found: Result, file: Path, key: str, out: Path) -> None:
    """Write the figures first, and then the file that says that they are there."""
    digests = {}
    for name, figure in found.figures.items():
        with whole_file(out / "figures" / f"{name}.png") as draft:
            figure.savefig(draft, dpi=DPI)
            digests[name] = hashlib.sha256(draft.read_bytes()).hexdigest()
    document = {
        "key": key,
        "checks": to_plain(found.checks),
        "tables": dict(found.tables),
        "figures": digests,
    }
    write_json(file, document)


def write_json(file: Path, document: object) -> None:
    """Write a JSON file, whole or not at all; one that is already so stays untouched.

    Parameters
    ----------
    file : path
        Where.
    document : object
        What `json` can write; no NaN.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    write_text(file, json.dumps(document, indent=1, allow_nan=False, ensure_ascii=False) + "\n")


def write_text(file: Path, text: str) -> None:
    """Write a text file, whole or not at all; one that is already so stays untouched.

    Parameters
    ----------
    file : path
        Where.
    text : str
        What.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    data = text.encode()
    try:
        if file.read_bytes() == data:
            return
    except OSError:
        pass
    with whole_file(file) as draft:
        draft.write_bytes(data)


def _remember(file: Path, name: str, spent: Mapping[str, float]) -> None:
    """Add a step's seconds to those of the others."""
    try:
        seconds = json.loads(file.read_bytes())
    except (OSError, ValueError):
        seconds = {}
    if not isinstance(seconds, dict):
        raise FileError(f"{file} is not one that cilens wrote: move it away")
    write_json(file, {**seconds, name: {key: round(value, 3) for key, value in spent.items()}})
