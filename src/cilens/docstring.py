"""What a class says of its fields: the *Parameters* of its docstring, one paragraph each."""

from __future__ import annotations

import inspect
import re
from typing import NamedTuple


class Paragraph(NamedTuple):
    """What a numpydoc section says of one name: its type as written there, and its text."""

    type: str
    text: str


def documented(part: type) -> dict[str, Paragraph]:
    """Return the entries of a class's numpydoc *Parameters* section, by their names.

    Examples
    --------
    >>> from cilens import Grid
    >>> documented(Grid)["rows"].type
    'int'
    """
    lines = (inspect.getdoc(part) or "").splitlines()
    found: dict[str, Paragraph] = {}
    names: list[str] = []
    section = ""
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        if re.fullmatch(r"-{3,}", below):
            section, names = line, []
        elif section == "Parameters" and re.match(r"[\w, ]+ :", line):
            listed, _, written = line.partition(" : ")
            names = listed.split(", ")
            found |= {name: Paragraph(written, "") for name in names}
        elif names and line.startswith("    "):
            for name in names:
                known = found[name]
                found[name] = known._replace(text=f"{known.text} {line.strip()}".strip())
    return found
