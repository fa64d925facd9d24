"""Numbers in plain words: one decimal, as tables and figures have them."""

from __future__ import annotations

from collections.abc import Sequence

from cilens.explanation import Explanation
from cilens.text.numbers import round_percent

__all__ = ["percent", "place", "round_percent", "score_words", "short_name"]


def percent(share: float, *, signed: bool = False) -> str:
    """Write a share with one decimal.

    Parameters
    ----------
    share : float
        1.0 is all of it.
    signed : bool
        Write "+" before what is above zero.

    Returns
    -------
    str

    Examples
    --------
    >>> percent(0.9977), percent(-0.0766), percent(0.5, signed=True), percent(-1e-9, signed=True)
    ('99.8 %', '−7.7 %', '+50.0 %', '0.0 %')
    """
    text = f"{abs(share):.1%}".removesuffix("%") + " %"
    if text == "0.0 %" or (share > 0 and not signed):
        return text
    return ("+" if share > 0 else "−") + text


def score_words(explanation: Explanation, score: float, target: int | str | None = None) -> str:
    """Write a score: a percentage where the class's output range is 0 … 1, else a plain number.

    Examples
    --------
    >>> import cilens, numpy as np
    >>> model = lambda images: images.mean(axis=(1, 2))
    >>> explanation = cilens.explain(model, np.ones((8, 8, 1)))
    >>> score_words(explanation, 0.25)
    '25.0 %'
    """
    low, high = explanation.output_range[:, explanation.target(target)]
    return percent(score) if (low, high) == (0, 1) else f"{score:.4g}".replace("-", "−")


def short_name(name: str, length: int = 32) -> str:
    """Shorten a class's name: fewer synonyms, and cut between words where that is still too long.

    Parameters
    ----------
    name : str
        Such as "tabby, tabby cat". Names up to 20 signs stay as they are; of longer ones the last
        synonyms go.
    length : int
        Most signs of the result.

    Returns
    -------
    str

    Examples
    --------
    >>> short_name("tabby, tabby cat"), short_name("skunk, polecat, wood pussy")
    ('tabby, tabby cat', 'skunk, polecat')
    >>> short_name("American Staffordshire terrier, Staffordshire terrier, pit bull terrier")
    'American Staffordshire terrier'
    >>> short_name("American Staffordshire terrier", 25)
    'American Staffordshire …'
    """
    while len(name) > min(length, 20) and name.rpartition(",")[0].strip():
        name = name.rpartition(",")[0].strip()
    if len(name) <= length:
        return name
    cut = name[: length - 1]
    words, space, _ = cut.rpartition(" ")
    whole = space and len(words) >= length // 2
    return f"{words} …" if whole else f"{cut.rstrip()}…"


def place(centroid: Sequence[float], shape: tuple[int, ...]) -> str:
    """Say where in an image a point lies.

    Parameters
    ----------
    centroid : (row, column)
        In pixels.
    shape : (height, width) and anything after
        Of the image.

    Returns
    -------
    str

    Examples
    --------
    >>> place((2, 25), (28, 28)), place((14, 14), (28, 28)), place((26, 14), (28, 28, 1))
    ('upper right', 'centre', 'bottom')
    """
    row, column = (
        min(int(3 * (at + 0.5) / size), 2) for at, size in zip(centroid, shape, strict=False)
    )
    if column == 1:
        return ("top", "centre", "bottom")[row]
    return f"{('upper', '', 'lower')[row]} {('left', '', 'right')[column]}".strip()
