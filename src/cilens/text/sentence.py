"""An explanation in one line: what was predicted, because of what, and what it hangs on."""

from __future__ import annotations

from collections.abc import Sequence

from cilens.render import marks
from cilens.text.cautions import advice, blank_warning
from cilens.text.english import agree, count, listed
from cilens.text.english import sentence as whole
from cilens.text.topic import Topic

_NAMED = 3
"""So many regions are named, the strongest first; the others are counted."""

_AGAINST = 2

_NEARLY_ALL, _MOST = 0.95, 0.5
"""Shares of all that speaks for a class from which on regions are its reason, or most of it."""


def sentence(topic: Topic) -> str:
    """Say what was predicted, what carries it, and what the model says without that.

    Parameters
    ----------
    topic : Topic
        From `about`; with its check, it also says what the model gives for the highlight alone,
        for the image without it, and, where that counts, for the blank image.

    Returns
    -------
    str
        One line of a few sentences.

    Examples
    --------
    >>> import cilens
    >>> from cilens.followup.highlight import check_highlight
    >>> from cilens.text import about
    >>> model, image = cilens.load_model("digits"), cilens.read_image("mnist:18")
    >>> explanation = cilens.ContextualImportance.paper()(model, image)
    >>> check = check_highlight(model, explanation)
    >>> print(sentence(about(explanation, kind="digit", check=check)))
    Predicted 3 (66.5 %), because of most of the stroke (region 3: +66 %), the stroke in the upper
    left (region 0: +10 %) and the empty space at the top (region 1: +2.8 %). Hide them and it reads
    1 (3 falls to 0.5 %). Shown alone, they still read 3 (76.0 %). The stroke on the left (region 4:
    −5.8 %), the stroke on the right (region 5: −3.0 %) and one more region speak against it.
    """
    said = [whole(f"{_opening(topic)}{_cause(topic)}"), outcome(topic), _against(topic)]
    said += [whole(warning) for warning in (blank_warning(topic), advice(topic)) if warning]
    return " ".join(part for part in said if part)


def outcome(topic: Topic) -> str:
    """Say what the model gives without the highlight, and for it alone; nothing unchecked.

    Returns
    -------
    str
        Empty without a check, and where the highlight is.
    """
    check = topic.check
    if check is None or check.empty:
        return ""
    number = _important(topic)
    without = _without(topic, check.remainder_predicted, check.remainder_score)
    if check.added:
        return f"{whole(_together(topic, number))} {whole(f'hide all of these and {without}')}"
    alone = _given(topic, check.predicted, check.score, _verb(topic, number))
    they, them = agree(number, "it", "they"), agree(number, "it", "them")
    return f"{whole(f'hide {them} and {without}')} {whole(f'shown alone, {they} {alone}')}"


def parts(topic: Topic, rows: Sequence[int], most: int) -> str:
    """Name the parts of an image where regions lie, with their influences, and count the rest.

    Examples
    --------
    >>> import cilens
    >>> from cilens.text import about
    >>> image = cilens.read_image("mnist:18")
    >>> explanation = cilens.ContextualImportance.paper()(cilens.load_model("digits"), image)
    >>> parts(about(explanation, kind="digit"), [3, 0, 1], 2)
    'most of the stroke (region 3: +66 %), the stroke in the upper left (region 0: +10 %) and one
    more region'
    """
    named, left = rows[:most], len(rows) - most
    if marks(topic.explanation.region_names) == topic.explanation.region_names:
        alike: dict[str, list[int]] = {}
        for row in named:
            alike.setdefault(topic.part(row), []).append(row)
        found = [
            f"{part} ({topic.regions(own)}: {_sizes(topic, own)})" for part, own in alike.items()
        ]
    else:
        found = [f"{topic.regions([row])} ({_sizes(topic, [row])})" for row in named]
    if left > 0:
        found.append(f"{count(left)} more {agree(left, 'region', 'regions')}")
    return listed(found, len(found))


def spots(topic: Topic, sign: int, most: int) -> str:
    """Name the places where the map is sure, each with its peak, and count the rest.

    Parameters
    ----------
    topic : Topic
        Of overlapping regions.
    sign : int
        1 for what speaks for the class, -1 for what speaks against it.
    most : int
        So many are named.
    """
    areas = topic.areas(sign)
    peaks: dict[str, float] = {}
    for mask, peak in areas[:most]:
        peaks.setdefault(topic.shown(mask), peak)
    found = [f"{part} (up to {topic.percent(peak, signed=True)})" for part, peak in peaks.items()]
    if left := len(areas[most:]):
        found.append(f"{count(left)} more {agree(left, 'place', 'places')}")
    return listed(found, len(found))


