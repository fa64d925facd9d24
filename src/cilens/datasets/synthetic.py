"""Images made so that one knows where the answer is: two digits, mosaics, planted regions.

Each is a `Scene`: the image, and for every object in it the class it shows and the pixels it has.
`cilens.metrics.localization` measures how much of a class's influence lies there. A network of a
fixed size looks at a larger scene through `cilens.models.wrappers.canvas.CanvasModel`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from cilens.datasets.mnist import load_mnist, mnist_image
from cilens.errors import InputError
from cilens.image import as_image
from cilens.types import AnyImage, Batch, Image, Scores

_SIDE = 28  # of a digit


class Scene(NamedTuple):
    """An image whose objects are known.

    Attributes
    ----------
    image : (height, width, channels) array
        What a model is asked about.
    classes : tuple of int
        The class of each object.
    objects : (objects, height, width) bool array
        The pixels of each object.
    """

    image: Image
    classes: tuple[int, ...]
    objects: Bool[np.ndarray, "objects height width"]


def two_digits(
    *, layout: Literal["beside", "corners"] = "beside", slack: int = 3, seed: int = 0
) -> Scene:
    """Put two digits of different classes on one black canvas.

    The digits are of the MNIST test split. An object is the digit's own 28 x 28 square.

    Parameters
    ----------
    layout : {"beside", "corners"}
        Side by side, or the second below and to the right of the first, corner to corner.
    slack : int
        How far each digit may lie from its place in either direction, in pixels; where squares
        meet, the brighter pixel shows. The canvas has as much more at each edge.
    seed : int
        Seed of the digits, their order and their places.

    Returns
    -------
    Scene
        A (28 + 2 slack, 56 + 2 slack, 1) image, or (56 + 2 slack, 56 + 2 slack, 1) for corners;
        float32 in [0, 1]. Two objects.

    Raises
    ------
    InputError
        If there is no such layout, or the slack is below 0.

    Examples
    --------
    >>> scene = two_digits(seed=1)
    >>> scene.image.shape, scene.objects.sum(axis=(1, 2)).tolist()
    ((34, 62, 1), [784, 784])
    """
    if layout not in ("beside", "corners"):
        raise InputError(f"layout must be 'beside' or 'corners'; got {layout!r}")
    if slack < 0:
        raise InputError(f"slack must be at least 0; got {slack}")
    random, labels = np.random.default_rng(seed), load_mnist()[1]
    first = random.integers(len(labels))
    second = random.choice(np.flatnonzero(labels != labels[first]))
    down = 0 if layout == "beside" else _SIDE
    corners = np.array([[0, 0], [down, _SIDE]]) + random.integers(0, 2 * slack + 1, (2, 2))
    return compose(
        [mnist_image(int(index)) for index in (first, second)],
        [int(labels[index]) for index in (first, second)],
        corners=[(int(top), int(left)) for top, left in corners],
        size=(down + _SIDE + 2 * slack, 2 * _SIDE + 2 * slack),
    )


def mosaic(images: Sequence[AnyImage], classes: Sequence[int], *, columns: int = 2) -> Scene:
    """Lay images of one shape out as tiles, row by row, for the grid pointing game.

    Parameters
    ----------
    images : sequence of (height, width, channels) arrays
        Of different classes, or the ground truth is not unique.
    classes : sequence of int
        What each of them shows.
    columns : int
        Tiles in a row; a last row may be shorter, and black after its last tile.

    Returns
    -------
    Scene
        Each object is a tile.

    Raises
    ------
    InputError
        If shapes, dtypes or numbers do not fit, or two tiles show one class.

    References
    ----------
    Böhle, Fritz and Schiele, Convolutional Dynamic Alignment Networks for Interpretable
    Classifications, 2021, doi:10.1109/CVPR46437.2021.00990

    Examples
    --------
    >>> scene = mosaic([np.zeros((2, 2)), np.ones((2, 2))], [4, 7])
    >>> scene.image[0, :, 0].tolist(), scene.objects[1, 0].tolist()
    ([0.0, 0.0, 1.0, 1.0], [False, False, True, True])
    """
    if len(set(classes)) != len(classes):
        raise InputError(f"each tile must show a class of its own; got {list(classes)}")
    if columns < 1 or not images:
        raise InputError(f"a mosaic needs images and columns; got {len(images)} in {columns}")
    height, width = images[0].shape[:2]
    across = min(columns, len(images))
    places = [divmod(index, across) for index in range(len(images))]
    return compose(
        images,
        classes,
        corners=[(row * height, column * width) for row, column in places],
        size=((places[-1][0] + 1) * height, across * width),
    )


def compose(
    images: Sequence[AnyImage],
    classes: Sequence[int],
    *,
    corners: Sequence[tuple[int, int]],
    size: tuple[int, int],
) -> Scene:
    """Put images on one black canvas; where they overlap, the brighter pixel shows.

    Parameters
    ----------
    images : sequence of (height, width, channels) arrays
        Of one shape and dtype.
    classes : sequence of int
        What each of them shows.
    corners : sequence of (top, left)
        The place of each, in pixels of the canvas.
    size : (height, width)
        Size of the canvas, in pixels.

    Returns
    -------
    Scene
        Each object is the whole rectangle of its image.

    Raises
    ------
    InputError
        If shapes, dtypes or numbers do not fit, or an image would leave the canvas.

    Examples
    --------
    >>> compose([np.ones((1, 1))], [3], corners=[(0, 2)], size=(1, 4)).image.ravel().tolist()
    [0.0, 0.0, 1.0, 0.0]
    """
    pictures = [as_image(image) for image in images]
    if not len(pictures) == len(classes) == len(corners) > 0:
        raise InputError(
            "there must be one class and one corner for each image; got "
            f"{len(pictures)} images, {len(classes)} classes, {len(corners)} corners"
        )
    kinds = {(picture.shape, picture.dtype.name) for picture in pictures}
    if len(kinds) > 1:
        raise InputError(f"images must have one shape and dtype; got {sorted(kinds)}")
    height, width, channels = pictures[0].shape
    canvas = np.zeros((*size, channels), pictures[0].dtype)
    objects = np.zeros((len(pictures), *size), dtype=bool)
    for picture, place, (top, left) in zip(pictures, objects, corners, strict=True):
        if not (0 <= top <= size[0] - height and 0 <= left <= size[1] - width):
            raise InputError(
                f"an image of {height} x {width} at {(top, left)} leaves the canvas of "
                f"{size[0]} x {size[1]}"
            )
        square = np.s_[top : top + height, left : left + width]
        np.maximum(canvas[square], picture, out=canvas[square])
        place[square] = True
    return Scene(canvas, tuple(int(index) for index in classes), objects)


@dataclass(frozen=True)
class Planted:
    """A model that looks at one rectangle: class 1 is its mean brightness, class 0 the rest to 1.

    On an image in [0, 1], hiding a share of the rectangle's brightness in black lowers class 1 by
    exactly that share, and hiding anything else changes nothing.

    Parameters
    ----------
    box : (top, left, bottom, right)
        The rectangle's edges, in pixels.

    Examples
    --------
    >>> Planted((0, 0, 1, 2))(np.array([[[[0.5], [1.0], [0.0]]]])).tolist()
    [[0.25, 0.75]]
    """

    box: tuple[int, int, int, int]

    def __post_init__(self) -> None:
        top, left, bottom, right = self.box
        if not (0 <= top < bottom and 0 <= left < right):
            raise InputError(f"Planted.box must be (top, left, bottom, right); got {self.box}")

    def __call__(self, images: Batch, /) -> Scores:
        """Return (1 - brightness, brightness) for each image."""
        top, left, bottom, right = self.box
        bright = images[:, top:bottom, left:right].mean(axis=(1, 2, 3), dtype=np.float64)
        return np.stack([1.0 - bright, bright], axis=1)


def planted(
    *, size: tuple[int, int] = (28, 28), side: int = 8, seed: int = 0
) -> tuple[Scene, Planted]:
    """Make an image of noise with a bright square, and the model that looks at that square alone.

    Parameters
    ----------
    size : (height, width)
        Size of the image, in pixels.
    side : int
        Side of the square, in pixels.
    seed : int
        Seed of the noise and of the square's place.

    Returns
    -------
    scene : Scene
        A (height, width, 1) float64 image, 0 to 0.5 around the square and 0.5 to 1 within. The
        square is its one object, of class 1.
    model : Planted
        Of the square.

    Raises
    ------
    InputError
        If the square does not fit.

    Examples
    --------
    >>> scene, model = planted(seed=4)
    >>> bool(model(scene.image[None])[0].argmax() == scene.classes[0])
    True
    """
    if not 1 <= side <= min(size):
        raise InputError(f"side must be 1 … {min(size)} for an image of {size}; got {side}")
    random = np.random.default_rng(seed)
    image: Float[np.ndarray, "height width 1"] = random.uniform(0.0, 0.5, (*size, 1))
    top, left = (int(random.integers(length - side + 1)) for length in size)
    objects = np.zeros((1, *size), dtype=bool)
    objects[0, top : top + side, left : left + side] = True
    image[objects[0]] += 0.5
    return Scene(image, (1,), objects), Planted((top, left, top + side, left + side))
