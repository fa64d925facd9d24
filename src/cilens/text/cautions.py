"""What to be careful with, most serious first, and what to try where nothing is sure."""

from __future__ import annotations

from cilens.text.english import listed
from cilens.text.numbers import round_percent
from cilens.text.topic import Topic

_SATURATED = 0.999
"""From this share of the output range on, a score has no room to show small effects."""

_JOINT, _APART = 0.25, 0.5
"""Regions stand in for one another if hiding all lowers the score by the first of these shares of
the output range, and hiding them one at a time adds up to less than the second of that."""

_REAL, _CLEAR = 0.5, 0.1
"""A blank image has a class if its score reaches the first of these shares of the output range,
and is ahead of all others by the second."""


def cautions(topic: Topic) -> list[str]:
    """List what to be careful with.

    Parameters
    ----------
    topic : Topic
        From `about`. Without a check, nothing is known of the blank image, nor of regions that
        stand in for one another.

    Returns
    -------
    list of str
        Clauses, most serious first, mostly none: the highlight does not suffice; the blank image
        has the target's class; regions stand in for one another; classes do not exclude each
        other; the score is too near its limit for any region to show.

    Examples
    --------
    >>> import cilens
    >>> from cilens.text import about
    >>> explanation = cilens.ContextualImportance.paper()(
    ...     cilens.load_model("digits"), cilens.read_image("mnist:0")
    ... )
    >>> cautions(about(explanation))
    []
    """
    found = [] if topic.check is None else _checked(topic)
    if topic.together:
        found.append(
            f"all scores add up to {round_percent(round(topic.together, 2))}, so several classes "
            "may be present"
        )
    low, high = topic.explanation.output_range[:, topic.target]
    saturated = topic.explanation.scores[topic.target] - low >= _SATURATED * (high - low)
    if saturated and topic.hides and not topic.mattering():
        found.append("a score this near its limit hides small effects")
    return found


def blank_warning(topic: Topic) -> str:
    """Say that a blank image has the target's class too, where it really has; else nothing."""
    check, target = topic.check, topic.target
    if check is None or check.blank_predicted != target or check.blank_lead is None:
        return ""
    low, high = topic.explanation.output_range[:, target]
    share, lead = (check.blank_score - low) / (high - low), check.blank_lead / (high - low)
    if share < _REAL or lead < _CLEAR:
        return ""
    blank, name = topic.score(check.blank_score, target), topic.name(target)
    return f"a blank image is {name} too ({blank}), so keeping {name} proves little"


def advice(topic: Topic) -> str:
    """Say what to try where no single region is sure to carry the target, or others share it.

    Examples
    --------
    >>> import cilens
    >>> from cilens.text import about
    >>> blank = cilens.explain(cilens.load_model("digits"), cilens.read_image("mnist:0") * 0)
    >>> advice(about(blank))
    'to learn more, try a larger budget or another cut'
    """
    if topic.important.any():
        return f"the target “{topic.group}” adds up what its members share" if topic.group else ""
    ways = ["a larger budget"] if topic.explanation.margin is not None else []
    ways.append("another cut")
    if topic.group is not None:
        ways.append(f"the target “{topic.group}”, whose members share the score")
    return f"to learn more, try {listed(ways, join='or')}"


def _checked(topic: Topic) -> list[str]:
    check, found = topic.check, []
    assert check is not None
    if not check.empty and check.predicted != topic.target == topic.explanation.predicted:
        found.append(f"what speaks for {topic.name(topic.target)} does not suffice for it alone")
    if warning := blank_warning(topic):
        found.append(warning)
    elif topic.hides and check.blank_predicted != topic.target:
        found += _redundancy(topic)
    return found


def _redundancy(topic: Topic) -> list[str]:
    """Tell whether regions do each other's work, so that hiding one shows little."""
    check = topic.check
    assert check is not None
    low, high = topic.explanation.output_range[:, topic.target]
    together = (topic.explanation.scores[topic.target] - check.blank_score) / (high - low)
    apart = topic.influence.clip(min=0).sum()
    if together >= _JOINT and apart < _APART * together:
        sizes = f"{topic.percent(together)} together, {topic.percent(apart)} one at a time"
        return [f"regions stand in for one another: hiding them takes {sizes}"]
    if not check.empty and check.remainder_predicted == topic.target:
        return ["the rest suffices too, so regions stand in for one another"]
    return []
