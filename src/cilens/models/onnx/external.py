"""Weights that an ONNX file keeps in another file: which one that may be."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath

from cilens.errors import FileError

_LOCATION = b"\x0a\x08location\x12"
"""Of a pair of texts in a tensor: the key, and that a value follows."""


def locations(content: bytes) -> Iterator[str]:
    r"""Give the names of the files in which an ONNX file keeps weights, as it states them.

    Parameters
    ----------
    content : bytes
        Of the ONNX file.

    Yields
    ------
    str
        A path from the file's folder, once for each tensor.

    Examples
    --------
    >>> list(locations(b"..\x0a\x08location\x12\x05w.bin.."))
    ['w.bin']
    """
    at = content.find(_LOCATION)
    while at >= 0:
        start = at + len(_LOCATION)
        size, shift = 0, 0
        while start < len(content):  # a number of seven bits a byte, the least first
            size |= (content[start] & 127) << shift
            start, shift = start + 1, shift + 7
            if content[start - 1] < 128:
                break
        yield content[start : start + size].decode("utf-8", "replace")
        at = content.find(_LOCATION, start)


def check_external(path: str, entries: Mapping[str, str], needed: int) -> None:
    """Raise unless a tensor's data are in a plain file beside the network, and all there.

    A symbolic link may lead to where the network itself lies, as in the cache of the Hugging Face
    hub, and nowhere else. A hard link is refused: it can be any file of the disk.

    Parameters
    ----------
    path : str
        The ONNX file.
    entries : mapping of str to str
        What the tensor says: ``location``, and perhaps ``offset`` and ``length``.
    needed : int
        Bytes of the tensor.

    Raises
    ------
    FileError
        Naming both files, and what to do.
    """
    location = entries.get("location", "")
    told = f"{path} keeps its weights in another file, {location!r}"
    if not _is_beside(location):
        raise FileError(
            f"{told}: it must lie beside the network or in a folder there, and be named so: "
            "export the network anew"
        )
    place = Path(path).parent / location
    try:
        found = place.stat()
        homes = {Path(path).resolve().parent, Path(path).parent.resolve()}
        real = place.resolve(strict=True)
    except (OSError, ValueError) as error:
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else error
        raise FileError(
            f"{told}, which cannot be read: {reason}; put that file beside it, under the name it "
            "had when the network was exported"
        ) from error
    if not any(real.is_relative_to(home) for home in homes):
        raise FileError(f"{told}, which is a link to a file elsewhere: copy that file here")
    if not stat.S_ISREG(found.st_mode):
        raise FileError(f"{told}, which is no file with data in it: export the network anew")
    if found.st_nlink > 1:
        raise FileError(
            f"{told}, which is a hard link, and can be any file of this disk: where you know that "
            "it is the network's, replace it by a copy of itself"
        )
    offset, length = (
        _whole(told, entries, key, key_default)
        for key, key_default in (("offset", 0), ("length", needed))
    )
    if length < needed or offset + length > found.st_size:
        raise FileError(
            f"{told}: a tensor of {needed} bytes must be in it; it has {found.st_size} bytes, and "
            f"the tensor is said to take {length} from {offset} on: fetch it again"
        )


def _is_beside(location: str) -> bool:
    """Tell whether a location stays in its folder, on any system."""
    paths = (PurePosixPath(location), PureWindowsPath(location))
    return bool(location) and not any(
        one.is_absolute() or one.drive or one.root or ".." in one.parts for one in paths
    )


def _whole(told: str, entries: Mapping[str, str], key: str, default: int) -> int:
    text = entries.get(key, "")
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < 20):
        raise FileError(f"{told}: its {key} must be a whole number; got {text[:40]!r}")
    return int(text)
