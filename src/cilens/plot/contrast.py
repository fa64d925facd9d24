"""One class against another: both maps and their difference, on one colour scale."""

from __future__ import annotations

from dataclasses import replace

from matplotlib.figure import Figure

from cilens.errors import InputError
from cilens.plot.fonts import legible
from cilens.plot.frame import scale_below, sheet
from cilens.plot.panels import plot_difference, plot_image, plot_shares
from cilens.text.topic import Topic


def contrast_figure(topic: Topic) -> Figure:
    """Draw the image, what carries the class and its foil, and what speaks for the one rather.

    Parameters
    ----------
    topic : Topic
        From `cilens.text.about`, with a foil.

    Returns
    -------
    Figure
        Neither shown nor saved.

    Raises
    ------
    InputError
        If the topic has no foil.

    Examples
    --------
    >>> import cilens
    >>> from cilens.text import about
    >>> model, image = cilens.load_model("digits"), cilens.read_image("mnist:18")
    >>> figure = contrast_figure(about(cilens.explain(model, image), 3, 8))
    """
    topic = legible(topic)
    if topic.foil is None:
        raise InputError("a contrast needs a foil: the model has one class")
    one, other = (topic.label(index) for index in (topic.target, topic.foil))
    foot, shape = [topic.explanation.method], topic.explanation.image.shape
    figure, axes = sheet(shape, (1, 4), f"Why {one} and not {other}", foot, below=0.7)
    plot_image(topic, ax=axes[0])
    plot_shares(topic, scale=False, ax=axes[1])
    plot_shares(replace(topic, target=topic.foil, check=None), scale=False, ax=axes[2])
    plot_difference(topic, scale=False, ax=axes[3])
    scale_below(axes[1], topic.threshold)
    return figure
