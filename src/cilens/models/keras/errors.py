"""Why Keras does not open a .keras file, in one line that says what to do. Keras is not needed."""

from __future__ import annotations

import re

from cilens.errors import FileError, MissingDependencyError
from cilens.models.onnx.errors import kind_of, unreadable

_SAFE_SINCE = (3, 14)
"""Older ones can be made to run code in safe mode too, as in CVE-2025-1550 and CVE-2026-1462."""


def check_safe(version: str) -> None:
    """Raise unless a version of Keras opens files without running code from them.

    Raises
    ------
    MissingDependencyError
        With the version that does.

    Examples
    --------
    >>> check_safe("3.15.1")
    """
    if tuple(int(part) for part in re.findall(r"\d+", version)[:2]) < _SAFE_SINCE:
        needed = ".".join(map(str, _SAFE_SINCE))
        raise MissingDependencyError(
            f"reading a .keras file needs Keras {needed} or later, since older ones can be made "
            f'to run code from it; here is {version}: pip install "keras>={needed}"'
        )


def check_zip(path: str) -> None:
    """Raise unless a file can be read and begins as a .keras file does, which is a zip archive.

    Raises
    ------
    FileError
        With what the file is, where that can be told.

    Examples
    --------
    >>> check_zip("none.keras")
    Traceback (most recent call last):
    cilens.errors.FileError: none.keras cannot be read: No such file or directory
    """
    if fault := unreadable(path):
        raise FileError(fault)
    kind = kind_of(path)
    if not kind.startswith("a zip archive"):
        told = f": it is {kind}" if kind else ": download or save it anew"
        raise FileError(f"{path} is not a Keras file, or a damaged one{told}")


def why_keras(error: Exception, version: str) -> str:
    """Return why a file cannot be loaded, and what to do, to follow its name.

    Parameters
    ----------
    error : Exception
        What Keras raised.
    version : str
        Keras'.

    Returns
    -------
    str
        One line.

    Examples
    --------
    >>> why_keras(TypeError("Could not locate class 'Mine'. Make sure …"), "3.15").partition(":")[0]
    "has 'Mine', which is not Keras' own"
    """
    said = str(error)
    way = "load it yourself with keras.saving.load_model and pass cilens.KerasModel(model, …)"
    if "safe_mode" in said:
        return (
            "holds Python code (a Lambda layer mostly), and code from a file is never run: build "
            f"it with layers of Keras' own and save it anew; or, where you trust it, {way}"
        )
    if found := re.search(r"Could not locate (?:class|function) '(\w+)'", said):
        return f"has {found[1]!r}, which is not Keras' own: import what defines it, {way}"
    return (
        f"cannot be loaded by Keras {version}, or is damaged: {first_line(error)}: "
        "save it anew with model.save"
    )


def first_line(error: Exception) -> str:
    r"""Return the first line of what an error says, or its name where it says nothing.

    Examples
    --------
    >>> first_line(ValueError("no\nyes")), first_line(KeyError())
    ('no', 'KeyError')
    """
    return next(iter(str(error).strip().splitlines()), "") or type(error).__name__
