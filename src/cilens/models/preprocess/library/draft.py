"""What the readers of `transforms` have in common: from a library's words to a `Preprocess`'s."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from cilens.errors import InputError
from cilens.models.preprocess.record import Preprocess

WAY = "state what the network wants with cilens.Preprocess(…)"
"""What to do where nothing else helps."""

Size = int | tuple[int, int]
"""Pixels of the shorter side, or (height, width)."""


@dataclass
class Reading:
    """What has been read so far, in the words of `Preprocess`.

    Attributes
    ----------
    resize : int, (height, width) or None
        What images are brought to.
    covers : bool
        Whether (height, width) is covered, and the aspect ratio kept.
    cut : (height, width) or None
        What is cut out of the middle.
    channels : int or None
        Where that was said.
    fields : dict
        All that needs no second thought.
    """

    resize: Size | None = None
    covers: bool = False
    cut: tuple[int, int] | None = None
    channels: int | None = None
    fields: dict[str, object] = field(default_factory=dict)


def refused(what: str, why: str, way: str = WAY) -> InputError:
    """Return the error for what a `Preprocess` cannot state.

    Examples
    --------
    >>> print(refused("RandomCrop", "is another one each time", "leave it out"))
    a Preprocess cannot state RandomCrop: it is another one each time; leave it out
    """
    return InputError(f"a Preprocess cannot state {what}: it {why}; {way}")


def geometry(reading: Reading, what: str) -> dict[str, object]:
    """Return the fields `size`, `fit` and `resize` that say what was read.

    Raises
    ------
    InputError
        If the result has no one size, or the image no middle.

    Examples
    --------
    >>> geometry(Reading(resize=256, cut=(224, 224)), "the transform")
    {'size': (224, 224), 'fit': 'crop', 'resize': 256}
    """
    resize, cut = reading.resize, reading.cut
    if resize is None:
        if cut is None:
            return {}
        why = "looks at another share of each photograph"
        raise refused(f"{what} that cuts {cut[0]} x {cut[1]} out and never resizes", why)
    keeps = isinstance(resize, int) or reading.covers
    if cut is None:
        if keeps:
            raise refused(
                f"{what} that resizes to {_show(resize)} and cuts nothing out",
                "keeps each photograph's aspect ratio, and the network's input has no one size",
                "cut the middle out after it, or resize to (height, width)",
            )
        return {"size": resize, "fit": "stretch"}
    if min(cut) < 1 or min(_sides(resize)) < 1:
        raise refused(f"{what} with {_show(resize)} and {_show(cut)} pixels", "leaves nothing over")
    if isinstance(resize, int):
        pads = resize < min(cut)
    else:
        pads = resize[0] < cut[0] or resize[1] < cut[1]
    if pads:
        raise refused(
            f"{what} that cuts {_show(cut)} out of {_show(resize)}",
            "pads photographs, and what lies beside one is no part of it",
            "cut out no more than it resizes to",
        )
    if not keeps and resize == cut:
        return {"size": cut, "fit": "stretch"}
    return {"size": cut, "fit": "crop" if keeps else "stretch", "resize": resize}


def statistics(what: str, mean: object, std: object) -> dict[str, object]:
    """Return the fields `mean` and `std`, one number for each channel.

    Raises
    ------
    InputError
        If they are no numbers, or not as many of one as of the other.

    Examples
    --------
    >>> statistics("Normalize", [0.5], [0.25])
    {'mean': (0.5,), 'std': (0.25,)}
    """
    means, stds = (_numbers(what, value) for value in (mean, std))
    if len(means) != len(stds) or len(means) not in (1, 3):
        raise InputError(
            f"{what} must have one mean and one std for each channel, 1 or 3 of both; "
            f"got {len(means)} and {len(stds)}"
        )
    return {"mean": means, "std": stds}


def settle(reading: Reading, wanted: int | None, what: str) -> Preprocess:
    """Return the `Preprocess` that says what was read.

    Parameters
    ----------
    reading : Reading
        What was read.
    wanted : {1, 3}, optional
        Channels, as the caller states them.
    what : str
        Whose it is, for messages.

    Returns
    -------
    Preprocess
        With every field stated.

    Raises
    ------
    InputError
        If channels are not known, or twice and not the same.

    Examples
    --------
    >>> print(settle(Reading(channels=3, fields={"scale": 2}), None, "the transform"))
    size=any,channels=3,scale=2
    """
    values = dict(reading.fields)
    told = reading.channels
    if told is None and len(means := _tuple(values.get("mean"))) > 1:
        told = len(means)
    if told is None and wanted is None:
        raise InputError(
            f"{what} does not say how many channels the network's input has: "
            "say cilens.preprocess_of(…, channels=1) for grey or channels=3 for RGB"
        )
    if told is not None and wanted not in (None, told):
        raise InputError(f"{what} is for {told} channels; got channels={wanted}")
    for name in ("mean", "std"):
        if len(one := _tuple(values.get(name))) == 1:
            values[name] = one[0]
    values |= geometry(reading, what)
    return _preprocess(values | {"channels": told or wanted})


def filter_name(what: str, name: str) -> str:
    """Return the filter as `Preprocess` calls it.

    Raises
    ------
    InputError
        If it has none of that name.

    Examples
    --------
    >>> filter_name("Resize", "nearest-exact")
    'nearest'
    """
    known = {"nearest-exact": "nearest"}
    known |= {one: one for one in ("nearest", "bilinear", "bicubic", "lanczos")}
    if name not in known:
        raise refused(
            f"{what} with interpolation {name!r}",
            "is no filter that cilens has",
            "resize with nearest, bilinear, bicubic or lanczos",
        )
    return known[name]


def pair(what: str, value: object) -> Size:
    """Return a size as one whole number, or as (height, width).

    Raises
    ------
    InputError
        If it is neither.

    Examples
    --------
    >>> pair("Resize", [256]), pair("Resize", (224, 224))
    (256, (224, 224))
    """
    given = list(value) if isinstance(value, list | tuple) else [value]
    sides = [one for one in given if isinstance(one, int) and not isinstance(one, bool)]
    if len(sides) != len(given) or len(sides) not in (1, 2):
        raise InputError(f"{what} must have one or two whole numbers as its size; got {value!r}")
    return sides[0] if len(sides) == 1 else (sides[0], sides[1])


def both(size: Size) -> tuple[int, int]:
    """Return a size as (height, width); one number is a square.

    Examples
    --------
    >>> both(224)
    (224, 224)
    """
    return (size, size) if isinstance(size, int) else size


def _preprocess(values: Mapping[str, object]) -> Preprocess:
    return Preprocess(**values)  # type: ignore[arg-type]  # the fields check what they are given


def _sides(size: Size) -> tuple[int, ...]:
    return (size,) if isinstance(size, int) else size


def _show(size: Size) -> str:
    return " x ".join(str(side) for side in _sides(size))


def _tuple(value: object) -> tuple[float, ...]:
    return value if isinstance(value, tuple) else ()


def _numbers(what: str, value: object) -> tuple[float, ...]:
    try:
        numbers = np.asarray(value, dtype=np.float64).reshape(-1).tolist()
    except (TypeError, ValueError):
        raise InputError(f"{what} must have numbers as mean and std; got {value!r}") from None
    return tuple(_shortest(number) for number in numbers)


def _shortest(number: float) -> float:
    """Return what was written before it became float32: 0.485, and not 0.48500001430511475."""
    single = np.float32(number)
    return float(str(single)) if float(single) == number else number
