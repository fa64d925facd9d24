"""Numbers as a sentence wants them: few digits, never on the wrong side of a bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

if TYPE_CHECKING:
    from cilens.explanation import Explanation

IMPORTANCE = (
    (0.75, "highly important"),
    (0.5, "very important"),
    (0.25, "important"),
    (0.0, "not important"),
)
"""Lower bound and degree word of an importance, as in the paper."""

UTILITY = ((0.75, "very typical"), (0.5, "typical"), (0.25, "unlikely"), (0.0, "not typical"))
"""Lower bound and degree word of a utility, as in the paper."""

SURENESS = ((0.99, "almost certain"), (0.9, "sure"), (0.6, "fairly sure"), (0.0, "unsure"))
"""Lower bound and word of a score that is a probability; ours, the paper has none."""

_DECIMALS = 2


def degree(importance: float) -> str:
    """Return the degree word of an importance.

    Parameters
    ----------
    importance : float
        In [0, 1].

    Returns
    -------
    {"not important", "important", "very important", "highly important"}
        From 0, 0.25, 0.5 and 0.75 on.

    References
    ----------
    Anjomshoae, Jiang and Främling, Visual Explanations for DNNs with Contextual Importance, 2021,
    doi:10.1007/978-3-030-82017-6_6

    Examples
    --------
    >>> degree(0.2), degree(0.25), degree(0.5), degree(0.9)
    ('not important', 'important', 'very important', 'highly important')
    """
    return _word(importance, IMPORTANCE)


def typicality(utility: float) -> str:
    """Return the degree word of a utility.

    With one perturbation utility is 0, 0.5 or 1, whatever the image: it has nothing to say then.

    Parameters
    ----------
    utility : float
        In [0, 1].

    Returns
    -------
    {"not typical", "unlikely", "typical", "very typical"}
        From 0, 0.25, 0.5 and 0.75 on.

    References
    ----------
    As for `degree`.

    Examples
    --------
    >>> typicality(0.2), typicality(0.25), typicality(0.5), typicality(0.9)
    ('not typical', 'unlikely', 'typical', 'very typical')
    """
    return _word(utility, UTILITY)


def sureness(score: float) -> str:
    """Return how sure a probability is.

    Examples
    --------
    >>> sureness(0.995), sureness(0.9), sureness(0.7), sureness(0.51)
    ('almost certain', 'sure', 'fairly sure', 'unsure')
    """
    return _word(score, SURENESS)


def bounds(words: tuple[tuple[float, str], ...]) -> tuple[float, ...]:
    """Return where degree words change.

    Examples
    --------
    >>> bounds(IMPORTANCE)
    (0.75, 0.5, 0.25)
    """
    return tuple(bound for bound, _ in words[:-1])


def percent(
    share: float,
    marks: tuple[float, ...] | None = (),
    *,
    signed: bool = False,
    decimals: int | None = None,
) -> str:
    """Write a share with as many digits as it takes to stay on its side of every mark.

    Parameters
    ----------
    share : float
        1.0 is all of it.
    marks : tuple of float, optional
        Bounds that the sentence names or rests on: a share below one is never printed as if it
        had reached it. Nothing and all count as marks. None is for columns of numbers: one
        decimal, rounded.
    signed : bool
        Write "+" before what is above zero.
    decimals : int, optional
        At least so many; by default one below 10 %, none above.

    Returns
    -------
    str
        Up to two decimals where that is needed, and beyond that "just under" or "under", "over"
        and "just over".

    Examples
    --------
    >>> percent(0.4142), percent(0.0282), percent(0.9998), percent(1.0), percent(1 - 1e-9)
    ('41 %', '2.8 %', '99.98 %', '100 %', 'over 99.99 %')
    >>> percent(0.2496), percent(0.2496, (0.25,)), percent(0.249999, (0.25,)), percent(1e-9)
    ('25 %', '24.96 %', 'just under 25 %', 'under 0.01 %')
    >>> percent(0.4142, signed=True), percent(-0.0282), percent(0.665, decimals=1)
    ('+41 %', '−2.8 %', '66.5 %')
    >>> percent(1.0, None), percent(0.0001, None), percent(0.4142, None, signed=True)
    ('100.0 %', '0.0 %', '+41.4 %')
    """
    size = abs(share)
    if marks is None:
        before, number = "", f"{100 * size:.1f} %"
    else:
        before, number = _guarded(size, marks, decimals)
    sign = "−" if share < 0 else "+" if signed and share > 0 else ""
    return f"{before}{number if number == '0.0 %' else sign + number}"


def _guarded(share: float, marks: tuple[float, ...], decimals: int | None) -> tuple[str, str]:
    """Return how a share stands to its number, and the number."""
    if share in (0.0, 1.0):
        return "", round_percent(share)
    least = (0 if share >= 0.1 else 1) if decimals is None else decimals
    crossed = 0.0
    for digits in range(least, _DECIMALS + 1):
        shown = round(100 * share, digits) / 100
        wrong = [mark for mark in (1.0, *marks) if (shown >= mark) != (share >= mark)]
        if not wrong and shown > 0:
            return "", f"{100 * shown:.{digits}f} %"
        crossed = wrong[0] if wrong else 0.0
    unit = 10.0**-_DECIMALS
    if crossed == 0.0:
        return "under ", f"{unit:g} %"
    if crossed == 1.0:
        return "over ", f"{100 - unit:g} %"
    return f"just {'under' if share < crossed else 'over'} ", round_percent(crossed)


def round_percent(share: float) -> str:
    """Write a share that is a round number: a threshold, a mark on a scale.

    Examples
    --------
    >>> round_percent(0.01), round_percent(0.025), round_percent(-0.5)
    ('1 %', '2.5 %', '−50 %')
    """
    return f"{100 * share:.6g} %".replace("-", "−")


def plain(number: float) -> str:
    """Write a score that is no probability: three significant digits, and all before the point.

    Examples
    --------
    >>> plain(-0.12345), plain(12345.6), plain(5.0)
    ('−0.123', '12346', '5')
    """
    precision = max(3, len(f"{abs(number):.0f}"))
    text = np.format_float_positional(
        number + 0.0, precision=precision, unique=False, fractional=False, trim="-"
    )
    return text.replace("-", "−")


def is_probability(explanation: Explanation, index: int) -> bool:
    """Tell whether a class's scores are shares of 1."""
    low, high = explanation.output_range[:, index].tolist()
    return (low, high) == (0.0, 1.0)


