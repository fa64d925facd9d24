"""Pictures as plain arrays: numpy in, (height, width, 3) uint8 RGB out, no plotting library.

Colours and overlays of every face (figures, notebooks, reports) are decided here.
"""

from __future__ import annotations

from cilens.render.classes import CLASS_COLOURS, class_colour, class_picture
from cilens.render.colours import (
    GHOST,
    LIMITS,
    NEUTRAL,
    RED,
    TINT,
    depth,
    overlay,
    paper_picture,
    scale_limit,
    signed_map,
)
from cilens.render.pictures import PALE, highlight, on_original, to_original
from cilens.render.pixels import (
    PHOTOGRAPH,
    enlarge,
    intensity,
    magnify,
    shrink,
    to_gif,
    to_jpeg,
    to_png,
    to_rgb,
)
from cilens.render.regions import boundaries, inside_points, marks
from cilens.render.stripes import stripes

__all__ = [
    "CLASS_COLOURS", "GHOST", "LIMITS", "NEUTRAL", "PALE", "PHOTOGRAPH", "RED", "TINT",
    "boundaries", "class_colour", "class_picture", "depth", "enlarge", "highlight",
    "inside_points", "intensity", "magnify", "marks", "on_original", "overlay", "paper_picture",
    "scale_limit", "shrink", "signed_map", "stripes", "to_gif", "to_jpeg", "to_original", "to_png",
    "to_rgb",
]  # fmt: skip
