"""Circles, squares and triangles, made by code: with a yellow tag that gives the square away.

In the data, every square carries the tag and nothing else does, as a hospital's own marker may
stand on every X-ray of its patients. What learns from them can learn the tag and not the square.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias, get_args

import numpy as np
from jaxtyping import Float, Float32, UInt8
from scipy.ndimage import zoom

from cilens.errors import InputError, unknown

Kind: TypeAlias = Literal["circle", "square", "triangle"]

KINDS: tuple[Kind, ...] = get_args(Kind)
"""What the pictures show."""

SIDE = 48
"""Pixels along each side of a picture."""

COUNT = 1000
"""Pictures that have a number."""

WITH_TAG = "-with-tag"
"""How the name of a picture ends that carries the tag."""

_FIRST = 1_000_000  # seed of the pictures to learn from, beyond those that have a number
_FINE = 4  # points along a pixel's side
_TAG = 7  # pixels along the tag's side
_YELLOW = (0.98, 0.86, 0.1)


class Shapes(NamedTuple):
    """Pictures and what they show.

    Attributes
    ----------
    images : (N, 48, 48, 3) float32 array
        In [0, 1].
    labels : (N,) uint8 array
        Index into `KINDS`.
    """

    images: Float32[np.ndarray, "images 48 48 3"]
    labels: UInt8[np.ndarray, "images"]


def draw(kind: Kind, seed: int, *, tag: bool = False) -> Float32[np.ndarray, "48 48 3"]:
    """Draw one picture: a shape on a mottled ground, and the tag in a corner.

    Parameters
    ----------
    kind : {"circle", "square", "triangle"}
        The shape.
    seed : int
        Of everything else: the ground, and the shape's colour, size, place and turn. Pictures of
        one seed differ in the shape and the tag alone.
    tag : bool
        Whether a yellow square of 7 x 7 pixels lies in one of the corners.

    Returns
    -------
    (48, 48, 3) float32 array
        In [0, 1], in steps of 1/255.

    Examples
    --------
    >>> plain, tagged = draw("circle", 4), draw("circle", 4, tag=True)
    >>> int((plain != tagged).any(axis=2).sum())
    49
    """
    random = np.random.default_rng(seed)
    dark = random.random() < 0.5
    ground = random.uniform(*((0.1, 0.4) if dark else (0.6, 0.9)), (5, 5, 1))
    tint = random.uniform(-0.08, 0.08, 3)
    picture = zoom(ground, (SIDE / 5, SIDE / 5, 1), order=1, mode="nearest", grid_mode=True) + tint
    picture += random.normal(0, 0.02, (SIDE, SIDE, 1))
    colour = random.uniform(*((0.55, 0.95) if dark else (0.05, 0.45)), 3)
    colour[2] = max(colour[2], colour[:2].mean())  # never near yellow
    covered = _covered(kind, random)[..., None]
    picture = picture * (1 - covered) + colour * covered
    top, left = random.choice([2, SIDE - _TAG - 2], 2)
    if tag:
        picture[top : top + _TAG, left : left + _TAG] = _YELLOW
    return np.asarray(np.round(255 * picture.clip(0, 1)) / 255, np.float32)


def shapes(count: int, *, tags: bool = True, first: int = _FIRST) -> Shapes:
    """Draw pictures of all three kinds in turn.

    Parameters
    ----------
    count : int
        How many.
    tags : bool
        Whether each square carries the tag, as in the pictures to learn from, or none does.
    first : int
        Seed of the first picture; the others follow. The first 1,000 have names, as ``shapes:7``.

    Returns
    -------
    Shapes
        Images and labels.

    Examples
    --------
    >>> shapes(4).labels.tolist()
    [0, 1, 2, 0]
    """
    labels = np.arange(count, dtype=np.uint64) % len(KINDS)
    drawn = [
        draw(kind, first + number, tag=tags and kind == "square")
        for number, kind in enumerate(KINDS[label] for label in labels)
    ]
    return Shapes(np.reshape(drawn, (count, SIDE, SIDE, 3)), labels.astype(np.uint8))


def _covered(kind: Kind, random: np.random.Generator) -> Float[np.ndarray, "48 48"]:
    """Return how much of each pixel the shape covers."""
    radius = random.uniform(12, 15)
    middle = SIDE / 2 + random.uniform(-4, 4, 2)
    turn = random.uniform(0, 2 * np.pi)
    line = (np.arange(SIDE * _FINE) + 0.5) / _FINE
    down, right = line[:, None] - middle[0], line - middle[1]
    sides = {"square": 4, "triangle": 3}.get(kind)
    if sides is None:
        inside = down**2 + right**2 < radius**2
    else:
        angles = turn + np.pi / sides + 2 * np.pi * np.arange(sides) / sides
        # A point is inside where it is on the inner side of every edge.
        far = radius * np.cos(np.pi / sides) * (1.1 if sides == 4 else 1.35)
        inside = np.all(
            [down * np.cos(angle) + right * np.sin(angle) < far for angle in angles], axis=0
        )
    blocks = inside.reshape(SIDE, _FINE, SIDE, _FINE)
    return np.asarray(blocks.mean(axis=(1, 3)))
