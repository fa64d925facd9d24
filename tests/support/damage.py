"""Damage, the same every time: bits turned over, bytes cut out, put in, swapped, cut off."""

from __future__ import annotations

import random
from collections.abc import Iterator

_EXTREMES = (0, 1, 127, 128, 255)


def damaged(files: dict[str, bytes], count: int, seed: int = 0) -> Iterator[tuple[str, bytes]]:
    """Yield damaged copies of valid files, each kind of file equally often.

    Parameters
    ----------
    files : dict of str to bytes
        Valid files by name.
    count : int
        How many damaged files.
    seed : int
        Of the choice of damage.

    Yields
    ------
    tuple of str and bytes
        The name of the valid file, and the damaged content.
    """
    random_ = random.Random(seed)
    names = list(files)
    for number in range(count):
        name = names[number % len(names)]
        content = bytearray(files[name])
        for _ in range(random_.choice((1, 1, 1, 2, 4, 16))):
            random_.choice(_KINDS)(content, random_)
        yield name, bytes(content)


def _turn_bit(content: bytearray, random_: random.Random) -> None:
    if content:
        content[random_.randrange(len(content))] ^= 1 << random_.randrange(8)


def _set_bytes(content: bytearray, random_: random.Random) -> None:
    start, value = random_.randrange(len(content) + 1), random_.choice(_EXTREMES)
    end = min(len(content), start + random_.choice((1, 2, 4, 8)))
    content[start:end] = bytes([value]) * (end - start)


def _cut_off(content: bytearray, random_: random.Random) -> None:
    del content[random_.randrange(len(content) + 1) :]


def _cut_out(content: bytearray, random_: random.Random) -> None:
    start = random_.randrange(len(content) + 1)
    del content[start : start + random_.randrange(1, 64)]


def _repeat(content: bytearray, random_: random.Random) -> None:
    start = random_.randrange(len(content) + 1)
    content[start:start] = content[start : start + random_.randrange(1, 64)]


def _swap(content: bytearray, random_: random.Random) -> None:
    size = random_.randrange(1, 32)
    first, second = sorted(random_.randrange(len(content) + 1) for _ in range(2))
    one, other = content[first : first + size], content[second : second + size]
    if first + size <= second:
        content[second : second + size] = one
        content[first : first + size] = other


_KINDS = (_turn_bit, _turn_bit, _set_bytes, _set_bytes, _cut_off, _cut_out, _repeat, _swap)
