"""Large images, few rows at a time: what a processor's caches hold."""

from __future__ import annotations

import numpy as np
from jaxtyping import Shaped

AT_ONCE = 4 * 3 * 224 * 224
"""Numbers fed at once, as of four photographs: the layers of four stay in the caches."""

_WORTH = 8 * 28 * 28
"""Numbers for which another thread is worth waking, as of eight digits."""


def in_pieces(
    tensor: Shaped[np.ndarray, "rows ..."], rows: int | None = None, streams: int = 1
) -> list[Shaped[np.ndarray, "_ ..."]]:
    """Split rows into pieces of at most `AT_ONCE` numbers, or of one row.

    Parameters
    ----------
    tensor : (rows, …) array
        What a network on the processor is fed.
    rows : int, optional
        Of a piece, where the network takes that many.
    streams : int
        How many pieces are computed at a time: there are as many as keep all of them busy.

    Returns
    -------
    list of arrays
        Views, in order; without `rows` of nearly the same length.

    Examples
    --------
    >>> [len(piece) for piece in in_pieces(np.zeros((9, 3, 224, 224)))]
    [3, 3, 3]
    >>> [len(piece) for piece in in_pieces(np.zeros((100, 1, 28, 28)), streams=2)]
    [50, 50]
    """
    if rows:
        return [tensor[start : start + rows] for start in range(0, len(tensor), rows)]
    least = -(-len(tensor) // max(1, AT_ONCE // max(1, tensor[:1].size)))
    most = max(least, min(len(tensor), tensor.size // _WORTH))
    return np.array_split(tensor, min(most, -(-least // streams) * streams))


def joined(answers: list[Shaped[np.ndarray, "..."]]) -> Shaped[np.ndarray, "..."]:
    """Put the answers to all pieces together; what has no rows is left as it is.

    Examples
    --------
    >>> joined([np.ones((2, 3)), np.ones((1, 3))]).shape
    (3, 3)
    """
    if len(answers) == 1 or any(answer.ndim == 0 for answer in answers):
        return answers[0]
    return np.concatenate(answers)
