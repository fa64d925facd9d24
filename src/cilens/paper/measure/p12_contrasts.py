"""P12 and P14: one class against another, and what is missing for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from jaxtyping import Float, Integer

from cilens.explanation import Explanation
from cilens.followup.missing import find_missing, mean_prototype, nearest_prototype
from cilens.methods.contextual import ContextualImportance
from cilens.paper.study import LIME, PAPER
from cilens.paper.verdicts import Found, Measured, average, largest
from cilens.scoring.explain import explain_each
from cilens.segmentation import Labels
from cilens.types import Batch, Model, Scores

GAIN = 0.01
"""From this share of the output range on, a gain counts."""

_BARS = ("abcefg", "cf", "acdeg", "acdfg", "bcdf", "abdfg", "abdefg", "acf", "abcdefg", "abcdfg")
"""The bars of the digits on a seven-segment display: a top, d middle, g bottom."""

_DISPLAY = np.array(
    [list(row) for row in (".aaa.", "b...c", "b...c", ".ddd.", "e...f", "e...f", ".ggg.")]
)
_NAMES = ".abcdefg"


def contrasts(explained: Sequence[Explanation]) -> Found:
    """P12: contrast classes, from the rows that are there.

    Parameters
    ----------
    explained : sequence of Explanation
        Of some images.

    Returns
    -------
    dict of str to Measured
    """
    same, swapped, any_foil = [], [], []
    for explanation in explained:
        target, foil = explanation.predicted, explanation.runner_up
        one, other = explanation.contrast(target, foil), explanation.contrast(foil, target)
        itself = explanation.contrast(target, target).difference
        same.append(float(np.abs(itself).max()))
        swapped.append(float(np.abs(one.difference + other.difference).max()))
        any_foil.append(bool((one.both | one.for_foil_only).any()))
    unsure = np.array([e.scores.max() < 0.9 for e in explained], dtype=bool)
    rows = sum(explanation.model_rows for explanation in explained)
    return {
        "same": largest(same, len(explained), rows),
        "swap": largest(swapped, len(explained), rows),
        "rows": Measured(0.0, len(explained), rows, note="a contrast is given no model to ask"),
        "foil": average(np.array(any_foil), rows),
        "unsure": average(np.array(any_foil)[unsure], rows),
    }


def alike(explanation: Explanation, one: int, other: int) -> bool:
    """Tell whether the same segments matter to two classes, and any do.

    Examples
    --------
    >>> from cilens import load_model, read_image
    >>> found = PAPER(load_model("digits"), read_image("mnist:0"))
    >>> alike(found, 7, 7), alike(found, 7, 3)
    (True, False)
    """
    ours, theirs = (explanation.important(each, GAIN) for each in (one, other))
    return bool(ours.any() and (ours == theirs).all())


def first_alike(
    model: Model, images: Float[np.ndarray, "images 28 28 1"], indices: Iterable[int]
) -> int | None:
    """Find an image in which LIME gives class and runner-up the same segments, and alone does so.

    Parameters
    ----------
    model : callable
        (rows, height, width, channels) array to (rows, classes) scores.
    images : (images, 28, 28, 1) float array
        In [0, 1].
    indices : iterable of int
        Which of them to look at, in this order.

    Returns
    -------
    int or None
        The first such image; None where there is none.
    """
    for index in indices:
        lime, ours = (method(model, images[index]) for method in (LIME, PAPER))
        pair = ours.predicted, ours.contrast().foil
        if alike(lime, *pair) and not alike(ours, *pair):
            return index
    return None


def told_apart(
    explained: Sequence[Explanation], limes: Sequence[Explanation], forest: Sequence[Explanation]
) -> Found:
    """P12: how often the same segments matter to the class predicted and to the runner-up.

    Parameters
    ----------
    explained, limes : sequence of Explanation
        Explanations of the same images by contextual importance and by LIME.
    forest : sequence of Explanation
        Of some images by LIME, for another model.

    Returns
    -------
    dict of str to Measured
    """
    pairs = [(explanation.predicted, explanation.contrast().foil) for explanation in explained]
    ours, theirs = (
        np.array([alike(one, *pair) for one, pair in zip(each, pairs, strict=True)])
        for each in (explained, limes)
    )
    others = np.array([alike(one, one.predicted, one.contrast().foil) for one in forest])
    rows = [sum(one.model_rows for one in each) for each in (explained, limes, forest)]
    return {
        "lime": average(theirs, rows[1]),
        "ours": average(ours, rows[0]),
        "point": average(theirs & ~ours, rows[0] + rows[1]),
        "forest": average(others, rows[2]),
    }


def absent(
    model: Model,
    images: Float[np.ndarray, "images height width channels"],
    labels: Integer[np.ndarray, " images"],
    scores: Float[np.ndarray, "images classes"],
    most: int = 300,
) -> Found:
    """P14: what is missing for the runner-up, in right digits that the model is not sure of.

    Parameters
    ----------
    model : callable
        (rows, height, width, channels) array to (rows, classes) scores.
    images : (images, height, width, channels) float array
        In [0, 1]: the digits, and where prototypes come from. They show another class than the
        digit explained, so they are never the digit itself.
    labels : (images,) int array
        The digits shown.
    scores : (images, classes) float array
        The model's answers.
    most : int
        How many are looked at, at most, spread evenly.

    Returns
    -------
    dict of str to Measured
    """
    wanted = np.flatnonzero((scores.argmax(axis=1) == labels) & (scores.max(axis=1) < 0.9))
    wanted = wanted[
        np.arange(min(most, len(wanted))) * len(wanted) // max(min(most, len(wanted)), 1)
    ]
    of_class = [(images[labels == digit], labels[labels == digit]) for digit in range(10)]
    means = [mean_prototype(*of_class[digit], digit) for digit in range(10)]
    gains: dict[str, list[bool]] = {"gain": [], "nearest": [], "hidden": []}
    rows = 0
    for explanation in explain_each(PAPER, model, images[wanted]):
        foil = explanation.contrast().foil
        nearest = nearest_prototype(explanation.image, *of_class[foil], foil)
        for name, prototype in (("gain", means[foil]), ("nearest", nearest)):
            found = find_missing(model, explanation, prototype, foil)
            gains[name].append(bool((found.gain >= GAIN).any()))
            rows += found.model_rows
        gains["hidden"].append(bool((explanation.influence[:, foil] <= -GAIN).any()))
        rows += explanation.model_rows
    shares = {name: average(np.array(which, dtype=bool), rows) for name, which in gains.items()}
    return {**shares, "toy": toy_digits()}


def toy_digits() -> Measured:
    """P14: take each bar from each digit of a seven-segment display, and ask what is missing.

    Returns
    -------
    Measured
        How often another place than the bar's gains most.

    Examples
    --------
    >>> toy_digits()[:2]
    (0.0, 49)
    """
    parts = Labels(np.array([[_NAMES.index(name) for name in row] for row in _DISPLAY]))
    display = Display()
    wrong = asked = rows = 0
    for digit, bars in enumerate(_BARS):
        whole = display.draw(bars)
        for bar in bars:
            lacking = display.draw(bars.replace(bar, ""))
            explanation = ContextualImportance(parts)(display, lacking)
            found = find_missing(display, explanation, whole, digit)
            wrong += int(explanation.labels[found.gain.argmax()]) != _NAMES.index(bar)
            asked, rows = asked + 1, rows + explanation.model_rows + found.model_rows
    return Measured(float(wrong), asked, rows)


class Display:
    """A model that reads a seven-segment display: the nearer to a digit, the higher its score."""

    def draw(self, bars: str) -> Float[np.ndarray, "7 5 1"]:
        """Return the image of some bars."""
        return np.isin(_DISPLAY, list(bars)).astype(float)[..., None]

    def __call__(self, images: Batch, /) -> Scores:
        """Return how alike each image and each digit are, as shares that add up to 1."""
        digits = np.stack([self.draw(bars) for bars in _BARS])
        gaps = np.abs(images[:, None] - digits[None]).mean(axis=(2, 3, 4))
        nearness = np.exp(-10.0 * gaps)
        shares: Scores = nearness / nearness.sum(axis=1, keepdims=True)
        return shares
