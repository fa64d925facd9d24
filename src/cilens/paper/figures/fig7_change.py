"""Fig. 7: distorted digits before and after."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool
from matplotlib.figure import Figure

from cilens import render
from cilens.datasets.distort import Distorted, figure_7a, figure_7b, figure_7c
from cilens.datasets.mnist import mnist_image
from cilens.explanation import Explanation
from cilens.followup.highlight import Highlight, HighlightCheck
from cilens.metrics.robustness import Comparison, compare
from cilens.paper.figures import cells
from cilens.paper.figures.cells import SIDE, scored
from cilens.paper.figures.layout import MARGIN, Cell, Sheet, new_sheet, outlined, row, write
from cilens.paper.measure.p15_distortions import FIGURE_7
from cilens.paper.study import PAPER, Study
from cilens.plot.style import HEADING
from cilens.types import AnyImage

_TITLES = "a   a bar added", "b   part of a neighbour", "c   a line added"
_GAP, _BLOCK, _TOP, _STEP = 0.15, 2 * SIDE + 0.55, 1.05, SIDE + 0.45


class BeforeAfter(NamedTuple):
    """One digit of Fig. 7.

    Attributes
    ----------
    before, after : (Explanation, HighlightCheck)
        Without and with what distorts it, for the class predicted before.
    noise : (height, width) bool array
        The pixels that do not belong to the digit.
    comparison : Comparison
        How far both agree.
    """

    before: tuple[Explanation, HighlightCheck]
    after: tuple[Explanation, HighlightCheck]
    noise: Bool[np.ndarray, "height width"]
    comparison: Comparison


def figure_7(study: Study) -> Figure:
    """Draw the paper's three digits, each without and with what distorts them."""
    sheet = new_sheet(
        2 * MARGIN + len(FIGURE_7) * _BLOCK - 0.4,
        _TOP + 3 * _STEP + 0.85,
        "Fig. 7   Distorted digits, before and after",
        f"Network “{study.name}”. White outline: pixels that do not belong to the digit. Red: ink "
        "of segments whose influence on the class is 1 % or more; beneath it the score of the red "
        "part alone.",
    )
    originals = mnist_image(82), _without_neighbour(), mnist_image(178)
    edits = zip(originals, (figure_7a(), figure_7b(), figure_7c()), FIGURE_7.values(), strict=True)
    for place, (original, edited, printed) in enumerate(edits):
        left = MARGIN + place * _BLOCK
        write(sheet, (left, 0.72), _TITLES[place], bold=True, size=HEADING)
        draw(sheet, left, _before_after(study, original, edited, printed.target))
    return sheet.figure


def draw(sheet: Sheet, left: float, case: BeforeAfter) -> None:
    """Draw one digit: image, segments and what matters, before and after.

    Parameters
    ----------
    sheet : Sheet
        Onto which.
    left : float
        Where it begins, in inches.
    case : BeforeAfter
        The digit.
    """
    both = (case.before, case.after)
    shown = outlined(render.to_rgb(case.after[0].image), case.noise)
    pictures = [
        cells.image(case.before[0], "before", _seen(*case.before)),
        Cell(shown, "after", (_seen(*case.after),)),
    ]
    rows = (
        pictures,
        [cells.segments(one) for one, _ in both],
        [cells.kept(one, check) for one, check in both],
    )
    for place, one in enumerate(rows):
        row(sheet, (left, _TOP + place * _STEP), one, SIDE, _GAP)
    found = case.comparison
    for line, (words, share) in enumerate(
        (
            ("highlighted ink in common", found.ink_overlap),
            ("of the noise, highlighted", found.noise_highlighted),
        )
    ):
        text = f"{words}: {'–' if share is None else f'{100 * share:.0f} %'}"
        write(sheet, (left, _TOP + 3 * _STEP + 0.08 + 0.16 * line), text)


def _seen(explanation: Explanation, check: HighlightCheck) -> str:
    words = scored(explanation, check.target)
    other = explanation.predicted != check.target
    return f"{words}, seen as {explanation.class_name()}" if other else words


def _before_after(study: Study, original: AnyImage, edited: Distorted, target: int) -> BeforeAfter:
    before, after = (PAPER(study.model, one) for one in (original, edited.image))
    checks = (Highlight().check(study.model, one, target) for one in (before, after))
    comparison = compare(before, after, target=target, noise=edited.noise)
    return BeforeAfter((before, next(checks)), (after, next(checks)), edited.noise, comparison)


def _without_neighbour() -> AnyImage:
    """Return Fig. 7b's digit without the stroke that is not its own."""
    image, noise = figure_7b()
    return np.where(noise[..., None], np.float32(0.0), image)
