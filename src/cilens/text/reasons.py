"""Why one class and not another: the two sentence forms of the paper.

`why` alone puts them together: each says only what gives a reason, so that the one cannot take back
what the other says.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float

from cilens.errors import InputError
from cilens.explanation.classes import runner_up
from cilens.explanation.contrast import Contrast
from cilens.text.english import agree, listed, sentence
from cilens.text.topic import Topic

_NAMED, _BRIEFLY = 4, 2
"""How many regions a sentence names before it counts the rest."""


def why(topic: Topic) -> str:
    """Say why an image is one class, and why it is not another.

    Parameters
    ----------
    topic : Topic
        From `about`.

    Returns
    -------
    str
        What `because` and `because_not` say.

    Raises
    ------
    InputError
        If the model has one class only.

    Examples
    --------
    >>> import cilens
    >>> from cilens.text import about
    >>> explanation = cilens.ContextualImportance.paper()(
    ...     cilens.load_model("digits"), cilens.read_image("mnist:115")
    ... )
    >>> print(why(about(explanation, kind="digit")))  # no region matters to 4 alone
    It is not 9 (runner-up, 18.5 %), because region 3 matters more to 4 (81 %) than to 9 (18 %),
    although regions 1 and 5 matter to it and speak against 4.
    """
    return f"{because(topic)} {because_not(topic)}".lstrip()


def because(topic: Topic) -> str:
    """Say which regions make an image one class rather than another.

    Parameters
    ----------
    topic : Topic
        From `about`. Of target and foil, the one with the higher score is the one that it is.

    Returns
    -------
    str
        "It is j, because regions … matter to j and not to c."; nothing where none does.

    Raises
    ------
    InputError
        If the model has one class only.

    Examples
    --------
    >>> import cilens
    >>> from cilens.text import about
    >>> explanation = cilens.ContextualImportance.paper()(
    ...     cilens.load_model("digits"), cilens.read_image("mnist:18")
    ... )
    >>> because(about(explanation, kind="digit"))
    'It is 3, because regions 0 and 1 matter to 3 and not to 5.'
    """
    found = _decided(topic)
    one, other = topic.name(found.target), topic.name(found.foil)
    opening = f"it is {one}"
    if found.target != topic.explanation.predicted or topic.together:
        opening = f"it is more {one} than {other}"
    rows = _ordered(found.for_target_only, -found.difference)
    if not rows:
        return ""
    which = f"{topic.regions(rows)} {agree(len(rows), 'matters', 'matter')}"
    return sentence(f"{opening}, because {which} to {one} and not to {other}")


def because_not(topic: Topic, *, full: bool = True) -> str:
    """Say why an image is not a class.

    Parameters
    ----------
    topic : Topic
        From `about`. Of target and foil, the one with the lower score is the one that it is not.
    full : bool
        Give all reasons and name up to four regions for each; else one reason and two regions.

    Returns
    -------
    str
        "It is not c, because …": no region matters to c, regions speak against it, or they matter
        more to the other class; and which regions matter to c all the same.

    Raises
    ------
    InputError
        If the model has one class only.

    Examples
    --------
    >>> import cilens
    >>> from cilens.text import about
    >>> explanation = cilens.ContextualImportance.paper()(
    ...     cilens.load_model("digits"), cilens.read_image("mnist:33")
    ... )
    >>> print(because_not(about(explanation, kind="digit")))
    It is not 2 (runner-up, 0.1 %), because no region matters to it and region 3 speaks against it
    (by 1.5 %).
    """
    found = _decided(topic)
    scores, other = topic.explanation.scores, found.foil
    score = topic.score(scores[other], other)
    if other == runner_up(scores, topic.explanation.predicted):
        score = f"runner-up, {score}"
    opening = f"it is not {topic.name(other)} ({score})"
    if found.target != topic.explanation.predicted or topic.together:
        opening = f"it is less {topic.name(other)} ({score}) than {topic.name(found.target)}"
    most = _NAMED if full else _BRIEFLY
    reasons = _reasons(topic, found, most)
    text = f"{opening}, because {listed(reasons if full else reasons[:1])}"
    left = _ordered(conceded(found), -topic.explanation.influence[:, other])
    if left:
        verb = agree(len(left), "matters", "matter")
        text += f", although {topic.regions(left, most)} {verb} to it"
        if full and found.against_target[left].all():
            verb = agree(len(left), "speaks", "speak")
            text += f" and {verb} against {topic.name(found.target)}"
    return sentence(text)


def conceded(found: Contrast) -> Bool[np.ndarray, " regions"]:
    """Return the regions that matter to the foil, and not clearly more to the target."""
    left: Bool[np.ndarray, " regions"] = (found.for_foil_only | found.both) & ~_rather(found)
    return left


def _rather(found: Contrast) -> Bool[np.ndarray, " regions"]:
    """Return the regions that matter to both, and by the threshold more to the target."""
    return found.both & (found.difference >= found.threshold)


def speaking_against(topic: Topic) -> str:
    """Say which regions speak against the target; nothing where none does."""
    rows = topic.strongest(topic.opposing)
    called = topic.name(topic.target)
    return sentence(_against(topic, rows, topic.target, called, _NAMED)) if rows else ""


def _reasons(topic: Topic, found: Contrast, most: int) -> list[str]:
    more = _rather(found)
    reasons = []
    if not (found.both | found.for_foil_only).any():
        reasons.append("no region matters to it")
    if found.against_foil.any():
        rows = _ordered(found.against_foil, topic.explanation.influence[:, found.foil])
        reasons.append(_against(topic, rows, found.foil, "it", most))
    if more.any():
        reasons.append(_more(topic, found, most))
    if not reasons:
        reasons.append(f"{topic.name(found.target)} gets more ({topic.own_score(found.target)})")
    return reasons


def _against(topic: Topic, rows: list[int], index: int, called: str, most: int) -> str:
    """Say that regions speak against a class, and by how much the strongest does."""
    size = topic.percent(-topic.explanation.influence[rows[0], index])
    by = agree(len(rows), "by", "by up to")
    pull = topic.pull(len(rows), called, against=True)
    return f"{topic.regions(rows, most)} {pull} ({by} {size})"


def _more(topic: Topic, found: Contrast, most: int) -> str:
    """Say that regions matter to both classes, and more to the target."""
    rows = _ordered(_rather(found), -found.difference)
    one, other = topic.name(found.target), topic.name(found.foil)
    subject = f"{topic.regions(rows, most)} {agree(len(rows), 'matters', 'matter')}"
    if len(rows) > 1:
        return f"{subject} more to {one} than to {other}"
    to_one, to_other = (
        topic.percent(topic.explanation.influence[rows[0], index])
        for index in (found.target, found.foil)
    )
    return f"{subject} more to {one} ({to_one}) than to {other} ({to_other})"


def _ordered(which: Bool[np.ndarray, " regions"], by: Float[np.ndarray, " regions"]) -> list[int]:
    """Return the regions that are True, the lowest number first."""
    rows = np.flatnonzero(which)
    ordered: list[int] = rows[np.argsort(by[rows], kind="stable")].tolist()
    return ordered


def _decided(topic: Topic) -> Contrast:
    """Return the contrast of the class with the higher score against the other."""
    if topic.foil is None:
        raise InputError("a contrast needs two classes; the model has one only")
    scores = topic.explanation.scores
    if scores[topic.foil] > scores[topic.target]:
        return topic.contrast(topic.foil, topic.target)
    return topic.contrast(topic.target, topic.foil)
