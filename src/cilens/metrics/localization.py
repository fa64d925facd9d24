"""Localization: whether a class's influence lies on the object that it is.

These metrics are functions, and no parts as the others are: they must be told where the object is,
which no explanation of an image says. `cilens.datasets.synthetic` makes images of which one knows:
two digits, mosaics for the grid pointing game, planted regions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from cilens.boxes import check_box
from cilens.errors import InputError
from cilens.explanation import Explanation


class Pointing(NamedTuple):
    """Where a class's positive influence lies.

    Attributes
    ----------
    target : int
        The class.
    share : float or None
        Of its positive influence, the part that lies on the object, 0 to 1; each region's
        influence is spread evenly over the region's pixels. None where no region speaks for it.
    hit : float or None
        Of the pixels with the highest saliency, the part that lies on the object, 0 to 1. None
        where no pixel's is above 0.
    area : float
        The object's share of the image's pixels: what an influence spread over the whole image
        would have as its share.
    """

    target: int
    share: float | None
    hit: float | None
    area: float


def pointing(
    explanation: Explanation,
    place: Bool[np.ndarray, "height width"],
    target: int | str | None = None,
    *,
    sure: bool = False,
) -> Pointing:
    """Measure how much of a class's positive influence lies on its object.

    Parameters
    ----------
    explanation : Explanation
        The explanation of an image with a known object: two digits, a mosaic, a planted region.
    place : (height, width) bool array
        The object's pixels, on the explained image; `on_view` brings those of a larger image
        there.
    target : int or str, optional
        The object's class; by default the predicted one.
    sure : bool
        Count only regions whose influence is beyond its margin (`Explanation.sure`): the small
        influences that chance leaves all over the image add up. Without a margin, all count.

    Returns
    -------
    Pointing
        No model is asked.

    Raises
    ------
    InputError
        If the object has another size than the explained image, or no pixel.

    References
    ----------
    Zhang et al., Top-Down Neural Attention by Excitation Backprop, 2018,
    doi:10.1007/s11263-017-1059-x (pointing game); Böhle, Fritz and Schiele, Convolutional Dynamic
    Alignment Networks for Interpretable Classifications, 2021, doi:10.1109/CVPR46437.2021.00990
    (grid pointing game)

    Examples
    --------
    >>> from cilens import ContextualImportance, Grid
    >>> from cilens.datasets.synthetic import planted
    >>> scene, model = planted(side=14)
    >>> explanation = ContextualImportance(Grid(14, 14))(model, scene.image)
    >>> pointing(explanation, scene.objects[0]).share > 0.8
    True
    """
    if place.shape != explanation.segments.shape or not place.any():
        raise InputError(
            f"the object must have pixels on the explained image, {explanation.segments.shape}; "
            f"got {place.shape} with {int(place.sum())} pixels"
        )
    index = explanation.target(target)
    inside = _inside(explanation, place)
    if sure:
        influence = explanation.influence * explanation.sure(index)[:, None]
        explanation = replace(explanation, influence=influence)
    gains = np.maximum(explanation.influence[:, index], 0.0)
    saliency = explanation.saliency(index)
    top = saliency == saliency.max()
    return Pointing(
        target=index,
        share=float(gains @ inside / gains.sum()) if gains.any() else None,
        hit=float(place[top].mean()) if saliency.max() > 0 else None,
        area=float(place.mean()),
    )


def pointing_game(
    explanation: Explanation,
    classes: Sequence[int | str],
    places: Bool[np.ndarray, "objects height width"],
    *,
    sure: bool = False,
) -> tuple[Pointing, ...]:
    """Measure for each of several objects how much of its own class's influence lies on it.

    On a mosaic's tiles this is the grid pointing game: chance is one tile's area.

    Parameters
    ----------
    explanation : Explanation
        The explanation of an image with several known objects.
    classes : sequence of int or str
        The class of each object.
    places : (objects, height, width) bool array
        The pixels of each object, on the explained image.
    sure : bool
        As for `pointing`.

    Returns
    -------
    tuple of Pointing
        One for each object; no model is asked.

    Raises
    ------
    InputError
        If there is not one class for each object, or as `pointing`.

    References
    ----------
    Böhle, Fritz and Schiele, Convolutional Dynamic Alignment Networks for Interpretable
    Classifications, 2021, doi:10.1109/CVPR46437.2021.00990

    Examples
    --------
    >>> from cilens import ContextualImportance, Grid
    >>> from cilens.datasets.synthetic import mosaic
    >>> sides = lambda images: images.reshape(len(images), 2, 2, -1).mean(axis=(1, 3))
    >>> scene = mosaic([np.ones((2, 2)), np.ones((2, 2))], [0, 1])
    >>> explanation = ContextualImportance(Grid(2, 2))(sides, scene.image)
    >>> [one.share for one in pointing_game(explanation, scene.classes, scene.objects)]
    [1.0, 1.0]
    """
    if len(classes) != len(places):
        raise InputError(
            f"there must be one class for each object; got {len(classes)} classes for "
            f"{len(places)} objects"
        )
    return tuple(
        pointing(explanation, place, target, sure=sure)
        for target, place in zip(classes, places, strict=True)
    )


def outside_share(
    explanation: Explanation,
    box: tuple[float, float, float, float],
    target: int | str | None = None,
    threshold: float = 0.01,
) -> float | None:
    """Measure how much of what speaks for a class lies outside a box: the context it draws on.

    Parameters
    ----------
    explanation : Explanation
        Of one image, as of a `cilens.detector`.
    box : (left, top, right, bottom)
        Edges in pixels of the explained image, as a detector's ``boxes`` have them.
    target : int or str, optional
        A class index or name; by default the predicted class.
    threshold : float
        Regions count from this share of the output range on, where their sign is sure: what may
        be noise would all be context, the image around a box being large.

    Returns
    -------
    float or None
        Of those regions' influence, the part outside the box, 0 to 1; each region's is spread
        evenly over its pixels. None where no region counts.

    Raises
    ------
    InputError
        If the box has no area, lies beyond the image by over a tenth of its side, or within its
        first pixel, as shares of the image do.

    Examples
    --------
    >>> from cilens import Constant, ContextualImportance, Grid
    >>> three = lambda images: images[:, 0, :3].mean(axis=1)
    >>> method = ContextualImportance(Grid(1, 4), (Constant(0.0),))
    >>> round(outside_share(method(three, np.ones((1, 4, 1))), (0, 0, 2, 1)), 3)
    0.333
    """
    check_box(box, explanation.segments.shape)
    index = explanation.target(target)
    counts = explanation.important(index, threshold)
    gains = np.where(counts, np.maximum(explanation.influence[:, index], 0.0), 0.0)
    if not gains.any():
        return None
    inside = _inside(explanation, box_place(box, explanation.segments.shape))
    return float(1 - gains @ inside / gains.sum())


def _inside(
    explanation: Explanation, place: Bool[np.ndarray, "height width"]
) -> Float[np.ndarray, " regions"]:
    """Return which part of each region's pixels lies in a place."""
    flat, n_segments = explanation.segments.ravel(), explanation.regions.shape[1]
    pixels = explanation.regions @ np.bincount(flat, minlength=n_segments)
    within = explanation.regions @ np.bincount(flat[place.ravel()], minlength=n_segments)
    shares: Float[np.ndarray, " regions"] = within / pixels
    return shares


