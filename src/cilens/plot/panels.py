"""The image, its regions, what carries a class, and how sure that is: one picture each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import ndimage

from cilens import render
from cilens.explanation import Explanation
from cilens.plot.frame import panel
from cilens.plot.style import Numbered, picture_size, stamp, write_numbers
from cilens.text.numbers import percent, round_percent
from cilens.text.topic import Topic

_IMPORTANT = 12
"""So many of the strongest regions are always numbered."""
_MANY = 60
"""Of more regions than these, only the strongest have their number."""
_NOTABLE = 0.01
"""From this share on, a region of a map is numbered."""
_EVEN = 5e-4
"""Margins that differ by less are the same to one decimal of a percent."""
_LABELS = (4, 2)
"""So many of the strongest shares are written into the picture: for the class, and against it."""
_LABEL = (6.5, 9.5, 0.04)
"""Least and most type size of these, in points, and as a share of the picture's smaller side."""
_FINE = 800
"""Pixels along an image that are enough to find a place for a label."""
_SPECK = 0.003
"""Areas of a smaller share of the image have no label."""


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
    return panel(ax, render.to_rgb(topic.explanation.image), "Image", *_scored(topic))[0]


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
    n_regions, n_segments = explanation.regions.shape
    order, told = topic.ranked, f"{n_regions} of several cuts"
    if topic.overlapping:
        order = []
    else:
        of = "" if n_regions == n_segments else f", made of {n_segments} segments"
        many = n_regions > _MANY
        told = f"{n_regions}{of}, {'the strongest numbered' if many else 'numbered'}"
        order = order[:_IMPORTANT] if many else order
    pixels = render.to_rgb(explanation.image)
    figure, ax = panel(ax, pixels, "Regions", "", told, lines=explanation.segments)
    write_numbers(ax, numbered(explanation, order), important=_IMPORTANT)
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
    explanation, values = topic.explanation, topic.saliency
    unsure = np.zeros(values.shape, bool)
    if explanation.margin is not None:
        margin = topic.saliency_margin
        unsure = (np.abs(values) <= margin) & (margin > 0)
    told = "", "on ", topic.label(topic.target), "; striped: may be 0" if unsure.any() else ""
    pixels = render.overlay(explanation.image, values)
    figure, ax = panel(ax, pixels, "Influence", *told, scaled=0.0 if scale else None)
    if unsure.any():
        extent = ax.get_images()[0].get_extent()
        ax.imshow(
            render.stripes(unsure),
            extent=extent,
            aspect=ax.get_aspect(),
            interpolation="antialiased",
        )
    if not topic.overlapping:
        strongest = topic.ranked[:_IMPORTANT]
        notable = [row for row in strongest if abs(topic.influence[row]) >= _NOTABLE]
        write_numbers(ax, numbered(explanation, notable), important=0)
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
    explanation, foil = topic.explanation, topic.target if topic.foil is None else topic.foil
    difference = topic.saliency - explanation.saliency(foil)
    pixels, scaled = render.overlay(explanation.image, difference), 0.0 if scale else None
    names = topic.label(topic.target), " minus ", topic.label(foil)
    return panel(ax, pixels, "Difference", *names, scaled=scaled)[0]


def plot_margin(topic: Topic, *, ax: Axes | None = None) -> Figure:
    """Show how far each pixel's influence may be off: the darker, the farther.

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
    >>> model, image = cilens.load_model("digits"), cilens.read_image("mnist:18")
    >>> figure = plot_margin(about(cilens.explain(model, image)))
    """
    margin = topic.saliency_margin
    most = f"± {percent(float(margin.max()))}"
    even = float(np.ptp(margin)) < _EVEN
    told = f"{most} everywhere" if even else f"{most} at most, the darker the larger"
    grey = (1 - render.depth(np.minimum(margin, 1.0)))[..., None]
    return panel(ax, render.to_rgb(grey), "Margin", "", told)[0]


