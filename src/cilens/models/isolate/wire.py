"""What goes between a process and its child: short texts and plain arrays, nothing that runs.

A message is a few numbers of fixed width, a JSON object, and the bytes of arrays. A parent
believes none of it: every length is checked against a limit before anything is read.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from cilens.types import Array

MOST_TEXT, MOST_ARRAY = 16 * 2**20, 2 * 2**30
"""Bytes of a message's JSON, and of its arrays."""

_START = struct.Struct("<4sIQ")
_MAGIC = b"cil\x01"
_DTYPES = {np.dtype(name).str for name in ("f2", "f4", "f8", "u1", "u2", "u4", "i1", "i2", "i4")}
_DTYPES |= {np.dtype(name).str for name in ("u8", "i8", "?")}
_AXES = 8

ANSWER = "answer"
"""Name of the array that answers a question."""

Arrays = Mapping[str, Array]
"""Arrays by name."""


class Served(NamedTuple):
    """Something opened in the child.

    Attributes
    ----------
    texts : mapping
        What the parent is told of it, as JSON has it.
    ask : callable
        From a name, and arrays by name, to an array.
    """

    texts: Mapping[str, Any]
    ask: Callable[[str, Arrays], Array]


def send(pipe: BinaryIO, texts: Mapping[str, Any], arrays: Arrays = MappingProxyType({})) -> None:
    """Write one message.

    Examples
    --------
    >>> import io
    >>> pipe = io.BytesIO()
    >>> send(pipe, {"ask": "scores"}, {"x": np.ones((2, 3), np.float32)})
    >>> _ = pipe.seek(0)
    >>> texts, arrays = receive(pipe)
    >>> texts["ask"], arrays["x"].shape
    ('scores', (2, 3))
    """
    plain = {
        name: np.asarray(array, array.dtype.newbyteorder("="), order="C")
        for name, array in arrays.items()
    }
    told = [(name, array.dtype.str, array.shape) for name, array in plain.items()]
    head = json.dumps({**texts, "arrays": told}).encode("ascii")
    pipe.write(_START.pack(_MAGIC, len(head), sum(array.nbytes for array in plain.values())))
    pipe.write(head)
    pipe.writelines(_bytes_of(array) for array in plain.values())
    pipe.flush()


def receive(pipe: BinaryIO) -> tuple[dict[str, Any], dict[str, Array]]:
    """Read one message.

    Returns
    -------
    texts : dict
        As JSON has it; what the values are is for the reader to check.
    arrays : dict of arrays
        Of their own memory.

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
        rooms = {str(name): _room(dtype, shape) for name, dtype, shape in texts.pop("arrays")}
    except EOFError:
        raise
    except Exception as error:  # of whatever stands there in place of JSON
        raise ValueError("its answer is no message that states its arrays") from error
    if sum(array.nbytes for array in rooms.values()) != size:
        raise ValueError("its answer has arrays of other sizes than it states")
    for array in rooms.values():
        _fill(pipe, _bytes_of(array))
    return texts, rooms


def _room(dtype: object, shape: list[int]) -> Array:
    """Return an array to read into; its memory is taken when it is filled."""
    if dtype not in _DTYPES or len(shape) > _AXES or not all(type(side) is int for side in shape):
        raise ValueError("no array of plain numbers")
    if min(shape, default=0) < 0 or math.prod(shape) > MOST_ARRAY:
        raise ValueError("no array of a size within the limits")
    return np.empty(shape, np.dtype(str(dtype)))


def _bytes_of(values: Array) -> memoryview:
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
