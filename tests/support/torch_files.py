"""PyTorch files as they are written, and with changes; and what the bare library makes of them."""

from __future__ import annotations

import contextlib
import json
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import cilens
from cilens.errors import FileError
from cilens.models.torch.archive import without_log

P = cilens.Preprocess((8, 8))
IMAGES = np.zeros((1, 8, 8, 3), np.float32)
Change = Callable[[Any], object]


class Net(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(192, 3)

    def forward(self, images: torch.Tensor, times: int = 1) -> torch.Tensor:
        return self.layer(images.flatten(1)) * times


def export(path: Path) -> Path:
    rows = torch.export.Dim("rows")
    example = (torch.zeros(2, 3, 8, 8),)
    program = torch.export.export(Net().eval(), example, dynamic_shapes=({0: rows}, None)[:1])
    torch.export.save(program, path)
    return path


def rewrite(path: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """Change the entries of an archive, named without their first folder."""
    with zipfile.ZipFile(path) as file:
        entries = {name: file.read(name) for name in file.namelist()}
    with zipfile.ZipFile(path, "w") as file:
        for name, data in entries.items():
            if (changed := change(name.partition("/")[2], data)) is not None:
                file.writestr(name, changed)
    return path


def program(path: Path, change: Change) -> Path:
    """Write a .pt2 file with a change in its program."""

    def changed(name: str, data: bytes) -> bytes:
        if name == "models/model.json":
            found = json.loads(data)
            change(found)
            return json.dumps(found).encode()
        return data

    return rewrite(export(path), changed)


def script(path: Path, module: torch.nn.Module | None = None) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.script((module or Net()).eval()), path)
    return path


def recode(path: Path, old: str, new: str, module: torch.nn.Module | None = None) -> Path:
    """Write a .ts file with a change in its code."""
    seen = []

    def changed(name: str, data: bytes) -> bytes:
        if name.endswith(".py") and old.encode() in data:
            seen.append(name)
            return data.replace(old.encode(), new.encode())
        return data

    rewrite(script(path, module), changed)
    assert seen, f"nothing like {old!r} in the code"
    return path


def bare_export(path: Path) -> None:
    with without_log("torch"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.export.load(path).module()(torch.zeros(2, 3, 8, 8))


def bare_script(path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.load(path)(torch.zeros(1, 3, 8, 8))


def works(bare: Callable[[Path], None], path: Path, mark: Path) -> None:
    """Show that the attack is one: the library alone falls for it."""
    with contextlib.suppress(Exception):
        bare(path)
    assert mark.exists()
    mark.unlink()


def refused(path: Path, message: str) -> None:
    with pytest.raises(FileError, match=message) as caught:
        cilens.load_model(path, preprocess=P, trust=True)(IMAGES)
    told = str(caught.value)
    assert str(path) in told
    assert "\n" not in told
    assert told.isprintable()


def touch(mark: Path) -> str:
    return f"__import__('pathlib').Path({str(mark)!r}).touch()"


def graph(found: Any) -> Any:
    return found["graph_module"]["graph"]


def first_expression(found: Any) -> Any:
    """Return the first symbolic size of a program."""
    sizes = (size for meta in graph(found)["tensor_values"].values() for size in meta["sizes"])
    return next(size["as_expr"] for size in sizes if "as_expr" in size)
