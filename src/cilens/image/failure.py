"""Whatever a decoder raises is an error of ours, with the file's name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cilens.errors import CilensError, FileError


@contextmanager
def errors_named(name: str, what: str) -> Iterator[None]:
    """Put the file's name before an error of ours, and turn any other into one of ours.

    A decoder raises whatever it likes on a damaged file, so nothing is listed here: each
    exception says that the file cannot be read, and no more than that.
    """
    try:
        yield
    except CilensError as error:
        raise type(error)(f"{name} {error}") from error.__cause__
    except FileNotFoundError:
        raise FileError(f"{name} does not exist") from None
    except IsADirectoryError:
        raise FileError(f"{name} is a directory, not {what}") from None
    except Exception as error:
        detail = getattr(error, "strerror", None) or str(error) or type(error).__name__
        line = " ".join(str(detail).split())
        raise FileError(
            f"{name} cannot be read as {what}, damaged perhaps: {line[:200]}"
        ) from error
