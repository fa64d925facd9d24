"""Files appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cilens.errors import FileError


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


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
