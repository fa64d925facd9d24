"""The image, its regions, and how much each of them matters: one picture each."""

from __future__ import annotations

import numpy as np
from jaxtyping import Integer
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cilens import render
from cilens.explanation import Explanation
from cilens.plot.scale import scale_below
from cilens.plot.style import Numbered, canvas, evened, heading, picture, sharpened, write_numbers
from cilens.text.names import class_label
from cilens.text.numbers import score_text
from cilens.text.topic import Topic

_IMPORTANT = 12
"""So many of the strongest regions are always numbered."""
_MANY = 60
"""Of more regions than these, only the strongest have their number."""
_NOTABLE = 0.01
"""From this share on, a region of a map is numbered."""


def plot_image(topic: Topic, *, ax: Axes | None = None) -> Figure:
    """Show the image as the model saw it, with the score of the class.

    Parameters
    ----------
    topic : Topic
        From `cilens.text.about`.
    ax : Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    Figure
        Neither shown nor saved.

    Examples
    --------
    >>> import cilens
    >>> from cilens.text import about
    >>> brightness = lambda images: images.mean(axis=(1, 2))
    >>> figure = plot_image(about(cilens.explain(brightness, np.ones((28, 28, 1)))))
    >>> figure.savefig("image.png")  # doctest: +SKIP
    """
    explanation, index = topic.explanation, topic.target
    figure, ax = canvas(ax, explanation.image.shape)
    picture(ax, render.to_rgb(explanation.image))
    score = score_text(explanation, float(explanation.scores[index]), index)
    heading(ax, "Image", class_label(explanation.class_names, index), f": {score}")
    return figure


def plot_segments(topic: Topic, *, ax: Axes | None = None) -> Figure:
    """Show the segments: lines between them, and each region's number in its widest part.

    Parameters
    ----------
    topic : Topic
        From `cilens.text.about`. Where there is no room for every number, the regions that matter
        most to its class have theirs.
    ax : Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    Figure
        Neither shown nor saved. The numbers are those of all figures and tables
        (`cilens.render.marks`); of more than 60 regions the strongest have theirs. Where the image
        was cut in several ways there are none: only the map is told of.

    Examples
    --------
    >>> import cilens
    >>> from cilens.text import about
    >>> brightness = lambda images: images.mean(axis=(1, 2))
    >>> figure = plot_segments(about(cilens.explain(brightness, np.ones((28, 28, 1)))))
    """
    explanation = topic.explanation
    figure, ax = canvas(ax, explanation.image.shape)
    segments, regions = explanation.segments, explanation.regions
    pixels = sharpened(evened(render.to_rgb(explanation.image), ax))
    picture(ax, render.boundaries(pixels, evened(segments, ax)), segments.shape)
    n_regions, n_segments = regions.shape
    if overlapping(explanation):
        heading(ax, "Regions", "", f"{n_regions} of several cuts")
        return figure
    order, which = explanation.ranked(topic.target), "numbered"
    if n_regions > _MANY:
        order, which = order[:_IMPORTANT], "the strongest numbered"
    write_numbers(ax, numbered(explanation, order), important=_IMPORTANT)
    of = "" if n_regions == n_segments else f", made of {n_segments} segments"
    heading(ax, "Regions", "", f"{n_regions}{of}, {which}")
    return figure


def plot_influence(topic: Topic, *, scale: bool = True, ax: Axes | None = None) -> Figure:
    """Show how much each region raises (orange) or lowers (blue) the score, sure or not.

    Parameters
    ----------
    topic : Topic
        From `cilens.text.about`.
    scale : bool
        Draw the colours' scale below.
    ax : Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    Figure
        Neither shown nor saved. Striped: the influence may have the other sign.

    Examples
    --------
    >>> import cilens
    >>> from cilens.text import about
    >>> brightness = lambda images: images.mean(axis=(1, 2))
    >>> figure = plot_influence(about(cilens.explain(brightness, np.ones((28, 28, 1)))))
    """
    explanation, index = topic.explanation, topic.target
    figure, ax = canvas(ax, explanation.image.shape, below=scale)
    picture(ax, render.overlay(explanation.image, explanation.saliency(index)))
    unsure = _stripe_unsure(ax, explanation, index)
    if not overlapping(explanation):
        strongest = explanation.ranked(index)[:_IMPORTANT]
        notable = np.abs(explanation.influence[strongest, index]) >= _NOTABLE
        write_numbers(ax, numbered(explanation, strongest[notable]), important=0)
    name = class_label(explanation.class_names, index)
    heading(ax, "Influence", "", "on ", name, "; striped: may be 0" if unsure else "")
    if scale:
        scale_below(ax)
    return figure


def plot_difference(topic: Topic, *, scale: bool = True, ax: Axes | None = None) -> Figure:
    """Show each region's influence on the class minus that on the foil, in the colours of both.

    Parameters
    ----------
    topic, scale, ax
        As in `plot_influence`; with a foil.

    Returns
    -------
    Figure
        Neither shown nor saved.

    Examples
    --------
    >>> import cilens
    >>> from cilens.text import about
    >>> model, image = cilens.load_model("digits"), cilens.read_image("mnist:18")
    >>> figure = plot_difference(about(cilens.explain(model, image), 3, 8))
    """
    explanation = topic.explanation
    figure, ax = canvas(ax, explanation.image.shape, below=scale)
    one, other = explanation.saliency(topic.target), explanation.saliency(topic.foil)
    picture(ax, render.overlay(explanation.image, one - other))
    names = [class_label(explanation.class_names, index) for index in (topic.target, topic.foil)]
    heading(ax, "Difference", names[0], " minus ", names[1])
    if scale:
        scale_below(ax)
    return figure


def overlapping(explanation: Explanation) -> bool:
    """Tell whether regions overlap, as those of several cuts do: only the map is told of these."""
    return bool((explanation.regions.sum(axis=0) > 1).any())


def numbered(explanation: Explanation, order: Integer[np.ndarray, " rows"]) -> list[Numbered]:
    """Say where the numbers of these regions stand, in this order.

    Parameters
    ----------
    explanation : Explanation
        Of one image.
    order : (n,) int array
        Rows of its regions.
    """
    points, radii = render.inside_points(explanation.segments, explanation.regions[order])
    marks = render.marks(explanation.region_names)
    return [
        Numbered(float(row), float(column), float(radius), marks[region])
        for (row, column), radius, region in zip(points, radii, order, strict=True)
    ]


def _stripe_unsure(ax: Axes, explanation: Explanation, target: int) -> bool:
    """Draw stripes over the pixels whose influence may have the other sign, if there are any."""
    if explanation.margin is None:
        return False
    sizes, margin = np.abs(explanation.saliency(target)), explanation.saliency_margin(target)
    place = np.logical_and(sizes <= margin, margin > 0)
    if not place.any():
        return False
    height, width = place.shape
    extent = (-0.5, width - 0.5, height - 0.5, -0.5)
    ax.imshow(render.stripes(place), extent=extent, interpolation="antialiased")
    return True
