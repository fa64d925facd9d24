"""What classes and regions are called."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from cilens.printable import printable
from cilens.render import marks


@lru_cache(maxsize=1024)
def class_label(names: tuple[str, ...], index: int, length: int = 32) -> str:
    """Call a class by its first name, and by as many more as tell it from all others.

    Parameters
    ----------
    names : tuple of str
        Names of all classes, such as "tabby, tabby cat"; or empty.
    index : int
        Which class.
    length : int
        Most signs: a longer name is cut, between words if it can be.

    Returns
    -------
    str
        With the index where several classes have the same names; "class 3" where they have none.

    Examples
    --------
    >>> names = "tabby, tabby cat", "maillot, tank suit", "maillot, swimsuit", "crane", "crane"
    >>> [class_label(names, index) for index in (0, 1, 3)], class_label((), 3)
    (['tabby', 'maillot, tank suit', 'crane (3)'], 'class 3')
    """
    if not names:
        return f"class {index}"
    parts = _synonyms(names[index])
    others = [_synonyms(name) for at, name in enumerate(names) if at != index]
    for number in range(1, len(parts) + 1):
        if all(other[:number] != parts[:number] for other in others):
            return shortened(", ".join(parts[:number]), length)
    return f"{shortened(parts[0], length)} ({index})"


def shortened(name: str, length: int = 32) -> str:
    """Cut a name to a length, between words if it can be.

    Examples
    --------
    >>> shortened("American Staffordshire terrier", 25), shortened("tabby")
    ('American Staffordshire …', 'tabby')
    """
    if len(name) <= length:
        return name
    cut = name[: length - 1]
    words, space, _ = cut.rpartition(" ")
    whole = space and len(words) >= length // 2
    return f"{words} …" if whole else f"{cut.rstrip()}…"


def region_labels(names: Sequence[str]) -> tuple[str, ...]:
    """Call each region: by a segmenter's label bare, by a name of its own in quotes.

    Examples
    --------
    >>> region_labels(["3", "5"]), region_labels(["upper loop", "stem"])
    (('3', '5'), ('“upper loop”', '“stem”'))
    """
    given = tuple(names)
    if marks(given) == given:
        return given
    return tuple(f"“{shortened(printable(name))}”" for name in given)


def _synonyms(name: str) -> list[str]:
    """Split what may be shown of a name."""
    shown = printable(name)
    return [part.strip() for part in shown.split(",") if part.strip()] or [shown]
