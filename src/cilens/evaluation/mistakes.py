"""Misclassification: which images a model gets wrong, and what it saw in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Integer

from cilens.errors import InputError
from cilens.explanation import Explanation
from cilens.followup.highlight import Highlight, HighlightCheck
from cilens.perturbation import Constant
from cilens.scoring import score_images
from cilens.scoring.explain import PlannedMethod, explain_each
from cilens.types import AnyImage, Model, Perturbation

_BLACK = Constant(0.0)


@dataclass(frozen=True)
class Misclassification:
    """An image that a model takes for something else.

    Attributes
    ----------
    index : int
        Its place in the set.
    true, predicted : int
        The class it shows, and the one with the highest score.
    confidence : float
        The predicted class's score.
    true_score : float
        The true class's score.
    """

    index: int
    true: int
    predicted: int
    confidence: float
    true_score: float


class ErrorCheck(NamedTuple):
    """What a model saw in an image it gets wrong, read for both classes.

    Attributes
    ----------
    error : Misclassification
        Which image, and what for.
    explanation : Explanation
        The explanation of the image, for every class.
    predicted, true : HighlightCheck
        The highlight of the predicted class, and the one of the true class, asked about.
    """

    error: Misclassification
    explanation: Explanation
    predicted: HighlightCheck
    true: HighlightCheck

    @property
    def predicted_raised(self) -> bool:
        """Whether that highlight, if not empty, scores higher for its class than the image."""
        return not self.predicted.empty and self.predicted.score > self.error.confidence

    @property
    def true_raised(self) -> bool:
        """Whether that highlight, if not empty, scores higher for its class than the image."""
        return not self.true.empty and self.true.score > self.error.true_score


def find_errors(
    model: Model,
    images: Iterable[AnyImage],
    labels: Integer[np.ndarray, " images"] | Sequence[int],
    *,
    batch_size: int = 256,
) -> tuple[Misclassification, ...]:
    """Find the images that a model gets wrong, the most confident error first.

    Parameters
    ----------
    model : callable
        (rows, height, width, channels) array to (rows, classes) scores.
    images : iterable of (height, width, channels) arrays
        Taken only as needed.
    labels : (images,) int array or sequence of int
        The class that each of them shows, 0 to classes - 1.
    batch_size : int
        Most rows in one call of the model.

    Returns
    -------
    tuple of Misclassification
        Sorted by confidence, downwards; where it is equal, by index.

    Raises
    ------
    InputError
        If there is not one label for each image, or a label is no class of the model.

    Examples
    --------
    >>> brightness = lambda images: np.concatenate([1 - images, images], axis=3).mean(axis=(1, 2))
    >>> images = [np.full((2, 2, 1), grey) for grey in (0.125, 0.75, 1.0)]  # classes: dark, bright
    >>> [(error.index, error.confidence) for error in find_errors(brightness, images, [0, 0, 0])]
    [(2, 1.0), (1, 0.75)]
    """
    classes = [int(label) for label in labels]
    rows = list(score_images(model, images, batch_size=batch_size))
    if len(rows) != len(classes):
        raise InputError(
            f"there must be one label for each image; got {len(rows)} images, {len(classes)} labels"
        )
    return list_errors(rows, classes)


def list_errors(
    scores: Iterable[Float[np.ndarray, " classes"]], labels: Iterable[int]
) -> tuple[Misclassification, ...]:
    """List the images that a model gets wrong, from its scores, the most confident error first.

    Parameters
    ----------
    scores : iterable of (classes,) float arrays
        The model's answer to each image.
    labels : iterable of int
        The class that each of them shows, 0 to classes - 1.

    Returns
    -------
    tuple of Misclassification
        As `find_errors` does.

    Raises
    ------
    InputError
        If a label is no class of the model.

    Examples
    --------
    >>> found = list_errors(np.array([[0.25, 0.75], [0.5, 0.5]]), [0, 0])
    >>> [(error.index, error.predicted, error.confidence) for error in found]
    [(0, 1, 0.75)]
    """
    found = []
    for index, (row, true) in enumerate(zip(scores, labels, strict=True)):
        if not 0 <= true < len(row):
            raise InputError(f"labels must be in 0 … {len(row) - 1}; label {index} is {true}")
        given = int(row.argmax())
        if given != true:
            told = float(row[given]), float(row[true])
            found.append(Misclassification(index, int(true), given, *told))
    return tuple(sorted(found, key=lambda error: (-error.confidence, error.index)))


def check_errors(
    method: PlannedMethod,
    model: Model,
    images: Sequence[AnyImage],
    errors: Iterable[Misclassification],
    *,
    perturbation: Perturbation = _BLACK,
    threshold: float = 0.01,
) -> Iterator[ErrorCheck]:
    """Explain misclassified images, and ask about the highlights of both classes.

    Parameters
    ----------
    method : PlannedMethod
        What explains; it answers for both classes at once.
    model : callable
        (rows, height, width, channels) array to (rows, classes) scores.
    images : sequence of (height, width, channels) arrays
        The set that the errors are in; others are not read.
    errors : iterable of Misclassification
        As `find_errors` returns them.
    perturbation : Perturbation
        What stands in the place of the regions that a highlight leaves out.
    threshold : float
        Regions are highlighted from this share of the output range on.

    Yields
    ------
    ErrorCheck
        One for each error, in order.

    Examples
    --------
    >>> import cilens
    >>> model, digits = cilens.load_model("digits"), [cilens.read_image("mnist:0")]
    >>> errors = find_errors(model, digits, [9])  # a seven, which someone else calls a nine
    >>> [check] = check_errors(cilens.ContextualImportance.paper(), model, digits, errors)
    >>> check.error.predicted, check.predicted.predicted
    (7, 7)
    """
    listed = list(errors)
    pictures = (images[error.index] for error in listed)
    for error, explanation in zip(listed, explain_each(method, model, pictures), strict=True):
        checks = (
            Highlight(perturbation, threshold).check(model, explanation, target)
            for target in (error.predicted, error.true)
        )
        yield ErrorCheck(error, explanation, *checks)
