"""Faithfulness: whether the model behaves as the explanation says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from cilens.explanation import Explanation
from cilens.perturbation import Constant
from cilens.scoring import score
from cilens.scoring.protocols import Method
from cilens.scoring.question import Question
from cilens.settings import check_settings
from cilens.types import Better, Coalitions, Model, Numbers, Perturbation, Progress

_BLACK = Constant(0.0)
_FINE = 2
"""So many of the further rows ask between two numbers of regions that were asked about."""
_LARGEST = 0.5
"""No region is added to a highlight beyond this share of the image: most of it is no finding."""


class HighlightCheck(NamedTuple):
    """What the model says of a highlight alone, of the image without it, and of the blank image.

    Attributes
    ----------
    target : int
        The class that was explained.
    threshold : float
        The share of the output range from which on a region counts as important.
    kept : (segments,) bool array
        The highlight: the segments of important regions, and those that were added.
    added : int
        How many regions were added, the strongest first, for the highlight alone to keep the
        class; 0 where the important ones do, or where nothing helped.
    area : float
        The highlight's share of the image's pixels.
    score, predicted : float, int
        The target's score on the highlighted regions alone (sufficiency), and the class predicted
        there. Where the highlight is empty this is the blank image: see `empty`.
    remainder_score, remainder_predicted : float, int
        The same with exactly the highlighted regions removed (necessity).
    blank_score, blank_predicted : float, int
        The same with every region removed.
    blank_lead : float or None
        How far the class predicted for the blank image is ahead of all others there; None for a
        model with one class.
    empty : bool
        True where the highlight has no pixel.
    model_rows : int
        Images the model was asked about for this check.
    perturbation : Perturbation
        What stood in the place of hidden segments, so that they can be shown as the model saw them.
    """

    target: int
    threshold: float
    kept: Bool[np.ndarray, " segments"]
    added: int
    area: float
    score: float
    predicted: int
    remainder_score: float
    remainder_predicted: int
    blank_score: float
    blank_predicted: int
    blank_lead: float | None
    empty: bool
    model_rows: int
    perturbation: Perturbation = _BLACK


def check_highlight(
    model: Model,
    explanation: Explanation,
    perturbation: Perturbation = _BLACK,
    *,
    target: int | str | None = None,
    threshold: float = 0.01,
    batch_size: int = 32,
) -> HighlightCheck:
    """Find the highlight that keeps the class, and ask about it, the rest and the blank image.

    Parameters
    ----------
    model : callable
        The model that was explained.
    explanation : Explanation
        Its explanation of one image.
    perturbation : Perturbation
        What stands in the place of the regions left out.
    target : int or str, optional
        A class index or name; by default the predicted class.
    threshold : float
        Regions count as important from this share of the output range on.
    batch_size : int
        Most rows in one call of the model.

    Returns
    -------
    HighlightCheck
        Three model rows, whatever the number of regions and classes; up to eight more where the
        important regions alone do not keep the predicted class.

    Examples
    --------
    >>> import cilens
    >>> model, image = cilens.load_model("digits"), cilens.read_image("mnist:0")
    >>> check = check_highlight(model, cilens.explain(model, image))
    >>> check.predicted, check.model_rows
    (7, 3)
    """
    judge = Highlight(perturbation, threshold, batch_size, additions=8)
    return judge.check(model, explanation, target)


@dataclass(frozen=True)
class Highlight:
    """Ask about the highlight alone and about the rest: sufficiency, necessity, area.

    Sufficiency is the target's score on the highlight alone; ``class_kept`` is 1 where the class
    predicted for the whole image is predicted there too, else 0; necessity is what the target's
    score loses when exactly the highlight is removed; the area is a share of the image. An empty
    highlight is the blank image, with whatever score the model gives that.

    Parameters
    ----------
    perturbation : Perturbation
        What stands in the place of the regions left out.
    threshold : float
        Regions are highlighted from this share of the output range on.
    batch_size : int
        Most rows in one call of the model.
    additions : int
        Where the important regions alone do not keep the predicted class, spend so many further
        rows, at most, on adding the next strongest; 0 judges the explanation as it is.

    Examples
    --------
    >>> from cilens import ContextualImportance, Grid
    >>> corner = lambda images: images[:, 0, 0]  # a model that looks at one pixel
    >>> explanation = ContextualImportance(Grid(2, 2))(corner, np.ones((2, 2, 1)))
    >>> Highlight()(corner, explanation)
    {'sufficiency': 1.0, 'class_kept': 1.0, 'necessity': 1.0, 'area': 0.25}
    """

    perturbation: Perturbation = _BLACK
    threshold: float = 0.01
    batch_size: int = 32
    additions: int = 0

    better: ClassVar[Mapping[str, Better]] = {
        "sufficiency": "higher",
        "class_kept": "higher",
        "necessity": "higher",
        "area": "lower",
    }

    def __post_init__(self) -> None:
        check_settings(self, positive=("batch_size",))

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
        """Judge one explanation, from three model rows."""
        del method
        check = self.check(model, explanation, target, progress=progress)
        return {
            "sufficiency": check.score,
            "class_kept": float(check.predicted == explanation.predicted),
            "necessity": float(explanation.scores[check.target]) - check.remainder_score,
            "area": check.area,
        }

    def check(
        self,
        model: Model,
        explanation: Explanation,
        target: int | str | None = None,
        *,
        progress: Progress | None = None,
    ) -> HighlightCheck:
        """Ask the model about the highlight alone, the image without it, and the blank image.

        Where the important regions alone do not keep the predicted class, and `additions` has
        room, larger highlights are asked about, coarsely and then finely; the smallest that keeps
        it is the highlight, and its remainder is asked about too.
        """
        index = explanation.target(target)

        def ask(coalitions: Coalitions) -> Float[np.ndarray, "coalitions classes"]:
            question = Question.on(
                explanation.view, explanation.segments, coalitions, self.perturbation
            )
            (answer,) = score(model, [question], batch_size=self.batch_size, progress=progress)
            return answer.scores

        kept, added = explanation.kept(index, self.threshold), 0
        alone, without, blank = ask(np.stack([kept, ~kept, np.zeros_like(kept)]))
        rows = 3
        if index == explanation.predicted != alone.argmax() and self.additions > _FINE + 1:
            larger, scores, asked = _enough(explanation, kept, ask, self.additions - 1)
            rows += asked
            if larger is not None:
                added = _inside(explanation, larger) - _inside(explanation, kept)
                kept, alone = larger, scores
                (without,) = ask(~kept[None])
                rows += 1
        kept.setflags(write=False)
        return HighlightCheck(
            target=index,
            threshold=self.threshold,
            kept=kept,
            added=added,
            area=float(kept[explanation.segments].mean()),
            score=float(alone[index]),
            predicted=int(alone.argmax()),
            remainder_score=float(without[index]),
            remainder_predicted=int(without.argmax()),
            blank_score=float(blank[index]),
            blank_predicted=int(blank.argmax()),
            blank_lead=float(np.diff(np.sort(blank)[-2:])[0]) if len(blank) > 1 else None,
            empty=not kept.any(),
            model_rows=rows,
            perturbation=self.perturbation,
        )


def _enough(
    explanation: Explanation,
    kept: Bool[np.ndarray, " segments"],
    ask: Callable[[Coalitions], Float[np.ndarray, "_ classes"]],
    most: int,
) -> tuple[Bool[np.ndarray, " segments"] | None, Float[np.ndarray, " classes"], int]:
    """Look for a highlight that keeps the predicted class, with as few regions more as it takes.

    What else speaks for the class is added, the strongest first, however unsure, up to half of the
    image. Numbers of regions that grow by a constant factor are asked about, from one to all, and
    then those between the smallest that keeps the class and the one before.

    Returns
    -------
    kept, scores, rows
        None where no number of regions keeps the class; and what was asked.
    """
    target = explanation.predicted
    values = explanation.segment_influence(target)
    levels = np.unique(values[~kept & (values > 0)])[::-1]
    wider = kept | (values >= levels[:, None])
    pixels = np.bincount(explanation.segments.ravel(), minlength=len(kept))
    wider = wider[wider @ pixels <= _LARGEST * pixels.sum()]
    few, enough, best, scores, rows = 0, len(wider) + 1, None, explanation.scores, 0
    wanted = np.geomspace(1, max(len(wider), 1), most - _FINE)
    for _ in range(2):
        counts = np.unique(wanted.round().astype(int))
        counts = counts[(counts > few) & (counts < enough)]
        if not len(counts):
            break
        answers = ask(wider[counts - 1])
        rows += len(counts)
        holds = answers.argmax(axis=1) == target
        if holds.any():
            first = int(holds.argmax())
            scores, enough = answers[first], int(counts[first])
            best = wider[enough - 1]
            few = max([few, *counts[:first].tolist()])
        if best is None:
            break
        wanted = np.geomspace(max(few, 1), enough, _FINE + 2)[1:-1]
    return best, scores, rows


def _inside(explanation: Explanation, kept: Bool[np.ndarray, " segments"]) -> int:
    """Count the regions that lie in a highlight."""
    return int((~(explanation.regions & ~kept).any(axis=1)).sum())
