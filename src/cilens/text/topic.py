"""What a paragraph is about, and how it calls things."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

import numpy as np
from jaxtyping import Bool, Float
from scipy import ndimage

from cilens.errors import InputError, unknown
from cilens.explanation.classes import runner_up
from cilens.explanation.contrast import Contrast
from cilens.settings import checked
from cilens.text.english import agree, listed
from cilens.text.names import class_label, region_labels
from cilens.text.numbers import (
    IMPORTANCE,
    bounds,
    is_probability,
    percent,
    round_percent,
    score_text,
)
from cilens.text.places import ink, place, spot

if TYPE_CHECKING:
    from cilens.explanation import Explanation
    from cilens.followup.highlight import HighlightCheck

Kind: TypeAlias = Literal["image", "digit"]
"""What is shown: any image, or a bright digit on black, whose ink can be counted."""

DEFAULT = 0.01
"""Regions matter from this share of the output range on, if nothing else is said."""

_BARE = 0.01
"""Below this share of the ink, a region is empty space to the eye."""

_STROKE = 0.75
"""From this share of the ink on, a region is most of the stroke, wherever it lies."""

_SPECK = 0.003
"""Areas of a smaller share of the image are not told of."""

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
    group : str or None
        A target whose members share the score, such as "any cat": worth a try where nothing is
        sure.
    """

    explanation: Explanation
    target: int
    foil: int | None
    threshold: float = DEFAULT
    kind: Kind = "image"
    check: HighlightCheck | None = None
    group: str | None = None

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

    @cached_property
    def influence(self) -> Float[np.ndarray, " regions"]:
        """Each region's influence on the target."""
        return np.asarray(self.explanation.influence[:, self.target])

    @cached_property
    def ranked(self) -> list[int]:
        """The regions, the strongest influence on the target first."""
        return [int(row) for row in self.explanation.ranked(self.target)]

    @cached_property
    def important(self) -> Bool[np.ndarray, " regions"]:
        """Which regions are important to the target."""
        return self.explanation.important(self.target, self.threshold)

    @cached_property
    def opposing(self) -> Bool[np.ndarray, " regions"]:
        """Which regions speak against the target."""
        return self.explanation.opposing(self.target, self.threshold)

    @cached_property
    def saliency(self) -> Float[np.ndarray, "height width"]:
        """The target's map."""
        return self.explanation.saliency(self.target)

    @cached_property
    def saliency_margin(self) -> Float[np.ndarray, "height width"]:
        """How far the target's map may be off."""
        return self.explanation.saliency_margin(self.target)

    @cached_property
    def kept(self) -> Bool[np.ndarray, " segments"]:
        """The segments of the highlight: the check's, or those of the important regions."""
        if self.check is not None:
            return self.check.kept
        return self.explanation.kept(self.target, self.threshold)

    @cached_property
    def highlight(self) -> Bool[np.ndarray, "height width"]:
        """The pixels of the highlight."""
        return np.asarray(self.kept[self.explanation.segments])

    @cached_property
    def overlapping(self) -> bool:
        """Whether regions overlap, as those of several cuts do: places are told of, and the map."""
        return bool((self.explanation.regions.sum(axis=0) > 1).any())

    def areas(self, sign: int) -> list[tuple[Bool[np.ndarray, "height width"], float]]:
        """Return where the map is sure and has this sign: each area, the one with the peak first.

        Returns
        -------
        list of (mask, share)
            The share is the area's peak. Specks are left out.
        """
        values = self.saliency * sign
        values = np.where(self.explanation.sure_pixels(self.target, self.threshold), values, 0.0)
        labels, number = ndimage.label(values > 0)
        masks = [labels == label for label in range(1, number + 1)]
        found = [(mask, sign * float(values[mask].max())) for mask in masks if mask.mean() > _SPECK]
        return sorted(found, key=lambda one: -abs(one[1]))

    @property
    def hides(self) -> bool:
        """Whether the method hid one region at a time, so that sentences may say so."""
        return self.explanation.asked in ("one-out", "windows")

    @property
    def graded(self) -> bool:
        """Whether utility has more to say than 0, 0.5 and 1, all there is of one perturbation."""
        return not np.isin(self.explanation.utility, (0.0, 0.5, 1.0)).all()

    @property
    def is_number(self) -> bool:
        """Whether the model gives a number and knows no classes.

        One output does that without a name, and with one where it is no probability: an age, a
        price, which says its unit in its name.
        """
        named = bool(self.explanation.class_names)
        return len(self.explanation.scores) == 1 and not (named and self.is_probability(0))

    def contrast(self, one: int, other: int) -> Contrast:
        """Return the contrast of two classes at the topic's threshold."""
        return self.explanation.contrast(one, other, self.threshold)

    def is_probability(self, index: int) -> bool:
        """Tell whether a class's scores are shares of 1."""
        return is_probability(self.explanation, index)

    def label(self, index: int, length: int = 32) -> str:
        """Call a class as headings and tables do."""
        if self.is_number and not self.explanation.class_names:
            return "the score"
        if self.kind == "digit" and not self.explanation.class_names:
            return str(index)
        return class_label(self.explanation.class_names, index, length)

    def name(self, index: int) -> str:
        """Call a class as sentences do: a digit bare, "the age in years", others in quotes."""
        label = self.label(index)
        if self.is_number:
            return f"the {label.removeprefix('the ')}"
        bare = not self.explanation.class_names or (self.kind == "digit" and label.isdecimal())
        return label if bare else f"“{label}”"

    def pull(self, rows: int, name: str = "it", *, against: bool = False) -> str:
        """Say what so many regions do to a class: they speak for it; a number they raise."""
        if self.is_number:
            verb = ("lowers", "lower") if against else ("raises", "raise")
            return f"{agree(rows, *verb)} {name}"
        return f"{agree(rows, 'speaks', 'speak')} {'against' if against else 'for'} {name}"

    def score(self, score: float, index: int) -> str:
        """Write a class's score: a percentage where it is a probability."""
        return score_text(self.explanation, score, index)

    def own_score(self, index: int) -> str:
        """Write the score that a class has on the unchanged image."""
        return self.score(float(self.explanation.scores[index]), index)

    def scale(self, index: int) -> str:
        """Write the ends of a class's output range."""
        ends = self.explanation.output_range[:, index]
        return " to ".join(self.score(float(end), index) for end in ends)

    def percent(self, share: float, *, signed: bool = False) -> str:
        """Write an importance or an influence."""
        return percent(share, (self.threshold, *bounds(IMPORTANCE)), signed=signed)

    @property
    def limit(self) -> str:
        """The threshold, in words."""
        unit = "" if self.is_probability(self.target) else " of its range"
        return f"{round_percent(self.threshold)}{unit}"

    def mattering(self) -> list[int]:
        """Return the regions that matter to the target, the most important first."""
        rows = np.flatnonzero(self.important)
        importance = self.explanation.importance[rows, self.target]
        ordered: list[int] = rows[np.argsort(-importance, kind="stable")].tolist()
        return ordered

    def strongest(self, which: Bool[np.ndarray, " regions"]) -> list[int]:
        """Return some of the regions, the strongest influence on the target first."""
        return [row for row in self.ranked if which[row]]

    def regions(self, rows: Sequence[int], most: int = 4) -> str:
        """Name regions: "regions 3 and 5"."""
        names = region_labels(self.explanation.region_names)
        if self.overlapping:
            places = list(dict.fromkeys(place(self.mask(row)) for row in rows))
            shown = places if len(places) < 4 else [*places[:2], "elsewhere"]
            return f"{agree(len(rows), 'a region', 'regions')} {listed(shown)}"
        word = agree(len(rows), "region", "regions")
        return f"{word} {listed([names[row] for row in rows], most)}"

    def mask(self, row: int) -> Bool[np.ndarray, "height width"]:
        """Return the pixels of a region."""
        return np.asarray(self.explanation.regions[row][self.explanation.segments])

    def placed(self, row: int) -> str:
        """Name a region and its place: "region 3 in the upper left"."""
        most = self.kind == "digit" and self.ink[row] >= _STROKE
        if self.overlapping:
            return self.regions([row])
        where = "with most of the stroke" if most else place(self.mask(row))
        return f"{self.regions([row])} {where}"

    def part(self, row: int) -> str:
        """Name what a region shows: "the upper left", "the stroke in the upper left"."""
        return self.shown(self.mask(row))

    def shown(self, mask: Bool[np.ndarray, "height width"]) -> str:
        """Name what some pixels show: "the upper left", "the stroke in the upper left"."""
        if self.kind != "digit" or not self.ink.any():
            return spot(mask)
        ink = self.explanation.image.sum(axis=2, dtype=np.float64)
        share = float(ink[mask].sum() / ink.sum())
        if share >= _STROKE:
            return "most of the stroke"
        return f"the {'stroke' if share >= _BARE else 'empty space'} {place(mask)}"

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
    if checked("kind", kind, str) not in get_args(Kind):
        raise unknown("kind of image", kind, get_args(Kind))
    if check is not None:
        target = check.target if target is None else target
        threshold = check.threshold if threshold is None else threshold
    one, threshold = explanation.target(target), DEFAULT if threshold is None else threshold
    if not checked("threshold", threshold, float) > 0:
        raise InputError(f"the threshold must be above 0; got {threshold}")
    _check_same(explanation, one, threshold, check)
    other = _find_foil(explanation, foil, one)
    return Topic(explanation, one, other, threshold, kind, check)


def _find_foil(explanation: Explanation, foil: int | str | None, target: int) -> int | None:
    if foil is None:  # nobody has asked: a class whose scores left their range is passed over
        return runner_up(explanation.scores, target, dict(explanation.outside))
    found = explanation.foil(target, foil)
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
