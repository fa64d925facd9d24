"""An explanation in words, for a person who knows the image but not the method."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cilens.errors import InputError
from cilens.text import paragraph
from cilens.text.cautions import cautions
from cilens.text.english import length, sentence
from cilens.text.numbers import degree, percent, typicality
from cilens.text.places import place
from cilens.text.reasons import because, because_not, conceded, speaking_against
from cilens.text.topic import Kind, Topic, about

if TYPE_CHECKING:
    from cilens.followup.highlight import HighlightCheck
    from cilens.followup.missing import Missing

LONGEST = 120
"""Words that a paragraph tries to stay within."""


class _Detail(NamedTuple):
    """How much a paragraph says.

    Regions named with their place, cautions kept, whether the contrast is full, and whether to
    say what speaks against the target.
    """

    regions: int
    cautions: int
    full: bool
    against: bool


_DETAILS = (
    _Detail(3, 6, full=True, against=True),
    _Detail(3, 2, full=True, against=True),
    _Detail(3, 1, full=True, against=True),
    _Detail(3, 1, full=False, against=True),
    _Detail(2, 1, full=False, against=True),
    _Detail(2, 1, full=False, against=False),
    _Detail(1, 1, full=False, against=False),
)
"""From the fullest paragraph to the shortest."""


def describe(
    topic: Topic, check: HighlightCheck | None = None, missing: Missing | None = None
) -> str:
    """Explain in a paragraph.

    It says what the model sees and how sure it is, which regions matter, where they are and how
    much they matter, why it is not the other class, what would change it, and what to be careful
    with. Every number comes from the explanation, the check or the prototype's gain.

    Parameters
    ----------
    topic : Topic
        From `about`.
    check : HighlightCheck, optional
        What `cilens.followup.highlight.check_highlight` found for the same explanation, target
        and threshold.
    missing : Missing, optional
        What `cilens.followup.missing.find_missing` found for the same explanation.

    Returns
    -------
    str
        About 120 words at most: where there is more to say, the least serious cautions are left
        out first, then regions are counted that were named.

    Raises
    ------
    InputError
        If the check is of another target or threshold, or the gain of other regions.

    Examples
    --------
    >>> import cilens
    >>> from cilens.followup.highlight import check_highlight
    >>> model = cilens.load_model("digits")
    >>> explanation = cilens.ContextualImportance.paper()(model, cilens.read_image("mnist:0"))
    >>> print(describe(about(explanation, kind="digit"), check_highlight(model, explanation)))
    The model reads this digit as 7 and is almost certain (over 99.99 %). Hidden one at a time, one
    of its eight regions lowers the score by 1 % or more: region 3 with 91 % of the ink is highly
    important (98 %). Alone it still reads as 7 (over 99.99 %); without it the image reads as 1
    (7 at 2.0 %). It is not 3 (runner-up, under 0.01 %), because no region matters to it and
    region 3 speaks against it (by 1.5 %). Take care: a score so near its limit hides small effects;
    cutting or hiding it otherwise can give other numbers; with everything hidden, it reads as 1.
    """
    _check_parts(topic, check, missing)
    text = ""
    for detail in _DETAILS:
        parts = [paragraph.opening(topic), paragraph.regions(topic, detail.regions)]
        parts += [] if check is None else [paragraph.highlight(topic, check)]
        parts += [paragraph.look(topic), *_contrast(topic, detail)]
        parts += [] if missing is None else [paragraph.lacking(topic, missing, detail.regions)]
        kept = cautions(topic, check)[: detail.cautions]
        parts.append(sentence(f"take care: {'; '.join(kept)}"))
        text = " ".join(part for part in parts if part)
        if length(text) <= LONGEST:
            break
    return text


def _contrast(topic: Topic, detail: _Detail) -> list[str]:
    """Say what speaks against the target, and why it is not the foil."""
    against = speaking_against(topic) if detail.against else ""
    if topic.foil is None:
        return [against]
    found = topic.against(topic.target, topic.foil)
    said = [because_not(topic, full=detail.full)]
    shared = found.both | found.for_foil_only
    if detail.full and found.for_target_only.any() and shared.any():
        said.insert(0, because(topic))
    covered = not (found.against_target & ~conceded(found)).any()
    return said if covered else [against, *said]


def _check_parts(topic: Topic, check: HighlightCheck | None, missing: Missing | None) -> None:
    name = topic.explanation.class_name
    if check is not None and check.target != topic.target:
        raise InputError(
            f"the highlight of class {name(check.target)!r} was checked; "
            f"the words are about {name(topic.target)!r}"
        )
    if check is not None and check.threshold != topic.threshold:
        raise InputError(
            f"the highlight was checked at threshold {check.threshold:g}; "
            f"the words are about {topic.threshold:g}"
        )
    regions = len(topic.explanation.regions)
    if missing is not None and missing.gain.shape != (regions,):
        raise InputError(
            f"there must be a gain for each of the {regions} regions; got {len(missing.gain)}: "
            "ask what is missing of the same explanation"
        )


__all__ = [
    "Kind",
    "Topic",
    "about",
    "because",
    "because_not",
    "degree",
    "describe",
    "percent",
    "place",
    "typicality",
]
