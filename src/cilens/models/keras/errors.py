"""Why Keras does not open a .keras file, in one line that says what to do. Keras is not needed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cilens.errors import FileError, MissingDependencyError

_ENTRIES = ("config.json", "metadata.json", "model.weights.h5")
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


def check_entries(path: str, names: Sequence[str]) -> None:
    """Raise unless a .keras file holds what a network does, and nothing beside it.

    Raises
    ------
    FileError
        If there is something else, which Keras would unpack: a vocabulary, or pickled arrays.

    Examples
    --------
    >>> check_entries("a.keras", ["config.json", "metadata.json", "model.weights.h5"])
    """
    if missing := [name for name in ("config.json", "model.weights.h5") if name not in names]:
        raise FileError(
            f"{path} is not a Keras file, or a damaged one: it lacks {missing[0]}: save it anew "
            "with model.save"
        )
    if beside := [name for name in names if name not in _ENTRIES]:
        raise FileError(
            f"{path} has {beside[0]!r}, which is no part of a network of images: build it without "
            "what needs that, such as a vocabulary, and save it anew"
        )
