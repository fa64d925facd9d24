"""What a shell offers after the first letters: shipped images and networks, parts, files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path


def complete(kind: str, incomplete: str) -> list[str]:
    """Return what can stand where some letters have been typed.

    Parameters
    ----------
    kind : {"image", "model", "segmenter", "perturbation", "method", "metric"}
        What is to be named.
    incomplete : str
        The letters.

    Returns
    -------
    list of str
        Names that begin with them; for images and models files and directories too.

    Examples
    --------
    >>> complete("segmenter", "sl"), complete("model", "dig")
    (['slic'], ['digits'])
    """
    return [name for name in _names(kind, incomplete) if name.startswith(incomplete)]


def completer(kind: str) -> Callable[[str], list[str]]:
    """Return `complete` for a kind of names, as Typer calls it."""

    def offer(incomplete: str) -> list[str]:
        before = _begun()
        return [name.removeprefix(before) for name in complete(kind, before + incomplete)]

    return offer


def _begun() -> str:
    """Return what Bash, which takes a colon for the end of a word, has cut off before it."""
    words = os.environ.get("COMP_WORDS", "").split()
    at = int(os.environ.get("COMP_CWORD", "0"))
    return f"{words[at - 2]}:" if at > 1 and words[at - 1 : at] == [":"] else ""


def _names(kind: str, incomplete: str) -> Iterator[str]:
    if kind == "image":
        from cilens.datasets.shipped import COLLECTIONS, named

        if (name := named(incomplete)) is not None:
            known = COLLECTIONS[name.collection].names
            yield from (f"{name.collection}:{one}" for one in known)
        yield from (f"{collection}:" for collection in COLLECTIONS)
        yield from _files(incomplete)
    elif kind == "model":
        from cilens.models import model_names

        yield from (model.name for model in model_names())
        yield from _files(incomplete)
    else:
        from cilens.parts import KINDS

        if kind == "method":
            yield from ("default", "paper")
        yield from KINDS[kind]


def _files(incomplete: str) -> Iterator[str]:
    """Give the files and directories that begin so; a directory ends in a slash."""
    folder, slash, start = incomplete.rpartition("/")
    try:
        found = sorted(Path(f"{folder}{slash}" or ".").iterdir())
    except OSError:  # nothing there to be completed
        return
    for path in found:
        if path.name.startswith(start) and (start or not path.name.startswith(".")):
            yield f"{folder}{slash}{path.name}{'/' if path.is_dir() else ''}"
