"""What a run is about: its images with their labels, and all that changes what is found."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import csv, parquet

import cilens
from cilens.datasets.folder import expand
from cilens.datasets.shipped import named, shown
from cilens.errors import FileError, InputError
from cilens.files import reading
from cilens.findings.examine import Examiner
from cilens.findings.request import Request, RunOptions
from cilens.findings.request.option import flat
from cilens.models.load import model_path
from cilens.models.onnx.external import locations
from cilens.models.sidecar import stated_path
from cilens.printable import printable
from cilens.runs.schema import IMAGES, VERSION

_PACKAGES = (
    "ai-edge-litert", "keras", "numpy", "onnxruntime", "openvino", "pillow", "scikit-image",
    "scipy", "tifffile", "torch",
)  # fmt: skip
"""What computes: another version of one may round otherwise."""

_NO_RESULT = ("images", "trust", "isolate", "timeout")
"""Options that change no result; the images have a fingerprint of their own."""


@dataclass(frozen=True, slots=True)
class Task:
    """One image of a run.

    Attributes
    ----------
    index : int
        Its place in the run.
    source : str
        As `cilens.read_image` takes it.
    label : int or None
        The class it is said to show.
    """

    index: int
    source: str
    label: int | None


@dataclass(frozen=True)
class Plan:
    """The images of a run, in order.

    Attributes
    ----------
    table : pyarrow.Table
        A row for each: image, label, and what else a table of images has.
    """

    table: pa.Table

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @property
    def further(self) -> list[str]:
        """The columns that are none of a run's own."""
        return [name for name in self.table.column_names if name not in ("image", "label")]

    def more(self, index: int) -> dict[str, object]:
        """Return what the further columns say of an image."""
        if not (names := self.further):
            return {}
        (row,) = self.table.slice(index, 1).select(names).to_pylist()
        return dict(row)

    def count(self, size: int) -> int:
        """Return how many parts of a size there are."""
        return -(-len(self) // size)

    def part(self, number: int, size: int) -> list[Task]:
        """Return the images of one part."""
        start = number * size
        piece = self.table.slice(start, size).select(["image", "label"]).to_pydict()
        pairs = zip(piece["image"], piece["label"], strict=True)
        return [Task(start + at, *pair) for at, pair in enumerate(pairs)]


def plan(images: Sequence[str], examiner: Examiner) -> Plan:
    """Find the images that are meant, and their labels.

    Parameters
    ----------
    images : sequence of str
        What `cilens.datasets.folder.expand` takes, and tables: CSV or Parquet files with a column
        ``image`` (paths from the table's folder), perhaps a ``label`` (a class's name or index),
        and any others, which are kept.
    examiner : Examiner
        Whose model has the classes.

    Raises
    ------
    InputError
        If there are none, a label is no class, a table has no column ``image`` or one that a run
        writes itself, or an image comes from standard input.
    FileError
        If a table cannot be read, a folder holds no image, or a pattern matches no file.
    """
    if "-" in images:
        raise InputError("a run goes on where it was stopped, and standard input cannot: name it")
    found = [_table(one) if _is_table(one) else _listed(expand([one]), examiner) for one in images]
    with reading(", ".join(images), "have columns of one name and different types"):
        table = pa.concat_tables(found, promote_options="permissive")
    if not table.num_rows:
        raise InputError("a run needs at least one image; the tables have none")
    labels = _labels(table["label"].to_pylist(), examiner)
    at = table.column_names.index("label")
    return Plan(table.set_column(at, "label", pa.array(labels, pa.int64())))


def fingerprint(
    request: Request, kept: RunOptions, examiner: Examiner, made: Plan
) -> dict[str, str]:
    """Return all that changes the results of a run, in words that can be compared.

    Parameters
    ----------
    request : Request
        What is asked for.
    kept : RunOptions
        What is kept.
    examiner : Examiner
        Made of the request.
    made : Plan
        The images.

    Returns
    -------
    dict of str to str
        What it is called in an error, and what it is.
    """
    found = {"schema": str(VERSION), "cilens": cilens.__version__, **_versions(), **_machine()}
    stated = flat(request) | {"part": kept.part, "top": kept.top}
    found |= {
        f"--{name.replace('_', '-')}": str(value)
        for name, value in stated.items()
        if name not in _NO_RESULT
    }
    found["method"] = repr(examiner.method)
    files = {*_model_files(request), *_files_of(examiner.method)}
    found |= {f"the file {path}": digest(path) for path in sorted(files)}
    return found | {"images": f"{len(made)} images, sha256 {_names(made)}"}


def digest(path: str | Path) -> str:
    """Return the SHA-256 of a file."""
    with reading(path, "cannot be read"), Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_table(source: str) -> bool:
    return source.lower().endswith((".csv", ".parquet"))


def _table(source: str) -> pa.Table:
    """Read a table of images; its labels as text, its paths from its folder."""
    with reading(source, "is damaged or not a table of images"):
        if source.lower().endswith(".csv"):
            texts = {"image": pa.string(), "label": pa.string()}
            table = csv.read_csv(source, convert_options=csv.ConvertOptions(column_types=texts))
        else:
            table = parquet.read_table(source)
    if "image" not in table.column_names:
        raise FileError(
            f"{source} must have a column image; it has {', '.join(table.column_names)}"
        )
    names = [name for name in table.column_names if name not in ("image", "label")]
    folded = [*IMAGES, *(name.casefold() for name in names)]  # SQL knows no case
    for name in names:
        if folded.count(name.casefold()) > 1:
            raise FileError(f"{source} has a column {name}, as a run or the table has: rename it")
    images = table["image"].to_pylist()
    if not all(isinstance(one, str) and one not in ("", "-") for one in images):
        raise FileError(f"{source} must name a file in each row of its column image")
    with reading(source, "is damaged or not a table of images"):
        labels = table["label"].cast(pa.string()) if "label" in table.column_names else None
    folder = Path(source).parent
    rooted = [one if named(one) is not None else str(folder / one) for one in images]
    blank = pa.nulls(len(rooted), pa.string()) if labels is None else labels
    return _joined(rooted, blank, table.select(names))


def _joined(images: list[str], labels: pa.Array, more: pa.Table) -> pa.Table:
    columns = dict(zip(more.column_names, more.columns, strict=True))
    return pa.table({"image": pa.array(images, pa.string()), "label": labels, **columns})


def _listed(sources: list[str], examiner: Examiner) -> pa.Table:
    """Return images without a table, with the labels that collections have."""
    for source in sources:
        if not _is_text(source):
            raise InputError(f"{printable(source)} has a name that is no text, UTF-8: rename it")
    classes = examiner.model.class_names
    labels = (shown(source) for source in sources)
    known = [one if one in classes else None for one in labels]
    return _joined(sources, pa.array(known, pa.string()), pa.table({}))


def _is_text(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _labels(labels: Iterable[str | None], examiner: Examiner) -> list[int | None]:
    """Return the classes that labels name."""
    found: dict[str | None, int | None] = {None: None, "": None}
    for label in (every := list(labels)):
        if label not in found:
            try:
                found[label] = examiner.targets.find(str(label))
            except InputError as error:
                raise InputError(f"a label must be a class of the model: {error}") from error
    return [found[label] for label in every]


def _names(made: Plan) -> str:
    """Return a hash of the images' names, labels and further columns."""
    hashed = hashlib.sha256()
    for batch in made.table.to_batches(max_chunksize=4096):
        hashed.update(repr(batch.to_pylist()).encode("utf-8", "surrogatepass"))
    return hashed.hexdigest()


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _machine() -> dict[str, str]:
    processor = platform.processor() or platform.machine()
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8") as file:
            line = next(line for line in file if line.startswith("model name"))
        processor = line.partition(":")[2].strip()
    except (OSError, StopIteration):
        pass
    system = f"{platform.system()} {platform.machine()}"
    return {"system": system, "processor": processor, "processors": str(os.cpu_count())}


def _model_files(request: Request) -> Iterator[str]:
    """Give the files that a model is made of: its own, beside it, and the code that makes it."""
    path = Path(model_path(request.model, trust=request.stated.trust))
    yield str(path)
    if stated_path(path).exists():
        yield str(stated_path(path))
    if path.suffix.lower() == ".onnx":
        yield from {str(path.parent / name) for name in locations(path.read_bytes())}
    if request.stated.class_names is not None:
        yield str(request.stated.class_names)
    if request.stated.factory is not None:
        spec = find_spec(request.stated.factory.partition(":")[0])
        if spec is not None and spec.origin is not None and Path(spec.origin).is_file():
            yield spec.origin


def _files_of(part: Any) -> Iterator[str]:  # noqa: ANN401 (a part, or what it is made of)
    """Give the files that a part's settings name, such as labels or a picture."""
    if isinstance(part, str | Path) and Path(part).is_file():
        yield str(part)
    inside: Iterable[object] = ()
    if isinstance(part, tuple | list):
        inside = part
    elif isinstance(part, Mapping):
        inside = part.values()
    elif is_dataclass(part):
        inside = [getattr(part, field.name) for field in fields(part)]
    for one in inside:
        yield from _files_of(one)
