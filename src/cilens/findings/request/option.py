"""What every face is told of an option, beside its name and type, and the options of a record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Annotated, Any, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

from cilens.errors import InputError

_Record = TypeVar("_Record")


class Option(NamedTuple):
    """What a face tells of an option.

    Attributes
    ----------
    help : str
        What it does, in a sentence or two.
    takes : str
        What a value looks like; nothing for a switch.
    default : str
        What holds without it, where the field's default does not say so.
    panel: str
        Options that belong together; by default those of one record.
    names : str
        What its values name, for completion: "image", "model" or a kind of part.
    """

    help: str
    takes: str = ""
    default: str = ""
    panel: str = ""
    names: str = ""


class Field(NamedTuple):
    """An option as a face shows it.

    Attributes
    ----------
    name : str
        The field's.
    type : type
        Of its values.
    told : Option
        What a face tells of it.
    default : object
        Its value, where nothing is said; `dataclasses.MISSING` where something must be.
    panel : str
        What it belongs to, where the option does not say so itself.
    """

    name: str
    type: Any
    told: Option
    default: Any = MISSING
    panel: str = ""

    @classmethod
    def of(cls, name: str, hint: Any, default: Any = MISSING, panel: str = "") -> Field:  # noqa: ANN401
        """Take an annotation apart."""
        kind, told = get_args(hint) if get_origin(hint) is Annotated else (hint, Option(""))
        return cls(name, kind, told, default, told.panel or panel)


def is_record(kind: Any) -> bool:  # noqa: ANN401 (an annotation)
    """Return whether a type is a record of options."""
    return isinstance(kind, type) and is_dataclass(kind)


def options_of(kind: Any) -> Iterator[Field]:  # noqa: ANN401 (a dataclass)
    """Give the options of a record, and of the records within it.

    Examples
    --------
    >>> from cilens.findings.request import MethodOptions
    >>> [one.name for one in options_of(MethodOptions)]
    ['method', 'segmenter', 'perturbation', 'strategy', 'budget']
    """
    hints = get_type_hints(kind, include_extras=True)
    title = kind.__name__.removesuffix("Options")
    for one in fields(kind):
        if is_record(hint := hints[one.name]):
            yield from options_of(hint)
        else:
            panel = "" if title.endswith("Request") else title
            yield Field.of(one.name, hint, one.default, panel)


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
