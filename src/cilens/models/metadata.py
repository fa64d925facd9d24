"""What a model file says of itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from cilens.errors import FileError, InputError
from cilens.models.preprocess.record import Preprocess

PREPROCESS_KEY = "cilens.preprocess"
"""Metadata key of a `Preprocess`, as its `to_json` writes it."""

CLASS_NAMES_KEY = "cilens.class_names"
"""Metadata key of the class names, as a JSON list."""

Dimensions = tuple[int | str | None, ...]
"""Shape of a network's input as its file states it: a number, or a name or None for any."""


class Tensor(NamedTuple):
    """An input or output of a network."""

    name: str
    dtype: str
    shape: Dimensions

    @property
    def called(self) -> str:
        """Its name and type, for a message."""
        return f"input {self.name!r} ({self.dtype})"


def read_preprocess(metadata: Mapping[str, str], path: str) -> Preprocess | None:
    """Return the preprocessing that a model file states, or None.

    Parameters
    ----------
    metadata : mapping of str to str
        The file's own.
    path : str
        Name of the file, for the message.

    Returns
    -------
    Preprocess or None
        What stands under ``cilens.preprocess``.

    Raises
    ------
    FileError
        If what stands there is none.

    Examples
    --------
    >>> print(read_preprocess({"cilens.preprocess": '{"size": [28, 28]}'}, "a.onnx"))
    size=28x28,channels=3
    """
    text = metadata.get(PREPROCESS_KEY)
    if text is None:
        return None
    try:
        return Preprocess.from_json(text)
    except InputError as error:
        raise FileError(f"{path}: {PREPROCESS_KEY} in its metadata: {error}") from error


def read_names(metadata: Mapping[str, str], path: str) -> tuple[str, ...]:
    """Return the class names that a model file states, or nothing.

    Parameters
    ----------
    metadata : mapping of str to str
        The file's own.
    path : str
        Name of the file, for the message.

    Returns
    -------
    tuple of str
        What stands under ``cilens.class_names``.

    Raises
    ------
    FileError
        If what stands there is no JSON list of texts.

    Examples
    --------
    >>> read_names({"cilens.class_names": '["cat", "dog"]'}, "a.onnx")
    ('cat', 'dog')
    """
    text = metadata.get(CLASS_NAMES_KEY, "[]")
    try:
        names = json.loads(text)
    except (ValueError, RecursionError):
        names = None
    if not isinstance(names, list) or not all(map(_is_text, names)):
        raise FileError(
            f"{path}: {CLASS_NAMES_KEY} in its metadata must be a JSON list of texts; "
            f"got {text[:60]!r}"
        )
    return tuple(names)


def _is_text(name: object) -> bool:
    """Say whether a value is a text that can be written: half of a surrogate pair cannot."""
    return isinstance(name, str) and not any("\ud800" <= one <= "\udfff" for one in name)


def show(shape: Dimensions) -> str:
    """Write a shape, with a question mark where any size will do.

    Examples
    --------
    >>> show(("n", 3, None, 224))
    '(n, 3, ?, 224)'
    """
    return f"({', '.join('?' if size is None else str(size) for size in shape)})"
