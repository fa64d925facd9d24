"""The one scale of colours, as it stands below the maps of all figures."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from cilens import render
from cilens.plot.style import FAINT, INK, SMALL, SOFT, picture_size, text_width
from cilens.text.numbers import round_percent

_HIGH, _BELOW = 7.0, 9.0
"""Height of the scale, and its distance from the picture, in points."""
_WIDEST = 330.0
"""Most width, in points."""
_TICKS = (-1.0, -0.5, -0.1, 0.0, 0.1, 0.5, 1.0)


def scale_below(ax: Axes, threshold: float | None = None) -> None:
    """Draw the scale of colours below a picture, with what it means.

    Parameters
    ----------
    ax : Axes
        With the picture; below it must be room for 40 points.
    threshold : float, optional
        Where only what is sure and reaches it is in colour: it is named.
    """
    wide, high = picture_size(ax)
    room = min(wide, _WIDEST) if wide > 120 else 150.0
    bar = ax.inset_axes((0.0, -(_BELOW + _HIGH) / high, room / wide, _HIGH / high))
    places = np.linspace(-1, 1, 401)
    colours = render.signed_map(np.sign(places)[None] * np.square(places)[None])
    bar.imshow(colours, extent=(-1, 1, 0, 1), aspect="auto")
    ticks = _TICKS if room > 260 else (-1.0, -0.1, 0.0, 0.1, 1.0)
    labels = [("+" if tick > 0 else "") + round_percent(tick) if tick else "0" for tick in ticks]
    bar.set_yticks([])
    at = render.depth(np.array(ticks)).tolist()
    bar.set_xticks(at, labels, fontsize=SMALL, color=INK, parse_math=False)
    bar.tick_params(length=2, width=0.5, color=FAINT, pad=2)
    lowest, *_, highest = bar.get_xticklabels()
    lowest.set_horizontalalignment("left")
    highest.set_horizontalalignment("right")
    for spine in bar.spines.values():
        spine.set_visible(False)
    bar.annotate(
        _meaning(threshold, room),
        (0, 0),
        xycoords="axes fraction",
        xytext=(0, -22),
        textcoords="offset points",
        fontsize=SMALL,
        color=SOFT,
        parse_math=False,
        annotation_clip=False,
    )


def _meaning(threshold: float | None, room: float) -> str:
    """Say what the colours mean, at the length there is room for."""
    told = ["share of the output range", "share of the range"]
    if threshold is not None:
        grey = f"grey: not sure, or below {round_percent(threshold)}"
        told = [f"{told[0]}; {grey}", f"{told[1]}; {grey}", *told]
    return next((text for text in told if text_width(text, SMALL) <= room), told[-1])
