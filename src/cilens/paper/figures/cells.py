"""What the figures are made of: an explanation as image, segments, map and the paper's picture."""

from __future__ import annotations

import numpy as np

from cilens import render
from cilens.explanation import Explanation
from cilens.followup.highlight import HighlightCheck
from cilens.paper.figures.layout import Cell, outlined

SIDE, GAP = 1.45, 0.22
"""A picture and what is between two of them, in inches."""


def image(explanation: Explanation, above: str = "", *below: str) -> Cell:
    """Show the image."""
    return Cell(render.to_rgb(explanation.image), above, below)


def segments(explanation: Explanation, above: str = "", *below: str) -> Cell:
    """Show the segments with their numbers, and say how many they are."""
    return Cell(explanation, above, below or (f"{len(explanation.regions)} segments",))


def influence(explanation: Explanation, target: int, above: str = "", *below: str) -> Cell:
    """Show the influence on a class as a map, what matters to the class outlined."""
    pixels = render.signed_map(explanation.saliency(target), 1.0)
    kept = explanation.highlight(target)
    shown = outlined(pixels, kept) if kept.any() and not kept.all() else pixels
    return Cell(shown, above, below or (mattering(explanation, target),))


def kept(explanation: Explanation, check: HighlightCheck, above: str = "", *below: str) -> Cell:
    """Show the paper's picture, and what the model says of the red part alone."""
    pixels = render.paper_picture(explanation.image, explanation.highlight(check.target))
    return Cell(pixels, above, (alone_text(explanation, check), *below))


def mattering(explanation: Explanation, target: int | None = None) -> str:
    """List the regions that matter to a class.

    Examples
    --------
    >>> from cilens import ContextualImportance, load_model, read_image
    >>> found = ContextualImportance.paper()(load_model("digits"), read_image("mnist:18"))
    >>> mattering(found), mattering(found, 2)
    ('regions 0, 1, 3', 'none reaches 1 %')
    """
    rows = np.flatnonzero(explanation.important(target))
    names = ", ".join(map(explanation.region_name, rows))
    return f"region{'s' if len(rows) > 1 else ''} {names}" if names else "none reaches 1 %"


def scored(explanation: Explanation, target: int | None = None) -> str:
    """Write a class and its score.

    Examples
    --------
    >>> from cilens import ContextualImportance, load_model, read_image
    >>> scored(ContextualImportance.paper()(load_model("digits"), read_image("mnist:18")))
    '3: 66.47 %'
    """
    index = explanation.target(target)
    return f"{explanation.class_name(index)}: {score_text(float(explanation.scores[index]))}"


def alone_text(explanation: Explanation, check: HighlightCheck) -> str:
    """Write what the model says of a highlight alone.

    Parameters
    ----------
    explanation : Explanation
        Of one image.
    check : HighlightCheck
        The check of the same explanation.

    Returns
    -------
    str
        An empty highlight is called blank.
    """
    if check.empty:
        return "nothing reaches 1 %"
    text = f"{explanation.class_name(check.target)}: {score_text(check.score)}"
    seen = f", seen as {explanation.class_name(check.predicted)}"
    return text if check.predicted == check.target else f"{text}{seen}"


def score_text(score: float) -> str:
    """Write a score as the paper does, with two decimals, and never as certain if it is not.

    Examples
    --------
    >>> score_text(0.98796), score_text(0.999999), score_text(1e-9), score_text(0.0)
    ('98.80 %', '> 99.99 %', '< 0.01 %', '0.00 %')
    """
    if 0.99995 <= score < 1:
        return "> 99.99 %"
    return "< 0.01 %" if 0 < score < 0.00005 else f"{100 * score:.2f} %"
