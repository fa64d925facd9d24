"""What is asked and what comes back: plain records between the parts.

A `Plan` holds all the questions about one image before any model is called; so the exact cost is
known, and the answers can be read without the model.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Integer

from cilens.coalitions import nothing, single_regions
from cilens.errors import CilensWarning
from cilens.segmentation import Grid, Labels, segment
from cilens.types import (
    Coalitions,
    Features,
    Image,
    Perturbation,
    PixelRange,
    Regions,
    Segmenter,
    Segments,
    View,
)

_MOST = 0.6
"""A cut says little if one segment has more than this of what varies."""


class Question(NamedTuple):
    """What to ask about one image: these coalitions, hidden by this perturbation.

    Attributes
    ----------
    image : (height, width, channels) array
        In shares of the pixel range, or in whatever the perturbation and the model know.
    segments : (height, width) int array
        Labels 0 … S-1.
    coalitions : (N, S) bool array
        True where a segment stays.
    perturbation : Perturbation
        What stands in a segment's place.
    pixel_range : PixelRange or None
        What the model is asked in; None for `image` as it is.
    given : (height, width, channels) array or None
        The image in that range, where it is at hand.
    inside : bool
        Whether the features of the model's last grid are asked for too: a look inside.
    """

    image: Image
    segments: Segments
    coalitions: Coalitions
    perturbation: Perturbation
    pixel_range: PixelRange | None = None
    given: Image | None = None
    inside: bool = False

    @classmethod
    def on(
        cls, view: View, segments: Segments, coalitions: Coalitions, perturbation: Perturbation
    ) -> Question:
        """Return the question about a view, in the range its model is asked in."""
        shown, known = view.image, (view.pixel_range, view.given)
        return cls(shown, segments, coalitions, perturbation, *known)


class Answer(NamedTuple):
    """What the model said to one question.

    Attributes
    ----------
    scores : (coalitions, classes) float64 array
        One row for each coalition.
    unchanged : (coalitions,) bool array
        True where the perturbation changed no pixel: the model was shown the image itself.
    features : (coalitions, channels, height, width) array or None
        Of the model's last grid, where the question asked for them.
    """

    scores: Float[np.ndarray, "coalitions classes"]
    unchanged: Bool[np.ndarray, " coalitions"]
    features: Features | None = None

    def against(
        self, scores: Float[np.ndarray, " classes"]
    ) -> Float[np.ndarray, "coalitions classes"]:
        """Return the scores, with those of the image itself where the perturbation changed nothing.

        The same image in two batches can get scores that differ by rounding noise.
        """
        same = self.unchanged & (self.scores != scores).any(axis=1)
        if not same.any():
            return self.scores
        return np.where(same[:, None], scores, self.scores)


class Plan(NamedTuple):
    """All that is asked about one image, before any model is called.

    Attributes
    ----------
    view : View
        The image on the model's grid.
    segments : (height, width) int array
        Labels 0 … S-1.
    labels : (S,) int array
        The segmenter's own label of each segment.
    regions : (R, S) bool array
        Which segments each region has.
    region_names : tuple of str
        One name for each region.
    questions : tuple of Question
        What the model is asked.
    """

    view: View
    segments: Segments
    labels: Integer[np.ndarray, " segments"]
    regions: Regions
    region_names: tuple[str, ...]
    questions: tuple[Question, ...]

    @property
    def model_rows(self) -> int:
        """How many images the model will be asked about."""
        return sum(len(question.coalitions) for question in self.questions)


def plan_segments(
    view: View,
    segments: Segments,
    labels: Integer[np.ndarray, " segments"],
    *questions: Question,
) -> Plan:
    """Return the plan of questions in which each segment is a region, named by its label.

    Examples
    --------
    >>> from cilens.coalitions import everything
    >>> from cilens.perturbation import Constant
    >>> image, segments = np.ones((1, 2, 1)), np.array([[0, 1]])
    >>> question = Question(image, segments, everything(2), Constant())
    >>> view = View(image, (0.0, 0.0, 1.0, 2.0))
    >>> plan = plan_segments(view, segments, np.array([7, 9]), question)
    >>> plan.region_names, plan.model_rows
    (('7', '9'), 1)
    """
    names = tuple(str(label) for label in labels)
    return Plan(view, segments, labels, single_regions(len(labels)), names, questions)


def plan_once(
    view: View,
    segmenter: Segmenter,
    perturbation: Perturbation,
    draw: Callable[[int], Coalitions],
) -> Plan:
    """Cut the image, and return the plan of one question in which each segment is a region.

    Parameters
    ----------
    view : View
        The image on the model's grid.
    segmenter : Segmenter
        Image to (height, width) integer labels.
    perturbation : Perturbation
        What stands in a segment's place.
    draw : callable
        From the number of segments to the coalitions to ask about.

    Returns
    -------
    Plan

    Examples
    --------
    >>> from cilens.coalitions import everything
    >>> from cilens.perturbation import Constant
    >>> from cilens.segmentation import Grid
    >>> view = View(np.ones((2, 2, 1)), (0.0, 0.0, 2.0, 2.0))
    >>> plan_once(view, Grid(1, 2), Constant(), everything).questions[0].coalitions
    array([[ True,  True]])
    """
    segments, labels = cut(view, segmenter, perturbation)
    question = Question.on(view, segments, draw(len(labels)), perturbation)
    return plan_segments(view, segments, labels, question)


def cut(
    view: View, segmenter: Segmenter, perturbation: Perturbation
) -> tuple[Segments, Integer[np.ndarray, " segments"]]:
    """Cut the image, and warn where the cut is too coarse to tell much.

    That is where one segment has over 60 % of what varies (of the pixels that look different when
    hidden), or fewer than a quarter of the segments asked for came out. Not where most of those
    asked for came out and none has over 60 % of the image: there the picture has little that
    varies, a digit on black. Grids and labels of one's own are what was wanted.

    Parameters
    ----------
    view : View
        The image on the model's grid.
    segmenter : Segmenter
        Image to (height, width) integer labels.
    perturbation : Perturbation
        What stands in a segment's place.

    Returns
    -------
    segments, labels
        As `cilens.segmentation.segment` returns them.

    Examples
    --------
    >>> from cilens.perturbation import Constant
    >>> from cilens.segmentation import Grid
    >>> view = View(np.ones((2, 2, 1)), (0.0, 0.0, 2.0, 2.0))
    >>> cut(view, Grid(1, 2), Constant())[0].tolist()
    [[0, 1], [0, 1]]
    """
    segments, labels = segment(segmenter, view)
    asked = getattr(segmenter, "n_segments", None)
    if isinstance(segmenter, Grid | Labels) or min(asked or segments.size, segments.size) == 1:
        return segments, labels
    (blank,) = perturbation(view.image, segments, nothing(len(labels)))
    varied = np.bincount(segments[(blank != view.image).any(axis=2)])
    most = varied.max() / varied.sum() if varied.any() else 0.0
    wanted, area = min(asked or 1, segments.size), np.bincount(segments.ravel()).max()
    few = len(labels) < wanted / 4
    # A digit is one stroke on black: a fine cut may have it in a segment of its own.
    fine = len(labels) >= wanted / 2 and area <= _MOST * segments.size
    if few or (most > _MOST and not fine):
        of = f" of {asked}" if few else ""
        one = f", and one has {most:.0%} of what varies" if most > _MOST else ""
        warnings.warn(
            f"{segmenter!r} cut the image into {len(labels)}{of} segments{one}: that can tell "
            "little. Raise n_segments, compactness or sigma, or cut it by a Grid",
            CilensWarning,
            stacklevel=2,
        )
    return segments, labels


def told_apart(
    image: Image, segments: Segments, perturbation: Perturbation
) -> Bool[np.ndarray, " segments"]:
    """Return which segments look different when they are hidden.

    A black segment hidden in black does not: no question can tell whether it is there.

    Parameters
    ----------
    image : (height, width, channels) array
        On the model's grid.
    segments : (height, width) int array
        Labels 0 … S-1.
    perturbation : Perturbation
        What stands in a segment's place.

    Returns
    -------
    (S,) bool array
        Of the image with everything hidden.

    Examples
    --------
    >>> from cilens.perturbation import Constant
    >>> told_apart(np.array([[[0.0], [0.5]]]), np.array([[0, 1]]), Constant(0.0)).tolist()
    [False, True]
    """
    n_segments = int(segments.max()) + 1
    (blank,) = perturbation(image, segments, nothing(n_segments))
    changed = segments[(blank != image).any(axis=2)]
    return np.bincount(changed, minlength=n_segments) > 0
