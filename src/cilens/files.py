"""Files appear whole or not at all, and a file that is read can do no more than be refused."""

from __future__ import annotations

import json
import math
import os
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from jaxtyping import Shaped

from cilens.errors import CilensError, FileError, InputError
from cilens.settings import check_count, checked

try:
    from fcntl import LOCK_EX, LOCK_NB, flock
except ImportError:  # not on Windows: there nobody can tell whether a draft's writer still lives
    flock = None  # type: ignore[assignment]

MAX_BYTES = 1 << 30
"""An explanation whose arrays have more is refused before any is read, unless it is asked for."""

_MAX_TEXT = 1 << 26
"""Of the texts in an explanation, in bytes."""

_MAX_DIRECTORY = 1 << 20
"""Of an archive's list of members, in bytes: some ten thousand of them."""

_DRAFT = ".cilens-draft-"
"""How the name of a draft begins; eight random signs and the suffix follow."""

_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


@contextmanager
def whole_file(path: str | Path, *, durable: bool = False) -> Iterator[Path]:
    """Give a temporary path beside `path` and rename it into place when the block succeeds.

    A draft that a killed process has left in the directory is swept away.

    Parameters
    ----------
    path : path
        The file to be; its directory is made where it is missing.
    durable : bool
        Whether to wait until the file is on the disk, before it has its name and after: what is
        there then, is there after a power cut.

    Yields
    ------
    Path
        Where to write, with the suffix of `path`.

    Raises
    ------
    FileError
        If the directory cannot be made or the file cannot be written. Nothing is left behind.

    Examples
    --------
    >>> folder = Path(tempfile.mkdtemp())
    >>> with whole_file(folder / "new" / "note.txt") as draft:
    ...     _ = draft.write_text("all of it")
    >>> [p.name for p in (folder / "new").iterdir()]
    ['note.txt']
    """
    target = Path(path)
    if target.name.startswith(_DRAFT):  # part of what is drafted already
        yield target
        return
    draft, handle = None, None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _sweep(target.parent.resolve())
        handle, draft = _new_draft(target)
        yield draft
        draft.chmod(0o666 & ~_umask())
        if durable:
            _sync(draft)
        draft.replace(target)
        if durable:
            _sync(target.parent)
    except OSError as error:
        if isinstance(error, FileError):
            raise
        reason = error.strerror or str(error)
        raise FileError(f"{target} cannot be written: {reason}") from error
    finally:
        if draft is not None:
            draft.unlink(missing_ok=True)
        if handle is not None:
            os.close(handle)


