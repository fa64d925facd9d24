"""An edge detector: what looks like an explanation and knows nothing of the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import skimage.filters
from jaxtyping import Float

from cilens.coalitions import everything
from cilens.explanation import Explanation
from cilens.explanation.numbers import Reading, Tables
from cilens.perturbation import Constant
from cilens.scoring.explain import Answers, explain_one
from cilens.scoring.question import Plan, Question, plan_segments
from cilens.segmentation import Slic, segment
from cilens.settings import check_settings
from cilens.types import GivenImage, Image, Model, Progress, Segmenter, Segments, View

_LEVELS = 256
"""Without a segmenter, pixels are told apart in so many steps of about as many pixels each."""

_NOISE = 1e-9
"""Edges below this share of the largest pixel are rounding noise."""


@dataclass(frozen=True)
class EdgeDetector:
    """Paint the strength of the image's edges: the control for what merely looks convincing.

    The influence is the mean Sobel magnitude of the grey image, the strongest being 1; the same
    for every class, whatever the model says.

    Parameters
    ----------
    segmenter : Segmenter, optional
        Image to (height, width) integer labels; with none, the magnitude is read pixel by pixel,
        and the regions are the pixels of like magnitude, in at most 256 steps.
    batch_size : int
        Most rows in one call of the model.

    References
    ----------
    Adebayo et al., Sanity Checks for Saliency Maps, 2018, arXiv:1810.03292

    Examples
    --------
    >>> from cilens import Grid
    >>> image = np.zeros((6, 6, 1))
    >>> image[:, 3:] = 1.0
    >>> edges = EdgeDetector(Grid(1, 3))(lambda images: images.mean(axis=(1, 2)), image)
    >>> edges.influence.ravel().tolist(), edges.model_rows
    ([0.0, 1.0, 0.0], 1)
    """

    segmenter: Segmenter | None = Slic()  # noqa: RUF009 (frozen)
    batch_size: int = 32

    def __post_init__(self) -> None:
        check_settings(self, positive=("batch_size",))

    def __call__(
        self, model: Model, image: GivenImage, /, *, progress: Progress | None = None
    ) -> Explanation:
        """Ask for the scores alone; see `cilens.explain`."""
        return explain_one(self, model, image, progress)

    def plan(self, view: View) -> Plan:
        """Build the one question: the unchanged image."""
        cut = _by_level if self.segmenter is None else self.segmenter
        segments, labels = segment(cut, view)
        question = Question.on(view, segments, everything(len(labels)), Constant())
        return plan_segments(view, segments, labels, question)

    def read(
        self, plan: Plan, answers: Sequence[Answers], bounds: Float[np.ndarray, "2 classes"]
    ) -> Reading:
        """Average the edges over each region; the answers give the scores alone."""
        del bounds
        scores = answers[0][0]
        flat = plan.segments.ravel()
        strength = np.bincount(flat, _sobel(plan.view.image).ravel()) / np.bincount(flat)
        strongest = strength.max()
        if strongest <= _NOISE * float(np.abs(plan.view.image).max()):  # of one brightness
            strength, strongest = np.zeros_like(strength), 1.0
        painted = np.tile((strength / strongest)[:, None], len(scores))
        tables = Tables(
            low=np.tile(scores, (len(strength), 1)),
            high=np.tile(scores, (len(strength), 1)),
            importance=painted.copy(),
            utility=np.full(painted.shape, 0.5),
            influence=painted,
        )
        return Reading(scores, tables)


def _sobel(image: Image) -> Float[np.ndarray, "height width"]:
    """Return the Sobel magnitude of the mean of the channels."""
    found: Float[np.ndarray, "height width"] = skimage.filters.sobel(
        image.mean(axis=2, dtype=np.float64)
    )
    return found


def _by_level(image: Image) -> Segments:
    """Put pixels of like magnitude into one segment."""
    strength = _sobel(image)
    cuts = np.unique(np.quantile(strength, np.arange(1, _LEVELS) / _LEVELS))
    levels: Segments = np.searchsorted(cuts, strength, side="right")
    return levels
