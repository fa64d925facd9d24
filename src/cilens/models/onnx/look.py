"""A look inside a network in an ONNX file, which its scores must confirm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from cilens.models.adapter import Opened
from cilens.models.onnx.grid import Grid
from cilens.models.scores import ask_in_batches, to_scores
from cilens.proxy.head import head_of, joined, split
from cilens.types import Array, Batch, Cells, Features, Head, Rows, Scores

_SIDE = 64
"""Of the images that tell whether a network of any size shows its last grid."""

Ask = Callable[[Sequence[str], list[Array]], list[list[Array]]]
"""From names of tensors and batches of a network's input to these, for each batch."""


class Look(NamedTuple):
    """A session of a network that puts out its last grid too.

    Attributes
    ----------
    opened : Opened
        The network as it is asked without a look.
    ask : callable
        The session.
    features : str
        The grid's name.
    head : Head
        How scores come from it.
    shape : (channels, height, width)
        Of the features.
    last : bool
        Whether the session gives their channels last.
    """

    opened: Opened
    ask: Ask
    features: str
    head: Head
    shape: tuple[int, ...]
    last: bool

    def cells(self, images: Batch) -> Cells:
        """Ask about images on the network's own grid."""
        reading, network = self.opened.reading, self.opened.network

        def asked(parts: list[Array]) -> list[Scores]:
            answers = self.ask((str(reading.output), self.features), parts)
            return [
                joined(_scores(self.opened, raw, part), _oriented(features, self.last))
                for (raw, features), part in zip(answers, parts, strict=True)
            ]

        tensor = reading.preprocess.tensor(images)
        table = ask_in_batches(asked, tensor, self.opened.batch, streams=network.streams)
        return split(table, len(self.head.weights), self.shape)


def confirmed(opened: Opened, grid: Grid, ask: Ask) -> Look | None:
    """Return a look at a grid if the scores of some images are what comes from it.

    Parameters
    ----------
    opened : Opened
        The network as it is asked without a look.
    grid : Grid
        What the file seems to have.
    ask : callable
        A session that puts out the grid's tensors too.

    Returns
    -------
    Look or None
    """
    preprocess = opened.reading.preprocess
    size = preprocess.size or (_SIDE, _SIDE)
    shape = opened.batch or 2, *size, preprocess.channels
    rows = preprocess.tensor(np.random.default_rng(0).random(shape, dtype=np.float32))
    names = [name for name in (grid.weights, grid.bias) if name]
    wanted = str(opened.reading.output), grid.features, *names
    ((raw, features, *constants),) = ask(wanted, [rows])
    known = dict(zip(names, constants, strict=True))
    weights = known.get(grid.weights)
    if weights is not None:
        weights = weights.reshape(weights.shape[:2]) if weights.ndim == 4 else weights
        weights = weights if grid.transposed else weights.T
    scores, then = _scores(opened, raw, rows), f", then {grid.weights}" if grid.weights else ""
    for last in (False, True) if features.ndim == 4 else ():
        seen = _oriented(features, last)
        where = f"the mean over {grid.features} ({' x '.join(map(str, seen.shape[1:]))}){then}"
        head = head_of(Cells(scores, seen), weights, known.get(grid.bias), where)
        if head is not None:
            return Look(opened, ask, grid.features, head, seen.shape[1:], last)
    return None


def _scores(opened: Opened, raw: Array, rows: Rows) -> Scores:
    return to_scores(raw, len(rows), opened.reading.activation, opened.reading.class_names)


def _oriented(features: Array, last: bool) -> Features:
    """Return features with their channels first."""
    moved = np.moveaxis(features, 3, 1) if last else features
    return moved.astype(np.float32, copy=False)