def _sizes(topic: Topic, rows: Sequence[int]) -> str:
    return listed([topic.percent(float(topic.influence[row]), signed=True) for row in rows])


def _opening(topic: Topic) -> str:
    target, predicted = topic.target, topic.explanation.predicted
    own = topic.own_score(target)
    if topic.is_number and not topic.is_probability(target):
        return f"{topic.name(target)} is {own}, on a scale of {topic.scale(target)}"
    if topic.is_number:
        return f"{topic.name(target)} is {own}"
    if len(topic.explanation.scores) == 1:
        return f"{topic.name(target)} gets {own}"
    if target == predicted:
        return f"predicted {topic.name(target)} ({own})"
    best = f"{topic.name(predicted)}, {topic.own_score(predicted)}"
    return f"{topic.name(target)} gets {own} (predicted: {best})"


def _cause(topic: Topic) -> str:
    """Say what carries the target, or that no single region does."""
    rows = topic.strongest(topic.important)
    areas = topic.areas(1) if topic.overlapping else []
    if not topic.explanation.influence.any():
        return ": nothing that was hidden changes it"
    if not (areas if topic.overlapping else rows):
        return ": no single region carries it; the evidence is spread"
    named, reasons = topic.influence[rows[:_NAMED]].sum(), topic.influence
    if areas:
        reasons = topic.saliency
        named = sum(reasons[mask].sum() for mask, _ in areas[:_NAMED])
    share = named / reasons[reasons > 0].sum()
    how = "" if share >= _NEARLY_ALL else "mostly " if share >= _MOST else "partly "
    because = "raised {}by {}" if topic.is_number else "{}because of {}"
    told = spots(topic, 1, _NAMED) if areas else parts(topic, rows, _NAMED)
    return f", {because.format(how, told)}"


def _against(topic: Topic) -> str:
    """Say what speaks against the target, if anything does."""
    against = topic.strongest(topic.opposing)
    rows = topic.areas(-1) if topic.overlapping else against
    if not rows:
        return ""
    name = spots(topic, -1, _AGAINST) if topic.overlapping else ""
    name = name or parts(topic, against, _AGAINST)
    return whole(f"{name} {topic.pull(len(rows), against=True)}")


def _important(topic: Topic) -> int:
    if topic.overlapping:
        return len(topic.areas(1))
    return int(topic.important.sum())


def _verb(topic: Topic, number: int) -> str:
    """Return what regions do: those of a digit are read."""
    return agree(number, *(("reads", "read") if topic.kind == "digit" else ("gives", "give")))


def _together(topic: Topic, important: int) -> str:
    """Say how many regions it takes, together with the important ones, to give the class."""
    assert topic.check is not None
    added = topic.check.added
    given = f"{topic.name(topic.target)} ({topic.score(topic.check.score, topic.target)})"
    if topic.overlapping:
        more = "alone that does not suffice; with" if important else "taken together,"
        return f"{more} what is strongest of the rest, the answer is still {given}"
    if not important:
        strongest = f"the {count(added)} strongest together" if added > 1 else "the strongest alone"
        return f"{strongest} still {_verb(topic, added)} {given}"
    more = f"the next {count(added)}" if added > 1 else "the next one"
    alone = agree(important, "it does", "they do")
    they = agree(important, "it", "they")
    return f"alone {alone} not suffice; with {more}, {they} {_verb(topic, important)} {given}"


def _given(topic: Topic, predicted: int, score: float, gives: str) -> str:
    """Say which class the model gives; the score is always the target's."""
    shown = topic.score(score, topic.target)
    if len(topic.explanation.scores) == 1:
        return f"{gives} {shown}"
    still = "still " if predicted == topic.explanation.predicted else ""
    if predicted != topic.target:
        shown = f"{topic.name(topic.target)} at {shown}"
    return f"{still}{gives} {topic.name(predicted)} ({shown})"


def _without(topic: Topic, predicted: int, score: float) -> str:
    """Say what becomes of the target's score, and which class comes instead."""
    before, after = topic.own_score(topic.target), topic.score(score, topic.target)
    change = float(score) - float(topic.explanation.scores[topic.target])
    moves = "stays at" if before == after else "falls to" if change < 0 else "rises to"
    if len(topic.explanation.scores) == 1:
        return f"{topic.name(topic.target)} {moves} {after}"
    still = "still " if predicted == topic.explanation.predicted else ""
    it = f"it {still}reads" if topic.kind == "digit" else f"the answer is {still}".rstrip()
    moved = f"{topic.name(topic.target)} {moves} {after}"
    return f"{it} {topic.name(predicted)} ({after if predicted == topic.target else moved})"
