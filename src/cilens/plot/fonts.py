"""Fonts for class names in any script: those that are installed, beside matplotlib's own."""

from __future__ import annotations

import warnings
from dataclasses import replace
from functools import cache

import matplotlib as mpl
from matplotlib.font_manager import FontProperties, findfont, fontManager
from matplotlib.ft2font import FT2Font

from cilens.errors import CilensWarning
from cilens.text.topic import Topic

_BOX = "□"
"""What stands for a character that no font has."""


def families(text: str, *, bold: bool = False) -> list[str]:
    """Return the font families to draw a text in, for each character the first that has it.

    Parameters
    ----------
    text : str
        Of any script.
    bold : bool
        Whether it is drawn in bold.

    Returns
    -------
    list of str
        Matplotlib's own, and others that are installed where these lack a character.

    Examples
    --------
    >>> families("seven") == list(mpl.rcParams["font.family"])
    True
    """
    return [*mpl.rcParams["font.family"], *_beside(_lacking(text, bold=bold), bold=bold)[0]]


def drawable(text: str, *, bold: bool = False) -> str:
    """Return a text with a box for each character that no installed font has.

    That is said once, in a `CilensWarning`.

    Parameters
    ----------
    text : str
        Of any script.
    bold : bool
        Whether it is drawn in bold.

    Returns
    -------
    str
        As it is, mostly.

    Examples
    --------
    >>> drawable("seven")
    'seven'
    """
    nowhere = _beside(_lacking(text, bold=bold), bold=bold)[1]
    if nowhere:
        _say_once("".join(sorted(nowhere))[:8])
    return "".join(_BOX if sign in nowhere else sign for sign in text)


def legible(topic: Topic) -> Topic:
    """Call classes by their number whose names no installed font can draw, and say so once.

    Parameters
    ----------
    topic : Topic
        From `cilens.text.about`.

    Returns
    -------
    Topic
        The same one where all names can be drawn.

    Examples
    --------
    >>> import cilens
    >>> from cilens.text import about
    >>> topic = about(cilens.explain(cilens.load_model("digits"), cilens.read_image("mnist:0")))
    >>> legible(topic) is topic
    True
    """
    names = topic.explanation.class_names
    nowhere = _beside(_lacking("".join(names), bold=False), bold=False)[1]
    if not nowhere:
        return topic
    _say_once("".join(sorted(nowhere))[:8])
    numbers = (f"class {at}" if nowhere & set(name) else name for at, name in enumerate(names))
    return replace(topic, explanation=replace(topic.explanation, class_names=tuple(numbers)))


@cache
def _lacking(text: str, *, bold: bool) -> frozenset[str]:
    """Return the characters that matplotlib's own font lacks."""
    if text.isascii():
        return frozenset()
    own = _font(findfont(FontProperties(weight="bold" if bold else "normal")))
    return frozenset(sign for sign in text if sign.isprintable() and not _has(own, sign))


@cache
def _beside(lacking: frozenset[str], *, bold: bool) -> tuple[tuple[str, ...], frozenset[str]]:
    """Return installed families that have these characters, and the characters that none has."""
    chosen: list[str] = []
    left = set(lacking)
    for entry in sorted(fontManager.ttflist, key=lambda one: (one.style != "normal", one.name)):
        if not left:
            break
        if entry.name in chosen or "Last Resort" in entry.name:  # which draws boxes too
            continue
        weight = "bold" if bold else "normal"
        font = _font(findfont(FontProperties(family=entry.name, weight=weight)))
        found = {sign for sign in left if _has(font, sign)}
        if found:
            chosen.append(entry.name)
            left -= found
    return tuple(chosen), frozenset(left)


@cache
def _font(path: str) -> FT2Font | None:
    """Open a font that has outlines; None for those of pictures, and for damaged ones."""
    try:
        font = FT2Font(path)
    except (OSError, RuntimeError):
        return None
    return font if font.scalable else None


def _has(font: FT2Font | None, sign: str) -> bool:
    return font is not None and font.get_char_index(ord(sign)) != 0


_said: list[str] = []


def _say_once(signs: str) -> None:
    if not _said:
        _said.append(signs)
        warnings.warn(
            f"no font that is installed has {signs}: figures call a class by its number, and "
            f"show {_BOX} elsewhere; install one, such as Noto Sans CJK, and start anew",
            CilensWarning,
            stacklevel=2,
        )
