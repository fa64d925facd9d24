"""The one loop that asks a model.

Everything before this file builds questions, everything after it reads answers. Questions are a
stream: model batches are filled across them, so that many small images run at the model's own
speed, and each batch is built just before the model needs it, so that memory does not grow with
the number of segments, classes or images.
"""

from __future__ import annotations

import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Shaped

from cilens.coalitions import everything
from cilens.errors import CilensError, CilensWarning, InputError, ModelError, no_head
from cilens.perturbation import Constant
from cilens.pixels import whole
from cilens.scoring.batching import OpenQuestion, fill_batches
from cilens.scoring.question import Answer, Question
from cilens.settings import check_count, checked
from cilens.types import (
    Batch,
    CellModel,
    Cells,
    ComputedModel,
    Features,
    GivenImage,
    ImageModel,
    Model,
    NamedModel,
    OutputRange,
    Progress,
    View,
)

_SINGLY = (
    "the model answers single images and fails on several, as one does that was exported with a "
    "batch of 1 inside: it is asked about one image at a time (batch_size=1, --batch-size 1 says "
    "so beforehand)"
)


def view(model: Model, image: GivenImage) -> View:
    """Return the image on the grid the model looks at; for a plain callable, the image itself.

    In shares of the pixel range: this is where they come from the pixels given.

    Examples
    --------
    >>> view(lambda images: images.mean(axis=(1, 2)), np.zeros((28, 28))).box
    (0.0, 0.0, 28.0, 28.0)
    """
    checked("model", model, Model)
    seen = whole(image)
    if isinstance(image, View) or not isinstance(model, ImageModel):
        return seen
    shown = model.view(seen.image)._replace(size=seen.size)
    if shown.pixel_range is None:  # the model takes shares
        return shown
    return shown._replace(pixel_range=seen.pixel_range, given=seen.given)


def class_names(model: Model) -> tuple[str, ...]:
    """Return the model's class names, or nothing where it has none.

    Examples
    --------
    >>> class_names(lambda images: images.mean(axis=(1, 2)))
    ()
    """
    return tuple(model.class_names) if isinstance(model, NamedModel) else ()


def computed_by(model: Model) -> str | None:
    """Return what computes a model's scores, or nothing for a plain callable.

    Examples
    --------
    >>> import cilens
    >>> computed_by(cilens.load_model("digits"))
    'onnx'
    """
    return model.computed_by if isinstance(model, ComputedModel) else None


def score(
    model: Model,
    questions: Iterable[Question],
    *,
    batch_size: int = 32,
    progress: Progress | None = None,
) -> Iterator[Answer]:
    """Ask a model a stream of questions.

    Parameters
    ----------
    model : callable
        (rows, height, width, channels) array to (rows, classes) scores.
    questions : iterable of Question
        Consumed as needed. Images of different shapes never share a batch.
    batch_size : int
        Most rows in one call of the model.
    progress : callable, optional
        Called after each batch with the number of model rows just answered.

    Yields
    ------
    Answer
        One for each question, in order.

    Raises
    ------
    ModelError
        If the model raises, or its answer is not one finite row of scores for each image, with
        the same number of classes every time.

    Warns
    -----
    CilensWarning
        If the model answers single images only, as one does that was exported with a batch of 1
        inside: it is asked about one image at a time.

    Examples
    --------
    >>> brightness = lambda images: images.mean(axis=(1, 2))
    >>> question = Question(np.ones((2, 2, 1)), np.array([[0, 0], [1, 1]]),
    ...                     np.array([[True, True], [True, False]]), Constant(0.0))
    >>> [answer.scores.ravel().tolist() for answer in score(brightness, [question])]
    [[1.0, 0.5]]
    """
    check_count("batch_size", batch_size)
    checked("progress", progress, Callable | None)
    open_questions: deque[OpenQuestion] = deque()
    ask = _Conversation(model)
    for pieces in fill_batches(questions, batch_size, open_questions):
        parts = [piece.build() for piece in pieces]
        batch = parts[0] if len(parts) == 1 else np.concatenate(parts)
        flags = [piece.unchanged(part) for piece, part in zip(pieces, parts, strict=True)]
        unchanged = np.concatenate(flags)
        del parts
        inside = any(piece.owner.question.inside for piece in pieces)
        scores, features = ask(batch, inside=inside)
        del batch
        start = 0
        for piece in pieces:
            rows = slice(start, start + piece.rows)
            seen = None if features is None else features[rows]
            piece.owner.take(scores[rows], unchanged[rows], seen)
            start += piece.rows
        if progress is not None:
            progress(start)
        while open_questions and open_questions[0].complete:
            yield open_questions.popleft().answer()


def score_images(
    model: Model, images: Iterable[GivenImage], *, batch_size: int = 32
) -> Iterator[Float[np.ndarray, " classes"]]:
    """Ask a model about images as they are, in the same loop that asks about perturbed ones.

    Parameters
    ----------
    model : callable
        As in `score`.
    images : iterable of (height, width, channels) arrays
        Brought to the model's view first.
    batch_size : int
        Most rows in one call of the model.

    Yields
    ------
    (classes,) float64 array
        The scores of one image, in order.

    Examples
    --------
    >>> brightness = lambda images: images.mean(axis=(1, 2))
    >>> [row.tolist() for row in score_images(brightness, [np.zeros((2, 2, 1))])]
    [[0.0]]
    """
    questions = (
        Question.on(seen, np.zeros(seen.image.shape[:2], np.intp), everything(1), Constant())
        for seen in (view(model, image) for image in images)
    )
    for answer in score(model, questions, batch_size=batch_size):
        yield answer.scores[0]


