"""Fig. 5 and 6: why one class and not another, and what is missing for the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from cilens import render
from cilens.explanation import Explanation
from cilens.followup.missing import Missing
from cilens.paper.figures.layout import MARGIN, Sheet, new_sheet, panel, segments_panel, wrapped
from cilens.paper.figures.scales import colour_bar, missing_bar, missing_map, score_text

_SIDE, _STEP, _TOP, _WORDS = 1.42, 1.7, 1.25, 0.62
"""A picture, from one to the next, where the first row begins, and room for the sentences."""


class Contrasted(NamedTuple):
    """One row of Fig. 5 or 6.

    Attributes
    ----------
    source : str
        What the image is called.
    explanation : Explanation
        Of the image.
    foil : int
        The class that the predicted one is held against.
    missing : Missing
        What is missing for the foil.
    words : str
        Why the one and not the other, in sentences.
    """

    source: str
    explanation: Explanation
    foil: int
    missing: Missing
    words: str


def contrast_figure(rows: Sequence[Contrasted], title: str, note: str) -> Figure:
    """Draw image, segments, both classes' maps, their difference, and what is missing.

    Parameters
    ----------
    rows : sequence of Contrasted
        A row for each image or foil.
    title, note : str
        Above and below.

    Returns
    -------
    Figure
        One colour scale for all maps of influence, one for all that is missing.
    """
    high = _SIDE + 0.28 + _WORDS
    width = 2 * MARGIN + 6 * _STEP - (_STEP - _SIDE)
    sheet = new_sheet(width, _TOP + len(rows) * high + 0.35, title, note)
    differences = [_difference(row) for row in rows]
    influences = [
        row.explanation.influence[:, [row.explanation.predicted, row.foil]] for row in rows
    ]
    limit = max(
        render.scale_limit(np.concatenate([a.ravel() for a in influences])),
        render.scale_limit(np.concatenate([d.ravel() for d in differences])),
    )
    gained = render.scale_limit(np.concatenate([row.missing.gain.clip(0) for row in rows]))
    for place, (row, difference) in enumerate(zip(rows, differences, strict=True)):
        top = _TOP + place * high
        _row(sheet, top, row, (limit, gained), difference)
        wrapped(sheet, (MARGIN, top + _SIDE + 0.42), row.words, width - 2 * MARGIN)
    colour_bar(sheet.axes(MARGIN + 2 * _STEP, 0.72, _SIDE + _STEP, 0.08), limit)
    missing_bar(
        sheet.axes(MARGIN + 5 * _STEP, 0.72, _SIDE, 0.08), gained, "gain for the other class"
    )
    return sheet.figure


def _row(
    sheet: Sheet,
    top: float,
    row: Contrasted,
    limits: tuple[float, float],
    difference: np.ndarray,  # (height, width)
) -> None:
    explanation, target, foil = row.explanation, row.explanation.predicted, row.foil
    one, other = explanation.class_name(target), explanation.class_name(foil)
    scores = [score_text(float(explanation.scores[index])) for index in (target, foil)]
    axes = [sheet.axes(MARGIN + column * _STEP, top, _SIDE, _SIDE) for column in range(6)]
    panel(
        axes[0],
        render.to_rgb(explanation.image),
        row.source,
        (f"{one}: {scores[0]},  {other}: {scores[1]}",),
    )
    segments_panel(axes[1], explanation, "Its segments")
    for ax, index, name in ((axes[2], target, one), (axes[3], foil, other)):
        pixels = render.signed_map(explanation.saliency(index), limits[0])
        panel(ax, pixels, f"Influence on {name}")
    panel(axes[4], render.signed_map(difference, limits[0]), f"On {one} minus on {other}")
    gain = explanation.regions.T @ row.missing.gain
    panel(axes[5], missing_map(gain[explanation.segments], limits[1]), f"Missing for {other}")


def _difference(row: Contrasted) -> np.ndarray:
    explanation = row.explanation
    difference: np.ndarray = explanation.saliency() - explanation.saliency(row.foil)
    return difference
