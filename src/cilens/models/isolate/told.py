"""What a child says of a model, taken only where it is of the kind that it must be."""

from __future__ import annotations

from typing import Any

from cilens.errors import InputError, ModelError
from cilens.settings import checked

_LONGEST, _LARGEST = 10_000, 2**53
"""Signs of a text, and what numbers stay below."""


def told(value: object, hint: Any, what: str) -> Any:  # noqa: ANN401 (of the hint's type)
    """Return what a message says in the one form that a type gives it.

    Parameters
    ----------
    value : object
        As it was read from JSON.
    hint : type
        Of texts, numbers, tuples, dicts and named tuples of them.
    what : str
        What the value is, for the error.

    Returns
    -------
    object
        Of that type.

    Raises
    ------
    ModelError
        If it is of another kind, or too long or large.

    Examples
    --------
    >>> from cilens.models.metadata import Tensor
    >>> told(["x", "float32", ["n", 3, None]], Tensor, "a tensor")
    Tensor(name='x', dtype='float32', shape=('n', 3, None))
    """
    try:
        found = checked(what, value, hint)
    except InputError as error:
        wanted = str(error).partition("; got ")[0]
    else:
        if _is_bounded(value):
            return found
        wanted = f"{what} must be short"
    raise ModelError(f"{wanted}; the process that opened the file says {value!r:.60}")


def _is_bounded(value: object) -> bool:
    if isinstance(value, list | tuple | dict):
        return all(map(_is_bounded, value.values() if isinstance(value, dict) else value))
    if isinstance(value, str):
        return len(value) <= _LONGEST
    return not isinstance(value, int | float) or abs(value) < _LARGEST
