"""Where a class's score comes from: sure shares in colour on the photograph."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from scipy import ndimage

from cilens import render
from cilens.plot.scale import scale_below
from cilens.plot.style import (
    canvas,
    evened,
    heading,
    picture,
    picture_size,
    sharpened,
    text_width,
)
from cilens.text.names import class_label
from cilens.text.numbers import percent, score_text
from cilens.text.topic import Topic

_LABELS = (4, 2)
"""So many of the strongest shares are written into the picture: for the class, and against it."""
_LABEL = (6.5, 9.5, 0.04)
"""Least and most type size of these, in points, and as a share of the picture's smaller side."""
_SPECK = 0.003
"""Areas of a smaller share of the image have no label."""
_MANY = 60
"""Of more regions, only those lines are drawn that part colour from grey, and orange from blue."""


class Patch(NamedTuple):
    """A share that may be written into the picture, and where."""

    row: float
    column: float
    share: float


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
    explanation, sure = (
        topic.explanation,
        topic.explanation.sure_pixels(topic.target, topic.threshold),
    )
    figure, ax = canvas(ax, explanation.image.shape, below=scale)
    values = explanation.saliency(topic.target)
    painted = sharpened(evened(render.overlay(explanation.image, values, sure), ax))
    kinds = np.where(sure, np.sign(values), 0).astype(np.intp)
    parts = _parts(topic, sure, kinds)
    width = max(1, round(max(painted.shape) / 700))
    picture(ax, render.boundaries(painted, evened(parts, ax), width), sure.shape)
    _write_shares(ax, _patches(values, parts, kinds))
    name = class_label(explanation.class_names, topic.target)
    score = score_text(explanation, float(explanation.scores[topic.target]), topic.target)
    heading(ax, "What carries it" if sure.any() else "Nothing is sure", name, f": {score}")
    if scale:
        scale_below(ax, topic.threshold)
    return figure


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
    sizes[ndimage.sum(kinds != 0, parts, labels) < _SPECK * kinds.size] = 0.0
    found: list[Patch] = []
    for sign, most in zip((1, -1), _LABELS, strict=True):
        signs = ndimage.mean(kinds, parts, labels)
        chosen = [
            at for at in np.argsort(-sizes, kind="stable") if signs[at] * sign * sizes[at] > 0
        ][:most]
        for at in chosen:
            inside = parts == labels[at]
            points, _ = render.inside_points(inside.astype(np.intp), np.eye(2, dtype=bool)[1:])
            found.append(Patch(float(points[0, 0]), float(points[0, 1]), float(sign * sizes[at])))
    return sorted(found, key=lambda patch: -abs(patch.share))


def _write_shares(ax: Axes, patches: list[Patch]) -> None:
    """Write shares into the picture, inside it, none over another; the strongest come first."""
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    width, height = picture_size(ax)
    scale = np.array([width / (right - left), height / (bottom - top)])
    least, most, share = _LABEL
    size = min(max(share * min(width, height), least), most)
    taken: list[np.ndarray] = []
    for patch in patches:
        text = percent(patch.share, signed=True)
        half = np.array([text_width(text, size, bold=True) / 2 + 3, 0.37 * size + 3])
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
            fontsize=size,
            fontweight="bold",
            color="white",
            ha="center",
            va="center_baseline",
            parse_math=False,
            path_effects=[withStroke(linewidth=size / 4, foreground="#202020")],
        )
