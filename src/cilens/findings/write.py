"""What `cilens explain --out` writes: five files for each image, and what was asked for beside."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from cilens.datasets.shipped import named
from cilens.errors import FileError, InputError
from cilens.files import whole_file
from cilens.findings.finding import Finding
from cilens.findings.record import record
from cilens.findings.request import ResultOptions

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SUFFIXES = (".png", ".detail.png", ".json", ".npz", ".html")
"""The figure, its second sheet, the record, all numbers, the page."""

_FURTHER = {
    "against": ".against.png",
    "minimal": ".minimal.png",
    "objects": ".objects.png",
    "animate": ".animation.gif",
}
"""What an option adds."""

DPI = 150
"""Of the figures."""


def stem(source: str) -> str:
    """Return what the files of an image are called, without their suffix.

    Examples
    --------
    >>> stem("a/seven.png"), stem("mnist:4013"), stem("skimage:chelsea"), stem("-")
    ('seven', 'mnist-4013', 'skimage-chelsea', 'stdin')
    """
    if source == "-":
        return "stdin"
    name = named(source)
    return Path(source).stem if name is None else "-".join(name)


def suffixes(told: ResultOptions) -> tuple[str, ...]:
    """Return how the files of an image end: those there always are, and those asked for.

    Examples
    --------
    >>> suffixes(ResultOptions(minimal=True))
    ('.png', '.detail.png', '.json', '.npz', '.html', '.minimal.png')
    """
    asked = (end for option, end in _FURTHER.items() if getattr(told, option))
    return (*SUFFIXES, *asked)


def check_names(directory: Path, sources: Sequence[str], ends: Sequence[str] = SUFFIXES) -> None:
    """Refuse images whose files would overwrite each other, an image, or a directory.

    Parameters
    ----------
    directory : Path
        Where they will be.
    sources : sequence of str
        The images.
    ends : sequence of str
        From `suffixes`.

    Raises
    ------
    InputError
        Naming the files.
    """
    taken: dict[str, str] = {}
    images = {Path(source).resolve() for source in sources}
    for source in sources:
        for end in ends:
            path = directory / f"{stem(source)}{end}"
            name = str(path).casefold()
            if name in taken:
                raise InputError(
                    f"{taken[name]} and {source} would both be written to {path}: explain them in "
                    "two runs, with two --out directories"
                )
            taken[name] = source
            if path.resolve() in images:
                raise InputError(f"{path} would overwrite an image: choose another --out directory")
            if path.is_dir():
                raise InputError(f"{path} is a directory: choose another --out directory")


def make_directory(directory: Path) -> None:
    """Make the directory, and see whether anything can be written there.

    Raises
    ------
    FileError
        If it cannot.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory, buffering=0) as file:
            file.write(bytes(4096))
    except FileExistsError:
        raise FileError(f"--out must be a directory; {directory} is a file") from None
    except OSError as error:
        raise FileError(f"--out {directory} cannot be written to: {error.strerror}") from None


def write(
    finding: Finding,
    directory: Path,
    page: Callable[[Finding], str],
    ends: Sequence[str] = SUFFIXES,
) -> None:
    """Write the files of an image that end so: all of them, or none.

    Raises
    ------
    FileError
        If one of them cannot be written.
    """
    begun, writers = directory / stem(finding.source), _writers(finding, page)
    with ExitStack() as files:
        for end in ends:
            writers[end](files.enter_context(whole_file(f"{begun}{end}")))


def write_json(path: Path, document: object) -> None:
    """Write a document, as text that people can read."""
    path.write_text(json.dumps(document, indent=2, allow_nan=False) + "\n", encoding="utf-8")


def _writers(
    finding: Finding, page: Callable[[Finding], str]
) -> dict[str, Callable[[Path], object]]:
    """Return what writes each file, by how it ends."""
    from cilens import plot

    topic, explanation = finding.topic, finding.explanation

    def saved(figure: Callable[[], Figure]) -> Callable[[Path], object]:
        return lambda path: figure().savefig(path, dpi=DPI)

    found = {
        ".png": saved(lambda: plot.finding_figure(topic)),
        ".detail.png": saved(lambda: plot.detail_figure(topic)),
        ".json": lambda path: write_json(path, [record(finding)]),
        ".npz": explanation.save,
        ".html": lambda path: path.write_text(page(finding), encoding="utf-8"),
    }
    if finding.contrast is not None:
        found[".against.png"] = saved(lambda: plot.contrast_figure(topic))
    if (sets := finding.minimal) is not None and (pairs := finding.redundancy) is not None:
        found[".minimal.png"] = saved(lambda: plot.minimal_figure(explanation, sets, pairs))
    if (objects := finding.objects) is not None:
        found[".objects.png"] = saved(lambda: plot.objects_figure(explanation, objects))
    if (steps := finding.inserted) is not None:
        found[".animation.gif"] = lambda path: path.write_bytes(plot.animate(topic, steps))
    return found
