"""What an audit found out: plain numbers, and what they are measured against."""

from __future__ import annotations

from typing import Literal, NamedTuple

from cilens.types import Perturbation

WARN_FROM = 0.5
"""From this share on, a class that hidden images are taken for is worth a warning."""

_TOLD_APART = 0.005
"""Smaller differences of SRG, as shares of the output range, vanish in two decimals."""


class Flipped(NamedTuple):
    """Pixel flipping in three areas; see `cilens.metrics.flipping`.

    Attributes
    ----------
    srg : float
        ``lif - mif``; higher is better.
    lif : float
        Least important pixels hidden first (insertion); higher is better.
    mif : float
        Most important pixels hidden first (deletion); lower is better.
    """

    srg: float
    lif: float
    mif: float


class Hidden(NamedTuple):
    """What the model takes hidden images for.

    Attributes
    ----------
    blank_predicted : int
        The class predicted for the blank image.
    blank_score : float
        That class's score there.
    probabilities : bool
        Whether the scores of each image are above 0 and sum to 1. Nothing else is a share.
    unrelated : int or None
        Of the classes that are neither the target nor among the image's own first five, the one
        with most probability on images with half or more hidden. None where there is none.
    share : float or None
        Its mean probability on those images.
    """

    blank_predicted: int
    blank_score: float
    probabilities: bool
    unrelated: int | None
    share: float | None

    @property
    def warns_unrelated(self) -> bool:
        """Whether hidden images are mostly taken for one unrelated class."""
        return self.share is not None and self.share >= WARN_FROM

    @property
    def warns_blank(self) -> bool:
        """Whether the model is sure of some class where there is nothing to see."""
        return self.probabilities and self.blank_score >= WARN_FROM


class Again(NamedTuple):
    """How far the method says the same a second time; see `cilens.metrics.stability`.

    Attributes
    ----------
    change : {"segments", "noise"}
        What was different the second time.
    rank_correlation : float or None
        Rank correlation of the saliencies; None where either is flat or the method has nothing to
        change.
    max_difference : float or None
        Largest difference of the saliencies, as a share of the output range.
    model_rows : int
        Images the model was asked about for this.
    """

    change: Literal["segments", "noise"]
    rank_correlation: float | None
    max_difference: float | None
    model_rows: int


class Audited(NamedTuple):
    """What an audit found out about one explanation.

    Attributes
    ----------
    target : int
        The class it is about.
    perturbation : Perturbation
        What stood in a hidden pixel's place.
    steps : int
        In how many portions pixels were hidden.
    output_range : (absmin, absmax)
        The target's.
    own, edges, random : Flipped
        Of the explanation, of an edge detector, and the mean of random attributions and their
        reverses, whose SRG is 0.
    chance : float
        How far from 0 the SRG of the random attributions came.
    influences : float or None
        Sum of the influences of all regions; None where regions overlap, as some count twice then.
    difference : float
        The image's score less the blank image's, as a share of the output range.
    hidden : Hidden
        What hidden images are taken for.
    again : tuple of Again
        Under other segments and under noise; empty where no method was given.
    judge_rows : int
        Images the model was asked about for all but `again`.
    """

    target: int
    perturbation: Perturbation
    steps: int
    output_range: tuple[float, float]
    own: Flipped
    edges: Flipped
    random: Flipped
    chance: float
    influences: float | None
    difference: float
    hidden: Hidden
    again: tuple[Again, ...]
    judge_rows: int

    @property
    def gap(self) -> float | None:
        """The completeness gap: `influences` less `difference`."""
        return None if self.influences is None else self.influences - self.difference

    @property
    def over_edges(self) -> float | None:
        """By how much the SRG is above an edge detector's; None where chance comes as far."""
        return self._over(self.edges)

    @property
    def over_random(self) -> float | None:
        """By how much the SRG is above a random attribution's; None where chance comes as far."""
        return self._over(self.random)

    @property
    def model_rows(self) -> int:
        """How many images the model was asked about, the explanation's own not counted."""
        return self.judge_rows + sum(again.model_rows for again in self.again)

    def _over(self, control: Flipped) -> float | None:
        low, high = self.output_range
        over = self.own.srg - control.srg
        return over if abs(over) > max(self.chance, _TOLD_APART * (high - low)) else None
