"""P13 and P19: sentences, read back and held against the table.

The tests of cilens know every sentence whole; here the names and numbers in them are looked up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
from jaxtyping import Bool, Float, Integer

from cilens.explanation import Explanation
from cilens.followup.highlight import Highlight
from cilens.paper.verdicts import Found, Measured, average
from cilens.text import about, why
from cilens.text.english import length
from cilens.text.places import ink
from cilens.types import Model

THRESHOLD = 0.01
"""From this share of the output range on, a region matters."""

_LIST = r"regions? (\d+(?:, \d+)*(?: and (?:\w+ more|\d+))?) "
_NAMES = re.compile(r"\b\d+(?! more)\b")
_SHARE = re.compile(r"(under |over )?([\d.]+) %")


def reasons(explained: Sequence[Explanation]) -> Found:
    """P13: write both sentences for each image, predicted class against runner-up.

    Parameters
    ----------
    explained : sequence of Explanation
        Of digits.

    Returns
    -------
    dict of str to Measured
    """
    regions, numbers, silent = np.zeros(2, int), np.zeros(2, int), 0
    for explanation in explained:
        topic = about(explanation, kind="digit")
        target, foil = explanation.predicted, explanation.contrast().foil
        text = why(topic)
        one, other = explanation.influence[:, target], explanation.influence[:, foil]
        regions += wrong_regions(text, explanation.region_names, one, other)
        shares = [*explanation.scores, *np.abs(one), *np.abs(other), THRESHOLD]
        numbers += wrong_shares(text, shares)
        silent += ("no region matters to it" in text) != bool((other < THRESHOLD).all())
    rows = sum(explanation.model_rows for explanation in explained)
    return {
        "regions": _counted(regions, len(explained), rows),
        "numbers": _counted(numbers, len(explained), rows),
        "none": Measured(float(silent), len(explained), rows),
    }


def paragraphs(model: Model, explained: Sequence[Explanation]) -> tuple[Found, int, str]:
    """P19: write a paragraph about each image, and look up every percentage in it.

    Parameters
    ----------
    model : callable
        What was explained.
    explained : sequence of Explanation
        Of digits.

    Returns
    -------
    dict of str to Measured
    place : int
        Of the image with the lowest score.
    example : str
        The paragraph about it.
    """
    wrong, words, texts, rows = np.zeros(2, int), [], [], 0
    for explanation in explained:
        check = Highlight().check(model, explanation)
        texts.append(explanation.describe(check, kind="digit"))
        target = explanation.predicted
        influence = np.abs(explanation.influence)
        shares = [
            *explanation.scores,
            *explanation.importance[:, target],
            *influence[:, [target, explanation.contrast().foil]].ravel(),
            *ink(explanation),
            *(check.score, check.remainder_score, check.blank_score, THRESHOLD),
            float(explanation.scores[target] - check.blank_score),
            float(explanation.influence[:, target].clip(min=0).sum()),
        ]
        wrong += wrong_shares(texts[-1], shares)
        words.append(length(texts[-1]))
        rows += explanation.model_rows + check.model_rows
    least = int(np.argmin([explanation.scores.max() for explanation in explained]))
    found = {
        "numbers": _counted(wrong, len(explained), rows),
        "length": average(np.array(words, dtype=float), rows),
    }
    return found, least, texts[least]


def wrong_regions(
    text: str,
    names: Sequence[str],
    target: Float[np.ndarray, " regions"],
    foil: Float[np.ndarray, " regions"],
) -> tuple[int, int]:
    """Count the regions that a sentence names and that do not do what it says of them.

    Parameters
    ----------
    text : str
        Both sentences.
    names : sequence of str
        Names of the regions.
    target, foil : (regions,) float array
        Their influence on the two classes.

    Returns
    -------
    wrong, named : int
        How many do not, and how many are named.

    Examples
    --------
    >>> said = "It is 3, because region 1 matters to 3 and not to 5."
    >>> wrong_regions(said, ["0", "1"], np.array([0.0, 0.5]), np.array([0.0, 0.0]))
    (0, 1)
    >>> wrong_regions(said, ["0", "1"], np.array([0.5, 0.0]), np.array([0.0, 0.0]))
    (1, 1)
    """
    matters, other = target >= THRESHOLD, foil >= THRESHOLD
    clauses: tuple[tuple[str, Bool[np.ndarray, " regions"]], ...] = (
        (r"matters? to \d and not to", matters & ~other),
        (r"speaks? against it", foil <= -THRESHOLD),
        (r"matters? more to", matters & other & (target - foil >= THRESHOLD)),
        (r"matters? to it", other),
    )
    named = [
        holds[names.index(name)]
        for clause, holds in clauses
        for listed in re.findall(_LIST + clause, text)
        for name in _NAMES.findall(listed)
    ]
    return len(named) - sum(map(bool, named)), len(named)


def wrong_shares(text: str, shares: Iterable[float]) -> tuple[int, int]:
    """Count the percentages in a text that are no rounding of any of these shares.

    Parameters
    ----------
    text : str
        Sentences.
    shares : iterable of float
        The numbers of the table.

    Returns
    -------
    wrong, written : int
        How many are not, and how many there are.

    Examples
    --------
    >>> wrong_shares("18 %, over 99.99 %, 3.2 %", [0.1849, 0.99999])
    (1, 3)
    """
    known = 100.0 * np.array(list(shares), dtype=float)
    wrong, written = 0, _SHARE.findall(text)
    for bound, number in written:
        shown, unit = float(number), 10.0 ** -len(number.partition(".")[2])
        if bound:
            right = (known < shown) if bound == "under " else (known > shown)
            right &= np.abs(known - shown) <= unit
        else:
            right = np.abs(known - shown) <= unit / 2 + 1e-9
        wrong += not right.any()
    return wrong, len(written)


def _counted(wrong: Integer[np.ndarray, "2"], images: int, rows: int) -> Measured:
    """Return how many are wrong, and how many there are as a note."""
    return Measured(float(wrong[0]), images, rows, note=f"of {wrong[1]:,}")
