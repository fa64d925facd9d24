"""Which region speaks for which of several classes: one picture of all, one of each, a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke

from cilens import render
from cilens.errors import InputError
from cilens.explanation import Explanation
from cilens.explanation.objects import Objects
from cilens.metrics.localization import outside_share
from cilens.plot.fonts import legible
from cilens.plot.frame import panel, room, sheet
from cilens.plot.panels import numbered
from cilens.plot.style import TITLE, fitted, text_width, write_numbers
from cilens.text.english import agree, count, listed
from cilens.text.names import class_label
from cilens.text.numbers import percent, round_percent, score_text
from cilens.text.topic import about

Box: TypeAlias = tuple[float, float, float, float]
"""(left, top, right, bottom) in pixels, as detectors have it."""

_FRAME = 3.0
"""Width of a panel's frame in its class's colour, and of a box, in points."""


def objects_figure(explanation: Explanation, found: Objects, boxes: Sequence[Box] = ()) -> Figure:
    """Draw the image, what speaks for which class, and a panel for each class.

    Parameters
    ----------
    explanation : Explanation
        Of one image.
    found : Objects
        From `cilens.find_objects`.
    boxes : sequence of (left, top, right, bottom), optional
        One for each class of the model, in pixels of the image: a `cilens.Detector`'s ``boxes``.
        They are drawn, and what speaks for a class from outside its box is named.

    Returns
    -------
    Figure
        Neither shown nor saved. Each class has a colour: its panel's frame, its regions in all
        panels. Regions that several classes share are striped in the colours of all of them.

    Examples
    --------
    >>> import cilens
    >>> from cilens.datasets.synthetic import two_digits
    >>> from cilens.models.wrappers.canvas import CanvasModel
    >>> model = CanvasModel(cilens.load_model("digits"))
    >>> explanation = cilens.explain(model, two_digits().image)
    >>> figure = objects_figure(explanation, cilens.find_objects(explanation, top=2))
    """
    if len(boxes) not in (0, len(explanation.scores)):
        raise InputError(
            f"there must be a box for each of {len(explanation.scores)} classes; got {len(boxes)}"
        )
    explanation = legible(about(explanation)).explanation
    panels = 2 + len(found.classes)
    columns = panels if panels <= 5 else 3 if panels == 6 else 4
    grid = -(-panels // columns), columns
    title = objects_title(explanation, found, room(columns))
    rows = f"{explanation.model_rows} model rows for all classes"
    foot = [_key(explanation, found, boxed=bool(boxes)), rows, explanation.method]
    figure, axes = sheet(explanation.image.shape, grid, title, foot)
    size = " x ".join(map(str, explanation.image.shape[:2]))
    panel(axes[0], render.to_rgb(explanation.image), "Image", "", size)
    plot_owners(explanation, found, ax=axes[1])
    for place, (index, ax) in enumerate(zip(found.classes, axes[2:], strict=False)):
        if boxes:
            _draw_box(axes[0], boxes[index], class_ink(place))
        plot_object(explanation, found, place, box=boxes[index] if boxes else None, ax=ax)
    for empty in axes[panels:]:
        empty.remove()
    return figure


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
    each, shared = int((found.owner >= 0).sum()), int(found.shared.sum())
    told = f"{each} of {len(found.owner)} {agree(each, 'speaks', 'speak')}"
    told += f", {shared} for several" if shared else ""
    strengths = found.speaks.astype(np.float64)
    return _paint(ax, explanation, found, strengths, "Regions by class", "", told)[0]


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
    own = found._replace(speaks=found.speaks & found.speaks[place])
    strengths, ink = _gains(explanation, own) / full_colour(explanation, found), class_ink(place)
    index, regions = found.classes[place], int(found.speaks[place].sum())
    told = f"{regions} {agree(regions, 'region', 'regions')}"
    outside = None if box is None else outside_share(explanation, box, index, found.threshold)
    if not regions:
        told = f"no region is sure from {round_percent(found.threshold)} on"
    if outside is not None:
        told += f", {percent(outside)} outside"
    elif regions and box is None:
        told += f", {percent(float(found.own[place]))} its own"
    score = score_text(explanation, float(explanation.scores[index]), index)
    title = class_label(explanation.class_names, index)
    figure, ax = _paint(ax, explanation, own, strengths, title, "", f"{score}; {told}")
    for spine in ax.spines.values():
        spine.set(linewidth=_FRAME, edgecolor=ink)
    if box is not None:
        _draw_box(ax, box, ink)
    return figure


def _paint(
    ax: Axes | None,
    explanation: Explanation,
    found: Objects,
    strengths: Float[np.ndarray, "classes regions"],
    *told: str,
) -> tuple[Figure, Axes]:
    """Paint the regions, with lines between those of different classes, and their numbers."""
    atoms = _atoms(explanation, strengths)
    pixels = render.class_picture(explanation.image, explanation.segments, atoms)
    kinds = np.unique(atoms > 0, axis=1, return_inverse=True)[1].reshape(-1)
    figure, ax = panel(ax, pixels, *told, lines=kinds[explanation.segments])
    gains = _gains(explanation, found).max(axis=0)
    order = np.argsort(-gains, kind="stable")
    write_numbers(ax, numbered(explanation, order[gains[order] > 0]), important=0)
    return figure, ax


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
    """Return the influence from which on colours are full, for all classes alike."""
    return render.scale_limit(_gains(explanation, found))


def _draw_box(ax: Axes, box: Box, ink: tuple[float, float, float]) -> None:
    """Draw a box in a class's colour, on white so that it shows on anything."""
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


def objects_title(explanation: Explanation, found: Objects, width: float) -> str:
    """Name as many of the classes as there is room for.

    Parameters
    ----------
    explanation : Explanation
        Of one image.
    found : Objects
        From `cilens.find_objects`.
    width : float
        In points.
    """
    names = [class_label(explanation.class_names, index, 24) for index in found.classes]
    titles = [
        f"What speaks for {listed(names, most=most)}" for most in range(len(names), 0, -1)
    ] + [f"What speaks for {count(len(names))} {agree(len(names), 'class', 'classes')}"]
    fitting = [title for title in titles if text_width(title, TITLE, bold=True) <= width]
    return fitting[0] if fitting else fitted(titles[-1], width, TITLE, bold=True)


def _key(explanation: Explanation, found: Objects, *, boxed: bool) -> str:
    """Say what the colours mean."""
    return " ".join(
        [
            f"Coloured: from {round_percent(found.threshold)} of the output range on, sure.",
            f"Full colour: {round_percent(full_colour(explanation, found))}.",
            "Striped: speaks for several classes.",
            "Outside: the part of a class's positive influence that lies outside its box."
            if boxed
            else "Its own: the part of a class's influence on regions that speak for no other.",
        ]
    )
