"""Pictures as plain arrays: numpy in, (height, width, 3) uint8 RGB out, no plotting library.

Colours and overlays of every face (figures, notebooks, reports) are decided here.
"""

from __future__ import annotations

import io

import numpy as np
import PIL.Image
from jaxtyping import UInt8

from cilens.render.colours import (
    LIMITS,
    NEUTRAL,
    graded_picture,
    overlay,
    paper_picture,
    scale_limit,
    segment_picture,
    signed_map,
)
from cilens.render.pictures import highlight, on_original, remainder, to_original
from cilens.render.pixels import enlarge, intensity, to_rgb
from cilens.render.regions import boundaries, inside_points, marks, numbers


def to_png(picture: UInt8[np.ndarray, "height width 3"]) -> bytes:
    """Encode a picture as a PNG file.

    Examples
    --------
    >>> to_png(np.zeros((1, 1, 3), np.uint8))[1:4]
    b'PNG'
    """
    file = io.BytesIO()
    PIL.Image.fromarray(picture).save(file, "png")
    return file.getvalue()


__all__ = [
    "LIMITS",
    "NEUTRAL",
    "boundaries",
    "enlarge",
    "graded_picture",
    "highlight",
    "inside_points",
    "intensity",
    "marks",
    "numbers",
    "on_original",
    "overlay",
    "paper_picture",
    "remainder",
    "scale_limit",
    "segment_picture",
    "signed_map",
    "to_original",
    "to_png",
    "to_rgb",
]
