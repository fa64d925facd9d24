"""TOML files that anyone may have written: read within limits, and written."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cilens.errors import FileError, InputError
from cilens.files import read_text

_BARE = re.compile(r"[A-Za-z0-9_-]+")
"""A key of TOML that needs no quotes."""

_STRING_OR_COMMENT = re.compile(
    r'''"""(?:[^"\\]++|\\.|"(?!""))*+(?:""")?|"(?:[^"\\\n]++|\\.)*+"?|'''
    r"""'''(?:[^']++|'(?!''))*+(?:''')?|'[^'\n]*+'?|\#[^\n]*+""",
    re.DOTALL,
)
_LONG_KEY = re.compile(r"(?<![\w-])(?:[\w-]++\s*+\.\s*+){8}")


def read_toml(path: Path, max_bytes: int, advice: str = "") -> dict[str, Any]:
    """Read a TOML file.

    Parameters
    ----------
    path : Path
        The file.
    max_bytes : int
        A larger one is refused.
    advice : str
        What to do with one that is damaged.

    Returns
    -------
    dict

    Raises
    ------
    FileError
        If it cannot be read, or is no TOML.
    """
    text = read_text(path, "TOML", max_bytes)
    try:
        _check_depth(text)
        return tomllib.loads(text)
    except Exception as error:
        raise FileError(f"{path} must be TOML: {error}{advice}") from error


def write_toml(values: Mapping[str, object]) -> str:
    r"""Write values as TOML, a line a key; None and empty lists are left out.

    Parameters
    ----------
    values : mapping of str
        Texts, paths, numbers, truths; sequences and mappings of these.

    Returns
    -------
    str

    Examples
    --------
    >>> print(write_toml({"steps": 10, "names": ["a", "b\n"], "inputs": {"age": 41}}), end="")
    steps = 10
    names = ["a", "b\n"]
    inputs = { age = 41 }
    """
    lines = (f"{_key(key)} = {_value(value)}\n" for key, value in values.items() if _said(value))
    return "".join(lines)


def _said(value: object) -> bool:
    return value is not None and value not in ((), [], {})


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _value(name)


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{_key(key)} = {_value(one)}' for key, one in value.items())} }}"
    if isinstance(value, tuple | list):
        return f"[{', '.join(_value(one) for one in value)}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    # JSON's escapes are TOML's too, but for the one sign that JSON leaves as it is.
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _check_depth(text: str) -> None:
    """Raise where keys have many parts: tomllib keeps each beginning of a.b.c… of its own.

    A file of 200 kB would take 40 GB. No key that cilens knows has more than two parts.
    """
    if _LONG_KEY.search(_STRING_OR_COMMENT.sub("s", text)):
        raise InputError("a key has too many parts")
