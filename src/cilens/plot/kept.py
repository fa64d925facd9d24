"""What is kept of an image at a threshold, what is left, and what the model says of both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cilens import render
from cilens.errors import InputError
from cilens.explanation import Explanation
from cilens.plot.style import canvas, heading, picture, sharpened
from cilens.text.names import percent, round_percent, score_words

if TYPE_CHECKING:
    from cilens.followup.highlight import HighlightCheck


def plot_important(
    explanation: Explanation,
    target: int | str | None = None,
    threshold: float = 0.01,
    *,
    ax: Axes | None = None,
) -> Figure:
    """Show the paper's picture: the image in grey, and in red where regions are important.

    Parameters
    ----------
    explanation : Explanation
        Of one image.
    target : int or str, optional
        A class index or name; by default the predicted class.
    threshold : float
        Regions count as important from this share of the output range on.
    ax : Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    Figure
        Neither shown nor saved.

    References
    ----------
    Anjomshoae, Jiang and Främling, Visual Explanations for DNNs with Contextual Importance, 2021,
    doi:10.1007/978-3-030-82017-6_6

    Examples
    --------
    >>> import cilens
    >>> brightness = lambda images: images.mean(axis=(1, 2))
    >>> figure = plot_important(cilens.explain(brightness, np.ones((28, 28, 1))))
    """
    figure, ax = canvas(ax, explanation.image.shape)
    kept = explanation.highlight(target, threshold)
    picture(ax, render.paper_picture(explanation.image, kept))
    area = percent(float(kept.mean()))
    words = f"from {round_percent(threshold)} on: {area} of the image"
    heading(ax, "Important", "", words if kept.any() else _none_reaches(threshold))
    return figure


def plot_highlight(
    explanation: Explanation,
    target: int | str | None = None,
    threshold: float = 0.01,
    *,
    check: HighlightCheck | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Show the important regions alone, and what the model says of them.

    Parameters
    ----------
    explanation : Explanation
        Of one image.
    target : int or str, optional
        A class index or name; by default the predicted class.
    threshold : float
        Regions count as important from this share of the output range on.
    check : HighlightCheck, optional
        Has the score; without it none is shown. Of the same class and threshold.
    ax : Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    Figure
        Neither shown nor saved. The other regions fade to grey: that is for the eye; the model
        was shown them as the check's perturbation replaces them. Where the blank image is of the
        same class, its score stands beside the highlight's.

    Raises
    ------
    InputError
        If the check is of another class or threshold.

    Examples
    --------
    >>> import cilens
    >>> brightness = lambda images: images.mean(axis=(1, 2))
    >>> figure = plot_highlight(cilens.explain(brightness, np.ones((28, 28, 1))))
    """
    figure, ax = canvas(ax, explanation.image.shape)
    kept = explanation.highlight(target, threshold)
    kept_picture(ax, explanation, kept)
    title = "Only the highlight" if kept.any() else "Only the highlight: blank"
    if check is None:
        area = f"{percent(float(kept.mean()))} of the image"
        heading(ax, title, "", area if kept.any() else _none_reaches(threshold))
    else:
        _require_same_question(explanation, target, threshold, check)
        answer = _answer(explanation, check, check.score, check.predicted)
        if kept.any() and check.blank_predicted == check.predicted == check.target:
            # The blank image is of this class too: the score alone would promise too much.
            blank = score_words(explanation, check.blank_score, check.target)
            answer = answer[0], f"{answer[1]}; blank image {blank}"
        heading(ax, title, *answer)
    return figure


def plot_remainder(
    explanation: Explanation,
    target: int | str | None = None,
    threshold: float = 0.01,
    *,
    check: HighlightCheck | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Show the image without the important regions, and what the model says of it.

    Parameters
    ----------
    explanation, target, threshold, check, ax
        As in `plot_highlight`.

    Returns
    -------
    Figure
        Neither shown nor saved.

    Raises
    ------
    InputError
        If the check is of another class or threshold.

    Examples
    --------
    >>> import cilens
    >>> brightness = lambda images: images.mean(axis=(1, 2))
    >>> figure = plot_remainder(cilens.explain(brightness, np.ones((28, 28, 1))))
    """
    figure, ax = canvas(ax, explanation.image.shape)
    kept = explanation.highlight(target, threshold)
    kept_picture(ax, explanation, ~kept)
    title = "Without the highlight"
    if check is None:
        heading(ax, title, "", f"{percent(1 - float(kept.mean()))} of the image")
    else:
        _require_same_question(explanation, target, threshold, check)
        score, predicted = check.remainder_score, check.remainder_predicted
        heading(ax, title, *_answer(explanation, check, score, predicted))
    return figure


def kept_picture(
    ax: Axes, explanation: Explanation, kept: Bool[np.ndarray, "height width"]
) -> None:
    """Show kept pixels, with a line around them; the others fade to grey."""
    pixels = sharpened(render.highlight(explanation.image, kept))
    picture(ax, render.boundaries(pixels, kept.astype(np.intp)), kept.shape)


def _require_same_question(
    explanation: Explanation, target: int | str | None, threshold: float, check: HighlightCheck
) -> None:
    index = explanation.target(target)
    if (index, threshold) != (check.target, check.threshold):
        asked, checked = explanation.class_name(index), explanation.class_name(check.target)
        raise InputError(
            f"the check must be of the class and threshold shown, {asked!r} from {threshold:g}; "
            f"it is of {checked!r} from {check.threshold:g}"
        )


def _answer(
    explanation: Explanation, check: HighlightCheck, score: float, predicted: int
) -> tuple[str, ...]:
    """Name the class explained with its score, and the class that wins instead."""
    words = (
        explanation.class_name(check.target),
        f": {score_words(explanation, score, check.target)}",
    )
    if predicted == check.target:
        return words
    return *words[:1], words[1] + ", seen as ", explanation.class_name(predicted)


def _none_reaches(threshold: float) -> str:
    return f"no region reaches {round_percent(threshold)}"
