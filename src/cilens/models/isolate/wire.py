"""What goes between a process and its child: short texts and plain arrays, nothing that runs.

A message is a few numbers of fixed width, a JSON object, and the bytes of an array. A parent
believes none of it: every length is checked against a limit before anything is read.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np
from jaxtyping import Shaped

MOST_TEXT, MOST_ARRAY = 16 * 2**20, 2 * 2**30
"""Bytes of a message's JSON, and of its array."""

_START = struct.Struct("<4sIQ")
_MAGIC = b"cil\x01"
_DTYPES = {np.dtype(name).str for name in ("f2", "f4", "f8", "u1", "u2", "u4", "i1", "i2", "i4")}
_DTYPES |= {np.dtype(name).str for name in ("u8", "i8", "?")}
_AXES = 8

NOTHING: Shaped[np.ndarray, "0"] = np.zeros(0, np.uint8)
"""The array of a message that has none."""


def send(
    pipe: BinaryIO, texts: Mapping[str, Any], array: Shaped[np.ndarray, "..."] = NOTHING
) -> None:
    """Write one message.

    Examples
    --------
    >>> import io
    >>> pipe = io.BytesIO()
    >>> send(pipe, {"ask": "scores"}, np.ones((2, 3), np.float32))
    >>> _ = pipe.seek(0)
    >>> texts, array = receive(pipe)
    >>> texts["ask"], array.shape
    ('scores', (2, 3))
    """
    plain = np.asarray(array, array.dtype.newbyteorder("="))
    head = json.dumps({**texts, "dtype": plain.dtype.str, "shape": plain.shape}).encode("ascii")
    pipe.write(_START.pack(_MAGIC, len(head), plain.nbytes) + head)
    pipe.write(_bytes_of(np.ascontiguousarray(plain)))
    pipe.flush()


def receive(pipe: BinaryIO) -> tuple[dict[str, Any], Shaped[np.ndarray, "..."]]:
    """Read one message.

    Returns
    -------
    texts : dict
        As JSON has it; what the values are is for the reader to check.
    array : array
        Of its own memory.

    Raises
    ------
    EOFError
        If the other side is gone.
    ValueError
        If it is no such message, or one beyond the limits.
    """
    magic, length, size = _START.unpack(_exactly(pipe, _START.size))
    if magic != _MAGIC or length > MOST_TEXT or size > MOST_ARRAY:
        raise ValueError(f"its answer is no message of at most {MOST_TEXT} + {MOST_ARRAY} bytes")
    try:
        texts = json.loads(_exactly(pipe, length))
        dtype, shape = texts.pop("dtype"), texts.pop("shape")
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError) as error:
        raise ValueError("its answer is no message with JSON in it") from error
    values = _room(dtype, shape, size)
    _fill(pipe, _bytes_of(values))
    return texts, values


def _room(dtype: object, shape: object, size: int) -> Shaped[np.ndarray, "..."]:
    """Return an array to read into, where the type and shape stated have the size stated."""
    if (
        isinstance(dtype, str)
        and dtype in _DTYPES
        and isinstance(shape, list)
        and len(shape) <= _AXES
        and all(type(side) is int and 0 <= side <= MOST_ARRAY for side in shape)
        and math.prod(shape) * np.dtype(dtype).itemsize == size
    ):
        return np.empty(shape, np.dtype(dtype))
    raise ValueError("its answer has an array of another size than it states")


def _bytes_of(values: Shaped[np.ndarray, "..."]) -> memoryview:
    return memoryview(values.reshape(-1).view(np.uint8))  # type: ignore[arg-type]


def _exactly(pipe: BinaryIO, count: int) -> bytes:
    content = bytearray(count)
    _fill(pipe, memoryview(content))
    return bytes(content)


def _fill(pipe: BinaryIO, room: memoryview) -> None:
    at = 0
    while at < len(room):
        count = pipe.readinto(room[at:])  # type: ignore[attr-defined]
        if not count:
            raise EOFError("the other side is gone")
        at += count
