"""What a paragraph is about, and how it calls things."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

import numpy as np
from jaxtyping import Float

from cilens.classes import runner_up
from cilens.contrast import Contrast, contrast, find_foil
from cilens.errors import InputError, unknown
from cilens.text.english import agree, listed
from cilens.text.numbers import IMPORTANCE, SURENESS, bounds, percent, plain, round_percent
from cilens.text.places import ink, place

if TYPE_CHECKING:
    from cilens.explanation import Explanation
    from cilens.followup.highlight import HighlightCheck

Kind: TypeAlias = Literal["image", "digit"]
"""What is shown: any image, or a bright digit on black, whose ink can be counted."""

DEFAULT = 0.01
"""Regions matter from this share of the output range on, if nothing else is said."""

_STROKE = 0.75
"""From this share of the ink on, a region is most of the stroke, wherever it lies."""

_ROUNDING = 1e-3
"""Probabilities of classes that exclude each other may add up to so much more than 1."""


@dataclass(frozen=True, eq=False)
class Topic:
    """One class of one explanation, seen against another, as every face takes it: see `about`.

    Attributes
    ----------
    explanation : Explanation
        Of one image.
    target : int
        The class explained.
    foil : int or None
        The class it is held against; None for a model with one class.
    threshold : float
        Regions matter from this share of the output range on.
    kind : {"image", "digit"}
        What is shown.
    check : HighlightCheck or None
        What the model says of the important regions alone, and of the image without them.
    """

    explanation: Explanation
    target: int
    foil: int | None
    threshold: float = DEFAULT
    kind: Kind = "image"
    check: HighlightCheck | None = None

    @cached_property
    def together(self) -> float | None:
        """What the scores add up to, where that shows that classes do not exclude each other."""
        probabilities = (self.explanation.output_range == [[0.0], [1.0]]).all()
        total = float(self.explanation.scores.sum())
        return total if probabilities and total > 1 + _ROUNDING else None

    @cached_property
    def ink(self) -> Float[np.ndarray, " regions"]:
        """Each region's share of a digit's ink."""
        return ink(self.explanation)

    @property
    def hides(self) -> bool:
        """Whether the method hid one region at a time, so that sentences may say so."""
        return self.explanation.asked in ("one-out", "windows")

    @property
    def graded(self) -> bool:
        """Whether utility has more to say than 0, 0.5 and 1, all there is of one perturbation."""
        return not np.isin(self.explanation.utility, (0.0, 0.5, 1.0)).all()

    def against(self, one: int, other: int) -> Contrast:
        """Return the contrast of two classes at the topic's threshold."""
        return contrast(self.explanation, one, other, self.threshold)

    def is_probability(self, index: int) -> bool:
        """Tell whether a class's scores are shares of 1."""
        low, high = self.explanation.output_range[:, index].tolist()
        return (low, high) == (0.0, 1.0)

    def name(self, index: int) -> str:
        """Call a class: a digit bare, another name in quotes, with its index if shared."""
        names = self.explanation.class_names
        if not names:
            return str(index) if self.kind == "digit" else f"class {index}"
        short = [name.partition(",")[0].strip() for name in names]
        if self.kind == "digit" and short[index].isdecimal():
            return short[index]
        shared = f" ({index})" if short.count(short[index]) > 1 else ""
        return f"“{short[index]}”{shared}"

    def score(self, score: float, index: int) -> str:
        """Write a class's score: a percentage where it is a probability."""
        if self.is_probability(index):
            return percent(score, bounds(SURENESS))
        return plain(score)

    def percent(self, share: float) -> str:
        """Write an importance or an influence."""
        return percent(share, (self.threshold, *bounds(IMPORTANCE)))

    @property
    def limit(self) -> str:
        """The threshold, in words."""
        unit = "" if self.is_probability(self.target) else " of its range"
        return f"{round_percent(self.threshold)}{unit}"

    def mattering(self) -> list[int]:
        """Return the regions that matter to the target, the most important first."""
        rows = np.flatnonzero(self.explanation.important(self.target, self.threshold))
        importance = self.explanation.importance[rows, self.target]
        ordered: list[int] = rows[np.argsort(-importance, kind="stable")].tolist()
        return ordered

    def regions(self, rows: Sequence[int], most: int = 4) -> str:
        """Name regions: "regions 3 and 5"."""
        names = self.explanation.region_names
        if not all(name.isdecimal() for name in names):
            names = tuple(f"“{name}”" for name in names)
        return (
            f"{agree(len(rows), 'region', 'regions')} {listed([names[row] for row in rows], most)}"
        )

    def placed(self, row: int) -> str:
        """Name a region and its place: "region 3 in the upper left"."""
        if self.kind == "digit" and self.ink[row] >= _STROKE:
            where = "with most of the stroke"
        else:
            where = place(self.explanation.regions[row][self.explanation.segments])
        return f"{self.regions([row])} {where}"

    def inked(self, row: int) -> str:
        """Name a region and its place, with its share of a digit's ink."""
        if self.kind != "digit" or not self.ink.any():
            return self.placed(row)
        share = float(self.ink[row])
        inked = f"with {percent(share)} of the ink" if share > 0 else "without ink"
        return f"{self.regions([row]) if share >= _STROKE else self.placed(row)} {inked}"


