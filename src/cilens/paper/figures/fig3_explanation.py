"""Fig. 2 and 3: from an image to its segments, its perturbed samples and its explanation."""

from __future__ import annotations

from matplotlib.figure import Figure

from cilens import render
from cilens.coalitions import one_out
from cilens.datasets.mnist import mnist_image
from cilens.explanation import Explanation
from cilens.followup.highlight import Highlight, HighlightCheck
from cilens.paper.figures import cells
from cilens.paper.figures.cells import GAP, SIDE, score_text, scored
from cilens.paper.figures.layout import MARGIN, Cell, new_sheet, outlined, row, write
from cilens.paper.figures.scales import colour_bar
from cilens.paper.study import PAPER, Study
from cilens.perturbation import Constant
from cilens.scoring.explain import explain_each

AUTHORS = (285, 300, 5878, 4013, 82, 9750)
"""The six test images in the authors' workspace."""

_WIDE, _TIGHT = 10.6, 0.12
"""Of Fig. 2, and between its samples."""


def figure_2(study: Study) -> Figure:
    """Draw the example's segments and perturbed samples."""
    explanation = PAPER(study.model, mnist_image(study.example))
    check = Highlight().check(study.model, explanation)
    return process_figure(explanation, check, f"mnist:{study.example}")


def figure_3(study: Study) -> Figure:
    """Draw the authors' six digits: image and score, segments, what matters and its score."""
    explained = list(explain_each(PAPER, study.model, map(mnist_image, AUTHORS)))
    checks = [Highlight().check(study.model, one) for one in explained]
    left, top, step = 1.45, 0.85, SIDE + 0.48
    sheet = new_sheet(
        left + len(AUTHORS) * (SIDE + GAP) + MARGIN - GAP,
        top + 3 * step + 0.5,
        "Fig. 3   Digits, their segments, and what matters",
        f"Network “{study.name}”. Red: ink of segments whose influence on the class is 1 % or "
        "more; white: all other ink. Beneath it the class's score on the red part alone.",
    )
    pictures = (
        ("The image", "and its score", [
            cells.image(one, f"mnist:{index}", scored(one))
            for index, one in zip(AUTHORS, explained, strict=True)
        ]),
        ("The segments", "", [cells.segments(one) for one in explained]),
        ("What matters", "and its score", [
            cells.kept(one, check, "", cells.mattering(one))
            for one, check in zip(explained, checks, strict=True)
        ]),
    )  # fmt: skip
    for place, (title, more, shown) in enumerate(pictures):
        write(sheet, (MARGIN, top + place * step + 0.65), title, bold=True)
        write(sheet, (MARGIN, top + place * step + 0.81), more)
        row(sheet, (left, top + place * step), shown, SIDE, GAP)
    return sheet.figure


def process_figure(explanation: Explanation, check: HighlightCheck, source: str) -> Figure:
    """Draw Fig. 2: over-segmentation, perturbed samples with their scores, and what comes of it.

    Parameters
    ----------
    explanation : Explanation
        With the paper's settings: black in the place of one segment at a time.
    check : HighlightCheck
        The check of the same explanation.
    source : str
        What the image is called.

    Returns
    -------
    Figure
    """
    name, samples = explanation.class_name(), _samples(explanation)
    across, top, step = min(max(len(samples), 8), 10), 3.55, 2.65
    side = (_WIDE - 2 * MARGIN - (across - 1) * _TIGHT) / across
    sheet = new_sheet(
        _WIDE,
        top + 0.6 - len(samples) // -across * (side + 0.62),
        "Fig. 2   Over-segmentation and perturbed samples",
        f"{source}. Score of {name} beneath each sample, and by how much it is lower than the "
        "image's: the segment's influence (Eq. 2).",
    )
    first = (
        cells.image(explanation, "The image", scored(explanation)),
        cells.segments(explanation, "a   Its segments"),
        cells.influence(explanation, explanation.predicted, f"Their influence on {name}", " "),
        cells.kept(explanation, check, "What matters, alone"),
    )
    row(sheet, (MARGIN, 0.85), first, 1.9, step - 1.9)
    colour_bar(sheet.axes(MARGIN + 2 * step, 0.85 + 1.9 + 0.2, 1.3, 0.08), "")
    write(sheet, (MARGIN, top), "b   The perturbed samples: each hides one segment", bold=True)
    for start in range(0, len(samples), across):
        at = MARGIN, top + 0.35 + start // across * (side + 0.62)
        row(sheet, at, samples[start : start + across], side, _TIGHT)
    return sheet.figure


def _samples(explanation: Explanation) -> list[Cell]:
    """Show each perturbed sample, the hidden segment outlined, with its score."""
    asked, shown = one_out(explanation.regions), list[Cell]()
    batch = Constant(0.0)(explanation.image, explanation.segments, asked)
    changes = explanation.influence[:, explanation.predicted]
    for number, (sample, change) in enumerate(zip(batch, changes, strict=True)):
        hidden = ~asked[number][explanation.segments]
        score = score_text(float(explanation.scores[explanation.predicted]) - float(change))
        sign = "−" if change < 0 else "+" if change > 0 else ""
        drop = f"{sign}{score_text(abs(float(change)))}"
        name = f"without {explanation.region_name(number)}"
        shown.append(Cell(outlined(render.to_rgb(sample), hidden), name, (score, drop)))
    return shown
