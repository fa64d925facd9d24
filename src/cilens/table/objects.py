"""Several classes of one image: which regions speak for which, as lines of plain words."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool

from cilens.explanation import Explanation
from cilens.objects import Objects
from cilens.render import marks
from cilens.text.names import percent, round_percent, score_words, short_name
from cilens.text.english import agree, listed


def objects_lines(explanation: Explanation, found: Objects) -> tuple[str, ...]:
    """Say in a line for each class which regions speak for it, and how much of that is its own.

    Parameters
    ----------
    explanation : Explanation
        Of one image.
    found : Objects
        From `cilens.find_objects`.

    Returns
    -------
    tuple of str
        One for each class; a class's own is what lies on regions that speak for no other.

    Examples
    --------
    >>> import cilens
    >>> sides = lambda images: images.reshape(len(images), 2, 2, -1).mean(axis=(1, 3))
    >>> method = cilens.ContextualImportance(cilens.Grid(1, 2), (cilens.Constant(0.0),))
    >>> explanation = method(sides, np.array([[1.0, 0.5], [1.0, 0.5]]))
    >>> for line in objects_lines(explanation, cilens.find_objects(explanation)):
    ...     print(line)
    0 (100.0 %): region 0, 50.0 % of the image, speaks for it and for no other.
    1 (50.0 %): region 1, 50.0 % of the image, speaks for it and for no other.
    """
    return tuple(_line(explanation, found, place) for place in range(len(found.classes)))


def _line(explanation: Explanation, found: Objects, place: int) -> str:
    index, speaks = found.classes[place], found.speaks[place]
    score = score_words(explanation, float(explanation.scores[index]), index)
    head = f"{short_name(explanation.class_name(index))} ({score}): "
    if not speaks.any():
        least = round_percent(found.threshold)
        return f"{head}no region is sure to speak for it, from {least} of the output range on."
    regions = int(speaks.sum())
    verb, area = agree(regions, "speaks", "speak"), percent(float(found.areas[place]))
    text = f"{head}{_regions(explanation, index, speaks)}, {area} of the image, {verb} for it"
    shared = speaks & found.shared
    if not shared.any():
        return f"{text} and for no other."
    others = [
        short_name(explanation.class_name(found.classes[other]))
        for other in range(len(found.classes))
        if other != place and (found.speaks[other] & shared).any()
    ]
    verb = agree(int(shared.sum()), "speaks", "speak")
    text += f"; {_regions(explanation, index, shared)} {verb} for {listed(others)} too"
    return f"{text}; {percent(float(found.own[place]))} of its influence is its own."


def _regions(explanation: Explanation, target: int, which: Bool[np.ndarray, " regions"]) -> str:
    """List regions, strongest influence first."""
    names, rows = marks(explanation.region_names), np.flatnonzero(which)
    order = rows[np.argsort(-explanation.influence[rows, target], kind="stable")]
    words = listed([names[row] for row in order], most=5)
    return f"{agree(len(order), 'region', 'regions')} {words}"


def objects_records(explanation: Explanation, found: Objects) -> list[dict[str, object]]:
    """Return what speaks for each of several classes, ready for JSON.

    Parameters
    ----------
    explanation : Explanation
        Of one image.
    found : Objects
        From `cilens.find_objects`.

    Returns
    -------
    list of dict
        For each class: "index", "name", "score"; "regions" that speak for it and those "shared"
        with others of the classes (rows of the explanation's arrays); "area", a share of the
        image; "own", the part of its influence on regions that speak for no other, or None.
    """
    return [
        {
            "index": index,
            "name": explanation.class_name(index),
            "score": float(explanation.scores[index]),
            "regions": np.flatnonzero(speaks).tolist(),
            "shared": np.flatnonzero(speaks & found.shared).tolist(),
            "area": float(area),
            "own": None if np.isnan(own) else float(own),
        }
        for index, speaks, area, own in zip(
            found.classes, found.speaks, found.areas, found.own, strict=True
        )
    ]
