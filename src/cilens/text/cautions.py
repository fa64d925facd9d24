"""What to be careful with, most serious first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cilens.text.numbers import round_percent
from cilens.text.topic import Topic

if TYPE_CHECKING:
    from cilens.followup.highlight import HighlightCheck

_SATURATED = 0.999
"""From this share of the output range on, a score has no room to show small effects."""

_JOINT, _APART = 0.25, 0.5
"""Regions stand in for one another if hiding all lowers the score by the first of these shares of
the output range, and hiding them one at a time adds up to less than the second of that."""


def cautions(topic: Topic, check: HighlightCheck | None = None) -> list[str]:
    """List what to be careful with.

    Parameters
    ----------
    topic : Topic
        From `about`.
    check : HighlightCheck, optional
        Of the same explanation, target and threshold: without it nothing is known of the blank
        image, nor of regions that stand in for one another.

    Returns
    -------
    list of str
        Clauses, most serious first: the highlight is empty; the blank image has the target's
        class; regions stand in for one another; classes do not exclude each
        other; the score is saturated; the numbers belong to the fill or method chosen; the blank
        image's class.

    Examples
    --------
    >>> import cilens
    >>> from cilens.text import about
    >>> explanation = cilens.ContextualImportance.paper()(
    ...     cilens.load_model("digits"), cilens.read_image("mnist:0")
    ... )
    >>> cautions(about(explanation))
    ['a score so near its limit hides small effects',
    'cutting or hiding it otherwise can give other numbers']
    """
    found = [] if check is None else _checked(topic, check)
    if topic.together:
        found.append(
            f"all scores add up to {round_percent(round(topic.together, 2))}, so several classes "
            "may be there"
        )
    low, high = topic.explanation.output_range[:, topic.target]
    if topic.explanation.scores[topic.target] - low >= _SATURATED * (high - low):
        found.append("a score so near its limit hides small effects")
    other = "cutting or hiding it otherwise" if topic.hides else "another method"
    found.append(f"{other} can give other numbers")
    if check is not None and check.blank_predicted != topic.target:
        found.append(f"with everything hidden, it reads as {topic.name(check.blank_predicted)}")
    return found


def _checked(topic: Topic, check: HighlightCheck) -> list[str]:
    target, found = topic.name(topic.target), []
    blank = topic.score(check.blank_score, topic.target)
    if check.empty:
        found.append(f"the highlight is empty, so its score is the blank image’s ({blank})")
    elif check.predicted != topic.target == topic.explanation.predicted:
        found.append("the highlight changes the class, so something else counts too")
    if check.blank_predicted == topic.target:
        found.append(f"a blank image is {target} too ({blank}), so reading {target} proves little")
    elif topic.hides:
        found += _redundancy(topic, check)
    return found


def _redundancy(topic: Topic, check: HighlightCheck) -> list[str]:
    """Tell whether regions do each other's work, so that hiding one shows little."""
    low, high = topic.explanation.output_range[:, topic.target]
    together = (topic.explanation.scores[topic.target] - check.blank_score) / (high - low)
    apart = topic.explanation.influence[:, topic.target].clip(min=0).sum()
    if together >= _JOINT and apart < _APART * together:
        sizes = f"{topic.percent(together)} together, {topic.percent(apart)} one at a time"
        return [f"regions stand in for one another (hiding them takes {sizes})"]
    if not check.empty and check.remainder_predicted == topic.target:
        return ["the rest suffices too, so regions stand in for one another"]
    return []
