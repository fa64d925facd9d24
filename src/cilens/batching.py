"""Fill model batches across a stream of questions.

A question is about one image; a small model on many small images runs at its own speed only if
its batches hold rows of several questions. Each piece of a batch is built when the batch is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from cilens.errors import InputError
from cilens.questions import Answer, Question
from cilens.types import Batch


@dataclass
class OpenQuestion:
    """A question on its way: the answers so far."""

    question: Question
    scores: Float[np.ndarray, "coalitions classes"] | None = None
    unchanged: Bool[np.ndarray, " coalitions"] | None = None
    answered: int = 0

    @property
    def complete(self) -> bool:
        """Whether every coalition has its row."""
        return self.answered == len(self.question.coalitions)

    def take(
        self, scores: Float[np.ndarray, "_ classes"], unchanged: Bool[np.ndarray, " _"]
    ) -> None:
        """Add the next rows."""
        if self.scores is None or self.unchanged is None:
            total = len(self.question.coalitions)
            self.scores, self.unchanged = np.empty((total, scores.shape[1])), np.empty(total, bool)
        stop = self.answered + len(scores)
        self.scores[self.answered : stop] = scores
        self.unchanged[self.answered : stop] = unchanged
        self.answered = stop

    def answer(self) -> Answer:
        """Return all rows in order."""
        if self.scores is None or self.unchanged is None:
            raise RuntimeError("a question was taken for answered before its first row")
        return Answer(self.scores, self.unchanged)


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
        """Build its rows, and check what the perturbation returned."""
        image, segments, coalitions, perturbation = self.owner.question
        batch = perturbation(image, segments, coalitions[self.start : self.stop])
        expected = (self.rows, *image.shape)
        if batch.shape != expected or batch.dtype != image.dtype:
            raise InputError(
                f"a perturbation must return a batch of shape {expected} and dtype {image.dtype}; "
                f"{perturbation!r} returned {batch.shape}, {batch.dtype}"
            )
        return batch

    def unchanged(self, batch: Batch) -> Bool[np.ndarray, " _"]:
        """Return which of its rows are the image itself, bit by bit."""
        same: Bool[np.ndarray, " _"] = (batch == self.owner.question.image).all(axis=(1, 2, 3))
        return same


def fill_batches(
    questions: Iterable[Question], batch_size: int, open_questions: deque[OpenQuestion]
) -> Iterator[list[Piece]]:
    """Cut the stream into pieces that fill batches; append each question to `open_questions`."""
    pieces: list[Piece] = []
    room = batch_size
    for question in questions:
        if pieces and not _alike(question, pieces[-1].owner.question):
            yield pieces
            pieces, room = [], batch_size
        total = len(question.coalitions)
        if total == 0:
            raise InputError("a question needs at least one coalition; got none")
        owner = OpenQuestion(question)
        open_questions.append(owner)
        start = 0
        while start < total:
            stop = min(start + room, total)
            pieces.append(Piece(owner, start, stop))
            room -= stop - start
            start = stop
            if room == 0:
                yield pieces
                pieces, room = [], batch_size
    if pieces:
        yield pieces


def _alike(one: Question, other: Question) -> bool:
    return one.image.shape == other.image.shape and one.image.dtype == other.image.dtype
