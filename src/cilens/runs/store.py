"""Where a run's rows are: parts that appear whole and stay, and a manifest of what they are of."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from cilens.errors import FileError
from cilens.files import locked, read_text, reading, whole_file
from cilens.findings.write import make_directory
from cilens.runs.schema import IMAGES, REGIONS, VERSION, Column

Rows = dict[str, list[Any]]
"""Columns of a table, by their names."""

_MOST_MANIFEST = 1 << 26
"""Bytes; a manifest has some thousand."""

_DAMAGED = "is damaged or not a part of a run; delete it, and the run does its images again"

_RECORDED = ["index", "id", "image", "error", "bytes", "modified"]
"""What a run goes by of images that have their rows."""

_SHOWN = 60
"""Signs of a value that an error shows."""


@dataclass(frozen=True)
class Store:
    """The folder of a run, held by this process alone: made by `open_store`.

    Attributes
    ----------
    folder : Path
        Of the manifest, the parts and the mark of the end.
    further : pyarrow.Schema
        The columns of the images that the user's own table has beside.
    """

    folder: Path
    further: pa.Schema

    @property
    def finished(self) -> Path:
        """The file that says that every image has its row."""
        return self.folder / "_SUCCESS"

    def claim(self, fingerprint: Mapping[str, str], request: str) -> None:
        """Write the manifest; where there is one, refuse to mix other results with its own.

        Parameters
        ----------
        fingerprint : mapping of str to str
            All that changes results.
        request : str
            As TOML, for people to read.

        Raises
        ------
        FileError
            If the folder has another run, whose manifest says what changed, or other files.
        """
        path = self.folder / "manifest.json"
        if not path.exists():
            if any(self.folder.glob("*/part-*.parquet")):
                raise FileError(
                    f"{self.folder} has parts and no manifest.json: choose another --out"
                )
            document = {"schema": VERSION, "request": request, "fingerprint": dict(fingerprint)}
            with whole_file(path, durable=True) as draft:
                draft.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
            return
        with reading(path, "is damaged or not a run's manifest"):
            before = dict(json.loads(read_text(path, "JSON", _MOST_MANIFEST))["fingerprint"])
        changed = [
            f"{name} was {_short(before.get(name))}, is {_short(fingerprint.get(name))}"
            for name in {**before, **fingerprint}
            if before.get(name) != fingerprint.get(name)
        ]
        if changed:
            raise FileError(
                f"{self.folder} has results of another run, which cannot be mixed: "
                f"{'; '.join(changed)}. Choose another --out, or undo the change to go on"
            )

    def recorded(self, part: int) -> pa.Table | None:
        """Return what a run goes by of a part's images; None where it is still to be done.

        Raises
        ------
        FileError
            If the part is damaged.
        """
        path = self._path("images", part)
        if not (path.exists() and self._path("regions", part).exists()):
            return None
        with reading(path, _DAMAGED):
            return parquet.read_table(path, columns=_RECORDED, partitioning=None)

    def kept(self, part: int, without: frozenset[int]) -> tuple[Rows, Rows]:
        """Return the rows of a part, images and regions, but for those of some images."""
        found = []
        for table in ("images", "regions"):
            path = self._path(table, part)
            with reading(path, _DAMAGED):
                rows = parquet.read_table(path, partitioning=None)
            keep = [index not in without for index in rows["index"].to_pylist()]
            found.append(rows.filter(pa.array(keep, pa.bool_())).to_pydict())
        return found[0], found[1]

    def write(self, part: int, images: Rows, regions: Rows) -> None:
        """Write a part, its images last: with them it counts.

        Raises
        ------
        FileError
            If it cannot be written; nothing is left of it.
        """
        for table, rows, schema in (
            ("regions", regions, _schema(REGIONS)),
            ("images", images, pa.schema([*_schema(IMAGES), *self.further])),
        ):
            places = rows["index"]
            order = sorted(range(len(places)), key=places.__getitem__)  # stable
            made = pa.table(rows, schema=schema).take(pa.array(order, pa.int64()))
            with whole_file(self._path(table, part), durable=True) as draft:
                parquet.write_table(made, draft, compression="zstd")

    def finish(self) -> None:
        """Say that every image has its row."""
        with whole_file(self.finished, durable=True) as draft:
            draft.write_bytes(b"")

    def _path(self, table: str, part: int) -> Path:
        return self.folder / table / f"part-{part:06d}.parquet"


@contextmanager
def open_store(folder: Path, further: pa.Schema) -> Iterator[Store]:
    """Hold the folder of a run, made where it is missing.

    Parameters
    ----------
    folder : Path
        Of the results.
    further : pyarrow.Schema
        Columns of the images that are none of a run's own.

    Yields
    ------
    Store

    Raises
    ------
    FileError
        If it cannot be written to, or another process works on it.
    """
    for place in (folder, *(folder / table for table in ("images", "regions"))):
        make_directory(place)
    with locked(folder / ".lock", f"another run works on {folder}: wait for it, or stop it"):
        yield Store(folder, further)


def _schema(columns: Mapping[str, Column]) -> pa.Schema:
    return pa.schema([(name, _type(one.type)) for name, one in columns.items()])


def _type(name: str) -> Any:  # noqa: ANN401 (Arrow's, which has no types of its own for mypy)
    return pa.list_(pa.float64()) if name == "list" else pa.type_for_alias(name)


def _short(value: str | None) -> str:
    text = "missing" if value is None else value
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
