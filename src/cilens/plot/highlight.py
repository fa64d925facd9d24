"""What is kept of an image, what is left, and what the model says of both."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, UInt8
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cilens import render
from cilens.explanation import Explanation
from cilens.plot.style import canvas, heading, picture, sharpened
from cilens.text.names import class_label
from cilens.text.numbers import percent, score_text
from cilens.text.topic import Topic
from cilens.types import Perturbation


def plot_highlight(topic: Topic, *, ax: Axes | None = None) -> Figure:
    """Show the highlight alone, and what the model says of it.

    Parameters
    ----------
    topic : Topic
        From `cilens.text.about`, with a check.
    ax : Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    Figure
        Neither shown nor saved. The other pixels are shown as the model saw them, replaced by the
        check's perturbation; of a topic without a check, they fade to grey and there is no score.
        Where the blank image is of the same class, its score stands beside the highlight's.

    Examples
    --------
    >>> import cilens
    >>> from cilens.text import about
    >>> brightness = lambda images: images.mean(axis=(1, 2))
    >>> explanation = cilens.explain(brightness, np.ones((28, 28, 1)))
    >>> figure = plot_highlight(about(explanation))
    """
    kept, check = _kept(topic), topic.check
    figure = _plot_part(topic, kept, ax)
    axes = ax or figure.axes[0]
    title = "Only this" if kept.any() else "Nothing of it"
    if check is None:
        heading(axes, title, "", _area(topic, kept))
        return figure
    answer = _answer(topic, check.score, check.predicted)
    if kept.any() and check.blank_predicted == check.predicted == check.target:
        # The blank image is of this class too: the score alone would promise too much.
        blank = score_text(topic.explanation, check.blank_score, check.target)
        answer = answer[0], f"{answer[1]}; blank image {blank}"
    heading(axes, title, *answer)
    return figure


def plot_remainder(topic: Topic, *, ax: Axes | None = None) -> Figure:
    """Show the image without the highlight, and what the model says of it.

    Parameters
    ----------
    topic, ax
        As in `plot_highlight`.

    Returns
    -------
    Figure
        Neither shown nor saved.

    Examples
    --------
    >>> import cilens
    >>> from cilens.text import about
    >>> brightness = lambda images: images.mean(axis=(1, 2))
    >>> explanation = cilens.explain(brightness, np.ones((28, 28, 1)))
    >>> figure = plot_remainder(about(explanation))
    """
    rest, check = ~_kept(topic), topic.check
    figure = _plot_part(topic, rest, ax)
    axes = ax or figure.axes[0]
    if check is None:
        heading(axes, "Without it", "", _area(topic, rest))
    else:
        answer = _answer(topic, check.remainder_score, check.remainder_predicted)
        heading(axes, "Without it", *answer)
    return figure


def as_seen(
    explanation: Explanation, kept: Bool[np.ndarray, " segments"], perturbation: Perturbation
) -> UInt8[np.ndarray, "height width 3"]:
    """Return the image with other segments replaced, as the model saw it.

    Parameters
    ----------
    explanation : Explanation
        Of one image.
    kept : (segments,) bool array
        What is left as it is.
    perturbation : Perturbation
        What stands in the place of the others.

    Examples
    --------
    >>> import cilens
    >>> brightness = lambda images: images.mean(axis=(1, 2))
    >>> explanation = cilens.explain(brightness, np.ones((28, 28, 1)))
    >>> nothing = np.zeros(explanation.regions.shape[1], bool)
    >>> as_seen(explanation, nothing, cilens.Constant(0.0)).max()
    np.uint8(0)
    """
    batch = perturbation(explanation.image, explanation.segments, kept[None])
    return render.to_rgb(np.clip(batch[0], 0, 1))


def kept_picture(
    ax: Axes, explanation: Explanation, kept: Bool[np.ndarray, "height width"]
) -> None:
    """Show kept pixels, with a line around them; the others fade to grey."""
    pixels = sharpened(render.highlight(explanation.image, kept))
    picture(ax, render.boundaries(pixels, kept.astype(np.intp)), kept.shape)


def _kept(topic: Topic) -> Bool[np.ndarray, " segments"]:
    if topic.check is not None:
        return topic.check.kept
    return topic.explanation.kept(topic.target, topic.threshold)


def _plot_part(topic: Topic, kept: Bool[np.ndarray, " segments"], ax: Axes | None) -> Figure:
    explanation = topic.explanation
    figure, ax = canvas(ax, explanation.image.shape)
    if topic.check is None:
        kept_picture(ax, explanation, kept[explanation.segments])
    else:
        picture(ax, as_seen(explanation, kept, topic.check.perturbation))
    return figure


def _area(topic: Topic, kept: Bool[np.ndarray, " segments"]) -> str:
    return f"{percent(float(kept[topic.explanation.segments].mean()))} of the image"


def _answer(topic: Topic, score: float, predicted: int) -> tuple[str, ...]:
    """Name the class that wins, and the score of the class explained, in brackets if another."""
    explanation, words = topic.explanation, score_text(topic.explanation, score, topic.target)
    name = class_label(explanation.class_names, topic.target)
    if predicted == topic.target:
        return name, f": {words}"
    return class_label(explanation.class_names, predicted), " (", name, f": {words})"
