"""What `cilens explain --out` writes: three files for each image, and what was asked for beside."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from cilens.datasets.shipped import named
from cilens.errors import FileError, InputError
from cilens.files import whole_file
from cilens.findings.finding import Finding
from cilens.findings.record import record

SUFFIXES = (".png", ".detail.png", ".json", ".npz")
"""The figure, its second sheet, the record, all numbers."""

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


def check_names(directory: Path, sources: Sequence[str], extra: Sequence[str] = ()) -> None:
    """Refuse images whose files would overwrite each other, an image, or a directory.

    Parameters
    ----------
    directory : Path
        Where they will be.
    sources : sequence of str
        The images.
    extra : sequence of str
        How the files of further figures end, as ".objects.png".

    Raises
    ------
    InputError
        Naming the files.
    """
    taken: dict[str, str] = {}
    images = {Path(source).resolve() for source in sources}
    for source in sources:
        further = [directory / f"{stem(source)}{suffix}" for suffix in extra]
        for path in (*paths(directory, source), *further):
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


def paths(directory: Path, source: str) -> list[Path]:
    """Return the files of an image: the figure and its second sheet, the record, the numbers."""
    return [directory / f"{stem(source)}{suffix}" for suffix in SUFFIXES]


def against_path(directory: Path, source: str) -> Path:
    """Return the file of the figure that ``--against`` adds."""
    return directory / f"{stem(source)}.against.png"


def minimal_path(directory: Path, source: str) -> Path:
    """Return the file of the figure that ``--minimal`` adds."""
    return directory / f"{stem(source)}.minimal.png"


def objects_path(directory: Path, source: str) -> Path:
    """Return the file of the figure that ``--objects`` adds."""
    return directory / f"{stem(source)}.objects.png"


def animation_path(directory: Path, source: str) -> Path:
    """Return the file that ``--animate`` adds."""
    return directory / f"{stem(source)}.animation.gif"


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


def write(finding: Finding, directory: Path) -> None:
    """Write the figure, its second sheet, the record and the numbers: all four, or none of them.

    Raises
    ------
    FileError
        If one of them cannot be written.
    """
    from cilens.plot import detail_figure, finding_figure

    topic = finding.topic
    picture_path, detail_path, text_path, numbers_path = paths(directory, finding.source)
    with ExitStack() as files:
        finding_figure(topic).savefig(files.enter_context(whole_file(picture_path)), dpi=DPI)
        detail_figure(topic).savefig(files.enter_context(whole_file(detail_path)), dpi=DPI)
        text = files.enter_context(whole_file(text_path))
        text.write_text(json.dumps([record(finding)], indent=2, allow_nan=False) + "\n")
        finding.explanation.save(files.enter_context(whole_file(numbers_path)))
    _write_further(finding, directory)


def _write_further(finding: Finding, directory: Path) -> None:
    """Write what was asked for beside."""
    from cilens.plot import animate, contrast_figure, minimal_figure, objects_figure

    explanation, source = finding.explanation, finding.source
    if finding.contrast is not None:
        with whole_file(against_path(directory, source)) as picture:
            contrast_figure(finding.topic).savefig(picture, dpi=DPI)
    if finding.minimal is not None and finding.redundancy is not None:
        figure = minimal_figure(explanation, finding.minimal, finding.redundancy)
        with whole_file(minimal_path(directory, source)) as picture:
            figure.savefig(picture, dpi=DPI)
    if finding.objects is not None:
        with whole_file(objects_path(directory, source)) as picture:
            objects_figure(explanation, finding.objects).savefig(picture, dpi=DPI)
    if finding.inserted is not None:
        with whole_file(animation_path(directory, source)) as picture:
            picture.write_bytes(animate(finding.topic, finding.inserted))
