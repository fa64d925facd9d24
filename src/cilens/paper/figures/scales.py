"""Scales of colours: signed influence, and what is missing; each ends at the whole range."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, UInt8
from matplotlib.axes import Axes

from cilens import render
from cilens.plot.style import FAINT, INK, SMALL, SOFT

VIOLET = ((247, 247, 247), (203, 184, 226), (150, 112, 191), (96, 43, 145), (58, 11, 97))
"""What is absent has a colour of its own: from nothing to all of the output range."""


def missing_map(values: Float[np.ndarray, "height width"]) -> UInt8[np.ndarray, "height width 3"]:
    """Colour what a prototype would gain: from nothing (grey) to the whole range (violet).

    Parameters
    ----------
    values : (height, width) float array
        Gains, as shares of the output range; those below zero are shown as none.

    Returns
    -------
    (height, width, 3) uint8 array

    Examples
    --------
    >>> missing_map(np.array([[0.0, 1.0]]))[0].tolist()
    [[247, 247, 247], [58, 11, 97]]
    """
    stops = np.linspace(0.0, 1.0, len(VIOLET))
    shown = np.clip(values, 0.0, 1.0)
    channels = [np.interp(shown, stops, [colour[c] for colour in VIOLET]) for c in range(3)]
    coloured: UInt8[np.ndarray, "height width 3"] = np.rint(np.stack(channels, -1)).astype(np.uint8)
    return coloured


def colour_bar(ax: Axes, words: str = "share of the output range", limit: float = 1.0) -> None:
    """Draw the scale of the influence, lying; its ends and middle are labelled."""
    scale = np.linspace(-limit, limit, 255)[None]
    _bar(ax, render.signed_map(scale, limit), (-limit, limit), words)


def missing_bar(ax: Axes) -> None:
    """Draw the scale of what is missing, lying."""
    _bar(ax, missing_map(np.linspace(0.0, 1.0, 255)[None]), (0.0, 1.0), "gain for the other class")


def _bar(
    ax: Axes, colours: UInt8[np.ndarray, "1 width 3"], ends: tuple[float, float], words: str
) -> None:
    ax.imshow(colours, extent=(*ends, 0.0, 1.0), aspect="auto")
    ticks = sorted({ends[0], 0.0, ends[1]})
    labels = [
        f"{'+' if t > 0 and ends[0] < 0 else ''}{100 * t:g} %".replace("-", "−") for t in ticks
    ]
    ax.set_yticks([])
    ax.set_xticks(ticks, labels, fontsize=SMALL, color=INK, parse_math=False)
    ax.tick_params(length=2, width=0.5, color=FAINT, pad=2)
    lowest, *_, highest = ax.get_xticklabels()
    lowest.set_horizontalalignment("left")
    highest.set_horizontalalignment("right")
    for spine in ax.spines.values():
        spine.set(linewidth=0.5, edgecolor=FAINT)
    ax.annotate(
        words,
        (0, 1),
        xycoords="axes fraction",
        xytext=(0, 3),
        textcoords="offset points",
        fontsize=SMALL,
        color=SOFT,
        parse_math=False,
        annotation_clip=False,
    )
