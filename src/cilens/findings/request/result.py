"""What can be asked of an explanation: the options of its telling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cilens.errors import InputError
from cilens.findings.request.option import Option


@dataclass(frozen=True)
class ResultOptions:
    """What is said of an explanation."""

    target: Annotated[
        str | None,
        Option(
            'The class to explain, or a group of classes, such as "any cat" of the imagenet '
            "network.",
            "INDEX|NAME",
            "the predicted one",
        ),
    ] = None
    group: Annotated[
        list[str] | None,
        Option(
            "Let these classes count as one, with the sum of their scores: indices, ranges such "
            "as 281-285, or names. NAME alone is a group that comes with the imagenet network; "
            "see: cilens models. May be repeated.",
            "NAME=CLASS,...",
            "none",
        ),
    ] = None
    objects: Annotated[
        bool,
        Option(
            "Explain each class that is there, up to five: which regions speak for which. Costs "
            "no further question; with --out, NAME.objects.png shows them."
        ),
    ] = False
    above: Annotated[
        float,
        Option(
            "With --objects: a class is there from this share of the output range on; the target "
            "always is.",
            "SHARE",
        ),
    ] = 0.05
    against: Annotated[
        str | None,
        Option(
            "Another class: say what speaks for the one and not for the other. Costs no further "
            "question.",
            "INDEX|NAME|runner-up",
            "none",
        ),
    ] = None
    words: Annotated[bool, Option("Explain in a paragraph instead of a line.")] = False
    minimal: Annotated[
        bool,
        Option(
            "Ask further what is enough, what is needed, and which regions stand in for each "
            "other: at most 200 model rows, and one for each region."
        ),
    ] = False
    animate: Annotated[
        bool,
        Option(
            "Put the regions in one after the other, the strongest first, and ask for the score "
            "each time: at most 25 model rows. With --out, NAME.animation.gif shows it."
        ),
    ] = False
    audit: Annotated[
        bool,
        Option(
            "Check the explanation itself: beside an edge detector and chance, against what the "
            "blank image loses, and a second time. About 250 model rows, and two further "
            "explanations."
        ),
    ] = False
    threshold: Annotated[
        float,
        Option("Regions from this share of the output range on are important.", "SHARE"),
    ] = 0.01

    def __post_init__(self) -> None:
        if not 0 < self.threshold <= 1:
            raise InputError(
                "--threshold is a share of the output range, above 0 and at most 1, as 0.05 for "
                f"5 %; got {self.threshold:g}"
            )
        if not 0 <= self.above <= 1:
            raise InputError(f"--above must be a share, 0 to 1; got {self.above}")
