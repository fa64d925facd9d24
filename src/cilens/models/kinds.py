"""What kind of network an output tells of, and what works where it is no classifier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cilens.models.metadata import Dimensions, show


class Kind(NamedTuple):
    """A network that does not put out one row of scores for each image, or just one number.

    Attributes
    ----------
    what : str
        What it puts out, and which networks do so.
    way : str
        What to do to explain it.
    explained : bool
        Whether it can be explained as it is.
    """

    what: str
    way: str
    explained: bool = False


def kind_of(shapes: Sequence[Dimensions]) -> Kind | None:
    """Say what kind of network puts out arrays of these shapes.

    Parameters
    ----------
    shapes : sequence of shapes
        Shapes of the output that is meant, or of all where none is. Rows included.

    Returns
    -------
    Kind or None
        None for a classifier, with one row of scores for each image.

    Examples
    --------
    >>> kind_of([("n", 21, 65, 65)]).what
    'maps, (n, 21, 65, 65), as networks for segmentation do'
    >>> kind_of([("n", 1000)]) is None
    True
    """
    if len(shapes) > 2 and any(len(shape) > 1 and shape[-1] == 4 for shape in shapes):
        listed = ", ".join(map(show, shapes))
        return Kind(f"several arrays, {listed}, as detectors do", _DETECTOR)
    if len(shapes) != 1:
        return None
    (shape,) = shapes
    if len(shape) == 4 and tuple(shape[2:]) != (1, 1):
        return Kind(f"maps, {show(shape)}, as networks for segmentation do", _MAPS)
    if len(shape) == 3:
        what = f"a table for each image, {show(shape)}, as detectors such as YOLO do"
        return Kind(what, _DETECTOR)
    if len(shape) == 1 or (len(shape) == 2 and shape[1] == 1):
        what = f"one number for each image, {show(shape)}: a probability, or a regression's"
        return Kind(what, _NUMBER, explained=True)
    return None


_DETECTOR = (
    "pass cilens.detector a function that makes boxes, labels and scores of its output for one "
    "image"
)
_MAPS = (
    "explain a function that makes one number for each class of the maps, such as each map's mean "
    "over all pixels or over a mask of those that are asked about"
)
_NUMBER = (
    "of a probability, state activation sigmoid, or two class names, for the classes 1 - p and p; "
    "a regression is explained as it is, with the range of its numbers as output range "
    "(cilens calibrate measures it)"
)
