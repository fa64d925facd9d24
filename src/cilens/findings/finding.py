"""All there is to say of one image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from cilens.explanation import Explanation
    from cilens.explanation.contrast import Contrast
    from cilens.explanation.objects import Objects
    from cilens.followup.audit import Audited
    from cilens.followup.highlight import HighlightCheck
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

    @property
    def kind(self) -> Literal["digit", "image"]:
        """What the words may call the image."""
        return "digit" if self.model == "digits" else "image"
