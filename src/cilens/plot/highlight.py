"""What is kept of an image, what is left, and what the model says of both."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, UInt8
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cilens import render
from cilens.explanation import Explanation
from cilens.plot.frame import panel
from cilens.text.numbers import percent
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
    check = topic.check
    title = "Only this" if topic.kept.any() else "Nothing of it"
    answer = () if check is None else _answer(topic, check.score, check.predicted)
    if check and topic.kept.any() and check.blank_predicted == check.predicted == check.target:
        # The blank image is of this class too: the score alone would promise too much.
        blank = topic.score(check.blank_score, check.target)
        answer = answer[0], f"{answer[1]}; blank image {blank}"
    return _half(topic, topic.kept, ax, title, answer)


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
    check = topic.check
    answer = (
        () if check is None else _answer(topic, check.remainder_score, check.remainder_predicted)
    )
    return _half(topic, ~topic.kept, ax, "Without it", answer)


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


def part(
    ax: Axes | None,
    explanation: Explanation,
    kept: Bool[np.ndarray, " segments"],
    perturbation: Perturbation | None,
    *told: str,
) -> tuple[Figure, Axes]:
    """Show some segments: the others as the model saw them, or, of what it never saw, faded.

    Parameters
    ----------
    ax : Axes, optional
        Where to draw; by default a new figure.
    explanation : Explanation
        Of one image.
    kept : (segments,) bool array
        What is left as it is.
    perturbation : Perturbation, optional
        What the model saw in the place of the others; without one they fade to grey, with a line.
    *told : str
        Title and caption, as in `cilens.plot.style.heading`.
    """
    if perturbation is not None:
        return panel(ax, as_seen(explanation, kept, perturbation), *told)
    mask = kept[explanation.segments]
    pixels = render.highlight(explanation.image, mask)
    return panel(ax, pixels, *told, lines=mask.astype(np.intp))


def _half(
    topic: Topic,
    kept: Bool[np.ndarray, " segments"],
    ax: Axes | None,
    title: str,
    answer: tuple[str, ...],
) -> Figure:
    explanation, check = topic.explanation, topic.check
    area = f"{percent(float(kept[explanation.segments].mean()))} of the image"
    hidden = None if check is None else check.perturbation
    return part(ax, explanation, kept, hidden, title, *(answer or ("", area)))[0]


def _answer(topic: Topic, score: float, predicted: int) -> tuple[str, ...]:
    """Name the class that wins, and the score of the class explained, in brackets if another."""
    name, words = topic.label(topic.target), topic.score(score, topic.target)
    if predicted == topic.target:
        return name, f": {words}"
    return topic.label(predicted), " (", name, f": {words})"