@contextmanager
def locked(path: str | Path, refusal: str) -> Iterator[None]:
    """Hold a file's lock in the block: it ends with this process, however that ends.

    Parameters
    ----------
    path : path
        The file, made where it is missing and left where it is; its directory is there.
    refusal : str
        What to say where another process holds the lock.

    Yields
    ------
    None

    Raises
    ------
    FileError
        If another process holds it, or the file cannot be made. (On Windows nobody can tell.)

    Examples
    --------
    >>> path = Path(tempfile.mkdtemp(), ".lock")
    >>> with locked(path, "somebody is here"), locked(path, "somebody is here"):
    ...     pass
    Traceback (most recent call last):
    cilens.errors.FileError: somebody is here
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise FileError(f"{path} cannot be written: {error.strerror}") from error
    try:
        try:
            if flock is not None:
                flock(handle, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            raise FileError(refusal) from None
        yield
    finally:
        os.close(handle)


@contextmanager
def reading(path: str | Path, fault: str, passes: type[CilensError] = FileError) -> Iterator[None]:
    """Turn whatever goes wrong in the block into a `FileError` with the file's name.

    What a library raises on a damaged or hostile file is no list that could be known: it is
    whatever its authors did not think of. Only Ctrl-C and the like pass through.

    Parameters
    ----------
    path : path
        The file that is read in the block.
    fault : str
        What an error means, to follow the file's name: ``"is damaged or not a label file"``.
    passes : type
        Errors of cilens that say it better.

    Yields
    ------
    None

    Raises
    ------
    FileError
        In place of any other exception.

    Examples
    --------
    >>> with reading("names.json", "is no JSON file"):
    ...     json.loads("{")
    Traceback (most recent call last):
    cilens.errors.FileError: names.json is no JSON file: Expecting property name ...
    """
    try:
        yield
    except (passes, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # Rust's panics are none of Python's exceptions
        if isinstance(error, OSError) and error.strerror:
            raise FileError(f"{path} cannot be read: {error.strerror}") from error
        raise FileError(f"{path} {fault}: {first_line(error)}") from error


def first_line(error: BaseException) -> str:
    r"""Return the first line of what an error says, or its name where it says nothing.

    Examples
    --------
    >>> first_line(ValueError("no\nyes")), first_line(MemoryError())
    ('no', 'MemoryError')
    """
    said = next(iter(str(error).strip().splitlines()), "") or type(error).__name__
    return said.encode("utf-8", "backslashreplace").decode()[:300]


def read_text(path: str | Path, kind: str, max_bytes: int) -> str:
    """Read a UTF-8 text file, with or without a byte order mark.

    Parameters
    ----------
    path : path
        The file.
    kind : str
        What it should be, as the end of a sentence: ``"a label file"``.
    max_bytes : int
        Most bytes that are read; a file with more is refused.

    Returns
    -------
    str

    Raises
    ------
    FileError
        If it cannot be read, is too large, or is no UTF-8 text.

    Examples
    --------
    >>> path = Path(tempfile.mkdtemp()) / "names.txt"
    >>> _ = path.write_bytes(bytes([0xEF, 0xBB, 0xBF]) + b"cat")
    >>> read_text(path, "a text file", 100)
    'cat'
    """
    with reading(path, f"is damaged or not {kind}"):
        with Path(path).open("rb") as file:
            content = file.read(max_bytes + 1)
        if len(content) > max_bytes:
            raise FileError(f"{path} must be {kind}; it has over {max_bytes:,} bytes")
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise FileError(f"{path} must be {kind}: {error}") from error


@contextmanager
def open_archive(file: BinaryIO, max_bytes: int = MAX_BYTES) -> Iterator[zipfile.ZipFile]:
    """Open a zip archive whose members, unpacked, have at most so many bytes.

    All that is checked is what the archive declares, before any member is unpacked; of a member
    that holds more than it declares, no more is read.

    Parameters
    ----------
    file : binary file
        That can be sought in.
    max_bytes : int
        Most bytes of all members together.

    Yields
    ------
    zipfile.ZipFile
        To read members from.

    Raises
    ------
    InputError
        If the members declare more, are encrypted, or packed by another method than deflate.
    zipfile.BadZipFile
        If it is no archive.

    Examples
    --------
    >>> import io
    >>> file = io.BytesIO()
    >>> with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bomb:
    ...     bomb.writestr("zeros", bytes(1_000_000))
    >>> with open_archive(file, 999_999) as archive:
    ...     archive.read("zeros")
    Traceback (most recent call last):
    cilens.errors.InputError: its members unpack to 1,000,000 bytes; the limit is 999,999: ...
    """
    _check_directory(file)
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        declared = sum(member.file_size for member in members)
        if declared > max_bytes:
            raise InputError(
                f"its members unpack to {declared:,} bytes; the limit is {max_bytes:,}: raise "
                "max_bytes where you trust the file"
            )
        for member in members:
            encrypted = member.flag_bits & 1
            if encrypted or member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                way = "encrypted" if encrypted else "packed by another method than deflate"
                raise InputError(f"its member {member.filename!r} is {way}")
        yield archive


def write_npz(
    path: str | Path,
    version: int,
    texts: Mapping[str, object],
    arrays: Mapping[str, Any],
) -> None:
    """Write named arrays, and what goes into JSON, to one .npz file with a format version.

    Raises
    ------
    InputError
        If the path does not end in .npz.
    FileError
        If the file cannot be written; nothing is left half-written.
    """
    if Path(checked("path", path, str | os.PathLike)).suffix != ".npz":
        raise InputError(f"an explanation is saved as .npz; got {path}")
    with whole_file(path) as draft, draft.open("wb") as file:
        np.savez_compressed(
            file, version=np.array(version), texts=np.array(json.dumps(texts)), **arrays
        )


def read_npz(
    path: str | Path, version: int, max_bytes: int = MAX_BYTES
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read what `write_npz` wrote; nothing in the file is executed.

    Parameters
    ----------
    path : path
        The .npz file.
    version : int
        The newest format that is known.
    max_bytes : int
        A file that declares more, unpacked, is refused before anything of it is read.

    Returns
    -------
    texts : dict
        What went into JSON.
    arrays : dict
        The named arrays, read-only.

    Raises
    ------
    FileError
        If the file is missing, damaged, too large, not of this kind, or of a newer version.
    """
    checked("path", path, str | os.PathLike)
    check_count("max_bytes", max_bytes)
    with reading(path, "is damaged or not a cilens explanation"):
        if not Path(path).exists():
            raise FileError(f"{path} does not exist")
        with Path(path).open("rb") as file, open_archive(file, max_bytes) as archive:
            arrays = {
                member.filename.removesuffix(".npy"): _read_array(archive, member)
                for member in archive.infolist()
            }
        found = int(arrays.pop("version"))
        if found > version:
            raise FileError(
                f"{path} has format {found}, this cilens reads up to {version}: "
                "pip install -U cilens"
            )
        if (texts := arrays.pop("texts")).nbytes > _MAX_TEXT:
            raise InputError(f"its texts have {texts.nbytes:,} bytes; the limit is {_MAX_TEXT:,}")
        # A damaged array can hold signs beyond Unicode, which no function of Python's bears.
        text = str(texts).encode("utf-8", "surrogatepass").decode("utf-8", "surrogatepass")
        return dict(json.loads(text)), arrays


