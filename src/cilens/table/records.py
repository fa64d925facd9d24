"""An explanation as plain records, strongest influence first."""

from __future__ import annotations

import numpy as np
from jaxtyping import Integer

from cilens.explanation import Explanation


def as_records(
    explanation: Explanation, target: int | str | None = None
) -> list[dict[str, int | float | str | list[float] | None]]:
    """Return each region's numbers for one class, ready for JSON.

    Parameters
    ----------
    explanation : Explanation
        Of one image.
    target : int or str, optional
        A class index or name; by default the predicted class.

    Returns
    -------
    list of dict
        Strongest influence first: "id", the row in the explanation's arrays; "name", the region's
        name or the segmenter's own label; "area", a share of the image; "centroid", [row, column]
        in pixels of ``explanation.image``; "importance", "utility" and "influence";
        "margin", how far the influence may be off, or None; "sure", whether its sign is sure.

    Examples
    --------
    >>> from cilens import ContextualImportance, Grid
    >>> right = lambda images: images[:, :, 2:].mean(axis=(1, 2))
    >>> explanation = ContextualImportance(Grid(rows=1, columns=2))(right, np.ones((4, 4, 1)))
    >>> as_records(explanation)[0]
    {'id': 1, 'name': '1', 'area': 0.5, 'centroid': [1.5, 2.5], 'importance': 1.0, 'utility': 1.0,
    'influence': 1.0, 'margin': None, 'sure': True}
    """
    index = explanation.target(target)
    areas, centroids = explanation.areas(), explanation.centroids()
    margin, sure = explanation.margin, explanation.sure(index)
    return [
        {
            "id": int(row),
            "name": explanation.region_names[row],
            "area": float(areas[row]),
            "centroid": [float(at) for at in centroids[row]],
            "importance": float(explanation.importance[row, index]),
            "utility": float(explanation.utility[row, index]),
            "influence": float(explanation.influence[row, index]),
            "margin": None if margin is None else float(margin[row, index]),
            "sure": bool(sure[row]),
        }
        for row in explanation.ranked(index)
    ]
