"""Large images, few rows at a time: what a processor's caches hold."""

from __future__ import annotations

import numpy as np

from cilens.types import Array, Rows

AT_ONCE = 4 * 3 * 224 * 224
"""Numbers fed at once, as of four photographs. Measured on EfficientNet-Lite0, two cores, 36 rows:
94 ms by four, 105 by twelve and 121 all together; the layers of four stay in the caches."""


def in_pieces(tensor: Rows, rows: int | None = None) -> list[Array]:
    """Split rows into pieces of at most `AT_ONCE` numbers, or of one row.

    Parameters
    ----------
    tensor : (rows, …) array
        What a network on the processor is fed.
    rows : int, optional
        Of a piece, where the network takes that many.

    Returns
    -------
    list of arrays
        Views, in order.

    Examples
    --------
    >>> [len(piece) for piece in in_pieces(np.zeros((9, 3, 224, 224)))]
    [4, 4, 1]
    >>> [len(piece) for piece in in_pieces(np.zeros((100, 1, 28, 28)))]
    [100]
    """
    rows = rows or max(1, AT_ONCE // max(1, tensor[:1].size))
    return [tensor[start : start + rows] for start in range(0, len(tensor), rows)]


def joined(answers: list[Array]) -> Array:
    """Put the answers to all pieces together; what has no rows is left as it is.

    Examples
    --------
    >>> joined([np.ones((2, 3)), np.ones((1, 3))]).shape
    (3, 3)
    """
    if len(answers) == 1 or any(answer.ndim == 0 for answer in answers):
        return answers[0]
    return np.concatenate(answers)
