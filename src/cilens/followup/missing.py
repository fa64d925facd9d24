"""Absent features: what an image lacks for a class, and where.

Hiding a region can only show what is there. What is not there is found by putting it in: each
region is replaced by the same place of a picture that has it, the class's prototype, and the gain
of the class's score is what was missing. The other half of the question, which regions keep an
image from being another class, needs no prototype: see `cilens.explanation.contrast`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Integer, Real

from cilens.coalitions import one_out
from cilens.errors import InputError, out_of_range
from cilens.explanation import Explanation
from cilens.explanation.numbers import TOLERANCE
from cilens.image import as_image
from cilens.perturbation import Picture
from cilens.pixels import as_shares
from cilens.scoring import score
from cilens.scoring.question import Question
from cilens.types import AnyImage, Image, Model, Progress


class Missing(NamedTuple):
    """What each region of a prototype, put into the image, gains for the prototype's class.

    The numbers are read-only.

    Attributes
    ----------
    foil : int
        The class that something is missing for.
    gain : (regions,) float64 array
        How much its score rises with the region taken from the prototype, as a share of the
        output range, in [-1, 1]. Zero where image and prototype agree; below zero where the
        image's own region is the better one.
    scores : (regions,) float64 array
        Its score then.
    predicted : (regions,) int array
        The class predicted then.
    prototype : (height, width, channels) array
        What was put in, in shares of the pixel range.
    model_rows : int
        Images the model was asked about for this, beside those of the explanation: one for each
        region.
    """

    foil: int
    gain: Float[np.ndarray, " regions"]
    scores: Float[np.ndarray, " regions"]
    predicted: Integer[np.ndarray, " regions"]
    prototype: Image
    model_rows: int


def find_missing(
    model: Model,
    explanation: Explanation,
    prototype: AnyImage,
    foil: int | str | None = None,
    *,
    batch_size: int = 32,
    progress: Progress | None = None,
) -> Missing:
    """Ask what an image lacks for a class: replace each region by that of the class's prototype.

    Parameters
    ----------
    model : callable
        The model that was explained.
    explanation : Explanation
        Its explanation of one image: gives regions, scores and output range.
    prototype : (height, width, channels) array
        A picture of the class, of the shape of ``explanation.image``: from `mean_prototype`,
        `nearest_prototype`, or of one's own. Its pixels follow the rule of all images, in the range
        stated for the image explained, if one was. Take it from other images than the one
        explained.
    foil : int or str, optional
        The class, by index or name; by default, and for "runner-up", the best class but the
        predicted one. The predicted class itself asks what would make it surer.
    batch_size : int
        Most rows in one call of the model.
    progress : callable, optional
        Called after each batch with the number of model rows just answered.

    Returns
    -------
    Missing
        One model row for each region, counted there and not in the explanation.

    Raises
    ------
    InputError
        If the prototype does not fit the image, or there is no such class.
    ModelError
        As in `cilens.explain`.

    References
    ----------
    The question is that of Fig. 5 in Anjomshoae, Jiang and Främling, Visual Explanations for DNNs
    with Contextual Importance, 2021, doi:10.1007/978-3-030-82017-6_6

    Examples
    --------
    >>> import cilens
    >>> bright = lambda images: images.mean(axis=(1, 2))
    >>> method = cilens.ContextualImportance(cilens.Grid(rows=1, columns=2))
    >>> explanation = method(bright, np.array([[[1.0], [0.0]]]))
    >>> find_missing(bright, explanation, np.ones((1, 2, 1)), foil=0).gain.tolist()
    [0.0, 0.5]
    """
    index = explanation.foil(explanation.predicted, foil)
    picture = _fitting(prototype, explanation)
    asked = one_out(explanation.regions)
    question = Question.on(explanation.view, explanation.segments, asked, Picture(picture))
    (answer,) = score(model, [question], batch_size=batch_size, progress=progress)
    bounds = explanation.output_range
    if answer.scores.shape[1] != bounds.shape[1]:
        raise InputError(
            f"the model must be the one explained, with {bounds.shape[1]} classes; "
            f"this one has {answer.scores.shape[1]}"
        )
    scores, (low, high) = answer.against(explanation.scores), bounds[:, index]
    raised = _within(scores[:, index], index, low, high)
    gain = (raised - explanation.scores[index]) / (high - low)
    found = Missing(
        foil=index,
        gain=gain,
        scores=raised,
        predicted=scores.argmax(axis=1),
        prototype=picture,
        model_rows=len(asked),
    )
    for array in (found.gain, found.scores, found.predicted):
        array.setflags(write=False)
    return found


def mean_prototype(
    images: Real[np.ndarray, "images height width *channels"],
    labels: Integer[np.ndarray, " images"],
    label: int,
) -> Float[np.ndarray, "height width channels"]:
    """Return the mean of a class's images.

    Parameters
    ----------
    images : (images, height, width, channels) array
        Like the image to explain, and without that image; grey ones may lack the channel axis.
    labels : (images,) int array
        The class that each image shows.
    label : int
        The class wanted.

    Returns
    -------
    (height, width, channels) float64 array
        In the images' units where these are floats, in shares of their range where integers.

    Raises
    ------
    InputError
        If no image shows the class.

    Examples
    --------
    >>> mean_prototype(np.array([[[0.0]], [[1.0]], [[9.0]]]), np.array([4, 4, 7]), 4).ravel()
    array([0.5])
    """
    shown = _of_class(images, labels, label)
    mean = as_image(shown.mean(axis=0, dtype=np.float64))
    return mean / np.iinfo(shown.dtype).max if shown.dtype.kind == "u" else mean


def nearest_prototype(
    image: AnyImage,
    images: Real[np.ndarray, "images height width *channels"],
    labels: Integer[np.ndarray, " images"],
    label: int,
) -> Image:
    """Return a class's image that is nearest to an image: the least change that shows the class.

    Parameters
    ----------
    image : (height, width, channels) array
        The image to explain.
    images : (images, height, width, channels) array
        In the same units, and without that image; grey ones may lack the channel axis.
    labels : (images,) int array
        The class that each image shows.
    label : int
        The class wanted.

    Returns
    -------
    (height, width, channels) array
        The one with the smallest Euclidean distance over all pixels; of equals the first.

    Raises
    ------
    InputError
        If no image shows the class, or the images have another shape.

    Examples
    --------
    >>> images, labels = np.array([[[0.0]], [[1.0]], [[0.8]]]), np.array([4, 4, 7])
    >>> nearest_prototype(np.array([[0.7]]), images, labels, 4).ravel()
    array([1.])
    """
    wanted, candidates = as_image(image), _of_class(images, labels, label)
    if candidates.shape[1:] not in (wanted.shape, wanted.shape[:2]):
        raise InputError(f"the images must have shape {wanted.shape}; got {candidates.shape[1:]}")
    distances = np.square(
        candidates.reshape(len(candidates), -1) - wanted.ravel().astype(np.float64)
    ).sum(axis=1)
    return as_image(candidates[distances.argmin()])


def _of_class(
    images: Real[np.ndarray, "images height width *channels"],
    labels: Integer[np.ndarray, " images"],
    label: int,
) -> Real[np.ndarray, "shown height width *channels"]:
    if len(labels) != len(images):
        raise InputError(f"there must be one label for each of {len(images)} images")
    shown: Real[np.ndarray, "shown height width *channels"] = images[labels == label]
    if not len(shown):
        raise InputError(f"none of the {len(images)} images shows class {label}")
    return shown


def _within(
    scores: Float[np.ndarray, " regions"], index: int, low: float, high: float
) -> Float[np.ndarray, " regions"]:
    """Return a class's scores, checked against its range."""
    for reached, over in ((scores.min(), low - scores.min()), (scores.max(), scores.max() - high)):
        if over > TOLERANCE * (high - low):
            raise out_of_range(index, reached, low, high)
    return np.asarray(scores.clip(low, high))


def _fitting(prototype: AnyImage, explanation: Explanation) -> Image:
    """Return the prototype in shares; floats and integers among the images have ranges apart."""
    picture, asked = as_image(prototype), explanation.pixel_range
    alike = asked is not None and np.dtype(asked.dtype).kind == picture.dtype.kind
    shares = as_shares(picture, asked[:2] if asked is not None and alike else None)
    if shares.shape != explanation.image.shape:
        raise InputError(
            f"the prototype must have the image's shape {explanation.image.shape}; "
            f"got {picture.shape}"
        )
    return shares
