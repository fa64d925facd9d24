"""Plurals, lists and small numbers in English."""

from __future__ import annotations

from collections.abc import Sequence

_SMALL = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve",
)  # fmt: skip


def count(number: int) -> str:
    """Write a count: in letters up to twelve.

    Examples
    --------
    >>> count(0), count(3), count(40)
    ('no', 'three', '40')
    """
    return _SMALL[number] if number < len(_SMALL) else str(number)


def listed(words: Sequence[str], most: int = 4, join: str = "and") -> str:
    """Join words as a sentence does; a long list ends in how many are left.

    Examples
    --------
    >>> listed(["3"]), listed(["3", "5", "6"]), listed(["3", "5", "6", "8"], most=2)
    ('3', '3, 5 and 6', '3, 5 and two more')
    >>> listed(["3", "5"], join="or")
    '3 or 5'
    """
    rest = len(words) - most
    *first, last = words if rest <= 0 else [*words[:most], f"{count(rest)} more"]
    return f"{', '.join(first)} {join} {last}" if first else last


def agree(number: int, singular: str, plural: str) -> str:
    """Return the word that agrees with a number.

    Examples
    --------
    >>> agree(1, "matters", "matter"), agree(2, "matters", "matter")
    ('matters', 'matter')
    """
    return singular if number == 1 else plural


def sentence(text: str) -> str:
    """Begin with a capital letter and end with a stop.

    Examples
    --------
    >>> sentence("region 3 matters")
    'Region 3 matters.'
    """
    return f"{text[:1].upper()}{text[1:]}."


def length(text: str) -> int:
    """Count the words: what has a letter or a digit.

    Examples
    --------
    >>> length("It is 7 (99 %).")
    4
    """
    return sum(any(sign.isalnum() for sign in word) for word in text.split())
