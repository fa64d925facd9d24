"""Names that come from files, fit to be shown: no sign in them does more than stand there."""

from __future__ import annotations

import unicodedata

_NEVER = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
"""Control signs, invisible ones that turn or hide text, halves of a pair, ends of lines."""

_JOINERS = frozenset("\u200c\u200d")
"""Invisible too, but what Persian names and many emoji are spelled with."""


def printable(text: str) -> str:
    r"""Write every sign that would command a terminal, or hide or turn what stands around it, out.

    Class names, tensor names and file names come from whoever made the file. Printed as they
    are, an escape sequence in one could clear a terminal or retitle its window, a line break could
    fake a line of ours, and a change of direction could make a name look like another.

    Parameters
    ----------
    text : str
        Any text, lone surrogates included.

    Returns
    -------
    str
        With Python's escapes in place of such signs; all others stay.

    Examples
    --------
    >>> print(printable("red\x1b[2J\u202ecat\n"), printable("tench, Tinca tinca"))
    red\x1b[2J\u202ecat\n tench, Tinca tinca
    """
    if text.isprintable():
        return text
    return "".join(_shown(sign) for sign in text)


def _shown(sign: str) -> str:
    if sign in _JOINERS or unicodedata.category(sign) not in _NEVER:
        return sign
    return sign.encode("unicode_escape").decode("ascii")
