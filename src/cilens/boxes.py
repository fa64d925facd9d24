"""Boxes around objects: the ways in which detectors write them, and whether they can be meant."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from jaxtyping import Float

from cilens.errors import InputError, unknown

Box: TypeAlias = tuple[float, float, float, float]
"""(left, top, right, bottom): edges in pixels, as torchvision and most detectors have them."""

FORMATS = ("xyxy", "yxyx", "xywh", "cxcywh")
"""Two corners, x first or y first; a corner with width and height; the centre with these."""

UNITS = ("pixels", "shares")

_BEYOND = 0.1
"""How far a box may pass an edge, as a share of that side: detectors do by a little."""


def check_convention(box_format: str, box_unit: str) -> None:
    """Raise unless there is such a way to write boxes.

    Raises
    ------
    InputError
        With the nearest there is.

    Examples
    --------
    >>> check_convention("xyxy", "pixels")
    """
    if box_format not in FORMATS:
        raise unknown("box_format", str(box_format), FORMATS)
    if box_unit not in UNITS:
        raise unknown("box_unit", str(box_unit), UNITS)


def to_edges(
    boxes: Float[np.ndarray, "boxes 4"], box_format: str, box_unit: str, shape: tuple[int, ...]
) -> Float[np.ndarray, "boxes 4"]:
    """Return boxes as (left, top, right, bottom) in pixels.

    Parameters
    ----------
    boxes : (boxes, 4) float array
        As a detector writes them.
    box_format : {"xyxy", "yxyx", "xywh", "cxcywh"}
        What the four numbers are: edges, left first or top first; left and top edge with width
        and height; or the centre with these.
    box_unit : {"pixels", "shares"}
        Of the image, or of its width and height.
    shape : (height, width) and anything after
        Shape of the image.

    Returns
    -------
    (boxes, 4) float64 array
        Not checked: see `fault`.

    Examples
    --------
    >>> to_edges(np.array([[0.5, 0.5, 0.2, 1.0]]), "cxcywh", "shares", (8, 10)).round(9).tolist()
    [[4.0, 0.0, 6.0, 8.0]]
    """
    height, width = shape[:2]
    edges = boxes.astype(np.float64)
    if box_format == "yxyx":
        edges = edges[:, [1, 0, 3, 2]]
    if box_format == "cxcywh":
        edges[:, :2] -= edges[:, 2:] / 2
    if box_format in ("xywh", "cxcywh"):
        edges[:, 2:] += edges[:, :2]
    return edges * (width, height, width, height) if box_unit == "shares" else edges


def fault(edges: Float[np.ndarray, "boxes 4"], shape: tuple[int, ...]) -> str:
    """Say why boxes cannot be (left, top, right, bottom) in pixels of an image; or nothing.

    Parameters
    ----------
    edges : (boxes, 4) float array
        Of at least one box.
    shape : (height, width) and anything after
        Shape of the image.

    Returns
    -------
    str
        What is wrong with the first that is, to follow "boxes must …".

    Examples
    --------
    >>> fault(np.array([[0.1, 0.1, 0.5, 0.5]]), (40, 60))
    'be in pixels of an image of 40 x 60; got (0.1, 0.1, 0.5, 0.5), which look like shares of it'
    >>> fault(np.array([[1.0, 1.0, 5.0, 5.0]]), (40, 60))
    ''
    """
    height, width = shape[:2]
    if (found := crossed(edges)) or not np.isfinite(edges).all():
        return found or f"be finite; got {edges.tolist()}"
    left, top, right, bottom = edges.T
    if min(height, width) > 2 and edges.min() >= 0 and edges.max() <= 1:
        return (
            f"be in pixels of an image of {height} x {width}; got {_shown(edges[0])}, which look "
            "like shares of it"
        )
    across, down = width * _BEYOND, height * _BEYOND
    beyond = (left < -across) | (right > width + across) | (left >= width) | (right <= 0)
    beyond |= (top < -down) | (bottom > height + down) | (top >= height) | (bottom <= 0)
    if beyond.any():
        return (
            f"lie in the image, {height} high and {width} wide; got "
            f"{_shown(edges[beyond.argmax()])} as (left, top, right, bottom) in pixels"
        )
    if (flat := (right <= left) | (bottom <= top)).any():
        return f"have an area; got {_shown(edges[flat.argmax()])} as (left, top, right, bottom)"
    return ""


def crossed(edges: Float[np.ndarray, "boxes 4"]) -> str:
    """Say which box has an edge beyond its opposite, as `fault` does; or nothing.

    Examples
    --------
    >>> crossed(np.array([[9.0, 0.0, 5.0, 5.0]]))
    'have no edge beyond its opposite; got (9, 0, 5, 5) as (left, top, right, bottom)'
    """
    left, top, right, bottom = edges.T
    wrong = (left > right) | (top > bottom)
    if not wrong.any():
        return ""
    box = _shown(edges[wrong.argmax()])
    return f"have no edge beyond its opposite; got {box} as (left, top, right, bottom)"


def check_box(box: Box, shape: tuple[int, ...]) -> None:
    """Raise unless a box can be (left, top, right, bottom) in pixels of an image.

    Raises
    ------
    InputError
        With what is wrong.

    Examples
    --------
    >>> check_box((1, 1, 5, 5), (40, 60))
    """
    edges = np.asarray(box, dtype=np.float64)
    if edges.shape != (4,):
        raise InputError(f"a box must be (left, top, right, bottom); got {box}")
    if wrong := fault(edges[None], shape):
        raise InputError(f"a box must {wrong}: give the edges, in pixels")


def _shown(edges: Float[np.ndarray, "4"]) -> str:
    return f"({', '.join(f'{edge:.4g}' for edge in edges)})"
