"""Zip archives that model files are, looked over before anything in them is read."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cilens.errors import CilensError, FileError
from cilens.files import reading

EXPANSION = 10
"""How many times its own size a file may unpack to; PyTorch and Keras do not compress at all."""

ALLOWANCE = 64 * 2**20
"""Bytes that any file may unpack to beyond that."""

_MOST_ENTRIES = 2**16
_NAME = re.compile(r"(?!/)(?!.*(?:^|/)\.\.?(?:/|\Z))[^\x00-\x1f\x7f\\:\ud800-\udfff]+\Z")
_ENCRYPTED = 0x1


@contextmanager
def opened_zip(path: str, what: str) -> Iterator[zipfile.ZipFile]:
    """Open a zip archive whose entries have plain names and sizes that can be.

    Parameters
    ----------
    path : str
        The file.
    what : str
        What a damaged one is, as of `cilens.files.reading`.

    Yields
    ------
    zipfile.ZipFile
        To be read within the block; whatever is raised there is told as of `cilens.files.reading`.

    Raises
    ------
    FileError
        If the file cannot be read, is no zip archive, or has entries that are encrypted, too
        many, declared too large, of one name, or named like a path that leads elsewhere.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.keras"
    >>> with zipfile.ZipFile(path, "w") as archive:
    ...     archive.writestr("../a", "")
    >>> with opened_zip(str(path), "is not a Keras file"):
    ...     pass
    Traceback (most recent call last):
    cilens.errors.FileError: ... has an entry '../a', which is no plain name
    """
    with reading(path, what, CilensError), zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        # Half an archive can end in a whole one: its entries do not start where the file does.
        if min((entry.header_offset for entry in entries), default=1) != 0:
            raise zipfile.BadZipFile("it does not start as it ends")
        if fault := _fault(entries, Path(path).stat().st_size):
            raise FileError(f"{path} {fault}")
        yield archive


def copied(entries: Iterator[tuple[str, bytes]]) -> io.BytesIO:
    """Return an archive in memory of the entries given, which is then all that a library sees.

    Examples
    --------
    >>> zipfile.ZipFile(copied(iter([("a", b"1")]))).namelist()
    ['a']
    """
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as copy:
        for name, data in entries:
            copy.writestr(name, data)
    content.seek(0)
    return content


def _fault(entries: list[zipfile.ZipInfo], size: int) -> str:
    """Say what is wrong with the entries of a file of so many bytes, or nothing."""
    if len(entries) > _MOST_ENTRIES:
        return f"has {len(entries)} entries; at most {_MOST_ENTRIES} are read"
    seen: set[str] = set()
    for entry in entries:
        if not _NAME.match(entry.filename):
            return f"has an entry {entry.filename!a}, which is no plain name"
        if entry.filename in seen:
            return f"has two entries {entry.filename!r}"
        seen.add(entry.filename)
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        return "is encrypted: decrypt it first"
    return _size_fault(entries, size)


def _size_fault(entries: list[zipfile.ZipInfo], size: int) -> str:
    """Say why entries cannot be as large as they declare, or nothing."""
    unpacked, most = sum(entry.file_size for entry in entries), EXPANSION * size + ALLOWANCE
    if unpacked > most:
        return (
            f"declares {unpacked:,} bytes in a file of {size:,}; at most {most:,} are read "
            f"({EXPANSION} times the file and {ALLOWANCE // 2**20} MiB)"
        )
    if sum(entry.compress_size for entry in entries) > size:
        return f"has entries that overlap: {size:,} bytes cannot hold what they declare"
    return ""
