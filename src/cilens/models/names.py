"""The names of a network's classes, in the forms that people keep them in.

Where names carry an index of their own, they are read by it: numbered lines, tables, and objects
of JSON, YAML and Python. Indices must be 0 … K-1, each once. What could be read in two ways is
refused, with the line; a JSON list says names as they are.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from numbers import Integral
from pathlib import Path
from typing import NoReturn

from cilens.errors import FileError, InputError
from cilens.files import open_archive, read_text
from cilens.models.table import Columns, read_records, read_table
from cilens.models.yaml import read_yaml

MOST_BYTES = 16_000_000
"""A file of names that is larger is none."""

_WRAPPED = ("names", "id2label", "class_names", "classes", "labels", "label2id", "class_to_idx")
"""Keys under which YAML and JSON files of whole data sets and networks keep the names."""

_NUMBERED = re.compile(r"([0-9]{1,9})(?:\s*[:,;=\t]\s*|\s*[.)-]\s+|\s+)(\S.*)")
_ENDING = re.compile(r"(.*\S)(?:\s*[:,;=\t]\s*|\s+)([0-9]{1,9})")
_SYNSET = re.compile(r"n[0-9]{8}(?:\s*[:,;=\t]\s*|\s+)(\S.*)")
"""Lines as ``0: tench``, as ``tench 0``, and as ``n01440764 tench``."""

_AS_THEY_ARE = 'a JSON list, ["…", "…"], says names as they are'


def check_names(names: object) -> tuple[str, ...]:
    """Return class names as a tuple of texts.

    Parameters
    ----------
    names : iterable of str, or mapping
        In the order of the network's output; or from indices 0 … K-1 to names, or from names to
        indices.

    Raises
    ------
    InputError
        If they are a single text, a set, which has no order, or not all are texts; or indices
        are not 0 … K-1, each once.

    Examples
    --------
    >>> check_names(["cat", "dog"]), check_names({1: "dog", 0: "cat"})
    (('cat', 'dog'), ('cat', 'dog'))
    """
    if isinstance(names, Mapping):
        return _from_mapping(names)
    if isinstance(names, AbstractSet):
        raise InputError(
            "class_names must be in the order of the network's output; a set has none: pass a "
            "list, or a dict from indices to names"
        )
    several = isinstance(names, Iterable) and not isinstance(names, str | bytes)
    found = tuple(names) if isinstance(names, Iterable) and several else ()
    if not several or not all(isinstance(name, str) for name in found):
        raise InputError(f"class_names must be a sequence of texts, one a class; got {names!r}")
    return tuple(str(name) for name in found)


def read_names_file(path: str | Path) -> tuple[str, ...]:
    r"""Read class names from a file.

    Parameters
    ----------
    path : path
        UTF-8, in one of these forms. Lines: one name each, in the order of the network's output;
        or all numbered from 0 on (``0 tench``, ``0: tench``, ``tench, 0``), in any order; a
        WordNet number before the name (``n01440764 tench``) is left out. A table (.csv, .tsv)
        with a column of indices and one of names, headed so where there are more columns. JSON, or
        a Python literal: a list of names, an object from indices to names, or from names to
        indices, also as values ``["n01440764", "tench"]`` and under ``"id2label"`` or ``"names"``.
        YAML (.yaml, .yml): a list, or a mapping from indices, at the top or under ``names:``.

    Returns
    -------
    tuple of str
        In the order of the network's output.

    Raises
    ------
    FileError
        If the file cannot be read, is no UTF-8 text, names nothing, leaves a line empty before
        the last name, or has indices that are not 0 … K-1, each once; or if only some lines are
        numbered, so that a number might be part of a name.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "names.txt"
    >>> _ = file.write_text("1: dog\n0: cat\n")
    >>> read_names_file(file)
    ('cat', 'dog')
    """
    text = read_text(path, "UTF-8 text, one class name a line", MOST_BYTES)
    try:
        return names_in(text, Path(path).suffix.lower())
    except InputError as error:
        raise FileError(f"{path}: {error}") from error
    except Exception as error:  # whatever a reader raises on what nobody thought of
        raise FileError(f"{path} cannot be read as class names: {error!r:.200}") from error


def read_attached_names(path: str) -> tuple[str, ...]:
    r"""Return the class names in the label file that a .tflite file carries, or nothing.

    TFLite's metadata has label files in a zip archive at the end of the model file.

    Parameters
    ----------
    path : str
        The model file.

    Returns
    -------
    tuple of str
        As `read_names_file` reads them; nothing where there is no text file, or several.

    Raises
    ------
    FileError
        If the label file is none.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "net.tflite"
    >>> _ = path.write_bytes(b"the network")
    >>> with zipfile.ZipFile(path, "a") as archive:
    ...     archive.writestr("labels.txt", "0 cat\n1 dog\n")
    >>> read_attached_names(str(path))
    ('cat', 'dog')
    """
    if not zipfile.is_zipfile(path):
        return ()
    try:
        with Path(path).open("rb") as file, open_archive(file, MOST_BYTES) as archive:
            texts = [one for one in archive.infolist() if one.filename.endswith(".txt")]
            if len(texts) != 1:
                return ()
            text = archive.read(texts[0]).decode("utf-8", "replace")
        return names_in(text) if text.strip() else ()
    except Exception as error:
        raise FileError(f"the label file in {path} cannot be read: {error}") from error


def names_in(text: str, suffix: str = "") -> tuple[str, ...]:
    r"""Read class names from a text, in the forms that `read_names_file` names.

    Parameters
    ----------
    text : str
        Text of a file.
    suffix : str
        Suffix of the file: tables and YAML are told by it.

    Returns
    -------
    tuple of str
        In the order of the network's output.

    Raises
    ------
    InputError
        With the line, where there is one.

    Examples
    --------
    >>> names_in("{0: 'cat, tom', 1: 'dog'}"), names_in("3D glasses\n7-segment\n")
    (('cat, tom', 'dog'), ('3D glasses', '7-segment'))
    """
    found = _names(text, suffix) if text.strip() else ()
    if not found:
        raise InputError("a file of class names must have one class name a line; it has none")
    return found


def _names(text: str, suffix: str) -> tuple[str, ...]:
    whole = text.strip()
    if suffix in (".yaml", ".yml"):
        return _from_value(read_yaml(text))
    if suffix in (".csv", ".tsv"):
        return _from_columns(read_table(text, "\t" if suffix == ".tsv" else ""))
    if (whole[0], whole[-1]) in (("[", "]"), ("{", "}")):
        return _from_value(_structure(whole, suffix))
    if suffix == ".json" or whole[0] == whole[-1] == '"':
        return _from_value([_json(line, number) for number, line in _lines(text)])
    return _from_lines([line for _, line in _lines(text)])


def _lines(text: str) -> list[tuple[int, str]]:
    """Return the lines with their numbers from 1 on, none of them empty."""
    lines = [line.strip() for line in text.rstrip().splitlines()]
    if "" in lines:
        raise InputError(
            f"a file of class names must have one a line; line {lines.index('') + 1} is empty"
        )
    return list(enumerate(lines, 1))


def _from_lines(lines: Sequence[str]) -> tuple[str, ...]:
    lines = _without_synsets(lines)
    found = [_NUMBERED.fullmatch(line) for line in lines]
    numbered = [(int(one[1]), one[2]) for one in found if one]
    if len(numbered) == len(lines):
        return tuple(_without_synsets(_by_index(numbered)))
    if 2 * len(numbered) > len(lines):
        line = next(place for place, one in enumerate(found) if one is None)
        raise InputError(
            f"line {line + 1}, {lines[line][:40]!r}, has no number, and most others have: number "
            f"all lines from 0 on or none; {_AS_THEY_ARE}"
        )
    endings = [(int(one[2]), one[1]) for line in lines if (one := _ENDING.fullmatch(line))]
    distinct = len({name for _, name in endings})
    if len(lines) == len(endings) == distinct > 1:
        counted = sorted(index for index, _ in endings)
        if counted in (list(range(len(lines))), list(range(1, len(lines) + 1))):
            return _by_index(endings)
    return tuple(lines)


def _without_synsets(lines: Sequence[str]) -> Sequence[str]:
    """Take WordNet's numbers away where every line begins with one."""
    found = [_SYNSET.fullmatch(line) for line in lines]
    return [one[1] for one in found if one] if all(found) else lines