def plot_shares(topic: Topic, *, scale: bool = True, ax: Axes | None = None) -> Figure:
    """Show what is sure in colour on the image in grey, the strongest shares written on it.

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
        Neither shown nor saved. Colour is where the influence is sure and reaches the threshold.

    Examples
    --------
    >>> import cilens
    >>> from cilens.text import about
    >>> model, image = cilens.load_model("digits"), cilens.read_image("mnist:18")
    >>> figure = plot_shares(about(cilens.explain(model, image)))
    """
    sure = topic.explanation.sure_pixels(topic.target, topic.threshold)
    values = topic.saliency
    kinds = np.where(sure, np.sign(values), 0).astype(np.intp)
    parts = _parts(topic, sure, kinds)
    pixels, scaled = render.overlay(topic.explanation.image, values, sure), topic.threshold
    figure, ax = panel(
        ax,
        pixels,
        _title(topic, kinds),
        *_scored(topic),
        lines=parts,
        scaled=scaled if scale else None,
    )
    least, most, share = _LABEL
    size = min(max(share * min(picture_size(ax)), least), most)
    stamp(ax, [(patch, size) for patch in _patches(values, parts, kinds)])
    return figure


def numbered(explanation: Explanation, order: Sequence[int]) -> list[Numbered]:
    """Say where the numbers of these regions stand, in this order.

    Parameters
    ----------
    explanation : Explanation
        Of one image.
    order : sequence of int
        Rows of its regions.
    """
    points, radii = render.inside_points(explanation.segments, explanation.regions[order])
    marks = render.marks(explanation.region_names)
    return [
        Numbered(float(row), float(column), float(radius), marks[region])
        for (row, column), radius, region in zip(points, radii, order, strict=True)
    ]


def _title(topic: Topic, kinds: np.ndarray) -> str:  # (height, width) -1, 0, 1
    """Say whether what is in colour speaks for the class or, at most, against it."""
    if kinds.any():
        return "What carries it" if kinds.max() > 0 else "What speaks against it"
    unsure = topic.explanation.margin is not None
    return "Nothing is sure" if unsure else f"Nothing reaches {round_percent(topic.threshold)}"


def _scored(topic: Topic) -> tuple[str, str]:
    """Name the class and its score, as a heading does."""
    return topic.label(topic.target), f": {topic.own_score(topic.target)}"


def _parts(
    topic: Topic,
    sure: Bool[np.ndarray, "height width"],
    kinds: np.ndarray,  # (height, width) -1, 0, 1
) -> np.ndarray:
    """Label what lines are drawn between: regions, or, of many or of several cuts, areas."""
    regions = topic.explanation.regions
    if len(regions) <= _MANY and (regions.sum(axis=0) == 1).all():
        owner = regions.argmax(axis=0)[topic.explanation.segments]
        return np.where(sure, owner, -1)
    against = ndimage.label(kinds < 0)[0]
    areas: np.ndarray = ndimage.label(kinds > 0)[0] - 1
    return np.where(against > 0, areas.max() + against, areas)


def _patches(
    values: Float[np.ndarray, "height width"], parts: np.ndarray, kinds: np.ndarray
) -> list[Numbered]:
    """Return the shares to be written, the strongest first: of an area, its peak."""
    step = max(1, max(parts.shape) // _FINE)
    values, parts, kinds = (one[::step, ::step] for one in (np.abs(values), parts, kinds))
    labels = np.unique(parts[kinds != 0])
    if not len(labels):
        return []
    sizes, signs = ndimage.maximum(values, parts, labels), ndimage.mean(kinds, parts, labels)
    sizes[ndimage.sum(kinds != 0, parts, labels) < _SPECK * kinds.size] = 0.0
    found: list[tuple[float, Numbered]] = []
    order = np.argsort(-sizes, kind="stable")
    for sign, most in zip((1, -1), _LABELS, strict=True):
        for at in order[signs[order] * sign * sizes[order] > 0][:most]:
            inside = (parts == labels[at]) & (values >= sizes[at])
            points, _ = render.inside_points(inside.astype(np.intp), np.eye(2, dtype=bool)[1:])
            row, column = (step * points[0]).tolist()
            share = percent(float(sign * sizes[at]), signed=True)
            found.append((-float(sizes[at]), Numbered(row, column, 0.0, share)))
    return [patch for _, patch in sorted(found)]
