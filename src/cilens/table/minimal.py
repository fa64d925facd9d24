"""What is enough, what is needed and what is redundant, as lines of plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool

from cilens.explanation import Explanation
from cilens.render import marks
from cilens.text.names import percent, round_percent, score_words, short_name
from cilens.text.english import agree, listed

if TYPE_CHECKING:
    from cilens.followup.minimal import MinimalSet, MinimalSets
    from cilens.followup.redundancy import Redundancy

_MOST_PAIRS = 3


def minimal_lines(
    explanation: Explanation, sets: MinimalSets, redundancy: Redundancy
) -> tuple[str, str, str]:
    """Say in three lines what is enough for a class, what it needs, and what stands in for what.

    Parameters
    ----------
    explanation : Explanation
        Of one image.
    sets : MinimalSets
        What `cilens.followup.minimal.MinimalSearch` found for it.
    redundancy : Redundancy
        What `cilens.followup.redundancy.RedundancySearch` found for the same class.

    Returns
    -------
    tuple of three str
        Where a set is empty, is the whole image, or may not be minimal, its line says why.

    Examples
    --------
    >>> from cilens import Grid, SampledImportance
    >>> from cilens.followup.minimal import MinimalSearch
    >>> from cilens.followup.redundancy import RedundancySearch
    >>> def either(images):  # one half of the image is enough
    ...     bright = images.reshape(len(images), 2, -1).min(axis=2).max(axis=1)
    ...     return np.stack([1 - bright, bright], axis=1)
    >>> explanation = SampledImportance(Grid(rows=2, columns=1))(either, np.ones((4, 4, 1)))
    >>> sets = MinimalSearch()(either, explanation)
    >>> pairs = RedundancySearch()(either, explanation)
    >>> for line in minimal_lines(explanation, sets, pairs):
    ...     print(line)
    Enough: region 0, 50.0 % of the image, alone gives 1 (100.0 %).
    Needed: without regions 0 and 1, 100.0 % of the image, it is 0 (1 at 0.0 %).
    Redundant: 0 and 1 cost 100.0 % together, and each alone less than 1 %.
    """
    return (
        f"Enough: {_enough(explanation, sets)}.",
        f"Needed: {_needed(explanation, sets)}.",
        f"Redundant: {_redundant(explanation, redundancy)}.",
    )


def _enough(explanation: Explanation, sets: MinimalSets) -> str:
    found = sets.sufficient
    outcome = _outcome(explanation, sets, found.predicted, found.score)
    if not found.regions.any():
        return f"nothing, for {found.reason}: it gives {outcome}"
    verb = agree(int(found.regions.sum()), "gives", "give")
    words = f"{_regions(explanation, sets, found.regions)}, {percent(found.area)} of the image, "
    return f"{words}alone {verb} {outcome}" + (f"; {found.reason}" if found.reason else "")


def _needed(explanation: Explanation, sets: MinimalSets) -> str:
    found = sets.necessary
    if not found.regions.any():
        blank = score_words(explanation, sets.blank_score, sets.target)
        return f"no region was found; {found.reason} ({blank})"
    outcome = _outcome(explanation, sets, found.predicted, found.score)
    words = f"without {_regions(explanation, sets, found.regions)}, {percent(found.area)} of the "
    return f"{words}image, it is {outcome}" + (f"; {found.reason}" if found.reason else "")


def _redundant(explanation: Explanation, redundancy: Redundancy) -> str:
    names, pairs = marks(explanation.region_names), redundancy.pairs()
    if not pairs:
        return "no two regions were found that stand in for each other"
    costs = [
        f"{names[pair.one]} and {names[pair.other]} cost {percent(pair.joint_drop)} together"
        for pair in pairs
    ]
    least = round_percent(redundancy.threshold)
    return f"{listed(costs, most=_MOST_PAIRS)}, and each alone less than {least}"


def _outcome(explanation: Explanation, sets: MinimalSets, predicted: int, score: float) -> str:
    """Name the class predicted, and the target with its score."""
    told = score_words(explanation, score, sets.target)
    target = short_name(explanation.class_name(sets.target))
    if predicted == sets.target:
        return f"{target} ({told})"
    return f"{short_name(explanation.class_name(predicted))} ({target} at {told})"


def _regions(
    explanation: Explanation, sets: MinimalSets, which: Bool[np.ndarray, " regions"]
) -> str:
    """List regions, strongest influence first."""
    names = marks(explanation.region_names)
    ordered = [names[row] for row in explanation.ranked(sets.target) if which[row]]
    return f"{agree(len(ordered), 'region', 'regions')} {listed(ordered, most=5)}"


def minimal_records(explanation: Explanation, sets: MinimalSets) -> dict[str, object]:
    """Return both minimal sets, ready for JSON.

    Parameters
    ----------
    explanation : Explanation
        Of one image.
    sets : MinimalSets
        Found for it.

    Returns
    -------
    dict
        "loss"; "sufficient" and "necessary", each with "regions" (rows of the explanation's
        arrays, strongest influence first), "area", "score", "predicted", "holds", "minimal" and
        "reason"; "blank", with "score" and "predicted"; "model_rows".
    """
    order = explanation.ranked(sets.target)

    def record(found: MinimalSet) -> dict[str, object]:
        return {
            "regions": [int(row) for row in order if found.regions[row]],
            "area": found.area,
            "score": found.score,
            "predicted": found.predicted,
            "holds": found.holds,
            "minimal": found.minimal,
            "reason": found.reason,
        }

    return {
        "loss": sets.loss,
        "sufficient": record(sets.sufficient),
        "necessary": record(sets.necessary),
        "blank": {"score": sets.blank_score, "predicted": sets.blank_predicted},
        "model_rows": sets.model_rows,
    }


def redundancy_records(redundancy: Redundancy) -> dict[str, object]:
    """Return which regions stand in for each other, ready for JSON.

    Parameters
    ----------
    redundancy : Redundancy
        Found for one image.

    Returns
    -------
    dict
        "threshold"; "drops", one for each region, null where it was not asked; "dispensable", rows
        of the explanation's arrays; "pairs", each with "regions" and "joint_drop"; "model_rows".
    """
    return {
        "threshold": redundancy.threshold,
        "drops": [None if np.isnan(drop) else float(drop) for drop in redundancy.drop],
        "dispensable": np.flatnonzero(redundancy.dispensable).tolist(),
        "pairs": [
            {"regions": [pair.one, pair.other], "joint_drop": pair.joint_drop}
            for pair in redundancy.pairs()
        ],
        "model_rows": redundancy.model_rows,
    }