def _structure(text: str, suffix: str) -> object:
    """Read JSON, or where it is none a Python literal; a key that stands twice is refused."""
    try:
        return json.loads(text, object_pairs_hook=_once)
    except InputError:
        raise
    except ValueError as error:
        if isinstance(error, json.JSONDecodeError) and error.msg == "Extra data":
            return [_json(line, number) for number, line in _lines(text)]
        if suffix == ".json" or len(text) > MOST_BYTES // 8:
            raise InputError(f"a file of class names must be JSON: {error}") from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's, about escapes in texts
            tree = ast.parse(text, mode="eval").body
        value: object = ast.literal_eval(tree)
    except Exception as error:
        raise InputError(
            "what is in brackets must be JSON or a Python literal, as in ['cat', 'dog'] or "
            f"{{0: 'cat', 1: 'dog'}}: {str(error)[:120]}"
        ) from error
    if isinstance(tree, ast.Dict) and isinstance(value, dict) and len(value) < len(tree.keys):
        raise InputError("a class must have one name; an index stands twice")
    return value


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise InputError(f"a class must have one name; {twice!r} stands twice")
    return found


def _json(line: str, number: int) -> object:
    try:
        return json.loads(line.removesuffix(","), object_pairs_hook=_once)
    except InputError:
        raise
    except ValueError as error:
        raise InputError(f"line {number} must be JSON; got {line[:40]!r}: {error}") from error


