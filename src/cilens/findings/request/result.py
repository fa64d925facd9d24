"""What can be asked of an explanation: the options of its telling."""

from __future__ import annotations

from dataclasses import dataclass

from cilens.errors import InputError


@dataclass(frozen=True)
class ResultOptions:
    """What is said of an explanation.

    Parameters
    ----------
    target : INDEX|NAME, default the predicted one
        The class to explain, or a group of classes, such as "any cat" of the imagenet
        network.
    group : NAME=CLASS,..., default none
        Let these classes count as one, with the sum of their scores: indices, ranges such
        as 281-285, or names. NAME alone is a group that comes with the imagenet network;
        see: cilens models. May be repeated.
    objects : bool
        Explain each class that is there, up to five: which regions speak for which. Costs
        no further question; with --out, NAME.objects.png shows them.
    above : SHARE
        With --objects: a class is there from this share of the output range on; the target
        always is.
    against : INDEX|NAME|runner-up, default none
        Another class: say what speaks for the one and not for the other. Costs no further
        question.
    words : bool
        Explain in a paragraph instead of a line.
    minimal : bool
        Ask further what is enough, what is needed, and which regions stand in for each
        other: at most 200 model rows, and one for each region.
    animate : bool
        Put the regions in one after the other, the strongest first, and ask for the score
        each time: at most 25 model rows. With --out, NAME.animation.gif shows it.
    audit : bool
        Check the explanation itself: beside an edge detector and chance, against what the
        blank image loses, and a second time. About 250 model rows, and two further
        explanations.
    threshold : SHARE
        Regions from this share of the output range on are important.
    """

    target: str | None = None
    group: list[str] | None = None
    objects: bool = False
    above: float = 0.05
    against: str | None = None
    words: bool = False
    minimal: bool = False
    animate: bool = False
    audit: bool = False
    threshold: float = 0.01

    def __post_init__(self) -> None:
        if not 0 < self.threshold <= 1:
            raise InputError(
                "--threshold is a share of the output range, above 0 and at most 1, as 0.05 for "
                f"5 %; got {self.threshold:g}"
            )
        if not 0 <= self.above <= 1:
            raise InputError(f"--above must be a share, 0 to 1; got {self.above}")
