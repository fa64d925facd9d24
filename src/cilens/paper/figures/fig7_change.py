"""Fig. 7 and 8: distorted digits before and after, and digits that are misclassified."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cilens import render
from cilens.explanation import Explanation
from cilens.followup.highlight import HighlightCheck
from cilens.metrics.robustness import Comparison
from cilens.paper.figures.fig3_explanation import alone_text
from cilens.paper.figures.layout import (
    HEADING,
    MARGIN,
    Sheet,
    new_sheet,
    outlined,
    panel,
    segments_panel,
    write,
)
from cilens.paper.figures.scales import colour_bar, score_text

_SIDE = 1.45


class Explained(NamedTuple):
    """An explanation and what the model says of its highlight alone.

    Attributes
    ----------
    explanation : Explanation
        Of one image.
    check : HighlightCheck
        Of one class.
    """

    explanation: Explanation
    check: HighlightCheck


class BeforeAfter(NamedTuple):
    """One digit of Fig. 7.

    Attributes
    ----------
    title : str
        What was done to it.
    before, after : Explained
        Without and with it, for the class predicted before.
    noise : (height, width) bool array
        The pixels that do not belong to the digit.
    comparison : Comparison
        How far both agree.
    """

    title: str
    before: Explained
    after: Explained
    noise: Bool[np.ndarray, "height width"]
    comparison: Comparison


class Mistake(NamedTuple):
    """One digit of Fig. 8.

    Attributes
    ----------
    source : str
        What the image is called.
    shows : str
        What is said beneath it.
    other : int
        The class beside the predicted one: the true one.
    explanation : Explanation
        Of the image.
    checks : (HighlightCheck, HighlightCheck)
        Of the class predicted and of the other.
    """

    source: str
    shows: str
    other: int
    explanation: Explanation
    checks: tuple[HighlightCheck, HighlightCheck]


def distortion_figure(cases: Sequence[BeforeAfter], model: str) -> Figure:
    """Draw Fig. 7: each digit without and with what distorts it.

    Parameters
    ----------
    cases : sequence of BeforeAfter
        Two columns for each.
    model : str
        What the network is called.

    Returns
    -------
    Figure
    """
    gap, block, top, step = 0.15, 2 * _SIDE + 0.55, 1.05, _SIDE + 0.45
    sheet = new_sheet(
        2 * MARGIN + len(cases) * block - 0.4,
        top + 3 * step + 0.75,
        "Fig. 7   Distorted digits, before and after",
        f"Network “{model}”. White outline: pixels that do not belong to the digit. Red: ink of "
        "segments whose influence on the class is 1 % or more; beneath it the score of the red "
        "part alone.",
    )
    for place, case in enumerate(cases):
        left = MARGIN + place * block
        write(sheet, (left, 0.72), case.title, bold=True, size=HEADING)
        for column, (name, one) in enumerate((("before", case.before), ("after", case.after))):
            corner = left + column * (_SIDE + gap)
            axes = [sheet.axes(corner, top + row * step, _SIDE, _SIDE) for row in range(3)]
            _distorted(axes, name, one, case.noise)
        _agreement(sheet, (left, top + 3 * step + 0.08), case.comparison)
    return sheet.figure


def mistake_figure(cases: Sequence[Mistake], model: str) -> Figure:
    """Draw Fig. 8: misclassified digits, the class predicted and the true one side by side.

    Parameters
    ----------
    cases : sequence of Mistake
        A row for each.
    model : str
        What the network is called.

    Returns
    -------
    Figure
    """
    step, high, top = _SIDE + 0.28, _SIDE + 0.62, 1.3
    sheet = new_sheet(
        2 * MARGIN + 6 * step + 0.1,
        top + len(cases) * high + 0.2,
        "Fig. 8   Misclassified digits: the class predicted and the true one",
        f"Network “{model}”. Red: ink of segments whose influence on the class is 1 % or more; "
        "beneath it the class's score on the red part alone.",
    )
    limit = max(
        render.scale_limit(case.explanation.influence[:, [check.target for check in case.checks]])
        for case in cases
    )
    for row, case in enumerate(cases):
        _mistake(sheet, (step, top + row * high), case, limit)
    colour_bar(sheet.axes(MARGIN + 2 * step + 0.1, 0.72, _SIDE, 0.08), limit)
    return sheet.figure


def _distorted(
    axes: Sequence[Axes], name: str, one: Explained, noise: Bool[np.ndarray, "height width"]
) -> None:
    explanation, check = one
    target = check.target
    score = score_text(float(explanation.scores[target]))
    seen = explanation.class_name(target)
    pixels = render.to_rgb(explanation.image)
    words = f"{seen}: {score}"
    if explanation.predicted != target:
        words += f", seen as {explanation.class_name()}"
    shown = outlined(pixels, noise) if name == "after" else pixels
    panel(axes[0], shown, name, (words,))
    segments_panel(axes[1], explanation, "", (f"{len(explanation.regions)} segments",))
    kept = render.paper_picture(explanation.image, explanation.highlight(target))
    panel(axes[2], kept, "", (alone_text(explanation, check),))


def _agreement(sheet: Sheet, at: tuple[float, float], found: Comparison) -> None:
    overlap = "–" if found.ink_overlap is None else f"{100 * found.ink_overlap:.0f} %"
    noise = "–" if found.noise_highlighted is None else f"{100 * found.noise_highlighted:.0f} %"
    lines = (f"highlighted ink in common: {overlap}", f"of the noise, highlighted: {noise}")
    for line, text in enumerate(lines):
        write(sheet, (at[0], at[1] + 0.16 * line), text)


def _mistake(sheet: Sheet, at: tuple[float, float], case: Mistake, limit: float) -> None:
    """Draw image, segments, and map and picture of each of the two classes."""
    (step, top), explanation = at, case.explanation
    lefts = [MARGIN + column * step + (0.1 if column > 1 else 0) for column in range(6)]
    axes = [sheet.axes(left, top, _SIDE, _SIDE) for left in lefts]
    shown = [check.target for check in case.checks]
    others = (int(i) for i in np.argsort(-explanation.scores, kind="stable") if i not in shown)
    also = [
        f"also {explanation.class_name(index)}: {score_text(float(explanation.scores[index]))}"
        for index in others
        if explanation.scores[index] >= 0.01
    ]
    panel(axes[0], render.to_rgb(explanation.image), case.source, (case.shows, *also[:1]))
    segments_panel(axes[1], explanation, "Its segments", (f"{len(explanation.regions)} of them",))
    for place, check in enumerate(case.checks):
        index = check.target
        name, score = explanation.class_name(index), float(explanation.scores[index])
        pixels = render.signed_map(explanation.saliency(index), limit)
        panel(
            axes[2 + 2 * place], pixels, f"Influence on {name}", (f"{name}: {score_text(score)}",)
        )
        kept = render.paper_picture(explanation.image, explanation.highlight(index))
        panel(
            axes[3 + 2 * place], kept, f"What matters to {name}", (alone_text(explanation, check),)
        )
