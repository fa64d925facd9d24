"""Insertion as an animation: the regions appear, the strongest first, and the score rises."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import UInt8
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from cilens import render
from cilens.followup.insertion import Insertion
from cilens.plot.fonts import legible
from cilens.plot.highlight import part
from cilens.plot.style import FAINT, INK, SMALL, SOFT, canvas, inches
from cilens.text.numbers import percent
from cilens.text.topic import Topic

_DPI = 110
_CURVE = 0.75
"""Height of the curve below the picture, in inches."""


def animate(topic: Topic, inserted: Insertion) -> bytes:
    """Draw the insertion, step by step, as an animated GIF.

    Parameters
    ----------
    topic : Topic
        From `cilens.text.about`, of the same class.
    inserted : Insertion
        From `cilens.followup.insertion.insert`.

    Returns
    -------
    bytes
        Of a GIF that repeats: the image as the model saw it at each step, its answer above and
        the curve of the score below.

    Examples
    --------
    >>> import cilens
    >>> from cilens.followup.insertion import insert
    >>> from cilens.text import about
    >>> model, image = cilens.load_model("digits"), cilens.read_image("mnist:18")
    >>> explanation = cilens.explain(model, image)
    >>> animate(about(explanation, kind="digit"), insert(model, explanation))[:6]
    b'GIF89a'
    """
    topic = legible(topic)
    return render.to_gif([_frame(topic, inserted, step) for step in range(inserted.model_rows)])


def _frame(topic: Topic, inserted: Insertion, step: int) -> UInt8[np.ndarray, "_ _ 3"]:
    """Draw one step as pixels."""
    explanation, kept = topic.explanation, inserted.coalitions[step]
    figure, ax = _layout(topic)
    area = percent(float(kept[explanation.segments].mean()))
    score = topic.score(float(inserted.scores[step]), inserted.target)
    name, winner = (topic.label(int(at)) for at in (inserted.target, inserted.predicted[step]))
    then = () if inserted.predicted[step] == inserted.target else ("; seen as ", winner)
    told = f"{area} of the image", name, f": {score}", *then
    part(ax, explanation, kept, inserted.perturbation, *told)
    _curve(figure.axes[1], explanation.output_range[:, inserted.target], inserted, step)
    agg: Any = FigureCanvasAgg(figure)
    agg.draw()
    return np.asarray(agg.buffer_rgba())[..., :3].copy()


def _layout(topic: Topic) -> tuple[Figure, Axes]:
    """Make a figure with a picture and a curve below it."""
    figure, ax = canvas(None, topic.explanation.image.shape)
    width, height = figure.get_size_inches()
    place = ax.get_position(original=True)
    box = (place.x0 * width, place.y0 * height, place.width * width, place.height * height)
    figure.set(dpi=_DPI, facecolor="white")
    figure.set_size_inches(width, height + _CURVE)
    ax.set_position(
        (place.x0, (box[1] + _CURVE) / (height + _CURVE), place.width, box[3] / (height + _CURVE))
    )
    inches(figure, (box[0], 0.25, box[2], _CURVE - 0.2))
    return figure, ax


def _curve(ax: Axes, ends: np.ndarray, inserted: Insertion, step: int) -> None:
    """Draw the score over the steps, up to this one."""
    low, high = ends.tolist()
    ax.set(xlim=(0, inserted.model_rows - 1), ylim=(low, high), xticks=[], yticks=[])
    ax.plot(inserted.scores, color=FAINT, linewidth=1.2, clip_on=False)
    ax.plot(inserted.scores[: step + 1], color=INK, linewidth=1.8, clip_on=False)
    ax.plot([step], inserted.scores[step : step + 1], "o", color=INK, markersize=4, clip_on=False)
    for side, spine in ax.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(FAINT)
    ax.set_xlabel("regions appear, the strongest first", fontsize=SMALL, color=SOFT, loc="left")
