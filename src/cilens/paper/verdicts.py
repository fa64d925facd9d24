"""Numbers with what they rest on, and what they say of a claim.

A verdict compares the number measured with the threshold and nothing else: a claim that fails
stays failed. The interval beside it says how much the number could move with other images.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from jaxtyping import Bool, Float, Real

Verdict: TypeAlias = Literal["holds", "fails", "reported", "not measured"]
"""Of one check; "reported" is a number without a threshold."""

Statistic: TypeAlias = Callable[..., Any]
"""Such as `numpy.mean`: takes an array and ``axis=``."""

DRAWS, SEED = 2000, 0
"""How often the images are drawn anew for an interval, and the seed of the draws."""


class Bound(NamedTuple):
    """A threshold.

    Attributes
    ----------
    relation : {"at least", "at most"}
        On which side of the value a number holds; on the value it does too.
    value : float
        The threshold.
    """

    relation: Literal["at least", "at most"]
    value: float

    def admits(self, number: float) -> bool:
        """Tell whether a number is on the right side, or on the threshold."""
        return number >= self.value if self.relation == "at least" else number <= self.value


class Measured(NamedTuple):
    """A number and what it rests on.

    Attributes
    ----------
    value : float or None
        What was found; None where it could not be measured, and `note` says why.
    images : int
        How many images it is about.
    rows : int
        Images the model was asked about for it, explanations included; several numbers may come
        from the same rows.
    interval : (low, high), optional
        95 % bootstrap interval over the images.
    note : str
        What else has to be said.
    """

    value: float | None
    images: int = 0
    rows: int = 0
    interval: tuple[float, float] | None = None
    note: str = ""

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> Measured:
        """Return what `record` was made from."""
        found = cls(**record)
        low_high = found.interval
        return found if low_high is None else found._replace(interval=(low_high[0], low_high[1]))


Found: TypeAlias = dict[str, Measured]
"""What a measuring function returns: the checks' names, and a number for each."""


def judge(bound: Bound | None, measured: Measured) -> Verdict:
    """Say whether a number meets its threshold.

    Examples
    --------
    >>> judge(Bound("at least", 0.9), Measured(0.9)), judge(Bound("at most", 0), Measured(1e-9))
    ('holds', 'fails')
    >>> judge(None, Measured(0.3)), judge(None, Measured(None))
    ('reported', 'not measured')
    """
    if measured.value is None:
        return "not measured"
    if bound is None:
        return "reported"
    return "holds" if bound.admits(measured.value) else "fails"


def is_close(bound: Bound | None, measured: Measured) -> bool:
    """Tell whether other images might have turned the verdict: the interval has both sides.

    Examples
    --------
    >>> is_close(Bound("at least", 0.9), Measured(0.95, interval=(0.85, 1.0)))
    True
    """
    if bound is None or measured.value is None or measured.interval is None:
        return False
    low, high = measured.interval
    return bound.admits(low) != bound.admits(high)


def together(verdicts: list[Verdict]) -> Literal["holds", "fails", "reported", "not measured"]:
    """Return the verdict on a claim with several checks: it fails with the first that does.

    Examples
    --------
    >>> together(["holds", "not measured"]), together(["holds", "fails"]), together(["reported"])
    ('holds', 'fails', 'reported')
    """
    ranks: tuple[Verdict, ...] = ("fails", "holds", "reported")
    return next((verdict for verdict in ranks if verdict in verdicts), "not measured")


def interval(
    values: Real[np.ndarray, " images"] | Bool[np.ndarray, " images"],
    statistic: Statistic = np.mean,
) -> tuple[float, float] | None:
    """Return the 95 % bootstrap interval of a statistic over images (percentiles, seeded).

    Parameters
    ----------
    values : (images,) array
        One number for each image.
    statistic : callable
        Such as `numpy.mean` or `numpy.median`.

    Returns
    -------
    (low, high) or None
        None where it does not vary: fewer than two images, or one value throughout.

    References
    ----------
    Efron, Bootstrap Methods: Another Look at the Jackknife, 1979, doi:10.1214/aos/1176344552

    Examples
    --------
    >>> interval(np.array([True, False] * 50))
    (0.4, 0.6)
    >>> interval(np.ones(5))
    """
    if len(values) < 2 or (values == values[0]).all():
        return None
    random = np.random.default_rng(SEED)
    found = [
        statistic(values[random.integers(len(values), size=(portion, len(values)))], axis=1)
        for portion in (DRAWS // 20,) * 20  # a twentieth at a time: 10,000 images fit in memory
    ]
    low, high = np.quantile(np.concatenate(found), (0.025, 0.975))
    return float(low), float(high)


def average(
    values: Float[np.ndarray, " images"] | Bool[np.ndarray, " images"],
    rows: int = 0,
    *,
    statistic: Statistic = np.mean,
    note: str = "",
) -> Measured:
    """Measure a share or a mean over images, with its interval.

    Parameters
    ----------
    values : (images,) array
        One number, or yes and no, for each image.
    rows : int
        Images the model was asked about.
    statistic : callable
        Such as `numpy.median`.
    note : str
        What else has to be said.

    Returns
    -------
    Measured
        Without a value where there are no images.

    Examples
    --------
    >>> average(np.array([True, True])).value
    1.0
    """
    if not len(values):
        return Measured(None, note=note or "no image of this kind among those looked at")
    found = float(statistic(values, axis=0))
    return Measured(found, len(values), rows, interval(values, statistic), note)


def largest(values: list[float], images: int, rows: int = 0, note: str = "") -> Measured:
    """Measure the largest of some errors; of none it is 0.

    Examples
    --------
    >>> largest([0.0, 0.5], images=2).value
    0.5
    """
    return Measured(float(max(values, default=0.0)), images, rows, None, note)


def missing(note: str) -> Measured:
    """Say that something could not be measured, and why.

    Examples
    --------
    >>> missing("needs cilens[lime]").value
    """
    return Measured(None, note=note)


def to_plain(found: Found) -> dict[str, Any]:
    """Return numbers as JSON can hold them.

    Examples
    --------
    >>> to_plain({"a": Measured(0.5)})["a"]["value"]
    0.5
    """
    return {name: measured._asdict() for name, measured in found.items()}


def from_plain(records: Mapping[str, Mapping[str, Any]]) -> Found:
    """Return what `to_plain` was given.

    Examples
    --------
    >>> from_plain({"a": {"value": 0.5, "interval": [0.0, 1.0]}})["a"].interval
    (0.0, 1.0)
    """
    return {name: Measured.read(record) for name, record in records.items()}
