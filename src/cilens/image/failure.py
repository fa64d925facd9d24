"""Whatever a decoder raises is an error of ours, with the file's name, and it warns of nothing."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from cilens.errors import CilensError, FileError
from cilens.files import reading


class _Silence:
    """No warnings while a file is read: it is read, or refused in one line.

    Python's filters are the process's. The first of several threads that read sets them aside, and
    the last puts them back.
    """

    def __init__(self) -> None:
        self.lock, self.readers, self.filters = Lock(), 0, warnings.catch_warnings()

    def __enter__(self) -> None:
        with self.lock:
            if self.readers == 0:
                self.filters = warnings.catch_warnings()
                self.filters.__enter__()
                warnings.simplefilter("ignore")
            self.readers += 1

    def __exit__(self, *_: object) -> None:
        with self.lock:
            self.readers -= 1
            if self.readers == 0:
                self.filters.__exit__(None, None, None)


_SILENCE = _Silence()


@contextmanager
def errors_named(name: str, what: str) -> Iterator[None]:
    """Put the file's name before an error of ours, and turn any other into one of ours.

    A decoder raises whatever it likes on a damaged file, so nothing is listed here: each
    exception says that the file cannot be read, and no more than that.
    """
    with reading(name, f"cannot be read as {what}, damaged perhaps", CilensError):
        try:
            with _SILENCE:
                yield
        except CilensError as error:
            raise type(error)(f"{name} {error}") from error.__cause__
        except FileNotFoundError:
            raise FileError(f"{name} does not exist") from None
        except IsADirectoryError:
            raise FileError(f"{name} is a directory, not {what}") from None
