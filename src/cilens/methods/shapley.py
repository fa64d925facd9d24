"""Shapley values as captum estimates them: KernelSHAP and permutation sampling.

What captum asks does not depend on the answers, only on torch's seed. So captum runs twice: first
to hear which coalitions it asks about, then, with the model's answers, to read them. Its sampling
and its estimators are used as they are; the model is asked in the one loop, once for all classes.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from captum.attr import KernelShap as CaptumKernelShap
from captum.attr import ShapleyValueSampling
from jaxtyping import Float
from torch.utils.data import DataLoader, TensorDataset

from cilens.coalitions import everything, nothing
from cilens.errors import InputError
from cilens.explanation import Explanation, numbers
from cilens.explanation.numbers import Reading
from cilens.perturbation import Constant
from cilens.scoring.explain import Answers, explain_one
from cilens.scoring.question import Plan, plan_once
from cilens.segmentation import Slic
from cilens.settings import check_settings
from cilens.types import (
    Coalitions,
    GivenImage,
    Model,
    Perturbation,
    Progress,
    Segmenter,
    View,
)

Forward = Callable[[torch.Tensor], torch.Tensor]
"""From (rows, segments) zeros and ones to scores, as captum calls a model."""


@dataclass(frozen=True)
class KernelShap:
    """Ask coalitions of Shapley's sizes and fit a linear model: captum's KernelShap.

    A region's influence is its coefficient as a share of the output range. Low and high are the
    image's score with and without it.

    Parameters
    ----------
    segmenter : Segmenter
        Image to (height, width) integer labels.
    perturbation : Perturbation
        What stands in a segment's place.
    budget : int
        Model rows: the unchanged image, the blank one, and a coalition in each of the others.
    seed : int
        Of captum's coalitions.
    tolerance : float
        As for `cilens.ContextualImportance`.
    batch_size : int
        Most rows in one call of the model.

    References
    ----------
    Lundberg and Lee, A Unified Approach to Interpreting Model Predictions, 2017, arXiv:1705.07874

    Examples
    --------
    >>> from cilens import Grid
    >>> left = lambda images: images[:, :, :2].mean(axis=(1, 2))  # brightness of the left half
    >>> method = KernelShap(Grid(rows=1, columns=2), budget=20)
    >>> abs(method(left, np.ones((4, 4, 1))).influence.round(3)).ravel().tolist()
    [1.0, 0.0]
    """

    segmenter: Segmenter = Slic()  # noqa: RUF009 (frozen)
    perturbation: Perturbation = Constant(0.0)  # noqa: RUF009 (frozen)
    budget: int = 500
    seed: int = 0
    tolerance: float = 1e-6
    batch_size: int = 32

    def __post_init__(self) -> None:
        check_settings(self, positive=("batch_size",), natural=("seed",), share=("tolerance",))
        if self.budget < 3:
            raise InputError(
                f"KernelShap.budget must be at least 3: the image, the blank one and a "
                f"coalition; got {self.budget}"
            )

    def __call__(
        self, model: Model, image: GivenImage, /, *, progress: Progress | None = None
    ) -> Explanation:
        """Explain the model's scores for one image; see `cilens.explain`."""
        return explain_one(self, model, image, progress)

    def plan(self, view: View) -> Plan:
        """Let captum draw all coalitions; no model is called."""
        return plan_once(view, self.segmenter, self.perturbation, self._drawn)

    def read(
        self, plan: Plan, answers: Sequence[Answers], bounds: Float[np.ndarray, "2 classes"]
    ) -> Reading:
        """Let captum weigh and fit the answers, all classes at once; no model is called."""
        (table,) = answers
        (question,) = plan.questions
        effects = _fit(question.coalitions, table)
        tables = numbers.from_effects(table[0], effects, bounds, self.tolerance)
        return Reading(table[0], tables)

    def _drawn(self, n_segments: int) -> Coalitions:
        if n_segments == 1:  # captum draws from two on
            return np.concatenate([everything(1), nothing(1)])
        tape = _Tape()
        with _seeded(self.seed):
            CaptumKernelShap(tape.record).attribute(
                torch.ones(1, n_segments),
                n_samples=self.budget,
                perturbations_per_eval=self.budget,
            )
        return tape.coalitions()


