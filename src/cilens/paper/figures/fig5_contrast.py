"""Fig. 5 and 6: why one class and not another, also by LIME, and what is missing for the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from cilens import render
from cilens.datasets.mnist import mnist_image
from cilens.explanation import Explanation
from cilens.followup.missing import Missing, find_missing, mean_prototype
from cilens.paper.figures import cells
from cilens.paper.figures.cells import SIDE
from cilens.paper.figures.layout import MARGIN, Cell, new_sheet, paragraph, row, write
from cilens.paper.figures.scales import colour_bar, missing_bar, missing_map
from cilens.paper.measure.p12_contrasts import alike, first_alike
from cilens.paper.study import LIME, PAPER, Study
from cilens.plot.style import HEADING
from cilens.text import about, why

FOUR_OR_NINE = (115, 300)
"""Images of Fig. 5: a four that could be a nine, and one that could not."""

_LOOKED_AT = 50
"""Most images tried for Fig. 6."""

_STEP, _TOP, _WORDS = SIDE + 0.17, 1.45, 1.0
"""From one picture to the next, where the first row begins, and room for the sentences."""


class Contrasted(NamedTuple):
    """One row of Fig. 5 or 6.

    Attributes
    ----------
    source : str
        What the image is called.
    explanation, lime : Explanation
        Explanations of the image by contextual importance and by LIME, on the same segments.
    foil : int
        The class that the predicted one is held against.
    missing : Missing
        What is missing for the foil.
    """

    source: str
    explanation: Explanation
    lime: Explanation
    foil: int
    missing: Missing

    @property
    def pair(self) -> tuple[int, int]:
        """The class predicted and the foil."""
        return self.explanation.predicted, self.foil


def figure_5(study: Study) -> Figure:
    """Contrast two fours with the nine they might be."""
    rows = [contrasted(study, index, 9) for index in FOUR_OR_NINE]
    pairs = {tuple(map(row.explanation.class_name, row.pair)) for row in rows}
    one, other = pairs.pop() if len(pairs) == 1 else ("one digit", "the other")
    return contrast_figure(study.name, rows, f"Fig. 5   Why {one}, and not {other}")


def figure_6(study: Study) -> Figure:
    """Contrast a digit with its three next classes: one that LIME tells nothing apart for."""
    unsure = np.flatnonzero(study.right & (study.scores.max(axis=1) < 0.9))[:_LOOKED_AT].tolist()
    index = first_alike(study.model, study.test[0], [*unsure, study.example])
    shown = study.example if index is None else index
    foils = np.argsort(-study.scores[shown], kind="stable")[1:4]
    rows = [contrasted(study, shown, int(foil)) for foil in foils]
    title = f"The same {rows[0].explanation.class_name()}, held against three other digits"
    if index is not None:
        title = told_apart(rows[0]).rstrip(".")
    return contrast_figure(study.name, rows, f"Fig. 6   {title}")


def contrasted(study: Study, index: int, foil: int) -> Contrasted:
    """Explain a test image by both methods, and ask what is missing for the foil.

    Examples
    --------
    >>> from cilens.paper.study import open_study
    >>> contrasted(open_study(count=1), 300, 9).pair
    (4, 9)
    """
    explanation, lime = (method(study.model, mnist_image(index)) for method in (PAPER, LIME))
    foil = explanation.contrast().foil if foil == explanation.predicted else foil
    images, labels = study.test
    others = np.arange(len(labels)) != index
    prototype = mean_prototype(images[others], labels[others], foil)
    missing = find_missing(study.model, explanation, prototype, foil)
    return Contrasted(f"mnist:{index}", explanation, lime, foil, missing)


def contrast_figure(network: str, rows: Sequence[Contrasted], title: str) -> Figure:
    """Draw segments, both classes' maps, their difference, LIME's maps, and what is missing.

    Parameters
    ----------
    network : str
        What the network is called.
    rows : sequence of Contrasted
        A row for each image or foil.
    title : str
        Above.

    Returns
    -------
    Figure
    """
    width, high = 2 * MARGIN + 7 * _STEP - (_STEP - SIDE), SIDE + _WORDS
    sheet = new_sheet(
        width,
        _TOP + len(rows) * high + 0.3,
        title,
        f"Network “{network}”. Outline: regions that matter to the class, whose influence is 1 % "
        "or more. The difference of two classes can reach 200 %: its colours are half as strong. "
        "Missing: how much the other class gains when the region is replaced by that of the "
        "class's mean digit, which takes one row more for each region.",
    )
    asked = rows[0].explanation.model_rows, rows[0].lime.model_rows
    heads = f"Contextual importance, {asked[0]} rows", f"LIME, {asked[1]:,} rows"
    for place, words in zip((1, 4), heads, strict=True):
        write(sheet, (MARGIN + place * _STEP, _TOP - 0.3), words, size=HEADING, bold=True)
    for place, one in enumerate(rows):
        top = _TOP + place * high
        row(sheet, (MARGIN, top), _cells(one), SIDE, _STEP - SIDE)
        words = f"{why(about(one.explanation, foil=one.foil, kind='digit'))} {told_apart(one)}"
        paragraph(sheet, (MARGIN, top + SIDE + 0.42), words, width - 2 * MARGIN)
    colour_bar(sheet.axes(MARGIN + _STEP, 0.72, SIDE + _STEP, 0.08))
    missing_bar(sheet.axes(MARGIN + 6 * _STEP, 0.72, SIDE, 0.08))
    return sheet.figure


def told_apart(row: Contrasted) -> str:
    """Say which of the two methods tells the classes apart by the segments that matter.

    Examples
    --------
    >>> from cilens.paper.study import open_study
    >>> told_apart(contrasted(open_study(count=1), 264, 4))
    'LIME gives 9 and 4 the same regions; contextual importance does not.'
    """
    names = " and ".join(map(row.explanation.class_name, row.pair))
    ours, theirs = (alike(one, *row.pair) for one in (row.explanation, row.lime))
    if ours == theirs:
        told = "the same regions" if ours else "different regions"
        return f"LIME and contextual importance both give {names} {told}."
    same, other = ("LIME", "contextual importance") if theirs else ("Contextual importance", "LIME")
    return f"{same} gives {names} the same regions; {other} does not."


def _cells(row: Contrasted) -> list[Cell]:
    (target, foil), explanation = row.pair, row.explanation
    one, other = map(explanation.class_name, row.pair)
    scores = f"{cells.scored(explanation)}  {cells.scored(explanation, foil)}"
    apart = render.signed_map(explanation.saliency() - explanation.saliency(foil), 2.0)
    gain = (explanation.regions.T @ row.missing.gain)[explanation.segments]
    return [
        cells.segments(explanation, row.source, scores),
        cells.influence(explanation, target, f"for {one}"),
        cells.influence(explanation, foil, f"for {other}"),
        Cell(apart, f"for {one} minus {other}"),
        cells.influence(row.lime, target, f"for {one}"),
        cells.influence(row.lime, foil, f"for {other}"),
        Cell(missing_map(gain), f"Missing for {other}"),
    ]
