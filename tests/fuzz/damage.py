"""Damage to bytes: what a bad disk, a torn transfer or an attacker does to a file of any kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

Damage = Callable[[bytes, Random, Sequence[bytes]], bytes]
"""From the file, a source of chance and the other files of the corpus to a damaged file."""

_EDGES = [
    sign * (1 << power) + off
    for power in (0, 7, 8, 15, 16, 24, 31, 32, 62, 63)
    for sign in (1, -1)
    for off in (-1, 0, 1)
]
"""Where whole numbers overflow, change their sign, or declare more than there is."""


def damage(data: bytes, rng: Random, others: Sequence[bytes]) -> bytes:
    """Damage bytes in one place, or in a few."""
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        data = rng.choice(_KINDS)(data, rng, others)
    return data


def number(rng: Random, size: int) -> bytes:
    """Return a number that is likely to be wrong, in `size` bytes and either order."""
    value = rng.choice(_EDGES) if rng.random() < 0.7 else rng.getrandbits(8 * size)
    return (value % (1 << 8 * size)).to_bytes(size, rng.choice(("little", "big")))


def _flip(data: bytes, rng: Random, _: Sequence[bytes]) -> bytes:
    place = _place(data, rng)
    return _put(data, place, bytes([data[place] ^ 1 << rng.randrange(8)])) if data else data


def _set(data: bytes, rng: Random, _: Sequence[bytes]) -> bytes:
    return _put(data, _place(data, rng), bytes([rng.choice((0, 1, 0x7F, 0x80, 0xFE, 0xFF))]))


def _renumber(data: bytes, rng: Random, _: Sequence[bytes]) -> bytes:
    size = rng.choice((2, 4, 8))
    place = _place(data, rng)
    if rng.random() < 0.7:  # where most formats put their lengths and offsets
        place -= place % size
    return _put(data, place, number(rng, size))


def _count(data: bytes, rng: Random, _: Sequence[bytes]) -> bytes:
    """Add a little to a byte: a length or an index that is off by one."""
    place = _place(data, rng)
    step = rng.choice((-2, -1, 1, 2))
    return _put(data, place, bytes([(data[place] + step) % 256])) if data else data


def _truncate(data: bytes, rng: Random, _: Sequence[bytes]) -> bytes:
    return data[: _place(data, rng)]


def _remove(data: bytes, rng: Random, _: Sequence[bytes]) -> bytes:
    place = _place(data, rng)
    return data[:place] + data[place + _length(rng) :]


def _repeat(data: bytes, rng: Random, _: Sequence[bytes]) -> bytes:
    place = _place(data, rng)
    return (
        data[:place] + data[place : place + _length(rng)] * rng.choice((2, 2, 3, 50)) + data[place:]
    )


def _insert(data: bytes, rng: Random, _: Sequence[bytes]) -> bytes:
    place = _place(data, rng)
    content = rng.choice((bytes(_length(rng)), rng.randbytes(_length(rng)), b"\xff" * _length(rng)))
    return data[:place] + content + data[place:]


def _splice(data: bytes, rng: Random, others: Sequence[bytes]) -> bytes:
    """Continue with a piece of another file, from the same place or from any."""
    other = rng.choice(others)
    place = _place(data, rng)
    start = place if rng.random() < 0.5 else _place(other, rng)
    end = len(other) if rng.random() < 0.5 else start + _length(rng)
    return data[:place] + other[start:end] + data[place + end - start :]


_KINDS = (_flip, _set, _renumber, _count, _truncate, _remove, _repeat, _insert, _splice)


def _place(data: bytes, rng: Random) -> int:
    """Choose a place: half of the time near the start, where headers are."""
    end = max(len(data), 1)
    return rng.randrange(min(end, 128) if rng.random() < 0.5 else end)


def _length(rng: Random) -> int:
    return rng.choice((1, 2, 4, 8, rng.randrange(1, 65)))


def _put(data: bytes, place: int, content: bytes) -> bytes:
    """Overwrite; the length stays."""
    return (data[:place] + content + data[place + len(content) :])[: len(data)]