@dataclass(frozen=True)
class ShapleySampling:
    """Add the segments in random orders, and average what each adds: captum's sampling.

    A region's influence is its estimated Shapley value as a share of the output range: the values
    of all regions add up to the score less that of the blank image. Low and high are the image's
    score with and without it.

    Parameters
    ----------
    segmenter : Segmenter
        Image to (height, width) integer labels.
    perturbation : Perturbation
        What stands in a segment's place.
    budget : int
        Most model rows: the unchanged image, the blank one, and as many random orders as fit. Each
        order takes as many rows as there are segments, and one order at least must fit.
    seed : int
        Of captum's orders.
    tolerance : float
        As for `cilens.ContextualImportance`.
    batch_size : int
        Most rows in one call of the model.

    References
    ----------
    Castro, Gómez and Tejada, Polynomial calculation of the Shapley value based on sampling, 2009,
    doi:10.1016/j.cor.2008.04.004

    Examples
    --------
    >>> from cilens import Grid
    >>> left = lambda images: images[:, :, :2].mean(axis=(1, 2))  # brightness of the left half
    >>> method = ShapleySampling(Grid(rows=1, columns=2), budget=12)
    >>> explanation = method(left, np.ones((4, 4, 1)))
    >>> explanation.influence.ravel().tolist(), explanation.model_rows
    ([1.0, 0.0], 12)
    """

    segmenter: Segmenter = Slic()  # noqa: RUF009 (frozen)
    perturbation: Perturbation = Constant(0.0)  # noqa: RUF009 (frozen)
    budget: int = 1000
    seed: int = 0
    tolerance: float = 1e-6
    batch_size: int = 32

    def __post_init__(self) -> None:
        check_settings(
            self, positive=("budget", "batch_size"), natural=("seed",), share=("tolerance",)
        )

    def __call__(
        self, model: Model, image: GivenImage, /, *, progress: Progress | None = None
    ) -> Explanation:
        """Explain the model's scores for one image; see `cilens.explain`."""
        return explain_one(self, model, image, progress)

    def plan(self, view: View) -> Plan:
        """Let captum draw all orders; no model is called."""
        return plan_once(view, self.segmenter, self.perturbation, self._drawn)

    def read(
        self, plan: Plan, answers: Sequence[Answers], bounds: Float[np.ndarray, "2 classes"]
    ) -> Reading:
        """Let captum average the differences, for all classes; no model is called."""
        (table,) = answers
        found = self._run(_Tape(table[1:]).replay, len(plan.labels))
        effects = found.numpy().astype(np.float64).reshape(table.shape[1], -1).T
        tables = numbers.from_effects(table[0], effects, bounds, self.tolerance)
        return Reading(table[0], tables)

    def _drawn(self, n_segments: int) -> Coalitions:
        tape = _Tape()
        self._run(tape.record, n_segments)
        return np.concatenate([everything(n_segments), tape.coalitions()])

    def _run(self, forward: Forward, n_segments: int) -> torch.Tensor:
        n_orders = (self.budget - 2) // n_segments
        if n_orders < 1:
            raise InputError(
                f"ShapleySampling.budget must be at least {n_segments + 2} for {n_segments} "
                f"segments: one order, the image and the blank one; got {self.budget}"
            )
        with _seeded(self.seed):
            found: torch.Tensor = ShapleyValueSampling(forward).attribute(
                torch.ones(1, n_segments),
                n_samples=n_orders,
                perturbations_per_eval=n_segments,
            )
        return found


class _Tape:
    """Stands where captum expects a model: records what is asked, or plays answers back."""

    def __init__(self, scores: Float[np.ndarray, "rows *classes"] | None = None) -> None:
        self.asked: list[Coalitions] = []
        self.answers = None if scores is None else torch.from_numpy(np.ascontiguousarray(scores))
        self.played = 0

    def record(self, vectors: torch.Tensor) -> torch.Tensor:
        """Keep the coalitions, and answer nothing of interest."""
        self.asked.append(vectors.numpy().astype(bool))
        return torch.zeros(len(vectors))

    def replay(self, vectors: torch.Tensor) -> torch.Tensor:
        """Answer with the next rows."""
        if self.answers is None:
            raise RuntimeError("a tape without answers was played")
        start, self.played = self.played, self.played + len(vectors)
        return self.answers[start : self.played]

    def coalitions(self) -> Coalitions:
        """Return all that was asked, in order."""
        return np.concatenate(self.asked)


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Seed torch for captum, and leave the caller's random numbers as they were."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def _fit(
    coalitions: Coalitions, scores: Float[np.ndarray, "rows classes"]
) -> Float[np.ndarray, "segments classes"]:
    """Fit as captum's KernelShap does, but all classes at once instead of one target."""
    captum = CaptumKernelShap(_Tape().record)
    rows = torch.from_numpy(coalitions).float()
    weights = [
        captum.kernel_shap_similarity_kernel(None, None, row, num_interp_features=rows.shape[1])
        for row in rows[:, None]
    ]
    data = TensorDataset(rows, torch.from_numpy(scores).float(), torch.cat(weights).float())
    with _seeded(0), warnings.catch_warnings():  # the loader draws a number
        warnings.simplefilter("ignore", UserWarning)  # about captum's way of copying intercepts
        captum.interpretable_model.fit(DataLoader(data, batch_size=len(rows)))
    found: torch.Tensor = captum.interpretable_model.linear.weight.detach()
    return found.numpy().astype(np.float64).T
