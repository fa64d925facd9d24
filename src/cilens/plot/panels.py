"""The image, its regions, and how much each of them matters: one picture each."""

from __future__ import annotations

import numpy as np
from jaxtyping import Integer
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cilens import render
from cilens.contrast import Contrast
from cilens.explanation import Explanation
from cilens.plot.style import (
    FAINT,
    INK,
    SMALL,
    SOFT,
    Numbered,
    canvas,
    heading,
    picture,
    points_per_pixel,
    sharpened,
    text_width,
    write_numbers,
)
from cilens.text.names import round_percent, score_words

BAR_ROOM = 0.9
"""What a colour bar with its labels needs beside a picture, in inches."""
_IMPORTANT = 12
"""So many of the strongest regions are always numbered."""
_MANY = 60
"""Of more regions than these, those without importance to any class go without a number."""


def plot_image(
    explanation: Explanation, target: int | str | None = None, *, ax: Axes | None = None
) -> Figure:
    """Show the image as the model saw it, with the score of a class.

    Parameters
    ----------
    explanation : Explanation
        Of one image.
    target : int or str, optional
        A class index or name; by default the predicted class.
    ax : Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    Figure
        Neither shown nor saved.

    Examples
    --------
    >>> import cilens
    >>> brightness = lambda images: images.mean(axis=(1, 2))
    >>> figure = plot_image(cilens.explain(brightness, np.ones((28, 28, 1))))
    >>> figure.savefig("image.png")  # doctest: +SKIP
    """
    figure, ax = canvas(ax, explanation.image.shape)
    picture(ax, render.to_rgb(explanation.image))
    index = explanation.target(target)
    score = score_words(explanation, float(explanation.scores[index]), index)
    heading(ax, "Image", explanation.class_name(index), f": {score}")
    return figure


def plot_segments(
    explanation: Explanation, target: int | str | None = None, *, ax: Axes | None = None
) -> Figure:
    """Show the segments: lines between them, and each region's number in its widest part.

    Parameters
    ----------
    explanation : Explanation
        Of one image.
    target : int or str, optional
        Where there is no room for every number, the regions that matter most to this class have
        theirs; by default the predicted class.
    ax : Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    Figure
        Neither shown nor saved. The numbers are those of all figures and tables
        (`cilens.render.marks`); of more than 60 regions, those that matter to no class have none.

    Examples
    --------
    >>> import cilens
    >>> brightness = lambda images: images.mean(axis=(1, 2))
    >>> figure = plot_segments(cilens.explain(brightness, np.ones((28, 28, 1))))
    """
    figure, ax = canvas(ax, explanation.image.shape)
    segments, regions = explanation.segments, explanation.regions
    pixels = sharpened(render.to_rgb(explanation.image))
    picture(ax, render.boundaries(pixels, segments), segments.shape)
    n_regions, n_segments = regions.shape
    order, where = explanation.ranked(target), ""
    matters = explanation.importance[order].any(axis=1)
    if n_regions > _MANY and matters.any() and not matters.all():
        order, where = order[matters], " where they matter"
    write_numbers(ax, numbered(explanation, order), important=_IMPORTANT)
    of = "" if n_regions == n_segments else f", made of {n_segments} segments"
    heading(ax, "Regions", "", f"{n_regions}{of}, numbered{where}")
    return figure


