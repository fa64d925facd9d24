"""An explanation in a paragraph, for a person who knows the image but not the method."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cilens.errors import InputError
from cilens.text.cautions import advice, cautions
from cilens.text.english import agree, count, length, listed, sentence
from cilens.text.numbers import IMPORTANCE, UTILITY, bounds, degree, percent, sureness, typicality
from cilens.text.reasons import because, because_not, conceded, speaking_against
from cilens.text.sentence import outcome, spots
from cilens.text.topic import Topic

if TYPE_CHECKING:
    from cilens.followup.missing import Missing

_OPPOSITE = 2.0
"""A region lacks ink if a prototype adds this many times what it takes away, and vice versa."""

LONGEST = 120
"""Words that a paragraph tries to stay within."""


class _Detail(NamedTuple):
    """How much a paragraph says.

    Regions named with their place, cautions kept, whether the contrast is full, and whether to
    say what speaks against the target.
    """

    regions: int
    cautions: int
    full: bool
    against: bool


_DETAILS = (
    _Detail(3, 6, full=True, against=True),
    _Detail(3, 2, full=True, against=True),
    _Detail(3, 1, full=True, against=True),
    _Detail(3, 1, full=False, against=True),
    _Detail(2, 1, full=False, against=True),
    _Detail(2, 1, full=False, against=False),
    _Detail(1, 1, full=False, against=False),
)
"""From the fullest paragraph to the shortest."""


def describe(topic: Topic, missing: Missing | None = None) -> str:
    """Explain in a paragraph.

    It says what the model sees and how sure it is, which regions matter, where they are and how
    much they matter, why it is not the other class, what would change it, and what to be careful
    with. Every number comes from the explanation, the check or the prototype's gain.

    Parameters
    ----------
    topic : Topic
        From `about`, best with its check.
    missing : Missing, optional
        What `cilens.followup.missing.find_missing` found for the same explanation.

    Returns
    -------
    str
        About 120 words at most: where there is more to say, the least serious cautions are left
        out first, then regions are counted that were named.

    Raises
    ------
    InputError
        If the gain is of other regions.

    Examples
    --------
    >>> import cilens
    >>> from cilens.followup.highlight import check_highlight
    >>> from cilens.text import about
    >>> model = cilens.load_model("digits")
    >>> explanation = cilens.ContextualImportance.paper()(model, cilens.read_image("mnist:0"))
    >>> check = check_highlight(model, explanation)
    >>> print(describe(about(explanation, kind="digit", check=check)))
    The model reads this digit as 7 and is almost certain (over 99.99 %). Hidden one at a time, one
    of its eight regions lowers the score by 1 % or more: region 3 with 91 % of the ink is highly
    important (98 %). Hide it and it reads 1 (7 falls to 2.0 %). Shown alone, it still reads 7 (over
    99.99 %). It is not 3 (runner-up, under 0.01 %), because no region matters to it and region 3
    speaks against it (by 1.5 %).
    """
    _require_same(topic, missing)
    text = ""
    for detail in _DETAILS:
        parts = [opening(topic), regions(topic, detail.regions), outcome(topic)]
        parts += [look(topic), *_contrast(topic, detail)]
        parts += [] if missing is None else [lacking(topic, missing, detail.regions)]
        parts += [sentence(one) for one in cautions(topic)[: detail.cautions]]
        parts += [sentence(hint) for hint in (advice(topic),) if hint]
        text = " ".join(part for part in parts if part)
        if length(text) <= LONGEST:
            break
    return text


def _contrast(topic: Topic, detail: _Detail) -> list[str]:
    """Say what speaks against the target, and why it is not the foil."""
    against = speaking_against(topic) if detail.against else ""
    if topic.foil is None:
        return [against]
    found = topic.contrast(topic.target, topic.foil)
    said = [because_not(topic, full=detail.full)]
    shared = found.both | found.for_foil_only
    if detail.full and found.for_target_only.any() and shared.any():
        said.insert(0, because(topic))
    covered = not (found.against_target & ~conceded(found)).any()
    return said if covered else [against, *said]


def _require_same(topic: Topic, missing: Missing | None) -> None:
    number = len(topic.explanation.regions)
    if missing is not None and missing.gain.shape != (number,):
        raise InputError(
            f"there must be a gain for each of the {number} regions; got {len(missing.gain)}: "
            "ask what is missing of the same explanation"
        )


def opening(topic: Topic) -> str:
    """Say what the model sees, and how sure it is.

    Examples
    --------
    >>> import cilens
    >>> from cilens.text import about
    >>> explanation = cilens.ContextualImportance.paper()(
    ...     cilens.load_model("digits"), cilens.read_image("mnist:18")
    ... )
    >>> opening(about(explanation, kind="digit"))
    'The model reads this digit as 3 and is fairly sure (66.5 %).'
    """
    predicted = topic.explanation.predicted
    best = float(topic.explanation.scores[predicted])
    reads = "reads this digit as" if topic.kind == "digit" else "calls this image"
    seen = f"the model {reads} {topic.name(predicted)}"
    if topic.is_number:
        own = topic.own_score(predicted)
        seen = f"the model gives this image a score of {own}"
        if topic.explanation.class_names:
            seen = f"{topic.name(predicted)} is {own}"
        seen += (
            "" if topic.is_probability(predicted) else f", on a scale of {topic.scale(predicted)}"
        )
    elif topic.is_probability(predicted):
        seen += f" and is {sureness(best)} ({topic.own_score(predicted)})"
    else:
        seen += (
            f", with a score of {topic.own_score(predicted)} on a scale of {topic.scale(predicted)}"
        )
    if topic.target != predicted:
        own = topic.own_score(topic.target)
        seen += f"; this is about {topic.name(topic.target)}, which gets {own}"
    return sentence(seen)


def regions(topic: Topic, most: int = 3) -> str:
    """Say how many regions matter, which, where, and how much.

    Parameters
    ----------
    topic : Topic
        From `about`.
    most : int
        So many are named, the most important first, and the rest counted.

    Returns
    -------
    str
        Where regions were hidden one at a time, with the degree words of the paper, each beside
        the importance it stands for; else with their shares.

    Examples
    --------
    >>> import cilens
    >>> from cilens.text import about
    >>> explanation = cilens.ContextualImportance.paper()(
    ...     cilens.load_model("digits"), cilens.read_image("mnist:0")
    ... )
    >>> print(regions(about(explanation, kind="digit")))
    Hidden one at a time, one of its eight regions lowers the score by 1 % or more: region 3 with
    91 % of the ink is highly important (98 %).
    """
    rows = topic.mattering()
    if topic.overlapping and (number := len(topic.areas(1))):
        pull = topic.pull(number, topic.name(topic.target))
        return sentence(f"{spots(topic, 1, most)} {pull}")
    if not rows:
        return _none(topic)
    if topic.explanation.asked == "one-out":
        groups = [_group(topic, rows[:most], word) for _, word in IMPORTANCE]
    else:
        groups = [_shares(topic, rows[:most])]
    left = len(rows) - most
    if left > 0:
        groups.append(f"{count(left)} more {agree(left, 'follows', 'follow')}")
    return sentence(f"{_among(topic, len(rows))}: {'; '.join(group for group in groups if group)}")


def _among(topic: Topic, number: int) -> str:
    """Say how many regions matter, and what that means."""
    total = len(topic.explanation.regions)
    some = "none" if number == 0 else "all" if number == total else count(number)
    which = f"{some} of its {count(total)} regions"
    if total == 1:
        which = "its only region" if number else "not even its only region"
    elif total == number == 2:
        which = "both of its regions"
    of = "" if topic.target == topic.explanation.predicted else f" of {topic.name(topic.target)}"
    if not topic.hides:
        surely = "surely " if topic.explanation.margin is not None else ""
        pull = topic.pull(number or 1, topic.name(topic.target) if of else "it")
        return f"{which} {surely}{pull}, by {topic.limit} or more"
    how = "hidden one at a time" if total > 1 else "hidden"
    mean = " on average" if topic.graded else ""
    verb = agree(number or 1, "lowers", "lower")
    score = topic.name(topic.target) if topic.is_number else f"the score{of}"
    return f"{how}, {which} {verb} {score} by {topic.limit} or more{mean}"


def _none(topic: Topic) -> str:
    text, strongest = _among(topic, 0), int(topic.influence.argmax())
    if topic.influence[strongest] > 0:
        size = topic.percent(topic.influence[strongest])
        text += f": the evidence is spread. The strongest is {topic.placed(strongest)} ({size})"
    return sentence(text)


def _shares(topic: Topic, rows: list[int]) -> str:
    """Name regions with their influences."""
    sizes = [topic.percent(float(topic.influence[row]), signed=True) for row in rows]
    return listed([f"{topic.inked(row)} ({size})" for row, size in zip(rows, sizes, strict=True)])


def _group(topic: Topic, rows: list[int], word: str) -> str:
    """Name the regions of one degree of importance."""
    importance = topic.explanation.importance[:, topic.target]
    alike = [row for row in rows if degree(importance[row]) == word]
    sizes = [topic.percent(importance[row]) for row in alike]
    if len(alike) < 2:
        return "".join(f"{topic.inked(row)} is {word} ({sizes[0]})" for row in alike)
    items = [f"{topic.inked(row)} ({size})" for row, size in zip(alike, sizes, strict=True)]
    return f"{listed(items)} are {word}"


def look(topic: Topic) -> str:
    """Say how typical the most important region is, where utility has more to say than yes or no.

    Returns
    -------
    str
        Empty with one perturbation, and where no region matters.
    """
    rows = topic.mattering()
    if not topic.graded or not rows:
        return ""
    utility = float(topic.explanation.utility[rows[0], topic.target])
    shown = percent(utility, bounds(UTILITY))
    return sentence(
        f"as it looks, {topic.regions(rows[:1])} is {typicality(utility)} of "
        f"{topic.name(topic.target)} (utility {shown})"
    )


def lacking(topic: Topic, missing: Missing, placed: int = 0) -> str:
    """Say what the image lacks for a class, and what it would then be read as.

    Parameters
    ----------
    topic : Topic
        From `about`.
    missing : Missing
        What is missing, of the same explanation.
    placed : int
        So many of the most important regions were placed before, and need no place again.

    Returns
    -------
    str
        The region with the greatest gain, or that none gains as much as the threshold.

    Examples
    --------
    >>> import cilens
    >>> from cilens.followup.missing import find_missing
    >>> from cilens.text import about
    >>> model, two = cilens.load_model("digits"), cilens.read_image("mnist:1")
    >>> explanation = cilens.ContextualImportance.paper()(model, cilens.read_image("mnist:0"))
    >>> missing = find_missing(model, explanation, two, foil=2)
    >>> print(lacking(about(explanation, kind="digit"), missing))
    For 2, region 7 in the lower right lacks ink; with that of a prototype, 2 rises from under
    0.01 % to 21.2 %.
    """
    row = int(missing.gain.argmax())
    name = topic.name(missing.foil)
    if missing.gain[row] < topic.threshold:
        return sentence(
            f"no region of a prototype of {name}, put in alone, adds {topic.limit} to {name}"
        )
    before, after = (
        topic.score(float(score), missing.foil)
        for score in (topic.explanation.scores[missing.foil], missing.scores[row])
    )
    change = f"with that of a prototype, {name} rises from {before} to {after}"
    then = int(missing.predicted[row])
    if then != topic.explanation.predicted:
        change += " and wins" if then == missing.foil else f", and {topic.name(then)} wins"
    return sentence(f"for {name}, {_want(topic, missing, row, placed)}; {change}")


def _want(topic: Topic, missing: Missing, row: int, placed: int) -> str:
    """Say how a region differs from the prototype's: for digits, in ink."""
    place = topic.regions([row]) if row in topic.mattering()[:placed] else topic.placed(row)
    pixels = topic.explanation.regions[row][topic.explanation.segments]
    change = (missing.prototype.astype(np.float64) - topic.explanation.image)[pixels]
    more, less = change.clip(min=0).sum(), (-change).clip(min=0).sum()
    if topic.kind == "digit" and more >= _OPPOSITE * less:
        return f"{place} lacks ink"
    if topic.kind == "digit" and less >= _OPPOSITE * more:
        return f"{place} has too much ink"
    return f"{place} would have to look different"