def about(
    explanation: Explanation,
    target: int | str | None = None,
    foil: int | str | None = None,
    threshold: float | None = None,
    kind: Kind = "image",
    check: HighlightCheck | None = None,
) -> Topic:
    """Say what tables, figures and sentences are to be about.

    Parameters
    ----------
    explanation : Explanation
        Of one image, by any method.
    target : int or str, optional
        A class index or name; by default the one that was checked, or the predicted class.
    foil : int or str, optional
        The class to hold it against; by default, and for "runner-up", the best class but the
        target.
    threshold : float, optional
        Regions matter from this share of the output range on; above zero. By default the one of
        the check, or 0.01.
    kind : {"image", "digit"}
        "digit" is for bright digits on black: it names the share of the ink.
    check : HighlightCheck, optional
        What `cilens.followup.highlight.check_highlight` found for the same explanation, target
        and threshold.

    Returns
    -------
    Topic
        What every function of `cilens.text`, `cilens.table` and `cilens.plot` takes.

    Raises
    ------
    InputError
        If there is no such class or kind, the foil is the target, the threshold is not above
        zero, or another target or threshold was checked.

    Examples
    --------
    >>> import cilens
    >>> explanation = cilens.ContextualImportance.paper()(
    ...     cilens.load_model("digits"), cilens.read_image("mnist:0")
    ... )
    >>> topic = about(explanation, kind="digit")
    >>> topic.target, topic.foil
    (7, 3)
    """
    if kind not in get_args(Kind):
        raise unknown("kind of image", kind, get_args(Kind))
    if check is not None:
        target = check.target if target is None else target
        threshold = check.threshold if threshold is None else threshold
    one, threshold = explanation.target(target), DEFAULT if threshold is None else threshold
    if not threshold > 0:
        raise InputError(f"the threshold must be above 0; got {threshold}")
    _check_same(explanation, one, threshold, check)
    other = _find_foil(explanation, foil, one)
    return Topic(explanation, one, other, threshold, kind, check)


def _find_foil(explanation: Explanation, foil: int | str | None, target: int) -> int | None:
    if foil is None and runner_up(explanation.scores, target) is None:
        return None
    found = find_foil(explanation, foil, target)
    if found == target:
        raise InputError(
            f"a class cannot be its own foil; got {explanation.class_name(found)!r} for both"
        )
    return found


def _check_same(
    explanation: Explanation, target: int, threshold: float, check: HighlightCheck | None
) -> None:
    """Refuse the check of another class or threshold."""
    name = explanation.class_name
    if check is not None and check.target != target:
        raise InputError(
            f"the highlight of class {name(check.target)!r} was checked; "
            f"the words are about {name(target)!r}"
        )
    if check is not None and check.threshold != threshold:
        raise InputError(
            f"the highlight was checked at threshold {check.threshold:g}; "
            f"the words are about {threshold:g}"
        )
