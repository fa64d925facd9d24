"""Whether a model is a function of one image: alone, among others, and again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from scipy.special import stdtrit

from cilens.errors import ModelError
from cilens.scoring import score
from cilens.scoring.question import Question
from cilens.types import Model

TOLERANCE = 5e-3
"""Scores of one image may differ by this share of the output range: half of what is important.

Measured: float32, float16 and bfloat16 networks differ by less than 1e-6 between batches of 1 to 64
on a processor; dynamic quantisation, which scales by the whole batch, by 0.8 to 1 %."""

ROWS = (0, 2, 4)
"""Rows that checking one image may take, beside the method's: two, but for a method of one row."""

_REPEATS = 8
"""How often noise that is allowed is measured, alone and among others each."""


def check(
    model: Model,
    asked: Sequence[Question],
    width: Float[np.ndarray, " classes"],
    batch_size: int,
    among: Float[np.ndarray, "2 classes"] | None = None,
) -> None:
    """Ask about an image and a changed one alone, and hold that against their scores in a batch.

    Parameters
    ----------
    model : callable
        (rows, height, width, channels) array to (rows, classes) scores.
    asked : sequence of Question
        Two, of one coalition each: the unchanged image, and another one.
    width : (classes,) float64 array
        Width of the output range.
    batch_size : int
        Most rows in one call of the model.
    among : (2, classes) float64 array, optional
        Their scores among those of others; by default they are asked for.

    Raises
    ------
    ModelError
        If the scores differ by more than `TOLERANCE`; it names the likely cause.

    Examples
    --------
    >>> from cilens.coalitions import everything, nothing
    >>> from cilens.perturbation import Constant
    >>> image, segments = np.ones((2, 2, 1)), np.zeros((2, 2), dtype=int)
    >>> asked = [Question(image, segments, some(1), Constant(0)) for some in (everything, nothing)]
    >>> check(lambda images: images.mean(axis=(1, 2)), asked, np.ones(1), 32)
    >>> check(lambda images: images.mean(axis=(1, 2)) / len(images), asked, np.ones(1), 32)
    Traceback (most recent call last):
    cilens.errors.ModelError: a model must be a function of one image; this one scored ...
    """
    alone = _alone(model, asked)
    if among is None:
        among = _together(model, asked, batch_size)
    apart = np.abs(alone - among) / width
    if not apart.max() > TOLERANCE:
        return
    row, index = np.unravel_index(apart.argmax(), apart.shape)
    told = (
        "a model must be a function of one image; this one scored the same image "
        f"{alone[row, index]:.4g} and {among[row, index]:.4g} for class {index}"
    )
    together, again = _together(model, asked, batch_size), _alone(model, asked)
    raise ModelError(f"{told}: {cause(alone, together, again, width)}")


def cause(
    alone: Float[np.ndarray, "images classes"],
    together: Float[np.ndarray, "images classes"],
    again: Float[np.ndarray, "images classes"],
    width: Float[np.ndarray, " classes"],
) -> str:
    """Say why scores of the same images differ, as likely as it can be told, and what to do.

    Parameters
    ----------
    alone : (images, classes) float64 array
        The scores of images that were asked about one at a time.
    together : (images, classes) float64 array
        Scores of the same in one batch.
    again : (images, classes) float64 array
        Scores of the same one at a time once more.
    width : (classes,) float64 array
        Width of the output range.

    Returns
    -------
    str

    Examples
    --------
    >>> one, other = np.array([[0.5]]), np.array([[0.7]])
    >>> cause(one, one, other, np.ones(1)).partition(":")[0]
    'it answers by chance or keeps a state (dropout left on, a random number, a counter)'
    """
    singly = "ask about one image at a time (StatedModel(model, batch_size=1), --batch-size 1)"
    if (np.abs(alone - again) / width).max() > TOLERANCE:
        return (
            "it answers by chance or keeps a state (dropout left on, a random number, a counter): "
            "switch that off, as .eval() and an export in evaluation mode do, or say that it is "
            "meant (allow_noise=True, --allow-noise)"
        )
    if alone.shape[1] > 1 and np.allclose(alone, 1.0) and np.allclose(together.sum(axis=0), 1.0):
        return (
            "alone and in a batch it answers otherwise, as a softmax does that runs over the "
            "images and not over the classes: let it run over axis 1"
        )
    if np.allclose(together, together[0]) and not np.allclose(alone, alone[0]):
        return f"all images of a batch get one answer, as with a batch of 1 inside: {singly}"
    return (
        "alone and in a batch it answers otherwise (batch normalisation in training mode, which "
        f".eval() ends; quantisation that is dynamic): mend that, or {singly}"
    )


def noise(
    model: Model, asked: Sequence[Question], batch_size: int
) -> Float[np.ndarray, " classes"]:
    """Measure how far the difference of two scores may be off by noise alone.

    Parameters
    ----------
    model : callable
        (rows, height, width, channels) array to (rows, classes) scores.
    asked : sequence of Question
        Two, of one coalition each. Each is asked about 16 times, half of them beside the other.
    batch_size : int
        Most rows in one call of the model.

    Returns
    -------
    (classes,) float64 array
        Half of the 95 % interval.

    Examples
    --------
    >>> from cilens.coalitions import everything, nothing
    >>> from cilens.perturbation import Constant
    >>> image, segments = np.ones((2, 2, 1)), np.zeros((2, 2), dtype=int)
    >>> asked = [Question(image, segments, some(1), Constant(0)) for some in (everything, nothing)]
    >>> noise(lambda images: images.mean(axis=(1, 2)), asked, 32)
    array([0.])
    """
    rounds = [
        table
        for _ in range(_REPEATS)
        for table in (_alone(model, asked), _together(model, asked, batch_size))
    ]
    apart = np.stack(rounds) - np.mean(rounds, axis=0)
    freedom = 2 * (len(rounds) - 1)
    variance = np.square(apart).sum(axis=(0, 1)) / freedom
    half: Float[np.ndarray, " classes"] = stdtrit(freedom, 0.975) * np.sqrt(2 * variance)
    return half


def _alone(model: Model, asked: Sequence[Question]) -> Float[np.ndarray, "2 classes"]:
    return np.concatenate([answer.scores for answer in score(model, asked, batch_size=1)])


def _together(
    model: Model, asked: Sequence[Question], batch_size: int
) -> Float[np.ndarray, "2 classes"]:
    """Ask about both in one batch, the unchanged image behind the other."""
    answers = score(model, asked[::-1], batch_size=min(2, batch_size))
    return np.concatenate([answer.scores for answer in answers])[::-1]