def score_batch(model: Model, images: Batch) -> Float[np.ndarray, "rows classes"]:
    """Ask a model about one batch as it is: for models that are made of another model.

    Parameters
    ----------
    model : callable
        As in `score`.
    images : (rows, height, width, channels) array
        On the model's view.

    Returns
    -------
    (rows, classes) float64 array

    Raises
    ------
    ModelError
        As in `score`.

    Examples
    --------
    >>> score_batch(lambda images: images.mean(axis=(1, 2)), np.ones((1, 2, 2, 1))).tolist()
    [[1.0]]
    """
    return _Conversation(model)(images).scores


def look_batch(model: Model, images: Batch) -> Cells:
    """Ask a model about one batch with a look inside: for models that are made of another model.

    Parameters
    ----------
    model : callable
        As in `score`.
    images : (rows, height, width, channels) array
        On the model's view.

    Returns
    -------
    Cells

    Raises
    ------
    InputError
        If the model offers no look inside.
    ModelError
        As in `score`.
    """
    said = _Conversation(model)(images, inside=True)
    if said.features is None:
        raise no_head(f"a model of type {type(model).__name__}")
    return Cells(said.scores, said.features)


def estimate_output_range(
    model: Model, images: Iterable[GivenImage], *, batch_size: int = 32
) -> OutputRange:
    """Estimate absmin and absmax of each class as the extremes over a data set.

    Parameters
    ----------
    model : callable
        As in `score`.
    images : iterable of (height, width, channels) arrays
        The more, the wider the range. Perturbed images can still leave it: widen it then.
    batch_size : int
        Most rows in one call of the model.

    Returns
    -------
    (absmin, absmax) : two tuples of float
        One number for each class; what ``output_range=`` of `cilens.explain` takes.

    Raises
    ------
    InputError
        If there are no images.

    Examples
    --------
    >>> brightness = lambda images: 10 * images.mean(axis=(1, 2))
    >>> estimate_output_range(brightness, [np.zeros((2, 2, 1)), np.ones((2, 2, 1))])
    ((0.0,), (10.0,))
    """
    checked("images", images, Iterable)
    rows = list(score_images(model, images, batch_size=batch_size))
    if not rows:
        raise InputError("estimating the output range needs at least one image; got none")
    table = np.stack(rows)
    return tuple(table.min(axis=0).tolist()), tuple(table.max(axis=0).tolist())


@dataclass
class _Conversation:
    """Questions to one model, which has the same classes every time."""

    model: Model
    n_classes: int | None = None
    singly: bool = False

    def __call__(self, batch: Batch, *, inside: bool = False) -> _Said:
        """Call the model and check its answer; one image at a time where it takes no batch."""
        if self.singly:
            return self._singly(batch, inside)
        try:
            raw = self._call(batch, inside)
        except ModelError as error:
            if len(batch) == 1:
                raise
            try:
                answers = self._singly(batch, inside)
            except CilensError:
                raise error from None
            self.singly = True
            warnings.warn(_SINGLY, CilensWarning, stacklevel=1)  # one place: said once
            return answers
        return self._checked(raw)

    def _singly(self, batch: Batch, inside: bool) -> _Said:
        alone = [
            self._checked(self._call(batch[row : row + 1], inside)) for row in range(len(batch))
        ]
        features = [one.features for one in alone if one.features is not None]
        scores = np.concatenate([one.scores for one in alone])
        return _Said(scores, np.concatenate(features) if features else None)

    def _call(self, batch: Batch, inside: bool) -> _Raw:
        """Call the model, with a look inside where that is asked. No other place in cilens does."""
        rows, features = len(batch), None
        try:
            if not inside:
                raw = np.asarray(self.model(batch))
            elif isinstance(self.model, CellModel):
                seen = self.model.cells(batch)
                raw, features = np.asarray(seen.scores), seen.features
            else:
                raise no_head(f"a model of type {type(self.model).__name__}")
        except CilensError:
            raise
        except Exception as error:
            raise ModelError(
                f"the model raised {type(error).__name__} on a batch of shape {batch.shape}, "
                f"dtype {batch.dtype}: {error}"
            ) from error
        if raw.ndim != 2 or len(raw) != rows or raw.shape[1] == 0:
            raise ModelError(
                f"the model must return one row of scores for each image: ({rows}, classes); "
                f"got shape {raw.shape}"
            )
        if features is not None and (features.ndim != 4 or len(features) != rows):
            raise ModelError(
                "a look inside must give features of each image, (rows, channels, height, width), "
                f"here of {rows} rows; got shape {features.shape}"
            )
        return _Raw(raw, features)

    def _checked(self, said: _Raw) -> _Said:
        raw = said.scores
        if raw.dtype.kind not in "fiub":
            raise ModelError(f"scores must be real numbers; got dtype {raw.dtype}")
        if self.n_classes is not None and raw.shape[1] != self.n_classes:
            raise ModelError(
                f"the model must answer with the same classes every time; "
                f"{self.n_classes} before, {raw.shape[1]} now"
            )
        self.n_classes = raw.shape[1]
        scores = raw.astype(np.float64)
        if not np.isfinite(scores).all():
            row, column = np.argwhere(~np.isfinite(scores))[0]
            raise ModelError(
                f"scores must be finite; row {row}, class {column} is {scores[row, column]}"
            )
        return _Said(scores, said.features)


class _Raw(NamedTuple):
    """What a model returned: checked in shape alone."""

    scores: Shaped[np.ndarray, "rows classes"]
    features: Features | None


class _Said(NamedTuple):
    """What a model said, and features where these were asked for."""

    scores: Float[np.ndarray, "rows classes"]
    features: Features | None
