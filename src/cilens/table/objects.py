"""Several classes of one image, as records."""

from __future__ import annotations

import numpy as np

from cilens.explanation import Explanation
from cilens.explanation.objects import Objects


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