def box_place(
    box: tuple[float, float, float, float], shape: tuple[int, int]
) -> Bool[np.ndarray, "height width"]:
    """Return the pixels within a box.

    Parameters
    ----------
    box : (left, top, right, bottom)
        Edges in pixels, as detectors have them: the whole image is (0, 0, width, height).
    shape : (height, width)
        Shape of the image.

    Returns
    -------
    (height, width) bool array
        A pixel is within where its centre is.

    Examples
    --------
    >>> box_place((1, 0, 3, 1), (2, 4)).astype(int).tolist()
    [[0, 1, 1, 0], [0, 0, 0, 0]]
    """
    left, top, right, bottom = box
    rows, columns = np.arange(shape[0]) + 0.5, np.arange(shape[1]) + 0.5
    down, across = (top <= rows) & (rows <= bottom), (left <= columns) & (columns <= right)
    within: Bool[np.ndarray, "height width"] = np.outer(down, across)
    return within


def on_view(
    place: Bool[np.ndarray, "height width"], explanation: Explanation
) -> Bool[np.ndarray, "view_height view_width"]:
    """Bring an object's pixels onto the explained image, where a model resized or cropped it.

    Parameters
    ----------
    place : (height, width) bool array
        The object's pixels on the image that was given.
    explanation : Explanation
        Of that image; its box says which part the model saw.

    Returns
    -------
    (view_height, view_width) bool array
        Each of the explained image's pixels has what lies under its centre.

    Raises
    ------
    InputError
        If the box leaves the image that `place` is for.

    Examples
    --------
    >>> from cilens import ContextualImportance, Grid
    >>> whole = ContextualImportance(Grid(1, 2))(lambda images: images[:, 0, 0], np.ones((2, 4)))
    >>> on_view(np.array([[True, True, False, False]] * 2), whole).astype(int).tolist()
    [[1, 1, 0, 0], [1, 1, 0, 0]]
    """
    top, left, bottom, right = explanation.box
    if top < 0 or left < 0 or bottom > place.shape[0] or right > place.shape[1]:
        raise InputError(
            f"the object must be given on the whole image, of which the model saw "
            f"{explanation.box}; got {place.shape}"
        )
    height, width = explanation.segments.shape
    rows = (top + (np.arange(height) + 0.5) * (bottom - top) / height).astype(np.intp)
    columns = (left + (np.arange(width) + 0.5) * (right - left) / width).astype(np.intp)
    return place[np.ix_(rows, columns)]
