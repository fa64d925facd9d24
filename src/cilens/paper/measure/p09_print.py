"""P9, P15, P17: whether printed scores are those that the library gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from matplotlib.figure import Figure

from cilens.datasets.mnist import mnist_image
from cilens.followup.highlight import Highlight
from cilens.methods import explain
from cilens.paper.figures.cells import alone_text, scored
from cilens.paper.study import PAPER
from cilens.paper.verdicts import Found, Measured, missing
from cilens.scoring import score_images
from cilens.types import AnyImage, Model


class Printed(NamedTuple):
    """A score that the paper or its code prints.

    Attributes
    ----------
    make : callable
        Returns the image.
    target : int
        The class.
    score : float
        As printed.
    """

    make: Callable[[], AnyImage]
    target: int
    score: float


def differences(model: Model, wanted: Mapping[str, Printed], *, is_authors: bool) -> Found:
    """Ask the authors' network for scores that the paper prints.

    Parameters
    ----------
    model : callable
        (rows, height, width, channels) array to (rows, classes) scores.
    wanted : mapping of str to Printed
        By the names of the checks.
    is_authors : bool
        Whether the model is the authors' network: no other can give their scores.

    Returns
    -------
    dict of str to Measured
        Differences from the scores printed, in points of a percentage.
    """
    if not is_authors:
        return dict.fromkeys(wanted, missing("needs the authors' network (--model)"))
    images = [one.make() for one in wanted.values()]
    return {
        name: Measured(100.0 * abs(float(scores[one.target]) - one.score), 1, 1)
        for (name, one), scores in zip(wanted.items(), score_images(model, images), strict=True)
    }


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
