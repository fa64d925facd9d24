"""Owen values by shap's PartitionExplainer: a tree of segments, opened where it matters."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from scipy.cluster import hierarchy

from cilens.errors import InputError
from cilens.explanation import Explanation, numbers
from cilens.explanation.numbers import Reading
from cilens.perturbation import Constant
from cilens.scoring.explain import Interview
from cilens.segmentation import Slic
from cilens.settings import check_settings
from cilens.types import (
    GivenImage,
    Model,
    Perturbation,
    Progress,
    Segmenter,
    Segments,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore", PendingDeprecationWarning)  # matplotlib's, of shap's colours
    from shap import PartitionExplainer

_LEAST = 4
"""The unchanged image, the blank one, and each half of the tree."""


@dataclass(frozen=True)
class Partition:
    """Share the score among nested groups of segments: shap's PartitionExplainer.

    The groups are a tree over the segments, made by Ward's method from where the segments lie. shap
    opens the groups whose share is largest, in both contexts (the rest kept, the rest hidden), and
    shares what it did not open equally. A region's influence is its Owen value as a share of
    the output range: the values of all regions add up to the score less that of the blank image.
    Low and high are the image's score with and without it.

    What is asked depends on the answers, so the cost is known as a bound only.

    Parameters
    ----------
    segmenter : Segmenter
        Image to (height, width) integer labels.
    perturbation : Perturbation
        What stands in a segment's place.
    budget : int
        Most model rows: shap's ``max_evals``, which comes in pairs.
    seed : int
        Of shap's choice between groups of one share.
    tolerance : float
        As for `cilens.ContextualImportance`.
    batch_size : int
        Most rows in one call of the model; so many are asked before shap chooses again.

    References
    ----------
    Lundberg and Lee, A Unified Approach to Interpreting Model Predictions, 2017, arXiv:1705.07874;
    Owen, Values of Games with a Priori Unions, 1977, doi:10.1007/978-3-642-45494-3_7

    Examples
    --------
    >>> from cilens import Grid
    >>> left = lambda images: images[:, :, :2].mean(axis=(1, 2))  # brightness of the left half
    >>> explanation = Partition(Grid(rows=1, columns=2))(left, np.ones((4, 4, 1)))
    >>> explanation.influence.ravel().tolist(), explanation.model_rows
    ([1.0, 0.0], 4)
    """

    segmenter: Segmenter = Slic()  # noqa: RUF009 (frozen)
    perturbation: Perturbation = Constant(0.0)  # noqa: RUF009 (frozen)
    budget: int = 500
    seed: int = 0
    tolerance: float = 1e-6
    batch_size: int = 32

    def __post_init__(self) -> None:
        check_settings(self, positive=("batch_size",), natural=("seed",), share=("tolerance",))
        if self.budget < _LEAST:
            raise InputError(
                f"Partition.budget must be at least {_LEAST}: the image, the blank one, and each "
                f"half of the segments; got {self.budget}"
            )

    def __call__(
        self, model: Model, image: GivenImage, /, *, progress: Progress | None = None
    ) -> Explanation:
        """Explain the model's scores for one image; see `cilens.explain`."""
        interview = Interview(
            model, image, self.segmenter, self.perturbation, self.batch_size, progress
        )

        def answer(
            vectors: Float[np.ndarray, "rows segments"],
        ) -> Float[np.ndarray, "rows classes"]:
            return interview.ask(vectors.astype(bool))

        n_segments = len(interview.labels)
        if n_segments == 1:  # there is nothing to group
            effects = interview.scores[None] - answer(np.zeros((1, 1)))
        else:
            effects = self._shared(answer, _tree(interview.segments))
        scores, bounds = interview.scores, interview.bounds
        tables = numbers.from_effects(scores, effects, bounds, self.tolerance)
        return interview.explanation(Reading(scores, tables), repr(self))

    def _shared(
        self, answer: Callable[..., object], tree: Float[np.ndarray, "merges 4"]
    ) -> Float[np.ndarray, "segments classes"]:
        """Let shap ask, open groups, and share."""
        n_segments = len(tree) + 1
        explainer = PartitionExplainer(answer, _Vectors(tree))
        with _seeded(self.seed):
            found = explainer(
                np.ones((1, n_segments)),
                max_evals=self.budget - self.budget % 2,  # shap asks in pairs
                batch_size=self.batch_size,
                silent=True,
            )
        return np.asarray(found.values, dtype=np.float64).reshape(n_segments, -1)


class _Vectors:
    """Stands where shap expects a masker: what is hidden is said, not done."""

    def __init__(self, clustering: Float[np.ndarray, "merges 4"]) -> None:
        self.clustering = clustering
        self.shape = (1, len(clustering) + 1)

    def __call__(
        self, mask: Bool[np.ndarray, " segments"], row: Float[np.ndarray, " segments"]
    ) -> Float[np.ndarray, "1 segments"]:
        """Return the coalition itself, as a row of zeros and ones."""
        vector: Float[np.ndarray, "1 segments"] = (mask * row)[None]
        return vector


def _tree(segments: Segments) -> Float[np.ndarray, "merges 4"]:
    """Group the segments by where they lie; the format is scipy's."""
    area = np.bincount(segments.ravel())
    places = [
        np.bincount(segments.ravel(), axis.ravel()) / area for axis in np.indices(segments.shape)
    ]
    tree: Float[np.ndarray, "merges 4"] = hierarchy.linkage(np.stack(places, axis=1), "ward")
    return tree


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Seed numpy's common random numbers for shap, and leave them as they were."""
    before = np.random.get_state()  # noqa: NPY002
    np.random.seed(seed)  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(before)  # noqa: NPY002
