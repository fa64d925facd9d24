"""All there is to say of one image."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from cilens.text import (
    Kind,
    Topic,
    about,
    minimal_lines,
    objects_lines,
    sentence,
    why,
)

if TYPE_CHECKING:
    from cilens.explanation import Explanation
    from cilens.explanation.contrast import Contrast
    from cilens.explanation.objects import Objects
    from cilens.followup.audit import Audited
    from cilens.followup.highlight import HighlightCheck
    from cilens.followup.insertion import Insertion
    from cilens.followup.minimal import MinimalSets
    from cilens.followup.redundancy import Redundancy


class Finding(NamedTuple):
    """All there is to say of one image."""

    source: str
    model: str
    explanation: Explanation
    check: HighlightCheck
    seconds: float
    contrast: Contrast | None = None
    words: str | None = None
    minimal: MinimalSets | None = None
    redundancy: Redundancy | None = None
    audited: Audited | None = None
    objects: Objects | None = None
    inserted: Insertion | None = None
    group: str | None = None

    @property
    def topic(self) -> Topic:
        """What every face is about."""
        foil = None if self.contrast is None else self.contrast.foil
        kind: Kind = "digit" if self.model == "digits" else "image"
        topic = about(self.explanation, foil=foil, kind=kind, check=self.check)
        return replace(topic, group=self.group)

    @property
    def lines(self) -> list[str]:
        """What is said of the image: a sentence or a paragraph, then a line for each thing more."""
        topic, found = self.topic, [self.words or sentence(self.topic)]
        if self.objects is not None:
            found += objects_lines(topic, self.objects)
        if self.contrast is not None and self.words is None:
            found.append(why(topic))
        if self.minimal is not None and self.redundancy is not None:
            found += minimal_lines(topic, self.minimal, self.redundancy)
        return found
