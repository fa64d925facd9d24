"""What an audit found out, in words: a verdict, and what is behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cilens.text.english import agree
from cilens.text.numbers import percent, plain
from cilens.text.topic import Topic

if TYPE_CHECKING:
    from cilens.followup.audit import Again, Audited

_ONE = 0.8
"""From this share of all that speaks for the target on, one region decides alone."""

_GONE = 0.5
"""Hiding decides if it takes at least this share of the output range."""


def verdict(topic: Topic, audited: Audited) -> str:
    """Say in a sentence whether the explanation can be relied on.

    Examples
    --------
    >>> import numpy as np
    >>> from cilens import ContextualImportance, Grid
    >>> from cilens.followup.audit import Audit
    >>> from cilens.text import about
    >>> corner = lambda images: images[:, -1, -1]  # a model that looks at one pixel
    >>> explanation = ContextualImportance(Grid(3, 3))(corner, np.ones((6, 6, 1)))
    >>> verdict(about(explanation), Audit(steps=9)(corner, explanation))
    'It holds: what it names decides, beyond edges and chance.'
    """
    overs = (audited.over_edges, audited.over_random)
    if any(over is not None and over < 0 for over in overs):
        better = "an edge detector" if (overs[0] or 0) < 0 else "chance"
        return f"Do not rely on it: {better} finds what the answer hangs on sooner."
    if all(overs):
        return "It holds: what it names decides, beyond edges and chance."
    if _decides_alone(topic, audited):
        return f"It holds: {topic.regions(topic.ranked[:1])} decides alone."
    if overs[1] is not None:
        return "It holds against chance, but an edge detector does as well."
    return "It cannot be told: on this image, chance comes as far."


def edges_verdict(topic: Topic, audited: Audited) -> str:
    """Say whether an explanation is better than an edge detector, and by how much."""
    return _beside(topic, audited, audited.over_edges, "an edge detector")


def random_verdict(topic: Topic, audited: Audited) -> str:
    """Say whether an explanation is better than chance, and by how much."""
    return _beside(topic, audited, audited.over_random, "chance")


def audit_warning(topic: Topic, audited: Audited) -> str:
    """Say what hidden images are taken for, where that is a class with nothing to do there.

    Returns
    -------
    str
        Empty where there is nothing to warn of.
    """
    hidden, found = audited.hidden, []
    if hidden.unrelated is not None and hidden.share is not None and hidden.warns_unrelated:
        most = scored(topic, hidden.unrelated, hidden.share)
        found.append(f"half-hidden images are mostly {most}, which is unrelated")
    if hidden.warns_blank:
        blank = scored(topic, hidden.blank_predicted, hidden.blank_score)
        found.append(f"the blank image is {blank}")
    if not found:
        return ""
    same = hidden.warns_blank and hidden.blank_predicted == audited.target
    proof = "keeping the class proves little" if same else "a loss may come of hiding itself"
    return f"{', and '.join(found)}: {proof}"


def completeness(audited: Audited) -> str:
    """Say what the influences add up to, beside what the blank image loses."""
    change = "loses" if audited.difference >= 0 else "gains"
    blank = f"the blank image {change} {percent(abs(audited.difference))}"
    if audited.influences is None or audited.gap is None:
        return f"regions overlap, and have no sum to hold against it; {blank}"
    gap = percent(audited.gap, signed=True)
    return f"regions add up to {percent(audited.influences)}, {blank}: gap {gap}"


def stability(again: tuple[Again, ...]) -> str:
    """Say how far the method says the same a second time."""
    if not again:
        return "not asked: it takes the method"
    ranks = ", ".join(f"{_rank(one.rank_correlation)} ({one.change})" for one in again)
    changes = [one.max_difference for one in again if one.max_difference is not None]
    most = f"; change up to {percent(max(changes))}" if changes else ""
    return f"rank correlation {ranks}{most}"


def cost(audited: Audited, perturbation: str) -> str:
    """Say how it was asked, and of how many rows."""
    low, high = (plain(bound) for bound in audited.output_range)
    again = f", {audited.model_rows - audited.judge_rows} for stability" if audited.again else ""
    steps = f"{audited.steps} {agree(audited.steps, 'step', 'steps')}"
    return (
        f"{steps}, perturbation {perturbation}, output range {low} … {high}; "
        f"{audited.model_rows} more model rows{again}"
    )


def scored(topic: Topic, index: int, score: float) -> str:
    """Name a class with a score."""
    return f"{topic.label(index, 24)} ({topic.score(score, index)})"


def _beside(topic: Topic, audited: Audited, over: float | None, control: str) -> str:
    if over is not None:
        return f"{'better' if over > 0 else 'worse'} than {control} by {abs(over):.2f}"
    if _decides_alone(topic, audited):
        return "one region decides: there is no order to judge"
    return f"no better and no worse than {control}"


def _decides_alone(topic: Topic, audited: Audited) -> bool:
    """Tell whether one region holds what there is, and the answer really goes with it."""
    influence = topic.explanation.influence[:, audited.target].clip(min=0)
    low, high = audited.output_range
    own = float(topic.explanation.scores[audited.target])
    gone = (own - audited.own.mif) / (high - low)
    return bool(influence.max() >= _ONE * influence.sum() > 0 and gone >= _GONE)


def _rank(value: float | None) -> str:
    return "none" if value is None else f"{value:.2f}".replace("-", "−")
