"""Parts as text: ``slic:n_segments=50`` to a segmenter and back, and what can be written so."""

from __future__ import annotations

import inspect
from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints, overload

from cilens.docstring import documented
from cilens.errors import InputError, unknown
from cilens.parts.options import (
    Description,
    Option,
    cells,
    join,
    read,
    row,
    split,
    words,
    write,
)
from cilens.parts.table import KINDS, part_class, part_name
from cilens.types import Perturbation, Segmenter

if TYPE_CHECKING:
    from cilens.scoring.protocols import Method, Metric


@overload
def parse(text: str, kind: Literal["segmenter"]) -> Segmenter: ...
@overload
def parse(text: str, kind: Literal["perturbation"]) -> Perturbation: ...
@overload
def parse(text: str, kind: Literal["method"]) -> Method: ...
@overload
def parse(text: str, kind: Literal["metric"]) -> Metric: ...
def parse(text: str, kind: str) -> object:
    """Make a part from its name and options.

    Parameters
    ----------
    text : str
        ``name`` or ``name:option=value,option=value``. Numbers for each channel have slashes
        between, as in ``constant:value=0.5/0.5/0.5``; ``none`` leaves an option unset. A part
        within a part is written alike, as in ``flipping:perturbation=blur:sigma=3,steps=10``;
        several have a plus between, as in ``sampled:segmenters=slic+grid``. An option with a comma
        in it stands in double quotes, as in a CSV file: ``labels:"source=a,b.png"``.
    kind : {"segmenter", "perturbation", "method", "metric"}
        Which table to look in.

    Returns
    -------
    Segmenter, Perturbation, Method or Metric
        An instance of the class in the table.

    Raises
    ------
    InputError
        If there is no such part or option, an option is missing or given twice, or a value is
        not of the option's type or not accepted by the part.
    MissingDependencyError
        If the part needs an optional package that is not installed.

    Examples
    --------
    >>> parse("slic:n_segments=50,compactness=10", "segmenter")
    Slic(n_segments=50, compactness=10.0, sigma=0.0)
    >>> parse("slick", "segmenter")
    Traceback (most recent call last):
    cilens.errors.InputError: unknown segmenter 'slick'; did you mean 'slic'? (known: slic, ...
    """
    name, _, rest = text.partition(":")
    part = part_class(kind, name)
    hints = {field.name: get_type_hints(part)[field.name] for field in fields(part)}
    given: dict[str, object] = {}
    for key, value in split(rest):
        if key not in hints:
            raise unknown(f"option of {name}", key, hints)
        if key in given:
            raise InputError(f"{name} is given {key} twice")
        given[key] = _read(f"{name}: {key}", value, hints[key])
    missing = [field.name for field in fields(part) if _required(field) and field.name not in given]
    if missing:
        raise InputError(f"{name} needs {missing[0]}, as in {name}:{missing[0]}=…")
    return part(**given)


def unparse(part: object) -> str:
    """Write a part as `parse` reads it, without the options that have their default.

    Parameters
    ----------
    part : object
        An instance of a class in one of the tables.

    Returns
    -------
    str
        ``parse(unparse(part), kind)`` is equal to the part.

    Raises
    ------
    InputError
        If the part is in no table, or an option has a value without a textual form.

    Examples
    --------
    >>> from cilens import Slic
    >>> unparse(Slic(n_segments=9, compactness=0.3))
    'slic:n_segments=9,compactness=0.3'
    """
    kind: type[Any] = type(part)
    name = part_name(kind)
    stated = [
        (field.name, _write(f"{name}: {field.name}", getattr(part, field.name)))
        for field in fields(kind)
        if _required(field) or getattr(part, field.name) != field.default
    ]
    return f"{name}:{join(stated)}" if stated else name


def rooted(text: str, kind: str, folder: Path) -> str:
    """Let the relative paths in a part's options start at a folder.

    Parameters
    ----------
    text : str
        As `parse` reads it; what is no part stays as it is.
    kind : {"segmenter", "perturbation", "method", "metric"}
        Which table to look in.
    folder : Path
        Where they start.

    Returns
    -------
    str

    Examples
    --------
    >>> rooted("labels:source=map.png", "segmenter", Path("/data"))
    'labels:source=/data/map.png'
    >>> rooted("slic:n_segments=9", "segmenter", Path("/data"))
    'slic:n_segments=9'
    """
    name, _, rest = text.partition(":")
    if name not in KINDS[kind] or not rest:
        return text
    hints = get_type_hints(part_class(kind, name))

    def placed(value: str, hint: object) -> str:
        inner = _kind(hint)
        if inner is not None:
            return row((rooted(one, inner, folder) for one in cells(value, "+")), "+")
        return str(folder / value) if Path in get_args(hint) else value

    return f"{name}:{join((key, placed(value, hints.get(key))) for key, value in split(rest))}"


def describe(part: type[Any]) -> Description:
    """Say what a part is and takes.

    Parameters
    ----------
    part : type
        A class in one of the tables.

    Returns
    -------
    Description
        Read from the class's fields and its numpydoc *Parameters*.

    Raises
    ------
    InputError
        If the class is in no table.

    Examples
    --------
    >>> grid = describe(part_class("segmenter", "grid"))
    >>> grid.name, grid.summary
    ('grid', 'Rectangles, blind to the content.')
    >>> grid.options[0][:3]
    ('rows', 'a whole number', '7')
    """
    paragraphs, hints = documented(part), get_type_hints(part)
    found = tuple(
        Option(
            field.name,
            _words(hints[field.name]),
            None if _required(field) else _default(field),
            paragraphs[field.name].text if field.name in paragraphs else "",
        )
        for field in fields(part)
    )
    return Description(part_name(part), (inspect.getdoc(part) or "").partition("\n")[0], found)


_WITHIN: dict[object, Literal["segmenter", "perturbation"]] = {
    Segmenter: "segmenter",
    Perturbation: "perturbation",
}
"""The parts that a part can have as an option, by the types of its fields."""


def _kind(hint: object) -> Literal["segmenter", "perturbation"] | None:
    kinds = [_WITHIN[each] for each in (hint, *get_args(hint)) if each in _WITHIN]
    return kinds[0] if kinds else None


def _words(hint: object) -> str:
    plain, kind = words(hint), _kind(hint)
    if get_origin(hint) is tuple and kind:
        return f"a {kind} or several with + between"
    return " or ".join(filter(None, (kind and f"a {kind}", plain)))


def _read(what: str, text: str, hint: object) -> object:
    kind = _kind(hint)
    if kind is None or (text == "none" and words(hint)):
        return read(what, text, hint)
    if get_origin(hint) is tuple:
        return tuple(parse(one, kind) for one in cells(text, "+"))
    return parse(text, kind)


def _write(what: str, value: object) -> str:
    if isinstance(value, tuple) and value and all(map(is_dataclass, value)):
        return row(map(unparse, value), "+")
    return unparse(value) if is_dataclass(value) else write(what, value)


def _required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _default(field: Field[Any]) -> str:
    """Write a default; of parts within a part, their names and options."""
    return _write(field.name, None if field.default == () else field.default)
