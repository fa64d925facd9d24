"""Files as people have them, small: what attacks and damage start from."""

from __future__ import annotations

import dataclasses
import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import numpy as np

import cilens
import made
from cilens.models.sidecar import Stated, stated_path, write_stated

NAMES = (
    "tench, Tinca tinca",
    "œuf",
    "\u06a9\u062a\u0627\u0628\u200c\u062e\u0627\u0646\u0647",
    "犬",
)


def explanation() -> cilens.Explanation:
    """Return an explanation of four regions and two classes, with a margin."""
    found = made.explanation([0.5, -0.25, 0.0, 0.1], class_names=NAMES[:2], shape=(6, 6, 1))
    return dataclasses.replace(found, margin=np.full((4, 2), 0.05))


@cache
def saved_files() -> dict[str, bytes]:
    """Return saved explanations, as they are saved and with nothing compressed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "e.npz"
        explanation().save(path)
        packed = path.read_bytes()
    return {"packed.npz": packed, "plain.npz": rewritten(packed)}


@cache
def toml_files() -> dict[str, bytes]:
    """Return statements about a model file."""
    stated = Stated(
        cilens.Preprocess((8, 8), scale=255),
        "softmax",
        output="logits",
        class_names=NAMES,
        output_range=((0.0,) * 4, (1.0,) * 4),
    )
    with tempfile.TemporaryDirectory() as folder:
        path = write_stated(Path(folder) / "net.onnx", stated)
        assert path == stated_path(Path(folder) / "net.onnx")
        whole = path.read_bytes()
    return {"whole.toml": whole, "range.toml": b"output_range = [-10, 10]\n"}


@cache
def names_files() -> dict[str, bytes]:
    """Return files of class names."""
    lines = "\n".join(NAMES).encode()
    return {"names.txt": lines, "mark.txt": b"\xef\xbb\xbf" + lines.replace(b"\n", b"\r\n")}


def rewritten(
    packed: bytes, change: Callable[[dict[str, np.ndarray]], None] | None = None
) -> bytes:
    """Return a saved explanation whose arrays are changed, nothing of it compressed."""
    with np.load(io.BytesIO(packed)) as stored:
        arrays = {name: stored[name] for name in stored.files}
    if change is not None:
        change(arrays)
    content = io.BytesIO()
    np.savez(content, **arrays)
    return content.getvalue()


def with_members(packed: bytes, members: Mapping[str, bytes]) -> bytes:
    """Return a saved explanation in which some members have other contents."""
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(content, "w", 8) as new:
        for name in {*old.namelist(), *members}:
            new.writestr(name, members[name] if name in members else old.read(name))
    return content.getvalue()


def texts(packed: bytes, **changes: object) -> bytes:
    """Return a saved explanation with other texts; None leaves one out."""

    def change(arrays: dict[str, np.ndarray]) -> None:
        found = json.loads(str(arrays["texts"])) | changes
        kept = {name: value for name, value in found.items() if value is not None}
        arrays["texts"] = np.array(json.dumps(kept))

    return rewritten(packed, change)
