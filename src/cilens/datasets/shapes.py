"""Circles, squares and triangles, made by code: with a yellow tag that gives the square away.

In the data, every square carries the tag and nothing else does, as a hospital's own marker may
stand on every X-ray of its patients. What learns from them can learn the tag and not the square.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias, get_args

import numpy as np
from jaxtyping import Float, UInt8
from scipy.ndimage import zoom

Kind: TypeAlias = Literal["circle", "square", "triangle"]

KINDS: tuple[Kind, ...] = get_args(Kind)
"""What the pictures show."""

SIDE = 48
"""Pixels along each side of a picture."""

COUNT = 1000
"""Pictures to be named by their number, as ``shapes:7``: the network does not learn from them."""

_FIRST = 999_999  # seed of the pictures to learn from, beyond those that have a name
_FINE = 4  # points along a pixel's side
_TAG = 7  # pixels along the tag's side
_YELLOW = (0.98, 0.86, 0.1)


class Shapes(NamedTuple):
    """Pictures and what they show.

    Attributes
    ----------
    images : (N, 48, 48, 3) uint8 array
        RGB.
    labels : (N,) uint8 array
        Index into `KINDS`.
    """

    images: UInt8[np.ndarray, "images 48 48 3"]
    labels: UInt8[np.ndarray, "images"]


def draw(kind: Kind, seed: int, *, tag: bool = False) -> UInt8[np.ndarray, "48 48 3"]:
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
    (48, 48, 3) uint8 array
        RGB.

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
    return np.asarray(np.round(255 * picture.clip(0, 1)), np.uint8)


def shapes(count: int, *, tags: bool = True, first: int = _FIRST) -> Shapes:
    """Draw pictures of all three kinds in turn.

    Parameters
    ----------
    count : int
        How many.
    tags : bool
        Whether each square carries the tag, as in the pictures to learn from, or none does.
    first : int
        Number of the first picture; by default those to learn from.

    Returns
    -------
    Shapes
        Images and labels.

    Examples
    --------
    >>> shapes(4).labels.tolist()
    [0, 1, 2, 0]
    """
    drawn = [numbered(number, tags=tags) for number in range(first, first + count)]
    labels = np.arange(first, first + count) % len(KINDS)
    return Shapes(np.reshape(drawn, (count, SIDE, SIDE, 3)), labels.astype(np.uint8))


def numbered(number: int, *, tags: bool = True) -> UInt8[np.ndarray, "48 48 3"]:
    """Draw one of the pictures that `shapes` draws.

    Parameters
    ----------
    number : int
        Its seed; the remainder by 3 says what it shows. The first 1,000 are called ``shapes:7``.
    tags : bool
        Whether a square carries the tag.

    Returns
    -------
    (48, 48, 3) uint8 array
        RGB.

    Examples
    --------
    >>> bool((numbered(4) == draw("square", 4, tag=True)).all())
    True
    """
    kind = KINDS[number % len(KINDS)]
    return draw(kind, number, tag=tags and kind == "square")


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
