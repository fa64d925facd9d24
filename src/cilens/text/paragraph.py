"""What is seen, how sure, which regions, and what would change it: one sentence each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cilens.text.english import agree, count, listed, sentence
from cilens.text.numbers import IMPORTANCE, UTILITY, bounds, degree, percent, sureness, typicality
from cilens.text.topic import Topic

if TYPE_CHECKING:
    from cilens.followup.highlight import HighlightCheck
    from cilens.followup.missing import Missing

_OPPOSITE = 2.0
"""A region lacks ink if a prototype adds this many times what it takes away, and vice versa."""


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
    'The model reads this digit as 3 and is fairly sure (66 %).'
    """
    predicted = topic.explanation.predicted
    best = float(topic.explanation.scores[predicted])
    reads = "reads this digit as" if topic.kind == "digit" else "calls this image"
    seen = f"the model {reads} {topic.name(predicted)}"
    if topic.is_probability(predicted):
        seen += f" and is {sureness(best)} ({topic.score(best, predicted)})"
    else:
        low, high = topic.explanation.output_range[:, predicted]
        scale = " to ".join(topic.score(float(end), predicted) for end in (low, high))
        seen += f", with a score of {topic.score(best, predicted)} on a scale of {scale}"
    if topic.target != predicted:
        own = topic.score(float(topic.explanation.scores[topic.target]), topic.target)
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
        Degree words are those of the paper, each with the importance it stands for.

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
    if not rows:
        return _none(topic)
    groups = [_group(topic, rows[:most], word) for _, word in IMPORTANCE]
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
        verb = agree(number or 1, "has", "have")
        return f"{which} {verb} a share of {topic.limit} or more in the score{of}"
    how = "hidden one at a time" if total > 1 else "hidden"
    mean = " on average" if topic.graded else ""
    verb = agree(number or 1, "lowers", "lower")
    return f"{how}, {which} {verb} the score{of} by {topic.limit} or more{mean}"


def _none(topic: Topic) -> str:
    influence = topic.explanation.influence[:, topic.target]
    text, strongest = _among(topic, 0), int(influence.argmax())
    if influence[strongest] > 0:
        size = topic.percent(influence[strongest])
        text += f"; the strongest is {topic.placed(strongest)} ({size})"
    return sentence(text)


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


def highlight(topic: Topic, check: HighlightCheck) -> str:
    """Say what the model reads in the highlight alone, and in the image without it.

    Parameters
    ----------
    topic : Topic
        From `about`.
    check : HighlightCheck
        Of the same explanation, target and threshold.

    Returns
    -------
    str
        Empty where the highlight is: there is nothing to say of it.

    Examples
    --------
    >>> import cilens
    >>> from cilens.followup.highlight import check_highlight
    >>> from cilens.text import about
    >>> model = cilens.load_model("digits")
    >>> explanation = cilens.ContextualImportance.paper()(model, cilens.read_image("mnist:0"))
    >>> print(highlight(about(explanation, kind="digit"), check_highlight(model, explanation)))
    Alone it still reads as 7 (over 99.99 %); without it the image reads as 1 (7 at 2.0 %).
    """
    if check.empty:
        return ""
    number = len(topic.mattering())
    they, them = agree(number, "it", "they"), agree(number, "it", "them")
    alone = _reading(topic, check.predicted, check.score, agree(number, "reads", "read"))
    without = _reading(topic, check.remainder_predicted, check.remainder_score, "reads")
    return sentence(f"alone {they} {alone}; without {them} the image {without}")


def _reading(topic: Topic, predicted: int, score: float, verb: str) -> str:
    """Name the class read; the score is always the target's."""
    still = "still " if predicted == topic.explanation.predicted else ""
    shown = topic.score(score, topic.target)
    if predicted != topic.target:
        shown = f"{topic.name(topic.target)} at {shown}"
    return f"{still}{verb} as {topic.name(predicted)} ({shown})"


def lacking(topic: Topic, missing: Missing, placed: int = 0) -> str:
    """Say what the image lacks for a class, and what it would then be read as.

    Parameters
    ----------
    topic : Topic
        From `about`.
    missing : Missing
        Of the same explanation.
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
    0.01 % to 21 %.
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
