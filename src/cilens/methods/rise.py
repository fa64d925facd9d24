"""RISE: random soft masks over the whole image, and the mean score of those that show a pixel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Integer

from cilens.coalitions import everything, nothing, single_regions
from cilens.errors import InputError
from cilens.explanation import Explanation, numbers
from cilens.explanation.numbers import Reading
from cilens.perturbation import Constant
from cilens.scoring.explain import Answers, explain_one
from cilens.scoring.question import Plan, Question
from cilens.segmentation import Grid
from cilens.settings import check_settings
from cilens.types import (
    Batch,
    Coalitions,
    GivenImage,
    Image,
    Model,
    Perturbation,
    Progress,
    Segments,
    View,
)

_MOST_CELLS = 64
"""By default a map has at most this many cells along a side."""

_AT_ONCE = 256
"""So many masks are summed at a time."""

Weights = Float[np.ndarray, "length size"]
"""How much of each row (or column) of a coarse grid shows at each row (or column) of pixels."""


@dataclass(frozen=True)
class Rise:
    """Show the image through random soft masks, and average the scores where a pixel is shown.

    Each mask is a coarse random grid, made one cell larger than the image by bilinear
    interpolation and cut out at a random place. A pixel's influence is the mean of the scores, each
    weighed by how much of the pixel was shown, less the plain mean over all masks: the order of
    the pixels is that of RISE, and a class that never changes has none. RISE divides by the share
    of shown cells where this divides by what was shown, which is the same but for the noise.

    A map of single pixels would be large for many classes: the influence is given for square
    cells, as the mean over their pixels. Low and high are the image's score with and without it.

    Parameters
    ----------
    budget : int
        Model rows: the unchanged image, and a random mask in each of the others.
    size : int
        Cells of the coarse grid along a side.
    share : float
        How many of the coarse cells are shown, between 0 and 1.
    perturbation : Perturbation
        What shows where a mask is shut; of an image with nothing kept.
    cell : int, optional
        Side of the map's cells, in pixels. By default the smallest of which 64 span the image.
    seed : int
        Seed of the masks.
    tolerance : float
        As for `cilens.ContextualImportance`.
    batch_size : int
        Most rows in one call of the model.

    References
    ----------
    Petsiuk, Das and Saenko, RISE: Randomized Input Sampling for Explanation of Black-box Models,
    2018, arXiv:1806.07421

    Examples
    --------
    >>> left = lambda images: images[:, :, :2].mean(axis=(1, 2))  # brightness of the left half
    >>> method = Rise(budget=501, size=2, cell=2)
    >>> method(left, np.ones((4, 4, 1))).saliency()[0].round(1).tolist()
    [0.2, 0.2, 0.1, 0.1]
    """

    budget: int = 4001
    size: int = 7
    share: float = 0.5
    perturbation: Perturbation = Constant(0.0)  # noqa: RUF009 (frozen)
    cell: int | None = None
    seed: int = 0
    tolerance: float = 1e-6
    batch_size: int = 32

    def __post_init__(self) -> None:
        check_settings(
            self,
            positive=("size", "cell", "batch_size"),
            natural=("seed",),
            share=("tolerance",),
        )
        if self.budget < 2:
            raise InputError(
                f"Rise.budget must be at least 2: the image and a mask; got {self.budget}"
            )
        if not 0 < self.share < 1:
            raise InputError(f"Rise.share must lie between 0 and 1; got {self.share}")

    def __call__(
        self, model: Model, image: GivenImage, /, *, progress: Progress | None = None
    ) -> Explanation:
        """Explain the model's scores for one image; see `cilens.explain`."""
        return explain_one(self, model, image, progress)

    def plan(self, view: View) -> Plan:
        """Build all questions about one image: a question for each mask; no model is called."""
        image = view.image
        (height, width), coarse = image.shape[:2], Grid(self.size, self.size)(image)
        cell = self.cell or -(-max(height, width) // _MOST_CELLS)
        segments = Grid(-(-height // cell), -(-width // cell))(image)
        n_cells = int(segments.max()) + 1
        whole = np.zeros_like(segments)
        blank = self.perturbation(image, whole, nothing(1))[0]
        questions = [Question.on(view, segments, everything(n_cells), self.perturbation)]
        for shown, shift in self._draw(height, width):
            mask = _SoftGrid(blank, self.size, shift)
            questions.append(Question.on(view, coarse, shown.reshape(1, -1), mask))
        names = tuple(str(number) for number in range(n_cells))
        return Plan(
            view, segments, np.arange(n_cells), single_regions(n_cells), names, tuple(questions)
        )

    def read(
        self, plan: Plan, answers: Sequence[Answers], bounds: Float[np.ndarray, "2 classes"]
    ) -> Reading:
        """Average the scores over what each mask showed; no model is called."""
        table = np.concatenate(answers)
        effects = self._effects(plan.segments, table[1:])
        tables = numbers.from_effects(table[0], effects, bounds, self.tolerance)
        return Reading(table[0], tables)

    def _draw(
        self, height: int, width: int
    ) -> Iterator[tuple[Bool[np.ndarray, "size size"], tuple[int, int]]]:
        """Draw each mask's coarse grid, and where it is cut out."""
        random = np.random.default_rng(self.seed)
        for _ in range(self.budget - 1):
            shown = random.random((self.size, self.size)) < self.share
            down, across = random.integers(0, [-(-height // self.size), -(-width // self.size)])
            yield shown, (int(down), int(across))

    def _effects(
        self, segments: Segments, scores: Float[np.ndarray, "masks classes"]
    ) -> Float[np.ndarray, "cells classes"]:
        """Return each cell's weighted mean of the scores, less the plain mean."""
        height, width = segments.shape
        mean = scores.mean(axis=0)
        n_cells = int(segments.max()) + 1
        total, shown = np.zeros((n_cells, scores.shape[1])), np.zeros(n_cells)
        masks = self._draw(height, width)
        down, across = (_averages(labels) for labels in (segments[:, 0], segments[0]))
        for start in range(0, len(scores), _AT_ONCE):
            some = scores[start : start + _AT_ONCE] - mean
            seen = np.stack([self._cells(next(masks), down, across) for _ in some])
            total += seen.T @ some
            shown += seen.sum(axis=0)
        effects: Float[np.ndarray, "cells classes"] = total / np.maximum(shown, 1e-12)[:, None]
        return effects

    def _cells(
        self,
        drawn: tuple[Bool[np.ndarray, "size size"], tuple[int, int]],
        down: Float[np.ndarray, "rows height"],
        across: Float[np.ndarray, "columns width"],
    ) -> Float[np.ndarray, " cells"]:
        """Return what a mask shows of each cell of the map."""
        grid, (top, left) = drawn
        rows = down @ _upsampling(down.shape[1], self.size, top)
        columns = across @ _upsampling(across.shape[1], self.size, left)
        cells: Float[np.ndarray, " cells"] = (rows @ grid @ columns.T).ravel()
        return cells


@dataclass(frozen=True, eq=False)
class _SoftGrid:
    """Shows an image through a coarse grid, smoothly: its coalitions are over the grid's cells."""

    blank: Image
    size: int
    shift: tuple[int, int]

    def __call__(self, image: Image, segments: Segments, coalitions: Coalitions, /) -> Batch:
        """Return one image for each coalition."""
        del segments  # those lie where an unshifted grid has its cells
        (height, width), (top, left) = image.shape[:2], self.shift
        rows = _upsampling(height, self.size, top)
        columns = _upsampling(width, self.size, left)
        grids = coalitions.reshape(-1, self.size, self.size)
        shares = (rows @ grids @ columns.T)[..., None]
        mixed = image * shares + self.blank * (1 - shares)
        whole = image.dtype.kind != "f"
        batch: Batch = (np.rint(mixed) if whole else mixed).astype(image.dtype)
        return batch


def _upsampling(length: int, size: int, shift: int) -> Weights:
    """Return the weights that stretch `size` cells over one cell more than `length` pixels.

    They are those of `skimage.transform.resize`, which RISE's own code calls: mirrored at the ends.
    """
    step = -(-length // size)
    places = (np.arange(length) + shift + 0.5) * size / ((size + 1) * step) - 0.5
    mirrored = (size - 1) - np.abs((size - 1) - np.abs(places))
    inside = np.clip(mirrored, 0, size - 1)
    weights: Weights = np.maximum(0.0, 1 - np.abs(inside[:, None] - np.arange(size)))
    return weights


def _averages(labels: Integer[np.ndarray, " pixels"]) -> Float[np.ndarray, "rows pixels"]:
    """Return the weights that average the pixels of one label, for each label in order."""
    members = np.unique(labels)[:, None] == labels
    weights: Float[np.ndarray, "rows pixels"] = members / members.sum(axis=1, keepdims=True)
    return weights
