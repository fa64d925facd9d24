"""Greedy selection: put the segments in order, one after the other, by asking about each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.optimize import isotonic_regression

from cilens.coalitions import everything, nothing
from cilens.errors import InputError
from cilens.explanation import Explanation, numbers
from cilens.explanation.numbers import Reading
from cilens.perturbation import Constant
from cilens.scoring.explain import Interview
from cilens.segmentation import Slic
from cilens.settings import check_settings
from cilens.types import GivenImage, Model, Perturbation, Progress, Segmenter

_APART = 1e-12
"""Neighbours in the order differ by at least this much influence."""


@dataclass(frozen=True)
class Greedy:
    """Keep and hide more and more segments, each time the one that moves the target most.

    The first step asks about every segment in two contexts: kept alone, and alone left out. The
    one whose two changes of the target's score are largest is chosen. Each later step asks again,
    beside the segments chosen so far and without them, about the most promising of the rest: as
    many as let the budget last to the end. Where that is for all, this is plain greedy search.
    Submodular attribution (LiMA) uses the same two scores, as consistency and collaboration, with
    two more for confidence and diversity that are not here, and saves rows another way. It is
    nothing but a search: it optimises the very curves, insertion and deletion, that
    faithfulness is judged by, in its own fill.

    Influence is the mean of a segment's two changes when it was last asked about, as a share of the
    output range, made to fall along the order: where a later change is larger, both get their mean,
    since the two count together. The order is the target's; other classes have their own
    changes at the same steps. Low and high are the image's score with and without the influence.

    What is asked depends on the answers, so the cost is known as a bound only.

    Parameters
    ----------
    segmenter : Segmenter
        Image to (height, width) integer labels.
    perturbation : Perturbation
        What stands in a segment's place.
    budget : int
        Most model rows: at least two, and two for each segment.
    target : int, optional
        The class whose score is moved; by default the predicted one.
    tolerance : float
        As for `cilens.ContextualImportance`.
    batch_size : int
        Most rows in one call of the model.

    References
    ----------
    Chen et al., Less is More: Efficient Black-box Attribution via Minimal Interpretable Subset
    Selection, 2025, arXiv:2504.00470

    Examples
    --------
    >>> from cilens import Grid
    >>> both = lambda images: images.min(axis=(1, 2))  # one dark pixel darkens all
    >>> explanation = Greedy(Grid(rows=1, columns=2))(both, np.ones((4, 4, 1)))
    >>> explanation.influence.ravel().round(6).tolist(), explanation.model_rows
    ([0.5, 0.5], 4)
    """

    segmenter: Segmenter = Slic()  # noqa: RUF009 (frozen)
    perturbation: Perturbation = Constant(0.0)  # noqa: RUF009 (frozen)
    budget: int = 1000
    target: int | None = None
    tolerance: float = 1e-6
    batch_size: int = 32

    def __post_init__(self) -> None:
        check_settings(
            self, positive=("budget", "batch_size"), natural=("target",), share=("tolerance",)
        )

    def __call__(
        self, model: Model, image: GivenImage, /, *, progress: Progress | None = None
    ) -> Explanation:
        """Explain the model's scores for one image; see `cilens.explain`."""
        interview = Interview(
            model, image, self.segmenter, self.perturbation, self.batch_size, progress
        )
        target = self._target(interview.scores)
        found = _search(interview, target, self.budget)
        scores, bounds = interview.scores, interview.bounds
        width = bounds[1] - bounds[0]
        effects = found.changes
        falling = _falling(effects[found.order, target] / width[target])
        effects[found.order, target] = falling * width[target]
        tables = numbers.from_effects(scores, effects, bounds, self.tolerance)
        return interview.explanation(Reading(scores, tables), repr(self))

    def _target(self, scores: Float[np.ndarray, " classes"]) -> int:
        if self.target is None:
            return int(scores.argmax())
        if not 0 <= self.target < len(scores):
            raise InputError(
                f"Greedy.target must be one of the model's {len(scores)} classes; got {self.target}"
            )
        return self.target


class _Found(NamedTuple):
    """What a search found: the order, and each segment's two changes halved."""

    order: list[int]
    changes: Float[np.ndarray, "segments classes"]


def _search(interview: Interview, target: int, budget: int) -> _Found:
    """Choose the segments step by step, each time from the most promising ones."""
    n_segments = len(interview.labels)
    rows = budget - 2
    if rows < 2 * n_segments:
        raise InputError(
            f"Greedy.budget must be at least {2 * n_segments + 2} for {n_segments} segments: each "
            f"alone and left out, the image and the blank one; got {budget}"
        )
    kept, hidden = nothing(n_segments)[0], everything(n_segments)[0]
    with_them, without = interview.ask(kept[None])[0], interview.scores
    changes = np.zeros((n_segments, len(without)))
    order: list[int] = []
    left = np.arange(n_segments)
    while len(left):
        some = left if not order else left[: _asked(len(left), rows)]
        if len(some) == 0:  # the rows are spent
            order += left.tolist()
            break
        one = np.eye(n_segments, dtype=bool)[some]
        answers = interview.ask(np.concatenate([kept | one, hidden & ~one]))
        raised, lowered = np.split(answers, 2)
        changes[some] = ((raised - with_them) + (without - lowered)) / 2
        rows -= 2 * len(some)
        best = int(changes[some, target].argmax())
        order.append(int(some[best]))
        kept, hidden = kept | one[best], hidden & ~one[best]
        with_them, without = raised[best], lowered[best]
        left = np.delete(left, best)
        left = left[np.argsort(-changes[left, target], kind="stable")]
    return _Found(order, changes)


def _asked(left: int, rows: int) -> int:
    """Return how many of the most promising to ask about, so that the rows last to the end."""
    fitting = (
        some
        for some in range(left, 0, -1)
        if 2 * sum(min(later, some) for later in range(1, left + 1)) <= rows
    )
    return next(fitting, 0)


def _falling(changes: Float[np.ndarray, " segments"]) -> Float[np.ndarray, " segments"]:
    """Make changes fall along the order, with the same sum."""
    fitted = isotonic_regression(changes, increasing=False).x
    places = np.arange(len(changes))
    falling: Float[np.ndarray, " segments"] = fitted - _APART * (places - places.mean())
    return falling.clip(-1.0, 1.0)
