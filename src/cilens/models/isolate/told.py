"""What a child says of a model, taken only where it is of the kind that it must be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cilens.errors import ModelError
from cilens.models.metadata import Tensor

_LONGEST = 10_000
"""Signs of a name."""


def text_in(texts: Mapping[str, Any], key: str) -> str:
    """Return a text of a message.

    Raises
    ------
    ModelError
        If there is none.

    Examples
    --------
    >>> text_in({"name": "scores"}, "name")
    'scores'
    """
    return _text(texts.get(key), key)


def list_in(texts: Mapping[str, Any], key: str) -> list[Any]:
    """Return a list of a message.

    Raises
    ------
    ModelError
        If there is none.

    Examples
    --------
    >>> list_in({"outputs": [1, 2]}, "outputs")
    [1, 2]
    """
    listed = texts.get(key)
    if not isinstance(listed, list):
        raise _wrong(key, "a list", listed)
    return listed


def texts_in(texts: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """Return a list of texts of a message.

    Raises
    ------
    ModelError
        If it is none.

    Examples
    --------
    >>> texts_in({"names": ["cat", "dog"]}, "names")
    ('cat', 'dog')
    """
    return tuple(_text(one, key) for one in list_in(texts, key))


def mapping_in(texts: Mapping[str, Any], key: str) -> dict[str, str]:
    """Return texts under their names, of a message.

    Raises
    ------
    ModelError
        If there are none.

    Examples
    --------
    >>> mapping_in({"metadata": {"author": "me"}}, "metadata")
    {'author': 'me'}
    """
    found = texts.get(key)
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        raise _wrong(key, "texts under their names", found)
    return found


def fields_in(value: object, count: int) -> list[Any]:
    """Return the fields of a record in a message.

    Raises
    ------
    ModelError
        If there are more or fewer.

    Examples
    --------
    >>> fields_in(["x", 3], 2)
    ['x', 3]
    """
    if not isinstance(value, list) or len(value) != count:
        raise _wrong("a record", f"a list of {count}", value)
    return value


def tensor_in(value: object) -> Tensor:
    """Return a tensor that a message describes: name, type and shape.

    Raises
    ------
    ModelError
        If it is none.

    Examples
    --------
    >>> tensor_in(["x", "float32", [None, 8, "width"]]).shape
    (None, 8, 'width')
    """
    name, dtype, shape = fields_in(value, 3)
    if not isinstance(shape, list) or not all(
        size is None or isinstance(size, str) or type(size) is int for size in shape
    ):
        raise _wrong("a shape", "a list of sizes", shape)
    return Tensor(_text(name, "a name"), _text(dtype, "a type"), tuple(shape))


def number_in(value: object) -> float:
    """Return a number that a message has.

    Raises
    ------
    ModelError
        If it is none.

    Examples
    --------
    >>> number_in(0.5)
    0.5
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 2**53:
        raise _wrong("a value", "a number", value)
    return float(value)


def _text(value: object, key: str) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise _wrong(key, "a text", value)
    return value


def _wrong(key: str, what: str, value: object) -> ModelError:
    return ModelError(f"{key} must be {what}; the process that opened the file says {value!r:.60}")
