"""What is enough, what is needed and what is redundant, in three lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool

from cilens.text.english import agree, listed
from cilens.text.names import region_labels
from cilens.text.numbers import percent, round_percent
from cilens.text.topic import Topic

if TYPE_CHECKING:
    from cilens.followup.minimal import MinimalSets
    from cilens.followup.redundancy import Redundancy

_MOST_REGIONS, _MOST_PAIRS = 5, 3


def minimal_lines(topic: Topic, sets: MinimalSets, redundancy: Redundancy) -> tuple[str, str, str]:
    """Say in three lines what is enough for a class, what it needs, and what stands in for what.

    Parameters
    ----------
    topic : Topic
        The topic of the class for which both were found.
    sets : MinimalSets
        What `cilens.followup.minimal.MinimalSearch` found.
    redundancy : Redundancy
        What `cilens.followup.redundancy.RedundancySearch` found.

    Returns
    -------
    tuple of three str
        Where a set is empty, is the whole image, or may not be minimal, its line says why.

    Examples
    --------
    >>> from cilens import Grid, SampledImportance
    >>> from cilens.followup.minimal import MinimalSearch
    >>> from cilens.followup.redundancy import RedundancySearch
    >>> from cilens.text import about
    >>> def either(images):  # one half of the image is enough
    ...     bright = images.reshape(len(images), 2, -1).min(axis=2).max(axis=1)
    ...     return np.stack([1 - bright, bright], axis=1)
    >>> explanation = SampledImportance((Grid(2, 1),))(either, np.ones((4, 4, 1)))
    >>> sets = MinimalSearch()(either, explanation)
    >>> pairs = RedundancySearch()(either, explanation)
    >>> for line in minimal_lines(about(explanation), sets, pairs):
    ...     print(line)
    Enough: region 0, 50 % of the image, alone gives class 1 (100 %).
    Needed: without regions 0 and 1, 100 % of the image, the answer is class 0 (class 1 at 0 %).
    Redundant: hiding 0 and 1 together costs 100 %, and hiding either alone less than 1 %.
    """
    return (
        f"Enough: {_enough(topic, sets)}.",
        f"Needed: {_needed(topic, sets)}.",
        f"Redundant: {_redundant(topic, redundancy)}.",
    )


def _enough(topic: Topic, sets: MinimalSets) -> str:
    found = sets.sufficient
    given = _given(topic, found.predicted, found.score)
    if not found.regions.any():
        return f"nothing, for {found.reason}: it gives {given}"
    verb = agree(int(found.regions.sum()), "gives", "give")
    text = f"{_regions(topic, found.regions)}, {percent(found.area)} of the image, alone {verb} "
    return text + given + (f"; {found.reason}" if found.reason else "")


def _needed(topic: Topic, sets: MinimalSets) -> str:
    found = sets.necessary
    if not found.regions.any():
        blank = topic.score(sets.blank_score, topic.target)
        return f"no region was found; {found.reason} ({blank})"
    text = f"without {_regions(topic, found.regions)}, {percent(found.area)} of the image, "
    text += f"the answer is {_given(topic, found.predicted, found.score)}"
    return text + (f"; {found.reason}" if found.reason else "")


def _redundant(topic: Topic, redundancy: Redundancy) -> str:
    names, pairs = region_labels(topic.explanation.region_names), redundancy.pairs()
    if not pairs:
        return "no two regions were found that stand in for each other"
    costs = [
        f"{names[pair.one]} and {names[pair.other]} together costs {percent(pair.joint_drop)}"
        for pair in pairs
    ]
    least = round_percent(redundancy.threshold)
    either = "either" if len(pairs) == 1 else "any of them"
    return f"hiding {listed(costs, most=_MOST_PAIRS)}, and hiding {either} alone less than {least}"


def _given(topic: Topic, predicted: int, score: float) -> str:
    """Name the class predicted, and the target with its score."""
    told = topic.score(score, topic.target)
    if predicted == topic.target:
        return f"{topic.name(topic.target)} ({told})"
    return f"{topic.name(predicted)} ({topic.name(topic.target)} at {told})"


def _regions(topic: Topic, which: Bool[np.ndarray, " regions"]) -> str:
    """List regions, strongest influence first."""
    return topic.regions(topic.strongest(which), _MOST_REGIONS)
