"""Contextual importance: how much of the output's range each region controls.

Contextual importance and utility ask what a model would say if some inputs had other values, all
else as it is (the context): the span of the answers, as a share of the output's whole range, is
the inputs' importance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from cilens.coalitions import (
    everything,
    named_regions,
    nothing,
    one_in,
    one_out,
    single_regions,
)
from cilens.errors import InputError
from cilens.explanation import Explanation, numbers
from cilens.explanation.numbers import Reading, Tables
from cilens.perturbation import Constant
from cilens.scoring.explain import Answers, explain_one
from cilens.scoring.question import Plan, Question, cut
from cilens.segmentation import Slic
from cilens.settings import check_settings
from cilens.types import (
    GivenImage,
    Model,
    Perturbation,
    Progress,
    Segmenter,
    View,
)

NamedRegions = Mapping[str, Sequence[int]] | tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True)
class ContextualImportance:
    """Hide each region, ask again, and report its share of the output's range.

    Parameters
    ----------
    segmenter : Segmenter
        Image to (height, width) integer labels.
    perturbations : tuple of Perturbation
        What stands in a region's place, one question for each. More of them never lower an
        importance. With one, utility can only be 0, 0.5 or 1 and the size of the influence equals
        the importance: that is arithmetic.
    strategy : {"one-out", "one-in"}
        "one-out" hides one region at a time (the paper). "one-in" shows one region at a time (the
        *inverse* strategy): there ``importance = 1 - (high - low) / range`` and influence is the
        gain over the blank image.
    regions : mapping of str to sequence of int
        Named sets of the segmenter's labels, each explained as one region. By default each segment
        is a region.
    tolerance : float
        Differences of scores below this share of the output range are rounding noise: utility is
        0.5 there.
    batch_size : int
        Most rows in one call of the model.

    References
    ----------
    Anjomshoae, Jiang and Främling, Visual Explanations for DNNs with Contextual Importance, 2021,
    doi:10.1007/978-3-030-82017-6_6

    Examples
    --------
    >>> from cilens import Grid
    >>> left = lambda images: images[:, :, :2].mean(axis=(1, 2))  # brightness of the left half
    >>> method = ContextualImportance(segmenter=Grid(rows=1, columns=2))
    >>> method(left, np.ones((4, 4, 1))).influence.ravel().tolist()
    [1.0, 0.0]
    """

    segmenter: Segmenter = Slic()  # noqa: RUF009 (frozen)
    perturbations: tuple[Perturbation, ...] = (Constant(0.0),)
    strategy: Literal["one-out", "one-in"] = "one-out"
    regions: NamedRegions = ()
    tolerance: float = 1e-6
    batch_size: int = 32

    def __post_init__(self) -> None:
        if isinstance(self.regions, Mapping):
            object.__setattr__(self, "regions", tuple(self.regions.items()))
        check_settings(self, positive=("batch_size",), share=("tolerance",))
        if not self.perturbations:
            raise InputError("ContextualImportance needs at least one perturbation; got none")

    @classmethod
    def paper(cls) -> ContextualImportance:
        """Return Algorithm 1 with the paper's settings: about nine superpixels, hidden in black.

        The paper's compactness, 0.3, is for grey values in [0, 1]. Colour is compared in CIELAB,
        where lightness goes to 100: there 30 cuts photographs as 0.3 cuts their grey versions.
        """
        return cls(segmenter=Slic(n_segments=9, compactness=(0.3, 30.0)))

    def __call__(
        self, model: Model, image: GivenImage, /, *, progress: Progress | None = None
    ) -> Explanation:
        """Explain the model's scores for one image.

        Parameters
        ----------
        model : callable
            (rows, height, width, channels) array to (rows, classes) scores.
        image : (height, width, channels) array
            Brought to the model's view first, where the model has one.
        progress : callable, optional
            Called after each batch with the number of model rows just answered.

        Returns
        -------
        Explanation
            For every class, from the same questions: regions + 1 rows for "one-out" and one
            perturbation.

        Raises
        ------
        ModelError
            If the model's answer is not finite, not one row for each image, or out of range.
        InputError
            If image, segments or regions do not fit.
        """
        return explain_one(self, model, image, progress)

    def plan(self, view: View) -> Plan:
        """Build all questions about one image; no model is called."""
        segments, labels = cut(view, self.segmenter, self.perturbations[0])
        if self.regions:
            regions = named_regions(dict(self.regions), labels)
            names = tuple(dict(self.regions))
        else:
            regions = single_regions(len(labels))
            names = tuple(str(label) for label in labels)
        if self.strategy == "one-out":
            asked = one_out(regions)
        else:
            asked = np.concatenate([nothing(len(labels)), one_in(regions)])
        coalitions = [asked] * len(self.perturbations)
        coalitions[0] = np.concatenate([everything(len(labels)), asked])
        questions = tuple(
            Question.on(view, segments, rows, perturbation)
            for rows, perturbation in zip(coalitions, self.perturbations, strict=True)
        )
        return Plan(view, segments, labels, regions, names, questions)

    def read(
        self, plan: Plan, answers: Sequence[Answers], bounds: Float[np.ndarray, "2 classes"]
    ) -> Reading:
        """Read Eq. 1, utility and Eq. 2 from the answers to a plan; no model is called."""
        del plan
        scores, asked = answers[0][0], [answers[0][1:], *answers[1:]]
        if self.strategy == "one-out":
            found = numbers.contextual(scores, asked, bounds, self.tolerance)
        else:
            found = self._inverse(scores, asked, bounds)
        return Reading(scores, found, asked=self.strategy)

    def _inverse(
        self,
        scores: Float[np.ndarray, " classes"],
        shown: Sequence[Float[np.ndarray, "regions_and_nothing classes"]],
        bounds: Float[np.ndarray, "2 classes"],
    ) -> Tables:
        """Read the answers to "what if only this region were shown?"; the first is the blank."""
        alone = [table[1:] for table in shown]
        found = numbers.contextual(scores, alone, bounds, self.tolerance)
        gain = np.mean([table[1:] - table[0] for table in shown], axis=0) / (bounds[1] - bounds[0])
        return found._replace(importance=1.0 - found.importance, influence=gain)
