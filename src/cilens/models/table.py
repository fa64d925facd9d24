"""Tables of class names: a column of names, and one of indices where there is one."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from cilens.errors import InputError

_INDEX = ("", "index", "idx", "id", "class_id", "class_index", "class_idx", "label_id", "number")
_NAME = ("name", "class_name", "class", "label", "label_name", "display_name")
"""How the columns of a table are headed."""


class Columns(NamedTuple):
    """What a table says of classes.

    Attributes
    ----------
    names : sequence of str
        One for each row.
    indices : sequence of int or None
        Indices of the same rows, where a column has them.
    first : int
        Line of the first row.
    """

    names: Sequence[str]
    indices: Sequence[int] | None
    first: int


def read_records(records: Sequence[Mapping[str, object]]) -> Columns:
    """Read objects that have a name and perhaps an index, as the rows of a table.

    Raises
    ------
    InputError
        If there is not one column of names, and at most one of indices.

    Examples
    --------
    >>> read_records([{"id": 1, "name": "dog"}, {"id": 0, "name": "cat"}])[:2]
    (('dog', 'cat'), (1, 0))
    """
    header = list(records[0])
    rows = [[str(one.get(key, "")) for key in header] for one in records]
    return _columns(rows, [key.strip().lower() for key in header], 1)


def read_table(text: str, delimiter: str = "") -> Columns:
    r"""Read rows of a table, with or without a header.

    Parameters
    ----------
    text : str
        Text of the file.
    delimiter : str
        Between cells; by default a comma, semicolon or tab, as the first line has it.

    Returns
    -------
    Columns
        In the order of the rows.

    Raises
    ------
    InputError
        If there is not one column of names, and at most one of indices.

    Examples
    --------
    >>> read_table("index,name\n1,dog\n0,cat\n")
    Columns(names=('dog', 'cat'), indices=(1, 0), first=2)
    """
    first = text.lstrip().partition("\n")[0]
    delimiter = delimiter or next((one for one in ",;\t" if one in first), ",")
    rows = list(csv.reader(text.strip().splitlines(), delimiter=delimiter, strict=True))
    cells = [[cell.strip() for cell in row] for row in rows]
    head = [cell.lower() for cell in cells[0]]
    named = any(cell in _NAME for cell in head) and not any(map(str.isdecimal, head))
    return _columns(cells[named:], head if named else None, 1 + named)


def _columns(rows: Sequence[Sequence[str]], header: Sequence[str] | None, first: int) -> Columns:
    width = len(header) if header else len(rows[0]) if rows else 0
    for line, row in enumerate(rows, first):
        if len(row) != width:
            raise InputError(
                f"line {line} must have {width} columns, as the first; it has {len(row)}"
            )
    columns = list(zip(*rows, strict=True)) or [()] * width
    whole = [at for at, cells in enumerate(columns) if all(map(str.isdecimal, cells))]
    names, indices = ([0], []) if width == 1 else _places(columns, header, whole)
    if len(names) != 1 or len(indices) > 1:
        raise InputError(
            "a table must have one column of names and at most one of indices; where it has more, "
            f"head these 'index' and 'name'; got {width} columns"
            + (f": {', '.join(header)}" if header else "")
        )
    for at in (at for at in range(width) if header and header[at] in _INDEX and width > 1):
        _check_index(columns[at], first)
    found = None if not indices else tuple(int(index) for index in columns[indices[0]])
    return Columns(columns[names[0]], found, first)


def _places(
    columns: Sequence[Sequence[str]], header: Sequence[str] | None, whole: Sequence[int]
) -> tuple[list[int], list[int]]:
    """Return which columns can be the names, and which the indices."""
    headed = [at for at in whole if header and header[at] in _INDEX]
    indices = headed or list(whole)
    names = [at for at in range(len(columns)) if at not in indices]
    if header and len(names) > 1:
        chosen = next((one for one in _NAME if one in [header[at] for at in names]), None)
        names = [at for at in names if header[at] == chosen]
    return names, indices


def _check_index(cells: Sequence[str], first: int) -> None:
    """Raise where a column of indices has something else among them."""
    wrong = next((at for at, cell in enumerate(cells) if not cell.isdecimal()), None)
    if wrong is not None and any(map(str.isdecimal, cells)):
        raise InputError(f"line {first + wrong} must have an index; got {cells[wrong]!r:.40}")
