"""What PyTorch files may use, by name: the lists in ``allowlist.toml``."""

from __future__ import annotations

import tomllib
from pathlib import Path

_LISTS = tomllib.loads(Path(__file__).with_name("allowlist.toml").read_text(encoding="utf-8"))


def allowed(name: str) -> frozenset[str]:
    """Return one of the lists.

    Examples
    --------
    >>> "add" in allowed("functions"), "Add" in allowed("functions")
    (False, True)
    """
    return frozenset(_LISTS[name].split())
