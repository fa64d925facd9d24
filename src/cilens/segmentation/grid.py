"""Labels on another grid, and rectangles that are one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from jaxtyping import Integer

from cilens.settings import check_settings
from cilens.types import Image, Segments

AnyLabels: TypeAlias = Integer[np.ndarray, "_ _"]
"""Of any height and width."""


@dataclass(frozen=True)
class Grid:
    """Rectangles, blind to the content.

    Parameters
    ----------
    rows, columns : int
        How many from top to bottom and from left to right; sizes differ by one pixel at most.

    Examples
    --------
    >>> Grid(rows=1, columns=2)(np.zeros((2, 4, 1)))
    array([[0, 0, 1, 1],
           [0, 0, 1, 1]])
    """

    rows: int = 7
    columns: int = 7

    def __post_init__(self) -> None:
        check_settings(self, positive=("rows", "columns"))

    def __call__(self, image: Image, /) -> Segments:
        """Return labels 0 … S-1, row by row."""
        height, width = image.shape[:2]
        rows, columns = min(self.rows, height), min(self.columns, width)
        down, across = np.arange(height) * rows // height, np.arange(width) * columns // width
        labels: Segments = down[:, None] * columns + across
        return labels


def on_grid(
    labels: AnyLabels, box: tuple[float, float, float, float], shape: tuple[int, int]
) -> AnyLabels:
    """Bring labels onto another grid, to the nearest; what lies beyond them is one segment more."""
    if (0.0, 0.0, *shape) == box and labels.shape == shape:
        return labels
    top, left, bottom, right = box
    rows, columns = (
        np.floor(start + (np.arange(size) + 0.5) * (stop - start) / size).astype(np.intp)
        for start, stop, size in ((top, bottom, shape[0]), (left, right, shape[1]))
    )
    if rows[0] < 0 or columns[0] < 0 or rows[-1] >= len(labels) or columns[-1] >= labels.shape[1]:
        labels = np.pad(labels.astype(np.int64), 1, constant_values=int(labels.max()) + 1)
        rows, columns = (
            np.clip(places + 1, 0, size - 1)
            for places, size in zip((rows, columns), labels.shape, strict=True)
        )
    return labels[rows[:, None], columns]
