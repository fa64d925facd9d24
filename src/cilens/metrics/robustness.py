"""Robustness: whether an explanation stays when it should.

Two explanations of one scene are compared: before and after a distortion, or under two
segmentations. Nothing here says that a model or a method ought to ignore noise: it says how much
of it ended up in the highlight.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass, replace
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Real

from cilens.errors import InputError
from cilens.explanation import Explanation
from cilens.scoring.protocols import Method
from cilens.types import AnyImage, Model, Segmenter


class Comparison(NamedTuple):
    """How far two explanations of one scene agree about one class.

    Attributes
    ----------
    target : int
        The class that both are read for.
    class_kept : bool
        Whether both predict the same class.
    score_before, score_after : float
        The target's score.
    ink_overlap : float or None
        Highlighted ink that both share, over the highlighted ink of either (intersection over
        union), 0 to 1. None where neither highlights any ink.
    rank_correlation : float or None
        Spearman's, of the two saliencies over the pixels, -1 to 1. None where either is flat.
    max_difference : float
        Largest difference of the two saliencies, as a share of the output range.
    noise_highlighted : float or None
        Share of the noise's own pixels that the second explanation highlights, 0 to 1. None where
        there is no noise.
    empty_before, empty_after : bool
        Whether no region reached the threshold.
    """

    target: int
    class_kept: bool
    score_before: float
    score_after: float
    ink_overlap: float | None
    rank_correlation: float | None
    max_difference: float
    noise_highlighted: float | None
    empty_before: bool
    empty_after: bool


class Agreement(NamedTuple):
    """How far several explanations of one image agree about one class, pair by pair.

    Attributes
    ----------
    pairs : tuple of Comparison
        Each explanation against each later one, in the order given.
    """

    pairs: tuple[Comparison, ...]

    @property
    def ink_overlap(self) -> float | None:
        """Mean over the pairs that have one."""
        return _mean(pair.ink_overlap for pair in self.pairs)

    @property
    def rank_correlation(self) -> float | None:
        """Mean over the pairs that have one."""
        return _mean(pair.rank_correlation for pair in self.pairs)

    @property
    def max_difference(self) -> float:
        """Largest over the pairs."""
        return max(pair.max_difference for pair in self.pairs)


def compare(
    before: Explanation,
    after: Explanation,
    *,
    target: int | str | None = None,
    threshold: float = 0.01,
    ink: Bool[np.ndarray, "height width"] | None = None,
    noise: Bool[np.ndarray, "height width"] | None = None,
) -> Comparison:
    """Compare two explanations of one scene: clean and distorted, or two segmentations.

    Parameters
    ----------
    before, after : Explanation
        Of one model, on images of one size.
    target : int or str, optional
        The class that both are read for; by default the one that `before` predicts.
    threshold : float
        Regions are highlighted from this share of the output range on.
    ink : (height, width) bool array, optional
        The pixels whose highlighting counts; by default those of `before` that are not black.
    noise : (height, width) bool array, optional
        The pixels that a distortion put there; by default none.

    Returns
    -------
    Comparison
        No model is asked.

    Raises
    ------
    InputError
        If sizes or numbers of classes differ, or there is no such class.

    Examples
    --------
    >>> import cilens
    >>> from cilens.datasets.distort import Line
    >>> model, clean = cilens.load_model("digits"), cilens.read_image("mnist:0")
    >>> image, noise = Line(seed=1)(clean)
    >>> before, after = (cilens.explain(model, picture) for picture in (clean, image))
    >>> compare(before, after, noise=noise).class_kept
    True
    """
    shape = before.image.shape[:2]
    ink = (before.image != 0).any(axis=2) if ink is None else ink
    noise = np.zeros(shape, dtype=bool) if noise is None else noise
    for what, found in (
        ("after", after.image.shape[:2]),
        ("ink", ink.shape),
        ("noise", noise.shape),
    ):
        if found != shape:
            raise InputError(f"{what} must have the size of before, {shape}; got {found}")
    if len(before.scores) != len(after.scores):
        raise InputError(
            f"both explanations must be of one model; the first knows {len(before.scores)} "
            f"classes, the second {len(after.scores)}"
        )
    index = before.target(target)
    first, second = (each.highlight(index, threshold) for each in (before, after))
    old, new = (each.saliency(index) for each in (before, after))
    return Comparison(
        target=index,
        class_kept=before.predicted == after.predicted,
        score_before=float(before.scores[index]),
        score_after=float(after.scores[index]),
        ink_overlap=_share(first & second & ink, (first | second) & ink),
        rank_correlation=_spearman(old, new),
        max_difference=float(np.abs(old - new).max()),
        noise_highlighted=_share(second & noise, noise),
        empty_before=not first.any(),
        empty_after=not second.any(),
    )


def agreement(
    explanations: Sequence[Explanation],
    *,
    target: int | str | None = None,
    threshold: float = 0.01,
) -> Agreement:
    """Compare several explanations of one image, each with each.

    Parameters
    ----------
    explanations : sequence of Explanation
        Two or more, of one model and one image.
    target : int or str, optional
        The class they are read for; by default the one that the first predicts.
    threshold : float
        Regions are highlighted from this share of the output range on.

    Returns
    -------
    Agreement
        The pairs, and their means.

    Raises
    ------
    InputError
        If there are fewer than two, or they do not fit together.

    Examples
    --------
    >>> import cilens
    >>> explanation = cilens.explain(cilens.load_model("digits"), cilens.read_image("mnist:0"))
    >>> agreement([explanation, explanation]).ink_overlap
    1.0
    """
    if len(explanations) < 2:
        raise InputError(f"agreement needs at least two explanations; got {len(explanations)}")
    index = explanations[0].target(target)
    return Agreement(
        tuple(
            compare(first, second, target=index, threshold=threshold)
            for first, second in combinations(explanations, 2)
        )
    )


def explain_segmentations(
    method: Method, model: Model, image: AnyImage, segmenters: Sequence[Segmenter]
) -> tuple[Explanation, ...]:
    """Explain one image under several segmentations, all else alike.

    Parameters
    ----------
    method : Method
        A frozen dataclass with a field `segmenter` or `segmenters`, as most of cilens' are.
    model : callable
        (rows, height, width, channels) array to (rows, classes) scores.
    image : (height, width, channels) array
        Brought to the model's view first, where the model has one.
    segmenters : sequence of Segmenter
        Each takes the method's own segmenter's place in turn.

    Returns
    -------
    tuple of Explanation
        One for each segmenter, in order: for `agreement`.

    Raises
    ------
    InputError
        If the method has no segmenter.

    Examples
    --------
    >>> import cilens
    >>> model, image = cilens.load_model("digits"), cilens.read_image("mnist:0")
    >>> slics = [cilens.Slic(count, compactness=0.3) for count in (9, 12, 16)]
    >>> method = cilens.ContextualImportance.paper()
    >>> agreement(explain_segmentations(method, model, image, slics)).ink_overlap > 0.5
    True
    """
    return tuple(with_segmenters(method, [each])(model, image) for each in segmenters)


def segmenters_of(method: Method) -> tuple[Segmenter, ...]:
    """Return what a method segments images with; nothing for one without segmenters of its own.

    Examples
    --------
    >>> from cilens import ContextualImportance, Grid
    >>> segmenters_of(ContextualImportance(Grid(1, 2)))
    (Grid(rows=1, columns=2),)
    """
    part: Any = method
    names = _names(part)
    if "segmenters" in names:
        return part.segmenters or ()
    one = part.segmenter if "segmenter" in names else None
    return () if one is None else (one,)


def with_segmenters(method: Method, segmenters: Sequence[Segmenter]) -> Method:
    """Return a method that segments images otherwise, all else alike.

    Raises
    ------
    InputError
        If the method has no segmenter, or has one where several are given.

    Examples
    --------
    >>> from cilens import ContextualImportance, Grid
    >>> with_segmenters(ContextualImportance(), [Grid(1, 2)]).segmenter
    Grid(rows=1, columns=2)
    """
    part: Any = method
    names = _names(part)
    if "segmenters" in names:
        changed: Method = replace(part, segmenters=tuple(segmenters))
    elif "segmenter" in names and len(segmenters) == 1:
        changed = replace(part, segmenter=segmenters[0])
    else:
        few = f"have {len(segmenters)} segmenters" if "segmenter" in names else "have a segmenter"
        raise InputError(f"the method must {few} to exchange; got {method!r}")
    return changed


def _names(part: Any) -> set[str]:  # noqa: ANN401 (one of several dataclasses, or none)
    return {field.name for field in fields(part)} if is_dataclass(part) else set()


def _share(
    part: Bool[np.ndarray, "height width"], whole: Bool[np.ndarray, "height width"]
) -> float | None:
    """Return how much of the whole a part of it is, or None where there is no whole."""
    return float(part.sum() / whole.sum()) if whole.any() else None


def _spearman(
    first: Real[np.ndarray, "height width"], second: Real[np.ndarray, "height width"]
) -> float | None:
    """Return the rank correlation, ties at their mean rank, or None where either is flat."""
    ranks = np.stack([_ranks(first), _ranks(second)])
    if (np.ptp(ranks, axis=1) == 0).any():
        return None
    return float(np.corrcoef(ranks)[0, 1])


def _ranks(values: Real[np.ndarray, "height width"]) -> Real[np.ndarray, " pixels"]:
    """Return each value's rank from 1, ties at their mean rank; scipy.stats loads for a second."""
    _, place, ties = np.unique(values.ravel(), return_inverse=True, return_counts=True)
    ranks: Real[np.ndarray, " pixels"] = (np.cumsum(ties) - (ties - 1) / 2)[place]
    return ranks


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None
