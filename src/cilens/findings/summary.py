"""Several images in five lines: what was predicted, how surely, and where the evidence lies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cilens.findings.finding import Finding
from cilens.text import place, score_text

_MOST = 5
"""Classes and places that are named."""


class Glance(NamedTuple):
    """What a summary keeps of one image.

    Attributes
    ----------
    source : str
        The image's name.
    name : str
        Name of the class predicted.
    score : float
        Its score, and in `written` as people read it.
    written : str
        The score in words.
    where : str
        The place of the strongest region; nothing where no influence is above its margin and at
        least the threshold.
    sufficient : bool
        Whether the highlight alone is still given the class that was explained.
    necessary : bool
        Whether the image without it is given another.
    """

    source: str
    name: str
    score: float
    written: str
    where: str
    sufficient: bool
    necessary: bool


def glance(found: Finding) -> Glance:
    """Keep what a summary needs of a finding, which may be large."""
    explanation, check = found.explanation, found.check
    strongest = int(explanation.influence[:, check.target].argmax())
    sure = explanation.important(check.target, check.threshold)
    mask = explanation.regions[strongest][explanation.segments]
    score = float(explanation.scores[explanation.predicted])
    return Glance(
        source=found.source,
        name=found.topic.label(explanation.predicted),
        score=score,
        written=score_text(explanation, score, explanation.predicted),
        where=place(mask) if sure[strongest] else "",
        sufficient=not check.empty and check.predicted == check.target,
        necessary=check.remainder_predicted != check.target,
    )


def summary(glances: Sequence[Glance], failed: int = 0) -> tuple[str, ...]:
    r"""Return five lines on several images.

    Parameters
    ----------
    glances : sequence of Glance
        One for each image that was explained; at least one.
    failed : int
        How many others were not.

    Returns
    -------
    tuple of str
        Five.

    Examples
    --------
    >>> one = Glance("a.png", "cat", 0.9, "90.0 %", "in the middle", True, True)
    >>> other = Glance("b.png", "dog", 0.5, "50.0 %", "", True, False)
    >>> print(*summary([one, other]), sep="\n")
    2 images explained
    Predicted: cat (1), dog (1)
    Scores: highest 90.0 % (cat, a.png), lowest 50.0 % (dog, b.png)
    Strongest regions: in the middle (1), none that is sure (1)
    Highlights: 2 of 2 alone still give the class; without them 1 of 2 give another
    """
    images = len(glances)
    low, high = (choose(glances, key=lambda one: one.score) for choose in (min, max))
    others = f", {failed} failed" if failed else ""
    ends = [f"{end.written} ({end.name}, {end.source})" for end in (high, low)]
    enough = f"{sum(one.sufficient for one in glances)} of {images} alone still give the class"
    needed = f"without them {sum(one.necessary for one in glances)} of {images} give another"
    return (
        f"{images} image{'s' * (images > 1)} explained{others}",
        f"Predicted: {_counted(one.name for one in glances)}",
        f"Scores: highest {ends[0]}, lowest {ends[1]}",
        f"Strongest regions: {_counted(one.where or 'none that is sure' for one in glances)}",
        f"Highlights: {enough}; {needed}",
    )


def _counted(words: Iterable[str]) -> str:
    """List words by how often they come, the most frequent first."""
    counts = Counter(words).most_common()
    rest = len(counts) - _MOST
    told = [f"{word} ({count})" for word, count in counts[:_MOST]]
    return ", ".join([*told, f"{rest} more"] if rest > 0 else told)
