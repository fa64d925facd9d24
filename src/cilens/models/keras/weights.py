"""The weights in a .keras file, an HDF5 file: whether all of them are in it, and no larger."""

from __future__ import annotations

import io
import re
from math import prod
from typing import Any

import h5py

from cilens.errors import FileError
from cilens.models.archive import ALLOWANCE, EXPANSION

_KINDS = "biufcV"


def check_weights(path: str, content: bytes) -> None:
    """Raise unless an HDF5 file holds numbers, and what it declares is in it.

    Parameters
    ----------
    path : str
        The .keras file, for the message.
    content : bytes
        Its ``model.weights.h5``.

    Raises
    ------
    FileError
        If it links to other files or within itself, holds what is not numbers, or declares
        arrays that are not there.

    Examples
    --------
    >>> made = io.BytesIO()
    >>> with h5py.File(made, "w") as file:
    ...     file["elsewhere"] = h5py.ExternalLink("other.h5", "/")
    >>> check_weights("a.keras", made.getvalue())
    Traceback (most recent call last):
    cilens.errors.FileError: a.keras: its weights lead elsewhere ('/elsewhere', ExternalLink)
    """
    declared, most = 0, EXPANSION * len(content) + ALLOWANCE
    with h5py.File(io.BytesIO(content), "r") as file:
        groups, seen = [file["/"]], {_place(file["/"])}
        while groups:
            group = groups.pop()
            for name in group:
                link = group.get(name, getlink=True)
                if not isinstance(link, h5py.HardLink):
                    raise _elsewhere(path, f"{group.name}{name}", type(link).__name__)
                part = group[name]
                if _place(part) in seen:
                    raise _elsewhere(path, part.name, "a second link to one place")
                seen.add(_place(part))
                if isinstance(part, h5py.Group):
                    groups.append(part)
                    continue
                declared += _size(path, part)
                if declared > most:
                    raise FileError(
                        f"{path} declares weights of {declared:,} bytes in {len(content):,}; at "
                        f"most {most:,} are read ({EXPANSION} times the file and "
                        f"{ALLOWANCE // 2**20} MiB)"
                    )


def item_size(dtype: str) -> int:
    """Return the bytes that a number of a type takes.

    Examples
    --------
    >>> item_size("bfloat16"), item_size("bool")
    (2, 1)
    """
    bits = re.findall(r"\d+", dtype)
    return max(1, int(bits[0]) // 8) if bits else 1


def _size(path: str, part: Any) -> int:  # noqa: ANN401
    """Return the bytes that an array takes once it is read."""
    if not isinstance(part, h5py.Dataset) or part.dtype.hasobject or part.dtype.kind not in _KINDS:
        raise FileError(f"{path}: its weights {part.name!a} are no array of numbers")
    if part.external or part.is_virtual:
        raise _elsewhere(path, part.name, "a virtual or external array")
    return int(prod(part.shape)) * int(part.dtype.itemsize)


def _elsewhere(path: str, name: str, kind: str) -> FileError:
    return FileError(f"{path}: its weights lead elsewhere ({name!a}, {kind})")


def _place(part: Any) -> int:  # noqa: ANN401
    return int(h5py.h5o.get_info(part.id).addr)
