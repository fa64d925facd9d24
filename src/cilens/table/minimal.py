"""What is enough, what is needed and what is redundant, as records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cilens.explanation import Explanation

if TYPE_CHECKING:
    from cilens.followup.minimal import MinimalSet, MinimalSets
    from cilens.followup.redundancy import Redundancy


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
