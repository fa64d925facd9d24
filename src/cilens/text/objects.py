"""Several classes of one image: a line for each says which regions speak for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool

from cilens.text.english import agree, listed
from cilens.text.numbers import percent, round_percent
from cilens.text.topic import Topic

if TYPE_CHECKING:
    from cilens.explanation.objects import Objects

_MOST_REGIONS = 5


def objects_lines(topic: Topic, found: Objects) -> tuple[str, ...]:
    """Say in a line for each class which regions speak for it, and how much of that is its own.

    Parameters
    ----------
    topic : Topic
        The topic of the same explanation, whatever its target.
    found : Objects
        From `cilens.find_objects`.

    Returns
    -------
    tuple of str
        One for each class; a class's own is what lies on regions that speak for no other.

    Examples
    --------
    >>> import cilens
    >>> from cilens.text import about
    >>> sides = lambda images: images.reshape(len(images), 2, 2, -1).mean(axis=(1, 3))
    >>> method = cilens.ContextualImportance(cilens.Grid(1, 2), (cilens.Constant(0.0),))
    >>> explanation = method(sides, np.array([[1.0, 0.5], [1.0, 0.5]]))
    >>> for line in objects_lines(about(explanation), cilens.find_objects(explanation)):
    ...     print(line)
    Class 0 (100 %): region 0, 50 % of the image, speaks for it and for nothing else.
    Class 1 (50.0 %): region 1, 50 % of the image, speaks for it and for nothing else.
    """
    return tuple(_line(topic, found, at) for at in range(len(found.classes)))


def _line(topic: Topic, found: Objects, at: int) -> str:
    index, speaks = found.classes[at], found.speaks[at]
    name = topic.name(index)
    head = f"{name[:1].upper()}{name[1:]} ({topic.own_score(index)}): "
    if not speaks.any():
        least = round_percent(found.threshold)
        return f"{head}no region is sure to speak for it by {least} or more."
    verb, area = agree(int(speaks.sum()), "speaks", "speak"), percent(float(found.areas[at]))
    text = f"{head}{_regions(topic, index, speaks)}, {area} of the image, {verb} for it"
    shared = speaks & found.shared
    if not shared.any():
        return f"{text} and for nothing else."
    others = [
        topic.name(found.classes[other])
        for other in range(len(found.classes))
        if other != at and (found.speaks[other] & shared).any()
    ]
    verb = agree(int(shared.sum()), "speaks", "speak")
    text += f"; {_regions(topic, index, shared)} {verb} for {listed(others)} too"
    own = percent(float(found.own[at]))
    return f"{text}. {own} of what speaks for {name} speaks for nothing else."


def _regions(topic: Topic, index: int, which: Bool[np.ndarray, " regions"]) -> str:
    """List regions, strongest influence first."""
    rows = [int(row) for row in topic.explanation.ranked(index) if which[row]]
    return topic.regions(rows, _MOST_REGIONS)
