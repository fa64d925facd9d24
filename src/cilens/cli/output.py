"""What `cilens explain` writes: records for programs, and three files for each image."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cilens.errors import FileError, InputError
from cilens.files import whole_file

if TYPE_CHECKING:
    from cilens.explanation import Explanation
    from cilens.metrics.faithfulness import HighlightCheck

SUFFIXES = (".png", ".json", ".npz")
"""The figure, the record, all numbers."""

DPI = 150
"""Of the figures."""


class Finding(NamedTuple):
    """All there is to say of one image."""

    source: str
    model: str
    explanation: Explanation
    check: HighlightCheck
    seconds: float


def stem(source: str) -> str:
    """Return what the files of an image are called, without their suffix.

    Examples
    --------
    >>> stem("a/seven.png"), stem("mnist:4013"), stem("skimage:chelsea"), stem("-")
    ('seven', 'mnist-4013', 'skimage-chelsea', 'stdin')
    """
    if source == "-":
        return "stdin"
    scheme, _, name = source.partition(":")
    return f"{scheme}-{name}" if scheme in ("mnist", "skimage") else Path(source).stem


def check_names(directory: Path, sources: Sequence[str]) -> None:
    """Refuse images whose files would overwrite each other, an image, or a directory.

    Raises
    ------
    InputError
        Naming the files.
    """
    taken: dict[str, str] = {}
    images = {Path(source).resolve() for source in sources}
    for source in sources:
        name = stem(source)
        if name.casefold() in taken:
            raise InputError(
                f"{taken[name.casefold()]} and {source} would both be written to "
                f"{directory / name}.png: explain them in two runs, with two --out directories"
            )
        taken[name.casefold()] = source
        for path in paths(directory, source):
            if path.resolve() in images:
                raise InputError(f"{path} would overwrite an image: choose another --out directory")
            if path.is_dir():
                raise InputError(f"{path} is a directory: choose another --out directory")


def paths(directory: Path, source: str) -> list[Path]:
    """Return the files of an image: the figure, the record, the numbers."""
    return [directory / f"{stem(source)}{suffix}" for suffix in SUFFIXES]


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


def record(finding: Finding) -> dict[str, object]:
    """Return what the JSON says of one image."""
    from cilens.table import as_records, sentence

    explanation, check = finding.explanation, finding.check
    return {
        "image": finding.source,
        "model": finding.model,
        "method": explanation.method,
        "shape": list(explanation.image.shape),
        "box": list(explanation.box),
        "predicted": _class(explanation, explanation.predicted),
        "target": _class(explanation, check.target),
        "threshold": check.threshold,
        "output_range": [float(bound) for bound in explanation.output_range[:, check.target]],
        "model_rows": explanation.model_rows,
        "seconds": finding.seconds,
        "sentence": sentence(explanation, check),
        "regions": as_records(explanation, check.target),
        "highlight": {
            "area": check.area,
            "score": check.score,
            "predicted": check.predicted,
            "empty": check.empty,
        },
        "remainder": {"score": check.remainder_score, "predicted": check.remainder_predicted},
        "blank": {"score": check.blank_score, "predicted": check.blank_predicted},
        "check_rows": check.model_rows,
    }


def write(finding: Finding, directory: Path) -> None:
    """Write the figure, the record and the numbers: all three, or none of them.

    Raises
    ------
    FileError
        If one of them cannot be written.
    """
    from cilens.plot import explanation_figure

    explanation, check = finding.explanation, finding.check
    picture_path, text_path, numbers_path = paths(directory, finding.source)
    figure = explanation_figure(explanation, check.target, check, check.threshold)
    with whole_file(picture_path) as picture:
        figure.savefig(picture, dpi=DPI)
        with whole_file(text_path) as text:
            text.write_text(json.dumps([record(finding)], indent=2, allow_nan=False) + "\n")
            with whole_file(numbers_path) as numbers:
                explanation.save(numbers)


def _class(explanation: Explanation, index: int) -> Mapping[str, object]:
    return {
        "index": index,
        "name": explanation.class_name(index),
        "score": float(explanation.scores[index]),
    }
