"""The fields of a message in protocol buffers, as ONNX files are written, without its schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

Field: TypeAlias = "int | memoryview"
"""A whole number, or bytes that the reader knows to be a text, numbers or a message."""

_LONGEST = 10
"""Bytes of a whole number."""


def fields_of(data: bytes | memoryview) -> Iterator[tuple[int, Field]]:
    r"""Split a message into its fields: their numbers, with a whole number or bytes each.

    Raises
    ------
    ValueError
        If it is no message.
    IndexError
        If it ends within a number.

    References
    ----------
    https://protobuf.dev/programming-guides/encoding

    Examples
    --------
    >>> [(number, bytes(value)) for number, value in fields_of(b"\x12\x02hi")]
    [(2, b'hi')]
    """
    view, at = memoryview(data), 0
    while at < len(view):
        key, at = _varint(view, at)
        sort = key & 7
        if sort == 0:
            value, at = _varint(view, at)
            yield key >> 3, value
            continue
        if sort == 2:
            length, at = _varint(view, at)
        elif sort in (1, 5):
            length = 8 if sort == 1 else 4
        else:
            raise ValueError("it does not read as protocol buffers")
        if at + length > len(view):
            raise ValueError("it ends too early")
        yield key >> 3, view[at : at + length]
        at += length


def numbers_of(part: Field) -> list[int]:
    r"""Return whole numbers: one, or several packed together.

    Examples
    --------
    >>> numbers_of(memoryview(b"\x03\x96\x01"))
    [3, 150]
    """
    if isinstance(part, int):
        return [part]
    found, at = [], 0
    while at < len(part):
        value, at = _varint(part, at)
        found.append(value)
    return found


def text_of(part: Field) -> str:
    """Return a text.

    Raises
    ------
    ValueError
        If the field is none.

    Examples
    --------
    >>> text_of(memoryview(b"Conv"))
    'Conv'
    """
    return bytes(message_of(part)).decode()


def message_of(part: Field) -> memoryview:
    """Return the bytes of a field that must have some.

    Raises
    ------
    ValueError
        If the field is a number.
    """
    if isinstance(part, int):
        raise ValueError("a number where a text should be, or a message")
    return part


def _varint(view: memoryview, at: int) -> tuple[int, int]:
    """Return a whole number, and where it ends."""
    value = 0
    for place in range(_LONGEST):
        byte = view[at + place]
        value |= (byte & 127) << (7 * place)
        if byte < 128:
            return value, at + place + 1
    raise ValueError("a number of more than 10 bytes")