def score_text(explanation: Explanation, score: float, index: int) -> str:
    """Write a class's score: a percentage where it is a probability.

    Examples
    --------
    >>> import cilens
    >>> brightness = lambda images: images.mean(axis=(1, 2))
    >>> explanation = cilens.explain(brightness, np.ones((8, 8, 1)))
    >>> score_text(explanation, 0.256, 0)
    '25.6 %'
    """
    if is_probability(explanation, index):
        return percent(score, bounds(SURENESS), decimals=1)
    return plain(score)


def rest_words(influence: Float[np.ndarray, " regions"], threshold: float) -> str:
    """Say how many regions are not listed, and how little each of them matters.

    Parameters
    ----------
    influence : (regions,) float array
        Influences of the regions that are not listed.
    threshold : float
        Named where all of them stay below.

    Returns
    -------
    str

    Examples
    --------
    >>> rest_words(np.array([0.004, -0.001]), 0.01), rest_words(np.array([0.04]), 0.01)
    ('2 more below 1 %', '1 more, up to 4.0 %')
    """
    largest = float(np.abs(influence).max())
    if largest < threshold:
        return f"{len(influence)} more below {round_percent(threshold)}"
    return f"{len(influence)} more, up to {percent(largest)}"


def _word(value: float, words: tuple[tuple[float, str], ...]) -> str:
    return next(word for bound, word in words if value >= bound or bound == 0.0)
