"""An explanation as one line of plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool

from cilens.errors import InputError
from cilens.explanation import Explanation
from cilens.render import marks
from cilens.text.names import round_percent, score_words, short_name
from cilens.text.english import listed

if TYPE_CHECKING:
    from cilens.followup.highlight import HighlightCheck


def sentence(
    explanation: Explanation, check: HighlightCheck, target: int | str | None = None
) -> str:
    """Say what carries a class, and what the model says to that alone and to the image without it.

    Parameters
    ----------
    explanation : Explanation
        Of one image.
    check : HighlightCheck
        What `cilens.followup.highlight.check_highlight` found for the same explanation.
    target : int or str, optional
        A class index or name; by default the one that was checked.

    Returns
    -------
    str
        One line. It also says which regions speak against the class, and, where that is so, that
        the blank image gives this class too: a highlight's score then proves little.

    Raises
    ------
    InputError
        If another class was checked.

    Examples
    --------
    >>> from cilens import ContextualImportance, Grid
    >>> from cilens.followup.highlight import check_highlight
    >>> def model(images):
    ...     left = images[:, :, :2].mean(axis=(1, 2, 3))
    ...     return np.stack([1 - left, left], axis=1)
    >>> explanation = ContextualImportance(Grid(rows=1, columns=2))(model, np.ones((4, 4, 1)))
    >>> print(sentence(explanation, check_highlight(model, explanation)))
    1 (100.0 %): region 0 carries it; alone it still gives 1 (100.0 %); without it the image is 0
    (1 at 0.0 %).
    """
    if target is not None and explanation.target(target) != check.target:
        raise InputError(
            f"the highlight of class {explanation.class_name(check.target)!r} was checked; "
            f"asked for {explanation.class_name(target)!r}"
        )
    clauses = _nothing(explanation, check) if check.empty else _highlight(explanation, check)
    against = explanation.influence[:, check.target] <= -check.threshold
    if against.any():
        clauses.append(_verb(_regions(explanation, check, against), against, "speak", "against it"))
    if check.blank_predicted == check.target:
        blank = _scored(explanation, check.blank_score, check.target)
        clauses.append(f"even the blank image gives {blank}")
    return f"{_head(explanation, check)}: {'; '.join(clauses)}."


def _head(explanation: Explanation, check: HighlightCheck) -> str:
    predicted = explanation.predicted
    target, best = (
        _scored(explanation, explanation.scores[index], index)
        for index in (check.target, predicted)
    )
    return target if predicted == check.target else f"{target}, where the image is {best}"


def _nothing(explanation: Explanation, check: HighlightCheck) -> list[str]:
    clauses = [f"no region alone carries {round_percent(check.threshold)} of the output range"]
    if check.blank_predicted != check.target:
        blank = _outcome(explanation, check, check.blank_predicted, check.blank_score)
        clauses.append(f"the blank image is {blank}")
    return clauses


def _highlight(explanation: Explanation, check: HighlightCheck) -> list[str]:
    kept = explanation.important(check.target, check.threshold)
    they, them = ("it", "it") if kept.sum() == 1 else ("they", "them")
    alone = _outcome(explanation, check, check.predicted, check.score)
    without = _outcome(explanation, check, check.remainder_predicted, check.remainder_score)
    still, still_without = (
        "still " if after == explanation.predicted else ""
        for after in (check.predicted, check.remainder_predicted)
    )
    return [
        _verb(_regions(explanation, check, kept), kept, "carry", "it"),
        _verb(f"alone {they} {still}".rstrip(), kept, "give", alone),
        f"without {them} the image is {still_without}{without}",
    ]


def _outcome(explanation: Explanation, check: HighlightCheck, predicted: int, score: float) -> str:
    """Name the class predicted; the score is the target's, which may be another."""
    if predicted == check.target:
        return _scored(explanation, score, predicted)
    target = short_name(explanation.class_name(check.target))
    words = score_words(explanation, score, check.target)
    return f"{short_name(explanation.class_name(predicted))} ({target} at {words})"


def _scored(explanation: Explanation, score: float, target: int) -> str:
    name = short_name(explanation.class_name(target))
    return f"{name} ({score_words(explanation, float(score), target)})"


def _regions(
    explanation: Explanation, check: HighlightCheck, which: Bool[np.ndarray, " regions"]
) -> str:
    """List regions, strongest influence first."""
    names = explanation.region_names
    if marks(names) != names:
        names = tuple(f"“{name}”" for name in names)
    ordered = [names[row] for row in explanation.ranked(check.target) if which[row]]
    return f"region {listed(ordered, most=5)}"


def _verb(subject: str, regions: Bool[np.ndarray, " regions"], verb: str, rest: str) -> str:
    """Put a verb behind one region or several."""
    if regions.sum() == 1:
        singular = verb[:-1] + "ies" if verb.endswith("y") else verb + "s"
        return f"{subject} {singular} {rest}"
    return f"{subject.replace('region ', 'regions ', 1)} {verb} {rest}"
