"""Which class is meant: by index, by name, or by its place among the scores."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

import numpy as np
from jaxtyping import Float

from cilens.errors import InputError
from cilens.settings import checked

_MOST_LISTED = 12
"""So many names are listed in an error; of more, only the nearest are named."""


def find_class(wanted: int | str, names: tuple[str, ...], n_classes: int) -> int:
    """Return the index of a class given by index, name, or one of the name's synonyms.

    Parameters
    ----------
    wanted : int or str
        An index, an index as text, or a name; a name goes before an index, and both before a
        synonym: "tabby" is found in "tabby, tabby cat", whatever its capitals.
    names : tuple of str
        One name for each class, or empty.
    n_classes : int
        How many classes there are.

    Returns
    -------
    int

    Raises
    ------
    InputError
        If there is no such class, or several have the name; the nearest names are said.

    Examples
    --------
    >>> find_class("dog", ("cat", "dog"), 2), find_class("0", ("cat", "dog"), 2)
    (1, 0)
    >>> find_class(1.5, (), 2)
    Traceback (most recent call last):
    cilens.errors.InputError: a class index must be a whole number; got 1.5
    >>> find_class("Tabby", ("tiger cat", "tabby, tabby cat"), 2)
    1
    """
    if isinstance(wanted, str) and wanted in names:
        bearers = [index for index, name in enumerate(names) if name == wanted]
        if len(bearers) > 1:
            raise InputError(
                f"the name {wanted!r} stands for the classes {bearers}: give the index"
            )
        return bearers[0]
    if isinstance(wanted, str) and not wanted.removeprefix("-").isdecimal():
        if not names:
            raise InputError(f"classes have no names here: give an index instead of {wanted!r}")
        return _by_synonym(wanted, names)
    index = int(wanted) if isinstance(wanted, str) else checked("a class index", wanted, int)
    if not 0 <= index < n_classes:
        raise InputError(f"a class index must be in 0 … {n_classes - 1}; got {index}")
    return index


def runner_up(
    scores: Float[np.ndarray, " classes"], target: int, apart: Iterable[int] = ()
) -> int | None:
    """Return the class with the highest score but the target; None where there is no other.

    Classes that are set apart are passed over, as those whose scores left their output range.

    Examples
    --------
    >>> runner_up(np.array([0.2, 0.7, 0.1]), 1), runner_up(np.array([0.2, 0.7, 0.1]), 0)
    (0, 1)
    """
    order = np.argsort(-scores, kind="stable")
    others = order[~np.isin(order, [target, *apart])]
    return int(others[0]) if len(others) else None


def unknown_class(wanted: str, names: Iterable[str]) -> InputError:
    """Return the error for a class that does not exist, with those that may be meant.

    Parameters
    ----------
    wanted : str
        What came.
    names : iterable of str
        All the names there are, synonyms after commas.

    Returns
    -------
    InputError
        To be raised by the caller. It names those that have the words that came, else those that
        are spelled nearly so.

    Examples
    --------
    >>> print(unknown_class("cat", ["any cat", "crate", "tabby, tabby cat"]))
    unknown class 'cat'; did you mean 'any cat' or 'tabby cat'? (known: any cat, crate, tabby, tabby
    cat)
    """
    listed = list(dict.fromkeys(one for name in names for one in _synonyms(name)))
    near = _near(wanted, listed)
    *first, last = [repr(name) for name in near] or [""]
    hint = f"; did you mean {', '.join(first)}{' or ' if first else ''}{last}?" if near else ""
    known = ", ".join(listed) if len(listed) <= _MOST_LISTED else f"{len(listed)} names"
    return InputError(f"unknown class {wanted!r}{hint} (known: {known})")


def _by_synonym(wanted: str, names: tuple[str, ...]) -> int:
    called = [[one.casefold() for one in _synonyms(name)] for name in names]
    found = [index for index, synonyms in enumerate(called) if wanted.casefold() in synonyms]
    if len(found) > 1:
        listed = "; ".join(f"{index} is {names[index]!r}" for index in found)
        raise InputError(f"several classes are called {wanted!r}: give an index ({listed})")
    if not found:
        raise unknown_class(wanted, names)
    return found[0]


def _near(wanted: str, names: list[str]) -> list[str]:
    """Return up to three names: with the words that came, shorter ones first; or spelled nearly."""
    folded = {name.casefold(): name for name in reversed(names)}
    words = set(wanted.casefold().split())
    having = [name for name in names if words and words <= set(name.casefold().split())]
    if having:
        return sorted(having, key=len)[:3]
    close = difflib.get_close_matches(wanted.casefold(), folded, n=3, cutoff=0.5)
    best = difflib.SequenceMatcher(None, wanted.casefold(), close[0]).ratio() if close else 0.0
    return [
        folded[name]
        for name in close
        if difflib.SequenceMatcher(None, wanted.casefold(), name).ratio() >= best - 0.1
    ]


def _synonyms(name: str) -> list[str]:
    return [one.strip() for one in name.split(",")]