def plot_influence(
    explanation: Explanation,
    target: int | str | None = None,
    *,
    limit: float | None = None,
    over_image: bool = False,
    ax: Axes | None = None,
) -> Figure:
    """Show how much each region raises (red) or lowers (blue) the score of a class.

    Parameters
    ----------
    explanation : Explanation
        Of one image.
    target : int or str, optional
        A class index or name; by default the predicted class.
    limit : float, optional
        Where the colour scale ends, in shares of the output range; by default the first of
        `cilens.render.LIMITS` that holds all values. Figures to be compared need the same.
    over_image : bool
        Lay the colours over the image in grey. They are darker then than on the colour bar.
    ax : Axes, optional
        Where to draw, the colour bar to its right; by default a new figure.

    Returns
    -------
    Figure
        Neither shown nor saved.

    Raises
    ------
    InputError
        If a value lies beyond the limit.

    Examples
    --------
    >>> import cilens
    >>> brightness = lambda images: images.mean(axis=(1, 2))
    >>> figure = plot_influence(cilens.explain(brightness, np.ones((28, 28, 1))))
    """
    figure, ax = canvas(ax, explanation.image.shape, beside=BAR_ROOM)
    values = explanation.saliency(target)
    if limit is None:
        limit = render.scale_limit(explanation.influence[:, explanation.target(target)])
    if over_image:
        picture(ax, render.overlay(explanation.image, values, limit))
    else:
        picture(ax, render.signed_map(values, limit))
    _colour_bar(ax, limit)
    index = explanation.target(target)
    unsure = _stripe_unsure(ax, explanation, index)
    strongest = explanation.ranked(index)[:_IMPORTANT]
    notable = np.abs(explanation.influence[strongest, index]) >= limit / 20
    write_numbers(ax, numbered(explanation, strongest[notable]), important=0)
    name = explanation.class_name(index)
    heading(ax, "Influence", "", "on ", f"{name}; striped: may be 0" if unsure else name)
    return figure


def plot_difference(
    explanation: Explanation, contrast: Contrast, *, limit: float, ax: Axes | None = None
) -> Figure:
    """Show each region's influence on one class minus that on another, in the colours of both.

    Parameters
    ----------
    explanation : Explanation
        Of one image.
    contrast : Contrast
        Of two of its classes.
    limit : float
        Where the colour scale ends, in shares of the output range.
    ax : Axes, optional
        Where to draw, the colour bar to its right; by default a new figure.

    Returns
    -------
    Figure
        Neither shown nor saved.

    Examples
    --------
    >>> import cilens
    >>> model, image = cilens.load_model("digits"), cilens.read_image("mnist:18")
    >>> explanation = cilens.explain(model, image)
    >>> figure = plot_difference(explanation, explanation.contrast(3, 8), limit=2.0)
    """
    figure, ax = canvas(ax, explanation.image.shape, beside=BAR_ROOM)
    one, other = explanation.saliency(contrast.target), explanation.saliency(contrast.foil)
    picture(ax, render.signed_map(one - other, limit))
    _colour_bar(ax, limit)
    names = [explanation.class_name(index) for index in (contrast.target, contrast.foil)]
    heading(ax, "Difference", names[0], " minus ", names[1])
    return figure


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


def _colour_bar(ax: Axes, limit: float) -> None:
    """Draw the whole scale to the right of a picture, as high as it is."""
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    unit = 1 / (points_per_pixel(ax) * abs(right - left))
    high = points_per_pixel(ax) * abs(top - bottom)
    bar = ax.inset_axes((1 + 8 * unit, 0.0, 9 * unit, 1.0))
    scale = np.linspace(limit, -limit, 255)[:, None]
    bar.imshow(render.signed_map(scale, limit), extent=(0, 1, -limit, limit), aspect="auto")
    ticks = [-limit, -limit / 2, 0.0, limit / 2, limit] if high > 75 else [-limit, 0.0, limit]
    labels = [("+" if tick > 0 else "") + round_percent(tick) if tick else "0" for tick in ticks]
    bar.set_xticks([])
    bar.set_yticks(ticks, labels, fontsize=SMALL, color=INK, parse_math=False)
    bar.yaxis.tick_right()
    bar.tick_params(length=2, width=0.5, color=FAINT, pad=2)
    lowest, *_, highest = bar.get_yticklabels()
    lowest.set_verticalalignment("bottom")
    highest.set_verticalalignment("top")
    for spine in bar.spines.values():
        spine.set(linewidth=0.5, edgecolor=FAINT)
    for unit_words in ("share of the output range", "of the output range", "of the range"):
        if text_width(unit_words, SMALL) <= high:
            break
    bar.annotate(
        unit_words,
        (1, 0.5),
        xycoords="axes fraction",
        xytext=(max(text_width(label, SMALL) for label in labels) + 10, 0),
        textcoords="offset points",
        rotation=90,
        fontsize=SMALL,
        color=SOFT,
        ha="left",
        va="center",
    )