def _read_array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Shaped[np.ndarray, "..."]:
    """Read one array, if its header claims just as many bytes as there are."""
    with archive.open(member) as file:
        shape, _, dtype = _HEADERS[np.lib.format.read_magic(file)](file)
        claimed, there = math.prod(shape) * dtype.itemsize, member.file_size - file.tell()
        if claimed != there:
            raise InputError(f"{member.filename!r} claims {claimed:,} bytes and has {there:,}")
        file.seek(0)
        array: Shaped[np.ndarray, "..."] = np.lib.format.read_array(file, allow_pickle=False)
    array.setflags(write=False)
    return array


def _check_directory(file: BinaryIO) -> None:
    """Raise where an archive's list of members, of which all is read at once, is too long."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(size - (1 << 16) - 22, 0))
    tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or end + 22 > len(tail):
        raise zipfile.BadZipFile("it is no zip archive, or its end is missing")
    length = int.from_bytes(tail[end + 12 : end + 16], "little")
    if length > _MAX_DIRECTORY or tail[max(end - 20, 0) : end].startswith(b"PK\x06\x07"):
        raise InputError(f"its list of members is longer than {_MAX_DIRECTORY:,} bytes")


def _new_draft(target: Path) -> tuple[int, Path]:
    """Make a draft, held by a lock that ends with this process, however it ends."""
    suffix = target.suffix if len(target.suffix) < 32 else ""
    while True:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=_DRAFT, suffix=suffix)
        draft = Path(name)
        if flock is None:
            return handle, draft
        flock(handle, LOCK_EX)
        if draft.exists():  # else another process has swept it, between the two lines above
            return handle, draft
        os.close(handle)


@cache
def _sweep(directory: Path) -> None:
    """Delete the drafts whose writers are dead: nobody holds their locks. Once for a process."""
    if flock is None:
        return
    for draft in directory.glob(f"{_DRAFT}????????*"):
        with suppress(OSError):
            handle = os.open(draft, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                flock(handle, LOCK_EX | LOCK_NB)
                draft.unlink()
            finally:
                os.close(handle)


def _sync(path: Path) -> None:
    """Wait until a file, or a directory's list of names, is on the disk."""
    directory = path.is_dir()
    if directory and os.name == "nt":  # which opens none
        return
    handle = os.open(path, os.O_RDONLY if directory else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
