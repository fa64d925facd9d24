"""Fill model batches across a stream of questions.

A question is about one image; a small model on many small images runs at its own speed only if
its batches hold rows of several questions. Each piece of a batch is built when the batch is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float, Real

from cilens.errors import InputError
from cilens.perturbation import replace
from cilens.pixels import to_units
from cilens.scoring.question import Answer, Question
from cilens.types import Batch, Coalitions, Features, Image, Replacement

_LOOK = 2**14
"""So many numbers of an image are compared at a time."""

_MOST_BYTES = 2**27
"""A batch takes at most so many, or is one row: large photographs are asked about one by one."""


@dataclass
class OpenQuestion:
    """A question on its way: what does not change from batch to batch, and the answers so far."""

    question: Question
    scores: Float[np.ndarray, "coalitions classes"] | None = None
    unchanged: Bool[np.ndarray, " coalitions"] | None = None
    features: Features | None = None
    answered: int = 0

    @property
    def complete(self) -> bool:
        """Whether every coalition has its row."""
        return self.answered == len(self.question.coalitions)

    @cached_property
    def shown(self) -> Image:
        """The unchanged image as the model is shown it."""
        image, given = self.question.image, self.question.given
        return to_units(image, self.question.pixel_range) if given is None else given

    @cached_property
    def fill(self) -> Real[np.ndarray, "..."] | None:
        """What stands in for hidden pixels, if that is one picture, as the model is shown it."""
        image, segments, _, perturbation = self.question[:4]
        if not isinstance(perturbation, Replacement):
            return None
        shares = perturbation.replacement(image, segments)
        return to_units(shares, self.question.pixel_range).astype(self.shown.dtype, copy=False)

    def build(self, coalitions: Coalitions) -> Batch:
        """Build the rows of some coalitions, and check what the perturbation returned."""
        image, segments, _, perturbation = self.question[:4]
        if self.fill is not None:
            width = getattr(perturbation, "edge_width", 0.0)
            return replace(self.shown, segments, coalitions, self.fill, width)
        batch = perturbation(image, segments, coalitions)
        expected = (len(coalitions), *image.shape)
        if batch.shape != expected or batch.dtype != image.dtype:
            raise InputError(
                f"a perturbation must return a batch of shape {expected} and dtype {image.dtype}; "
                f"{perturbation!r} returned {batch.shape}, {batch.dtype}"
            )
        units = to_units(batch, self.question.pixel_range)
        if units is not batch:
            np.copyto(units, self.shown, where=batch == image)
        return units

    def take(
        self,
        scores: Float[np.ndarray, "_ classes"],
        unchanged: Bool[np.ndarray, " _"],
        features: Features | None = None,
    ) -> None:
        """Add the next rows, with their features where the question asks for them."""
        if self.scores is None or self.unchanged is None:
            total = len(self.question.coalitions)
            self.scores, self.unchanged = np.empty((total, scores.shape[1])), np.empty(total, bool)
        stop = self.answered + len(scores)
        if self.question.inside and features is not None:
            if self.features is None:
                shape = len(self.question.coalitions), *features.shape[1:]
                self.features = np.empty(shape, features.dtype)
            self.features[self.answered : stop] = features
        self.scores[self.answered : stop] = scores
        self.unchanged[self.answered : stop] = unchanged
        self.answered = stop

    def answer(self) -> Answer:
        """Return all rows in order."""
        if self.scores is None or self.unchanged is None:
            raise RuntimeError("a question was taken for answered before its first row")
        return Answer(self.scores, self.unchanged, self.features)


@dataclass(frozen=True)
class Piece:
    """Some coalitions of one question, to stand in one batch."""

    owner: OpenQuestion
    start: int
    stop: int

    @property
    def rows(self) -> int:
        """How many rows of the batch it takes."""
        return self.stop - self.start

    def build(self) -> Batch:
        """Build its rows."""
        return self.owner.build(self.owner.question.coalitions[self.start : self.stop])

    def unchanged(self, batch: Batch) -> Bool[np.ndarray, " _"]:
        """Return which of its rows are the image itself, bit by bit."""
        image, found = self.owner.shown, np.ones(len(batch), dtype=bool)
        for top in range(0, len(image), step := max(1, _LOOK // max(1, image[0].size))):
            lines = slice(top, top + step)  # most rows differ soon
            found[found] = (batch[found, lines] == image[lines]).all(axis=(1, 2, 3))
            if not found.any():
                break
        return found


def fill_batches(
    questions: Iterable[Question], batch_size: int, open_questions: deque[OpenQuestion]
) -> Iterator[list[Piece]]:
    """Cut the stream into pieces that fill batches; append each question to `open_questions`."""
    pieces: list[Piece] = []
    most = room = batch_size
    for question in questions:
        owner = OpenQuestion(question)
        if pieces and not _alike(owner.shown, pieces[-1].owner.shown):
            yield pieces
            pieces = []
        if not pieces:
            most = room = min(batch_size, max(1, _MOST_BYTES // max(1, owner.shown.nbytes)))
        total = len(question.coalitions)
        if total == 0:
            raise InputError("a question needs at least one coalition; got none")
        open_questions.append(owner)
        start = 0
        while start < total:
            stop = min(start + room, total)
            pieces.append(Piece(owner, start, stop))
            room -= stop - start
            start = stop
            if room == 0:
                yield pieces
                pieces, room = [], most
    if pieces:
        yield pieces


def _alike(one: Real[np.ndarray, "..."], other: Real[np.ndarray, "..."]) -> bool:
    return one.shape == other.shape and one.dtype == other.dtype
