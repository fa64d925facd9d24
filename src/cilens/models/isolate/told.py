"""What a child says of a model, taken only where it is of the kind that it must be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, get_type_hints

from cilens.errors import InputError, ModelError
from cilens.settings import checked

Record = TypeVar("Record", bound=tuple[Any, ...])

_LONGEST, _LARGEST = 10_000, 2**53
"""Signs of a text, and what numbers stay below."""


def told(texts: Mapping[str, object], kind: type[Record]) -> Record:
    """Return a record from a message that has its fields, each under its name.

    Parameters
    ----------
    texts : mapping of str to object
        As they were read from JSON.
    kind : type
        A named tuple.

    Returns
    -------
    named tuple
        With each field in the one form that its type gives it.

    Raises
    ------
    ModelError
        If one is of another kind, too long or too large.

    Examples
    --------
    >>> from cilens.models.metadata import Tensor
    >>> told({"name": "x", "dtype": "float32", "shape": ["n", 3, None]}, Tensor)
    Tensor(name='x', dtype='float32', shape=('n', 3, None))
    """
    hints = get_type_hints(kind).items()
    return kind(*(told_value(texts.get(name), hint, name) for name, hint in hints))


def told_value(value: object, hint: Any, what: str) -> Any:  # noqa: ANN401 (of the hint's type)
    """Return what a message says in the one form that a type gives it; see `told`.

    Examples
    --------
    >>> told_value(["x", 2.5], tuple[str, float], "a pair")
    ('x', 2.5)
    """
    try:
        found = checked(what, value, hint)
    except InputError as error:
        wanted = str(error).partition("; got ")[0]
    else:
        if _is_bounded(value):
            return found
        wanted = f"{what} must be within bounds"
    raise ModelError(f"{wanted}; the process that opened the file says {value!r:.60}")


def _is_bounded(value: object) -> bool:
    if isinstance(value, list | tuple | dict):
        return all(map(_is_bounded, value.values() if isinstance(value, dict) else value))
    if isinstance(value, str):
        return len(value) <= _LONGEST
    return not isinstance(value, int | float) or abs(value) < _LARGEST
