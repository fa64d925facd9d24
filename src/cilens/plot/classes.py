"""Which region speaks for which of several classes: one picture of all, and one of each."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke

from cilens import render
from cilens.explanation import Explanation
from cilens.explanation.objects import Objects
from cilens.metrics.localization import outside_share
from cilens.plot.panels import numbered
from cilens.plot.style import (
    canvas,
    heading,
    picture,
    write_numbers,
)
from cilens.text.english import agree
from cilens.text.names import class_label
from cilens.text.numbers import percent, round_percent, score_text

Box: TypeAlias = tuple[float, float, float, float]
"""(left, top, right, bottom) in pixels, as detectors have it."""

_FRAME = 3.0
"""Width of a panel's frame in its class's colour, and of a box, in points."""


def plot_owners(explanation: Explanation, found: Objects, *, ax: Axes | None = None) -> Figure:
    """Show each region in the colour of the class that it speaks for; of several, in stripes.

    Parameters
    ----------
    explanation : Explanation
        Of one image.
    found : Objects
        From `cilens.find_objects`.
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
    >>> explanation = cilens.explain(brightness, np.ones((28, 28, 1)))
    >>> figure = plot_owners(explanation, cilens.find_objects(explanation))
    """
    figure, ax = canvas(ax, explanation.image.shape)
    _paint(ax, explanation, found, _atoms(explanation, found.speaks.astype(np.float64)))
    each, shared = int((found.owner >= 0).sum()), int(found.shared.sum())
    told = f"{each} of {len(found.owner)} {agree(each, 'speaks', 'speak')}"
    if shared:
        told = f"{told}, {shared} for several"
    heading(ax, "Regions by class", "", told)
    return figure


def plot_object(
    explanation: Explanation,
    found: Objects,
    place: int,
    *,
    box: Box | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Show the regions that speak for one of several classes, the stronger the fuller its colour.

    Parameters
    ----------
    explanation : Explanation
        Of one image.
    found : Objects
        From `cilens.find_objects`.
    place : int
        The class's place in ``found.classes``.
    box : (left, top, right, bottom), optional
        Where its object is, in pixels of the image: drawn, and what speaks for the class from
        outside is named.
    ax : Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    Figure
        Neither shown nor saved. Regions shared with other classes are striped in all their colours.

    Examples
    --------
    >>> import cilens
    >>> brightness = lambda images: images.mean(axis=(1, 2))
    >>> explanation = cilens.explain(brightness, np.ones((28, 28, 1)))
    >>> figure = plot_object(explanation, cilens.find_objects(explanation), 0)
    """
    figure, ax = canvas(ax, explanation.image.shape)
    own = found._replace(speaks=found.speaks & found.speaks[place])
    strengths = _gains(explanation, own) / full_colour(explanation, found)
    _paint(ax, explanation, own, _atoms(explanation, strengths))
    ink = class_ink(place)
    for spine in ax.spines.values():
        spine.set(linewidth=_FRAME, edgecolor=ink)
    index, regions = found.classes[place], int(found.speaks[place].sum())
    score = score_text(explanation, float(explanation.scores[index]), index)
    told = f"{score}; {regions} {agree(regions, 'region', 'regions')}"
    if not regions:
        told = f"{score}; no region is sure from {round_percent(found.threshold)} on"
    if box is not None:
        draw_box(ax, box, ink)
        outside = outside_share(explanation, box, index, found.threshold)
        told += "" if outside is None else f", {percent(outside)} outside"
    elif regions:
        told += f", {percent(float(found.own[place]))} its own"
    heading(ax, class_label(explanation.class_names, index), "", told)
    return figure


def _paint(
    ax: Axes,
    explanation: Explanation,
    found: Objects,
    strengths: Float[np.ndarray, "classes segments"],
) -> None:
    """Paint the segments, with lines between those of different classes, and the numbers."""
    segments = explanation.segments
    pixels = render.class_picture(explanation.image, segments, strengths)
    kinds = np.unique(strengths > 0, axis=1, return_inverse=True)[1].reshape(-1)
    drawn = render.boundaries(pixels, kinds[segments], max(1, round(max(pixels.shape) / 600)))
    picture(ax, drawn, segments.shape)
    gains = _gains(explanation, found).max(axis=0)
    order = np.argsort(-gains, kind="stable")
    speaking = order[gains[order] > 0]
    write_numbers(ax, numbered(explanation, speaking), important=0)


def _gains(explanation: Explanation, found: Objects) -> Float[np.ndarray, "classes regions"]:
    """Return the influence of the regions that speak for a class, and 0 for the others."""
    return np.where(found.speaks, explanation.influence[:, list(found.classes)].T, 0.0)


def _atoms(
    explanation: Explanation, values: Float[np.ndarray, "classes regions"]
) -> Float[np.ndarray, "classes segments"]:
    """Bring a value of each region to its segments: of overlapping regions, the highest."""
    return np.stack(
        [np.where(explanation.regions, row[:, None], 0.0).max(axis=0) for row in values]
    )


def full_colour(explanation: Explanation, found: Objects) -> float:
    """Return the influence from which on colours are full, for all classes alike.

    Parameters
    ----------
    explanation : Explanation
        Of one image.
    found : Objects
        From `cilens.find_objects`.
    """
    return render.scale_limit(_gains(explanation, found))


def draw_box(ax: Axes, box: Box, ink: tuple[float, float, float]) -> None:
    """Draw a box in a class's colour, on white so that it shows on anything.

    Parameters
    ----------
    ax : Axes
        With a picture in it.
    box : (left, top, right, bottom)
        In pixels of the image.
    ink : (red, green, blue)
        In [0, 1].
    """
    left, top, right, bottom = box
    ax.add_patch(
        Rectangle(
            (left - 0.5, top - 0.5),
            right - left,
            bottom - top,
            fill=False,
            edgecolor=ink,
            linewidth=_FRAME - 1,
            path_effects=[withStroke(linewidth=_FRAME + 1, foreground="white")],
        )
    )


def class_ink(place: int) -> tuple[float, float, float]:
    """Return the colour of the class in this place, as matplotlib has it.

    Examples
    --------
    >>> class_ink(1)[2]
    0.0
    """
    red, green, blue = render.class_colour(place)
    return red / 255, green / 255, blue / 255
