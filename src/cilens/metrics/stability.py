"""Stability: whether a method says the same again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np

from cilens.errors import InputError
from cilens.explanation import Explanation
from cilens.metrics.robustness import compare, segmenters_of, with_segmenters
from cilens.scoring.protocols import Method
from cilens.scoring.statement import StatedModel, allows_noise
from cilens.settings import check_settings
from cilens.types import Better, Image, Model, Numbers, Progress, Segmenter, Segments, View


@dataclass(frozen=True)
class Stability:
    """Explain again under another segmentation, noise or seed, and compare the saliencies.

    It asks the method again, and costs as many model rows for each run as the method does.

    Parameters
    ----------
    change : {"segments", "noise", "seed"}
        What is different the next time: where the segments lie, the image, or the method's seed.
    runs : int
        How often the method is asked again.
    shift : float
        Of segments: how far at most they move, as a share of the image's shorter side.
    noise : float
        Of noise: its standard deviation, as a share of the range of the image's pixels. They stay
        inside that range.
    seed : int
        Seed of the shifts and the noise.

    Examples
    --------
    >>> from cilens import ContextualImportance, Grid
    >>> bright, method = lambda images: images.mean(axis=(1, 2)), ContextualImportance(Grid(2, 2))
    >>> image = np.array([[0.0, 1.0], [0.5, 0.2]])
    >>> Stability("seed")(bright, method(bright, image), method=method)  # it has no seed
    {'rank_correlation': 1.0, 'max_difference': 0.0}
    """

    change: Literal["segments", "noise", "seed"] = "segments"
    runs: int = 3
    shift: float = 0.1
    noise: float = 0.05
    seed: int = 0

    better: ClassVar[Mapping[str, Better]] = {
        "rank_correlation": "higher",
        "max_difference": "lower",
    }

    def __post_init__(self) -> None:
        check_settings(self, positive=("runs", "shift", "noise"), natural=("seed",))

    def __call__(
        self,
        model: Model,
        explanation: Explanation,
        /,
        target: int | str | None = None,
        *,
        method: Method | None = None,
        progress: Progress | None = None,
    ) -> Numbers:
        """Judge one explanation against what its method says again.

        The rank correlation (Spearman's, over the pixels) is the mean over the runs, the largest
        difference, as a share of the output range, the largest. A method without a seed says the
        same every time; of one without segmenters of its own, there are no numbers for segments.
        """
        if method is None:
            raise InputError("stability asks the method again: it must be given, as method=…")
        index = explanation.target(target)
        if self.change == "segments" and not segmenters_of(method):
            return dict.fromkeys(self.better)
        low, high = (tuple(bound) for bound in explanation.output_range.tolist())
        model = StatedModel(model, (low, high), allow_noise=allows_noise(model))
        again = [
            compare(explanation, changed(model, view, progress=progress), target=index)
            for changed, view in self._runs(method, explanation.view)
        ] or [compare(explanation, explanation, target=index)]
        ranks = [one.rank_correlation for one in again if one.rank_correlation is not None]
        return {
            "rank_correlation": float(np.mean(ranks)) if ranks else None,
            "max_difference": max(one.max_difference for one in again),
        }

    def _runs(self, method: Method, view: View) -> Iterator[tuple[Method, View]]:
        """Give the method and the view of each run; nothing where nothing can change."""
        part: Any = method
        random = np.random.default_rng(self.seed)
        for run in range(1, self.runs + 1):
            if self.change == "noise":
                yield method, view._replace(image=self._noisy(view.image, random))
            elif self.change == "segments":
                most = max(1, round(self.shift * min(view.image.shape[:2])))
                rows, columns = random.integers(1, most + 1, 2).tolist()
                moved = [Shifted(each, rows, columns) for each in segmenters_of(method)]
                yield with_segmenters(method, moved), view
            elif is_dataclass(method) and "seed" in {field.name for field in fields(method)}:
                yield replace(part, seed=part.seed + run), view

    def _noisy(self, image: Image, random: np.random.Generator) -> Image:
        low, high = float(image.min()), float(image.max())
        noisy = image + random.normal(0.0, self.noise * (high - low), image.shape)
        inside: Image = np.clip(noisy, low, high).astype(image.dtype)
        return inside


@dataclass(frozen=True)
class Shifted:
    """Segment an image that begins a little further up and to the left, mirrored there.

    Parameters
    ----------
    segmenter : Segmenter
        Whose segments move.
    rows, columns : int
        By how much, in pixels.

    Examples
    --------
    >>> from cilens import Grid
    >>> Shifted(Grid(1, 2), rows=0, columns=2)(np.zeros((1, 4, 1))).tolist()
    [[0, 1, 1, 1]]
    """

    segmenter: Segmenter
    rows: int
    columns: int

    def __call__(self, image: Image, /) -> Segments:
        """Return the segmenter's labels of the shifted image, where the image lies."""
        larger = np.pad(image, ((self.rows, 0), (self.columns, 0), (0, 0)), mode="symmetric")
        found: Segments = np.asarray(self.segmenter(larger))
        if found.shape != larger.shape[:2]:
            raise InputError(
                f"{self.segmenter!r} must segment an image of {larger.shape[:2]} to be shifted; it "
                f"gave {found.shape}: judge its stability by noise or seed"
            )
        return found[self.rows :, self.columns :]
