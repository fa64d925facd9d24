"""Fig. 8: misclassified digits, the class predicted and the true one side by side."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from cilens.datasets.mnist import mnist_image
from cilens.evaluation.mistakes import Misclassification, list_errors
from cilens.followup.highlight import Highlight
from cilens.paper.figures import cells
from cilens.paper.figures.cells import SIDE, score_text
from cilens.paper.figures.layout import MARGIN, Cell, new_sheet, row, write
from cilens.paper.figures.scales import colour_bar
from cilens.paper.measure.p17_errors import FIGURE_8
from cilens.paper.study import LIME, PAPER, Study

_GAP, _HIGH, _TOP = 0.2, SIDE + 0.62, 1.3


def figure_8(study: Study) -> Figure:
    """Draw the surest error, one in the middle and the least sure, after the paper's own."""
    listed = list_errors(study.scores, study.test[1])
    places = sorted({0, len(listed) // 2, len(listed) - 1}) if listed else []
    paper = [error for error in listed if error.index == FIGURE_8]
    shown = list(dict.fromkeys([*paper, *(listed[place] for place in places)]))
    score = score_text(float(study.scores[FIGURE_8, 9]))
    right = "" if paper else f" The paper's own, mnist:{FIGURE_8}, is right here: 9, {score}."
    sheet = new_sheet(
        2 * MARGIN + 7 * SIDE + 6 * _GAP,
        _TOP + max(len(shown), 1) * _HIGH + 0.3,
        "Fig. 8   Misclassified digits: the class predicted and the true one",
        f"Network “{study.name}”. Outline and red: regions whose influence on the class is 1 % or "
        f"more, and their ink; beneath the red ink the class's score on it alone.{right}",
    )
    for place, error in enumerate(shown):
        row(sheet, (MARGIN, _TOP + place * _HIGH), _cells(study, error), SIDE, _GAP)
    if not shown:
        write(sheet, (MARGIN, _TOP), "No digit of the test split is misclassified.")
    colour_bar(sheet.axes(MARGIN + SIDE + _GAP, 0.72, SIDE, 0.08))
    return sheet.figure


def _cells(study: Study, error: Misclassification) -> list[Cell]:
    """Show the segments, map and picture of each of the two classes, and LIME's maps."""
    explanation, lime = (method(study.model, mnist_image(error.index)) for method in (PAPER, LIME))
    pair, name = (error.predicted, error.true), explanation.class_name
    others = (int(i) for i in np.argsort(-explanation.scores, kind="stable") if i not in pair)
    also = [
        f"also {cells.scored(explanation, index)}"
        for index in others
        if explanation.scores[index] >= 0.01
    ]
    taken = f"a {name(error.true)}, taken for a {name(error.predicted)}"
    found = [cells.segments(explanation, f"mnist:{error.index}", taken, *also[:1])]
    for index in pair:
        check = Highlight().check(study.model, explanation, index)
        found += [
            cells.influence(
                explanation, index, f"Influence on {name(index)}", cells.scored(explanation, index)
            ),
            cells.kept(explanation, check, f"What matters to {name(index)}"),
        ]
    return found + [cells.influence(lime, index, f"LIME for {name(index)}") for index in pair]
