"""P9: whether the scores printed in Fig. 3 are those that the library gives."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from cilens.datasets.mnist import mnist_image
from cilens.followup.highlight import Highlight
from cilens.methods import explain
from cilens.paper.figures.cells import alone_text, scored
from cilens.paper.study import PAPER
from cilens.paper.verdicts import Found, Measured
from cilens.types import Model


def printed(model: Model, figure: Figure, indices: Sequence[int]) -> Found:
    """Explain the images of a figure once more, and look for each score in the figure.

    Parameters
    ----------
    model : callable
        What the figure explains.
    figure : Figure
        Fig. 3, drawn.
    indices : sequence of int
        The test images it shows, in order.

    Returns
    -------
    dict of str to Measured
    """
    columns = [
        [text.get_text() for ax in figure.axes[place :: len(indices)] for text in ax.texts]
        for place in range(len(indices))
    ]
    wrong = rows = 0
    for column, index in zip(columns, indices, strict=True):
        explanation = explain(model, mnist_image(index), method=PAPER)
        check = Highlight().check(model, explanation)
        wrong += scored(explanation) not in column
        wrong += alone_text(explanation, check) not in column
        rows += explanation.model_rows + check.model_rows
    note = f"of {2 * len(indices)} scores"
    return {"printed": Measured(float(wrong), len(indices), rows, note=note)}
