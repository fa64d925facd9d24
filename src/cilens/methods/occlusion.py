"""Occlusion sensitivity: slide a window over the image and map how the score drops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from cilens.coalitions import everything, one_out
from cilens.explanation import Explanation, numbers
from cilens.explanation.numbers import Reading
from cilens.perturbation import Constant
from cilens.scoring.explain import Answers, explain_one
from cilens.scoring.question import Plan, Question
from cilens.settings import check_settings
from cilens.types import GivenImage, Image, Model, Progress, Regions, Segments, View

_SHARE = 6 / 28
"""Of the image's side, as the paper's windows have."""


@dataclass(frozen=True)
class Occlusion:
    """Cover the image with a grey square, step by step, and report each place's share of the score.

    Windows that overlap are regions over the cells between their edges; a pixel's saliency is the
    mean over the windows that cover it. The last window of a row or column ends at the border.

    Parameters
    ----------
    size : int
        Side of the square, in pixels.
    stride : int
        Step of the square, in pixels.
    value : float
        Its grey, as a share of the pixel range.
    tolerance : float
        As for `cilens.ContextualImportance`.
    batch_size : int
        Most rows in one call of the model.

    References
    ----------
    Zeiler and Fergus, Visualizing and Understanding Convolutional Networks, 2014,
    doi:10.1007/978-3-319-10590-1_53

    Examples
    --------
    >>> corner = lambda images: images[:, 0, 0]  # a model that looks at one pixel
    >>> drops = Occlusion(size=2, stride=2, value=0.0)(corner, np.ones((4, 4, 1))).saliency()
    >>> drops.astype(int).tolist()
    [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    """

    size: int = 6
    stride: int = 3
    value: float = 128 / 255
    tolerance: float = 1e-6
    batch_size: int = 32

    def __post_init__(self) -> None:
        check_settings(self, positive=("size", "stride", "batch_size"), share=("tolerance",))

    @classmethod
    def of(cls, image: Image) -> Occlusion:
        """Return windows of the paper's share of the image's side, which overlap by half."""
        side = max(1, round(min(image.shape[:2]) * _SHARE))
        return cls(size=side, stride=max(1, side // 2))

    def __call__(
        self, model: Model, image: GivenImage, /, *, progress: Progress | None = None
    ) -> Explanation:
        """Explain the model's scores for one image; see `cilens.explain`."""
        return explain_one(self, model, image, progress)

    def plan(self, view: View) -> Plan:
        """Build all questions about one image; no model is called."""
        segments, regions, names = self._windows(view.image.shape[0], view.image.shape[1])
        n_segments = regions.shape[1]
        asked = np.concatenate([everything(n_segments), one_out(regions)])
        question = Question.on(view, segments, asked, Constant(self.value))
        return Plan(view, segments, np.arange(n_segments), regions, names, (question,))

    def read(
        self, plan: Plan, answers: Sequence[Answers], bounds: Float[np.ndarray, "2 classes"]
    ) -> Reading:
        """Read the drop of the score for each window; no model is called."""
        del plan
        (table,) = answers
        tables = numbers.contextual(table[0], [table[1:]], bounds, self.tolerance)
        return Reading(table[0], tables, asked="windows")

    def _windows(self, height: int, width: int) -> tuple[Segments, Regions, tuple[str, ...]]:
        """Return the cells between all windows' edges, and each window as a set of cells."""
        (top, bottom), (left, right) = self._edges(height), self._edges(width)
        row_cuts, column_cuts = np.unique([*top, *bottom]), np.unique([*left, *right])
        rows = np.searchsorted(row_cuts, np.arange(height), side="right") - 1
        columns = np.searchsorted(column_cuts, np.arange(width), side="right") - 1
        n_columns = len(column_cuts) - 1
        segments = rows[:, None] * n_columns + columns
        down = (row_cuts[:-1] >= top[:, None]) & (row_cuts[1:] <= bottom[:, None])
        across = (column_cuts[:-1] >= left[:, None]) & (column_cuts[1:] <= right[:, None])
        regions = (down[:, None, :, None] & across[None, :, None, :]).reshape(
            len(top) * len(left), -1
        )
        names = tuple(f"{row},{column}" for row in top for column in left)
        return segments, regions, names

    def _edges(self, length: int) -> tuple[np.ndarray, np.ndarray]:
        """Return where windows start and end along one axis."""
        size = min(self.size, length)
        starts = np.unique([*range(0, length - size + 1, self.stride), length - size])
        return starts, starts + size
