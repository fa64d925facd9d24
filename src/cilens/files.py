"""Files appear whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from cilens.errors import FileError, InputError

_DAMAGE = (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile, zlib.error)


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """Give a temporary path beside `path` and rename it into place when the block succeeds.

    Parameters
    ----------
    path : path
        The file to be; its directory is made where it is missing.

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
    draft: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            dir=target.parent, prefix=f".{target.stem}.", suffix=target.suffix
        )
        os.close(handle)
        draft = Path(name)
        yield draft
        draft.chmod(0o666 & ~_umask())
        draft.replace(target)
    except OSError as error:
        if isinstance(error, FileError):
            raise
        reason = error.strerror or str(error)
        raise FileError(f"{target} cannot be written: {reason}") from error
    finally:
        if draft is not None:
            draft.unlink(missing_ok=True)


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
    if Path(path).suffix != ".npz":
        raise InputError(f"an explanation is saved as .npz; got {path}")
    with whole_file(path) as draft, draft.open("wb") as file:
        np.savez_compressed(
            file, version=np.array(version), texts=np.array(json.dumps(texts)), **arrays
        )


def read_npz(path: str | Path, version: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read what `write_npz` wrote; nothing in the file is executed.

    Raises
    ------
    FileError
        If the file is missing, damaged, not of this kind, or of a newer version.
    """
    try:
        with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as stored:
            found = int(stored["version"])
            if found > version:
                raise FileError(
                    f"{path} has format {found}, this cilens reads up to {version}: "
                    "pip install -U cilens"
                )
            arrays = {name: stored[name] for name in stored.files}
    except FileNotFoundError:
        raise FileError(f"{path} does not exist") from None
    except FileError:
        raise
    except _DAMAGE as error:
        raise FileError(f"{path} is damaged or not a cilens explanation: {error}") from error
    try:
        texts = json.loads(str(arrays.pop("texts")))
        del arrays["version"]
        return dict(texts), arrays
    except (KeyError, ValueError, TypeError) as error:
        raise FileError(f"{path} is damaged or not a cilens explanation: {error}") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