def _from_value(value: object) -> tuple[str, ...]:
    """Return the names in a list, or in an object by its indices."""
    if isinstance(value, Mapping) and value:
        wrapped = [key for key in _WRAPPED if isinstance(value.get(key), Mapping | list)]
        return _from_value(value[wrapped[0]]) if wrapped else _from_mapping(value)
    if isinstance(value, set):
        return check_names(value)
    if not isinstance(value, list | tuple) or not value:
        raise InputError(f"class names must be a list or an object of texts; got {value!r:.60}")
    if all(isinstance(one, Mapping) for one in value):
        return _from_columns(read_records(value))
    return tuple(_text(one, place) for place, one in enumerate(value))


def _from_mapping(value: Mapping[object, object]) -> tuple[str, ...]:
    """Return names by their indices, which are the keys or the values."""
    if value and all(
        _index(one) is not None and not isinstance(one, str) for one in value.values()
    ):
        pairs = [(_index(index), _text(name, name)) for name, index in value.items()]
    else:
        pairs = [(_index(index), _text(name, index)) for index, name in value.items()]
    indexed = [(index, name) for index, name in pairs if index is not None]
    if len(indexed) < len(pairs):
        wrong = next(key for key in value if _index(key) is None)
        raise InputError(
            f"class names must stand by indices 0 … {len(value) - 1}; got the key {wrong!r:.60}"
        )
    return _by_index(indexed)


def _from_columns(columns: Columns) -> tuple[str, ...]:
    names = tuple(_text(name, line) for line, name in enumerate(columns.names, columns.first))
    if columns.indices is None:
        return names
    return _by_index(list(zip(columns.indices, names, strict=True)))


def _by_index(pairs: Sequence[tuple[int, str]]) -> tuple[str, ...]:
    """Return names in the order of their indices, which are 0 … K-1, each once."""
    found: dict[int, str] = {}
    for index, name in pairs:
        if index in found:
            raise InputError(
                f"a class must have one name; {index} stands for {found[index]!r:.40} and "
                f"{name!r:.40}; {_AS_THEY_ARE}"
            )
        found[index] = name
    lacking = next((index for index in range(len(found)) if index not in found), None)
    if lacking is not None:
        _refuse_gap(lacking, found)
    return tuple(found[index] for index in range(len(found)))


def _refuse_gap(lacking: int, found: Mapping[int, str]) -> NoReturn:
    last = max(found)
    way = f"number them from 0 on; {_AS_THEY_ARE}"
    if lacking == 0 and min(found) == 1 and last == len(found):
        way = "whether 1 is the network's first output, or 0 a background, they do not say: " + way
    raise InputError(
        f"classes must be numbered 0 … {len(found) - 1}; {lacking} is missing, and the last is "
        f"{last}, {found[last]!r:.40}: {way}"
    )


def _index(value: object) -> int | None:
    """Return a whole number from 0 on, also one that is written as a text."""
    if isinstance(value, str):
        return int(value) if re.fullmatch(r"\s*[0-9]{1,9}\s*", value) else None
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    return int(value) if isinstance(value, Integral) and whole and int(value) >= 0 else None


def _text(value: object, where: object) -> str:
    """Return a name; of a WordNet number and a name, the name."""
    if isinstance(value, list | tuple) and len(value) == 2:
        number, name = value
        if isinstance(number, str) and re.fullmatch(r"n[0-9]+", number):
            value = name
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"the name of class {where} must be a text; got {value!r:.60}")
    return value.strip()
