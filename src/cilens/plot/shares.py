"""Where a class's score comes from: sure shares in colour on the photograph, and their scale."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from scipy import ndimage

from cilens import render
from cilens.plot.style import (
    FAINT,
    INK,
    SMALL,
    SOFT,
    canvas,
    heading,
    picture,
    sharpened,
    size_of,
    text_width,
)
from cilens.text.names import percent, round_percent
from cilens.text.topic import Topic

SCALE_HIGH = 0.11
"""Of the colour scale, in inches; its labels stand below."""

_TICKS = (-1.0, -0.5, -0.1, 0.0, 0.1, 0.5, 1.0)
_LABELS = (4, 2)
"""So many of the strongest shares are written into the picture: for the class, and against it."""
_LABEL = 9.5
"""Type size of these, in points."""
_MANY = 60
"""Of more regions, only those lines are drawn that part colour from grey, and orange from blue."""


class Patch(NamedTuple):
    """A share that may be written into the picture, and where."""

    row: float
    column: float
    share: float


def sure_pixels(topic: Topic) -> Bool[np.ndarray, "height width"]:
    """Return the pixels whose influence is sure and reaches the threshold, whatever its sign.

    Parameters
    ----------
    topic : Topic
        From `cilens.text.about`.

    Examples
    --------
    >>> import cilens
    >>> from cilens.text import about
    >>> model, image = cilens.load_model("digits"), cilens.read_image("mnist:18")
    >>> 0 < sure_pixels(about(cilens.explain(model, image))).mean() < 0.5
    True
    """
    size = np.abs(topic.explanation.saliency(topic.target))
    margin = topic.explanation.saliency_margin(topic.target)
    return (size >= topic.threshold) & (size > margin)


def plot_shares(topic: Topic, *, ax: Axes | None = None, labels: bool = True) -> Figure:
    """Show what is sure in colour on the image in grey, the strongest shares written on it.

    Parameters
    ----------
    topic : Topic
        From `cilens.text.about`.
    ax : Axes, optional
        Where to draw; by default a new figure.
    labels : bool
        Write the strongest shares into the picture.

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
    explanation, sure = topic.explanation, sure_pixels(topic)
    figure, ax = canvas(ax, explanation.image.shape)
    values = explanation.saliency(topic.target)
    painted = sharpened(render.overlay(explanation.image, values, sure))
    kinds = np.where(sure, np.sign(values), 0).astype(np.intp)
    parts = _parts(topic, sure, kinds)
    width = max(1, round(max(painted.shape) / 700))
    picture(ax, render.boundaries(painted, parts, width), sure.shape)
    if labels:
        _write_shares(ax, _patches(values, parts, kinds))
    name = explanation.class_name(topic.target)
    if sure.any():
        heading(ax, "What carries it", "influence on ", name)
    else:
        heading(ax, "Nothing is sure", "influence on ", name)
    return figure


def draw_scale(ax: Axes, topic: Topic) -> None:
    """Draw the one scale of colours, lying, with what it means.

    Parameters
    ----------
    ax : Axes
        As wide as the scale is to be, `SCALE_HIGH` inches high.
    topic : Topic
        Its threshold is named.
    """
    places = np.linspace(-1, 1, 401)
    colours = render.signed_map(np.sign(places)[None] * np.square(places)[None])
    ax.imshow(colours, extent=(-1, 1, 0, 1), aspect="auto")
    labels = [("+" if tick > 0 else "") + round_percent(tick) if tick else "0" for tick in _TICKS]
    ax.set_yticks([])
    at = render.depth(np.array(_TICKS)).tolist()
    ax.set_xticks(at, labels, fontsize=SMALL, color=INK, parse_math=False)
    ax.tick_params(length=2, width=0.5, color=FAINT, pad=2)
    lowest, *_, highest = ax.get_xticklabels()
    lowest.set_horizontalalignment("left")
    highest.set_horizontalalignment("right")
    for spine in ax.spines.values():
        spine.set_visible(False)
    room = size_of(ax)[0]
    for told in (
        f"share of the output range; grey: not sure, or below {round_percent(topic.threshold)}",
        f"share of the range; grey: not sure, or below {round_percent(topic.threshold)}",
        "share of the output range",
    ):
        if text_width(told, SMALL) <= room:
            break
    ax.annotate(
        told,
        (0, 0),
        xycoords="axes fraction",
        xytext=(0, -24),
        textcoords="offset points",
        fontsize=SMALL,
        color=SOFT,
        parse_math=False,
        annotation_clip=False,
    )


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
) -> list[Patch]:
    """Return the shares to be written, the strongest first: of an area, its peak."""
    labels = np.unique(parts[kinds != 0])
    if not len(labels):
        return []
    sizes = ndimage.maximum(np.abs(values), parts, labels)
    found: list[Patch] = []
    for sign, most in zip((1, -1), _LABELS, strict=True):
        signs = ndimage.mean(kinds, parts, labels)
        chosen = [at for at in np.argsort(-sizes, kind="stable") if signs[at] * sign > 0][:most]
        for at in chosen:
            inside = parts == labels[at]
            points, _ = render.inside_points(inside.astype(np.intp), np.eye(2, dtype=bool)[1:])
            found.append(Patch(*map(float, points[0]), float(sign * sizes[at])))
    return sorted(found, key=lambda patch: -abs(patch.share))


def _write_shares(ax: Axes, patches: list[Patch]) -> None:
    """Write shares into the picture, inside it, none over another; the strongest come first."""
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    width, height = size_of(ax)
    scale = np.array([width / (right - left), height / (bottom - top)])
    taken: list[np.ndarray] = []
    for patch in patches:
        text = percent(patch.share, signed=True)
        half = np.array([text_width(text, _LABEL, bold=True) / 2 + 3, 0.37 * _LABEL + 3])
        if (2 * half > (width, height)).any():
            continue
        centre = (np.array([patch.column - left, patch.row - top])) * scale
        centre = np.clip(centre, half, np.array([width, height]) - half)
        if any((np.abs(centre - other) < 2 * half).all() for other in taken):
            continue
        taken.append(centre)
        x, y = centre / scale + (left, top)
        ax.text(
            x,
            y,
            text,
            fontsize=_LABEL,
            fontweight="bold",
            color="white",
            ha="center",
            va="center_baseline",
            parse_math=False,
            path_effects=[withStroke(linewidth=2.4, foreground="#202020")],
        )
