"""A network that is asked about each image once: its answers are kept in a file.

Benchmarks ask the same rows again and again (every method about the same coalitions, every judge
about the same chains), and runs are broken off and go on. The file lies outside the repository.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from jaxtyping import Float

import cilens
from cilens.proxy.head import joined, split
from cilens.types import Batch, Cells, Head, Image, View


class Kept:
    """A network, and a file of what it has answered so far.

    Parameters
    ----------
    network : OnnxModel
        What to ask where nothing is kept.
    path : path
        Of an SQLite file for this network alone; made where there is none.
    """

    def __init__(self, network: cilens.OnnxModel, path: Path) -> None:
        self.network, self.class_names = network, network.class_names
        self._shape: tuple[int, ...] | None = None
        self._table = sqlite3.connect(path, timeout=300, isolation_level=None)
        self._table.execute("PRAGMA journal_mode=WAL")
        self._table.execute("PRAGMA synchronous=OFF")
        self._table.execute("CREATE TABLE IF NOT EXISTS kept (row BLOB PRIMARY KEY, scores BLOB)")

    def view(self, image: Image) -> View:
        """Return the network's view."""
        return self.network.view(image)

    def __call__(self, images: Batch) -> Float[np.ndarray, "rows classes"]:
        """Return the scores, asking about the rows that are new."""
        keys = [_key(row) for row in images]
        known = {key: self._read(key) for key in set(keys)}
        new = {key: row for row, key in enumerate(keys) if known[key] is None}
        if new:
            answers = self.network(images[list(new.values())])
            self._write(new, answers)
            known |= dict(zip(new, answers, strict=True))
        return np.stack([known[key] for key in keys])

    def head(self) -> Head | None:
        """Return the network's own."""
        return self.network.head()

    def cells(self, images: Batch) -> Cells:
        """Return scores and features; the features of all rows are kept too, 250 kB each."""
        keys = [_key(row, "cells") for row in images]
        known = {key: self._read(key) for key in set(keys)}
        new = {key: row for row, key in enumerate(keys) if known[key] is None}
        if new:
            seen = self.network.cells(images[list(new.values())])
            table = joined(seen.scores, seen.features)
            self._write(new, table)
            known |= dict(zip(new, table, strict=True))
        return split(
            np.stack([known[key] for key in keys]), len(self.class_names), self._grid(images[:1])
        )

    def _grid(self, images: Batch) -> tuple[int, ...]:
        if self._shape is None:
            self._shape = self.network.cells(images).features.shape[1:]
        return self._shape

    def _write(self, keys: Iterable[bytes], table: Float[np.ndarray, "rows _"]) -> None:
        rows = [(key, row.tobytes()) for key, row in zip(keys, table, strict=True)]
        self._table.execute("BEGIN")
        self._table.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?)", rows)
        self._table.execute("COMMIT")

    def _read(self, key: bytes) -> Float[np.ndarray, " classes"] | None:
        found = self._table.execute("SELECT scores FROM kept WHERE row = ?", (key,)).fetchone()
        return None if found is None else np.frombuffer(found[0], np.float32)


def _key(row: Image, kind: str = "") -> bytes:
    """Return what an image is kept under."""
    return hashlib.blake2b(row.tobytes(), digest_size=16, person=kind.encode()).digest()
