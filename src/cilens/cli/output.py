"""What `cilens explain` writes: records for programs, and three files for each image."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cilens.errors import FileError, InputError
from cilens.files import whole_file
from cilens.text import Kind, Topic, about, sentence

if TYPE_CHECKING:
    from cilens.contrast import Contrast
    from cilens.explanation import Explanation
    from cilens.followup.audit import Audited
    from cilens.followup.highlight import HighlightCheck
    from cilens.followup.insertion import Insertion
    from cilens.followup.minimal import MinimalSets
    from cilens.followup.redundancy import Redundancy
    from cilens.objects import Objects

SUFFIXES = (".png", ".detail.png", ".json", ".npz")
"""The figure, its second sheet, the record, all numbers."""

DPI = 150
"""Of the figures."""


class Finding(NamedTuple):
    """All there is to say of one image."""

    source: str
    model: str
    explanation: Explanation
    check: HighlightCheck
    seconds: float
    contrast: Contrast | None = None
    words: str | None = None
    minimal: MinimalSets | None = None
    redundancy: Redundancy | None = None
    audited: Audited | None = None
    objects: Objects | None = None
    inserted: Insertion | None = None
    group: str | None = None

    @property
    def topic(self) -> Topic:
        """What every face is about."""
        foil = None if self.contrast is None else self.contrast.foil
        kind: Kind = "digit" if self.model == "digits" else "image"
        topic = about(self.explanation, foil=foil, kind=kind, check=self.check)
        return replace(topic, group=self.group)


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


def record(finding: Finding) -> dict[str, object]:
    """Return what the JSON says of one image."""
    from cilens.table import as_records

    explanation, check, topic = finding.explanation, finding.check, finding.topic
    return {
        "image": finding.source,
        "model": finding.model,
        "method": explanation.method,
        "shape": list(explanation.image.shape),
        "box": list(explanation.box),
        "predicted": _class(explanation, explanation.predicted),
        "top": [_class(explanation, index) for index in best(explanation)],
        "target": _class(explanation, check.target),
        "threshold": check.threshold,
        "output_range": [float(bound) for bound in explanation.output_range[:, check.target]],
        "model_rows": explanation.model_rows,
        "seconds": finding.seconds,
        "sentence": sentence(topic),
        "regions": as_records(topic),
        "highlight": {
            "area": check.area,
            "score": check.score,
            "predicted": check.predicted,
            "empty": check.empty,
            "regions": _inside(explanation, check),
            "added": check.added,
        },
        "remainder": {"score": check.remainder_score, "predicted": check.remainder_predicted},
        "blank": {"score": check.blank_score, "predicted": check.blank_predicted},
        "check_rows": check.model_rows,
    } | _asked_for(finding)


def best(explanation: Explanation) -> list[int]:
    """Return the classes with the five highest scores, the best first."""
    order = np.argsort(-explanation.scores, kind="stable")
    return [int(index) for index in order[:5]]


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


def _asked_for(finding: Finding) -> dict[str, object]:
    """Return what the JSON has where it was asked for."""
    found: dict[str, object] = {}
    if finding.contrast is not None:
        contrast, explanation = finding.contrast, finding.explanation
        found["contrast"] = {
            "foil": _class(explanation, contrast.foil),
            "differences": contrast.difference.tolist(),
            "for_target_only": np.flatnonzero(contrast.for_target_only).tolist(),
            "for_foil_only": np.flatnonzero(contrast.for_foil_only).tolist(),
            "both": np.flatnonzero(contrast.both).tolist(),
        }
    if finding.words is not None:
        found["words"] = finding.words
    if finding.minimal is not None and finding.redundancy is not None:
        from cilens.table import minimal_records, redundancy_records

        found["minimal"] = minimal_records(finding.explanation, finding.minimal)
        found["redundancy"] = redundancy_records(finding.redundancy)
    if finding.audited is not None:
        from cilens.table import audit_record

        found["audit"] = audit_record(finding.topic, finding.audited)
    if finding.inserted is not None:
        inserted, segments = finding.inserted, finding.explanation.segments
        areas = np.bincount(segments.ravel()) / segments.size
        found["insertion"] = {
            "areas": (inserted.coalitions @ areas).tolist(),
            "scores": inserted.scores.tolist(),
            "predicted": inserted.predicted.tolist(),
            "model_rows": inserted.model_rows,
        }
    if finding.objects is not None:
        from cilens.table import objects_records

        found["objects"] = objects_records(finding.explanation, finding.objects)
    return found


def _inside(explanation: Explanation, check: HighlightCheck) -> list[int]:
    """Return the regions that lie in the highlight, strongest influence first."""
    inside = ~(explanation.regions & ~check.kept).any(axis=1)
    return [int(row) for row in explanation.ranked(check.target) if inside[row]]


def _class(explanation: Explanation, index: int) -> Mapping[str, object]:
    return {
        "index": index,
        "name": explanation.class_name(index),
        "score": float(explanation.scores[index]),
    }
