"""What every face is told of an option, beside its name and type, and the options of a record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, NamedTuple, TypeVar, get_type_hints

from cilens.docstring import documented
from cilens.errors import InputError

_Record = TypeVar("_Record")


class Option(NamedTuple):
    """An option as a face shows it.

    Attributes
    ----------
    help : str
        What it does, in a sentence or two.
    takes : str
        What a value looks like; nothing for a switch.
    default : str
        What holds without it, where the field's default does not say so.
    panel : str
        Options that belong together.
    """

    help: str
    takes: str = ""
    default: str = ""
    panel: str = ""


class Field(NamedTuple):
    """An option, its name and the values it takes.

    Attributes
    ----------
    name : str
        The field's.
    type : type
        Type of its values.
    told : Option
        What a face tells of it.
    default : object
        Its value, where nothing is said; `dataclasses.MISSING` where something must be.
    """

    name: str
    type: Any
    told: Option
    default: Any = MISSING

    @property
    def names(self) -> str:
        """What its values name: an image, a model, a kind of part; or nothing."""
        kind = self.name.removesuffix("s")
        return kind if kind in _NAMED else ""


_NAMED = ("image", "model", "segmenter", "perturbation", "method", "metric")

_PANELS = dict.fromkeys(_NAMED[2:], "Method") | {
    "budget": "Method",
    "model": "Model",
    "steps": "Method",
    "target": "Result",
}
"""The panels of options that are in no group."""


def is_record(kind: Any) -> bool:  # noqa: ANN401 (an annotation)
    """Return whether a type is a record of options."""
    return isinstance(kind, type) and is_dataclass(kind)


def options_of(kind: Any) -> Iterator[Field]:  # noqa: ANN401 (a dataclass)
    """Give the options of a record, and of the records within it, as its docstring tells of them.

    A paragraph of *Parameters* begins ``name : takes, default what holds without it``.

    Examples
    --------
    >>> from cilens.findings.request import ImageOptions
    >>> frame = list(options_of(ImageOptions))[1]
    >>> frame.name, frame.told.takes, frame.told.default
    ('frame', 'N', 'the only one')
    """
    hints, paragraphs = get_type_hints(kind), documented(kind)
    group = kind.__name__.removesuffix("Options")
    for one in fields(kind):
        if is_record(hint := hints[one.name]):
            yield from options_of(hint)
            continue
        takes, _, default = paragraphs[one.name].type.partition(", default ")
        panel = _PANELS.get(one.name, "") if group.endswith("Request") else group
        told = Option(paragraphs[one.name].text, "" if hint is bool else takes, default, panel)
        yield Field(one.name, hint, told, one.default)


def assembled(kind: type[_Record], values: Mapping[str, Any]) -> _Record:
    """Make a record, and the records within it, of its options; those not given have defaults.

    Raises
    ------
    InputError
        If an option that must be given is not, or a value does not fit.

    Examples
    --------
    >>> from cilens.findings.request import Request
    >>> assembled(Request, {"images": ["a.png"], "threshold": 0.05}).told.threshold
    0.05
    """
    hints, given = get_type_hints(kind), {}
    for one in fields(kind):  # type: ignore[arg-type]
        if is_record(hint := hints[one.name]):
            given[one.name] = assembled(hint, values)
        elif one.name in values:
            given[one.name] = values[one.name]
        elif one.default is MISSING:
            raise InputError(f"{one.name} must be given")
    return kind(**given)


def flat(record: Any) -> dict[str, Any]:  # noqa: ANN401 (a dataclass)
    """Return the options of a record and of the records within it, by their names.

    Examples
    --------
    >>> from cilens.findings.request import Request
    >>> flat(Request(["a.png"], "digits"))["threshold"]
    0.01
    """
    found: dict[str, Any] = {}
    for one in fields(record):
        value = getattr(record, one.name)
        found |= flat(value) if is_dataclass(value) else {one.name: value}
    return found
