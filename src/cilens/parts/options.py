"""Options as text: from a field's type to a value and back, and in words for people."""

from __future__ import annotations

import csv
import io
import math
import types
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, NamedTuple, Union, get_args, get_origin

from cilens.errors import InputError

_ORDER = (types.NoneType, tuple, int, float, Literal, str, Path)
"""The types that have a textual form, the strictest first."""

_WORDS: Mapping[object, str] = {
    int: "a whole number",
    float: "a number",
    str: "text",
    Path: "a path",
    types.NoneType: "none",
}


def split(text: str) -> list[tuple[str, str]]:
    """Split ``option=value,option=value``; an option with a comma is quoted as in a CSV file.

    Raises
    ------
    InputError
        Where a quote or an equals sign is missing.

    Examples
    --------
    >>> split('rows=3,"name=a,b"')
    [('rows', '3'), ('name', 'a,b')]
    """
    if not text:
        return []
    items = cells(text, ",")
    for item in items:
        if "=" not in item:
            raise InputError(f"options are name=value with commas between; got {item!r}")
    pairs = (item.partition("=") for item in items)
    return [(name.strip(), value) for name, _, value in pairs]


def join(pairs: Iterable[tuple[str, str]]) -> str:
    """Write what `split` reads.

    Examples
    --------
    >>> join([("rows", "3"), ("name", "a,b")])
    'rows=3,"name=a,b"'
    """
    return row((f"{name}={value}" for name, value in pairs), ",")


def cells(text: str, between: str) -> list[str]:
    """Split a row of texts; one that has what stands between is quoted as in a CSV file.

    Raises
    ------
    InputError
        Where a quote is missing.

    Examples
    --------
    >>> cells('slic+"labels:source=a+b.png"', "+")
    ['slic', 'labels:source=a+b.png']
    """
    try:
        (found,) = csv.reader([text], delimiter=between, strict=True)
    except csv.Error as error:
        raise InputError(f"{text!r} has a quote too many or too few: {error}") from None
    return found


def row(texts: Iterable[str], between: str) -> str:
    """Write what `cells` reads.

    Examples
    --------
    >>> row(["slic", "labels:source=a+b.png"], "+")
    'slic+"labels:source=a+b.png"'
    """
    line = io.StringIO()
    # The terminator makes the writer quote line breaks in a value; it is no part of the text.
    csv.writer(line, delimiter=between, lineterminator="\r\n").writerow(list(texts))
    return line.getvalue().removesuffix("\r\n")


def read(what: str, text: str, hint: object) -> object:
    """Read a value as a field's type says.

    Parameters
    ----------
    what : str
        What to call the option in an error.
    text : str
        Numbers of a tuple have slashes between them (``0.5/0.5/0.5``, and ``0.5/`` for a single
        one); ``none`` is None.
    hint : type
        The field's resolved annotation. Only None, int, float, text, paths, literals and tuples
        of numbers have a textual form.

    Returns
    -------
    object
        A value of one of the hint's types, the strictest that fits; numbers are finite.

    Raises
    ------
    InputError
        If the text is of none of the types, or none of them has a textual form.

    Examples
    --------
    >>> read("value", "0.5/1", float | tuple[float, ...])
    (0.5, 1.0)
    """
    alternatives = _alternatives(hint)
    for kind in alternatives:
        try:
            return _as(kind, text)
        except ValueError:
            continue
    if not alternatives:
        raise InputError(f"{what} cannot be given as text")
    raise InputError(f"{what} must be {words(hint)}; got {text!r}")


def write(what: str, value: object) -> str:
    """Write a value as `read` reads it.

    Raises
    ------
    InputError
        If the value has no textual form.

    Examples
    --------
    >>> write("value", (0.5, 1.0))
    '0.5/1.0'
    """
    if value is None:
        return "none"
    if isinstance(value, str | Path) or is_number(value):
        return str(value)
    if isinstance(value, tuple) and value and all(map(is_number, value)):
        return "/".join(map(str, value)) + ("/" if len(value) == 1 else "")
    raise InputError(f"{what} has no textual form: {value!r}")


def is_number(value: object) -> bool:
    """Return whether a value is a finite number, and not a truth value.

    Examples
    --------
    >>> is_number(0.5), is_number(True), is_number(float("nan"))
    (True, False, False)
    """
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def words(hint: object) -> str:
    """Say in words what can be given for a field's type; nothing where it has no textual form.

    Examples
    --------
    >>> words(float | None)
    'a number or none'
    """
    alternatives = _alternatives(hint)
    found = [word for kind, word in _WORDS.items() if kind in alternatives]
    for kind in alternatives:
        if get_origin(kind) is tuple:
            several = Ellipsis in get_args(kind)
            found.append("/".join(["number"] * 2 + ["…"] if several else ["number"] * _size(kind)))
        elif get_origin(kind) is Literal:
            found.extend(get_args(kind))
    return " or ".join(found)


class Option(NamedTuple):
    """One option of a part: one field of its class.

    Attributes
    ----------
    name : str
        The field's name.
    takes : str
        What can be given, in words: ``"a number or none"``. Empty where nothing can, as text.
    default : str or None
        As `parse` reads it; None where the option must be given.
    help : str
        What the class's docstring says of it.
    """

    name: str
    takes: str
    default: str | None
    help: str


class Description(NamedTuple):
    """What a part is and takes, read from its class and docstring.

    Attributes
    ----------
    name : str
        In its table.
    summary : str
        The first line of the docstring.
    options : tuple of Option
        In the order of the fields.
    """

    name: str
    summary: str
    options: tuple[Option, ...]


def _alternatives(hint: object) -> list[object]:
    """Return the types of a hint that have a textual form, the strictest first."""
    union = get_origin(hint) in (Union, types.UnionType)
    kinds = get_args(hint) if union else (hint,)
    found = [kind for kind in kinds if _outer(kind) in _ORDER and _flat(kind)]
    if Path in found:
        found = [kind for kind in found if kind is not str]
    return sorted(found, key=lambda kind: _ORDER.index(_outer(kind)))


def _outer(kind: object) -> object:
    origin = get_origin(kind)
    return kind if origin is None else origin


def _flat(kind: object) -> bool:
    """Return whether a type is no tuple, or one of numbers alone."""
    return get_origin(kind) is not tuple or set(get_args(kind)) <= {int, float, Ellipsis}


def _size(kind: object) -> int:
    return len(get_args(kind))


def _as(kind: object, text: str) -> object:
    """Read text as one type; raise ValueError where it is another."""
    if kind is str or kind is Path:
        return text
    if get_origin(kind) is tuple:
        numbers = text.removesuffix("/").split("/")
        if "/" not in text or (Ellipsis not in get_args(kind) and len(numbers) != _size(kind)):
            raise ValueError(text)
        return tuple(_as(get_args(kind)[0], number) for number in numbers)
    if kind is int or kind is float:
        value = int(text) if kind is int else float(text)
        if not math.isfinite(value):
            raise ValueError(text)
        return value
    known = {"none": None} if kind is types.NoneType else {word: word for word in get_args(kind)}
    if text not in known:
        raise ValueError(text)
    return known[text]
