"""The fields of `Preprocess`, one by one: what each may hold, and how it is written as text."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cilens import settings
from cilens.errors import InputError, unknown
from cilens.image import MAX_PIXELS

CHOICES = {
    "fit": ("exact", "crop", "stretch", "pad"),
    "resample": ("nearest", "bilinear", "bicubic", "lanczos"),
    "layout": ("NCHW", "NHWC", "NHW", "flat_CHW", "flat_HWC"),
    "dtype": (
        *("float32", "float16", "float64"),
        *("uint8", "int8", "uint16", "int16", "int32", "int64"),
    ),
    "centre": ("round", "floor"),
    "depth": ("float", "uint8"),
    "order": ("RGB", "BGR"),
    "standardise": ("none", "image"),
}


def checked(name: str, value: object) -> object:
    """Return a field's value in its one form, or say what it may hold.

    Parameters
    ----------
    name : str
        Name of the field.
    value : object
        What came: from a caller, from JSON, or from `read_pairs`.

    Returns
    -------
    object
        Whole numbers as int, others as float, sequences as tuple.

    Raises
    ------
    InputError
        If the field cannot hold the value.

    Examples
    --------
    >>> checked("size", [28, 28.0]), checked("scale", 255)
    ((28, 28), 255.0)
    """
    if name in CHOICES:
        known = isinstance(value, str) and value in CHOICES[name]
        if not known and not (name == "order" and value is None):
            raise unknown(name, str(value), CHOICES[name])
        return value
    return _CHECKS[name](name, value)


def per_channel(
    name: str, value: float | tuple[float, ...], channels: int
) -> float | tuple[float, ...]:
    """Check that there is one number, or one for each channel; a single one stands alone.

    Raises
    ------
    InputError
        If there are more numbers, or fewer.

    Examples
    --------
    >>> per_channel("mean", (0.5,), 1), per_channel("mean", (0.1, 0.2, 0.3), 3)
    (0.5, (0.1, 0.2, 0.3))
    """
    if not isinstance(value, tuple):
        return value
    if len(value) != channels:
        raise InputError(
            f"{name} must be one number or {channels}, one for each channel; got {len(value)}"
        )
    return value if channels > 1 else value[0]


def read_pairs(text: str) -> dict[str, object]:
    """Read ``key=value`` pairs with commas between; `checked` has still to check them.

    Parameters
    ----------
    text : str
        Numbers for each channel have slashes between; a size is ``224x224`` or ``any``.

    Returns
    -------
    dict
        Values by key. Where a key is no field, its value stays text.

    Raises
    ------
    InputError
        If the text is of another form, or names a key twice.

    Examples
    --------
    >>> read_pairs("size=28x20,mean=0.5/0.25,layout=NHWC")
    {'size': (28.0, 20.0), 'mean': (0.5, 0.25), 'layout': 'NHWC'}
    """
    if not isinstance(text, str):
        raise InputError(f"preprocessing must be text, key=value with commas between; got {text!r}")
    values: dict[str, object] = {}
    for item in text.split(",") if text.strip() else []:
        key, equals, value = (part.strip() for part in item.partition("="))
        if not equals:
            raise InputError(
                "preprocessing is key=value with commas between, as in "
                f"size=224x224,scale=255; got {item!r}"
            )
        if key in values:
            raise InputError(f"preprocessing names {key!r} twice")
        values[key] = _read(key, value)
    return values


def write(value: object) -> str:
    """Write a field's value as text that `read_pairs` reads back exactly.

    Examples
    --------
    >>> write((28, 20)), write((0.5, 1.0)), write(None), write("NCHW")
    ('28x20', '0.5/1', 'any', 'NCHW')
    """
    if value is None:
        return "any"
    if isinstance(value, tuple):
        separator = "x" if isinstance(value[0], int) else "/"
        return separator.join(write(one) for one in value)
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def _read(name: str, text: str) -> object:
    if name not in _CHECKS:
        return text
    if name in _SIDES and text == "any":
        return None
    separator = "x" if name in _SIDES else "/"
    numbers = tuple(_read_number(name, part) for part in text.split(separator))
    return numbers[0] if len(numbers) == 1 else numbers


def _read_number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(f"{name} must be a number; got {text!r}") from None


def _number(name: str, value: object) -> float:
    return float(settings.checked(name, value, float))


def _within(name: str, value: object) -> float:
    """Return a number that the field may hold."""
    number = _number(name, value)
    fits, wanted = _BOUNDS[name]
    if not fits(number):
        raise InputError(f"{name} must be {wanted}; got {number:g}")
    return number


def _each(name: str, value: object) -> float | tuple[float, ...]:
    """Return one number, or one for each channel."""
    if isinstance(value, list | tuple | np.ndarray):
        return tuple(_within(name, one) for one in value)
    return _within(name, value)


def _size(name: str, value: object) -> tuple[int, int] | None:
    if value is None:
        return None
    if isinstance(value, list | tuple) and len(value) == 2:
        height, width = (_number(name, one) for one in value)
        if height * width > MAX_PIXELS:
            raise InputError(
                f"{name} must have at most {MAX_PIXELS:,} pixels; got {height:g} x {width:g}"
            )
        if height >= 1 and width >= 1 and height.is_integer() and width.is_integer():
            return int(height), int(width)
    raise InputError(f"{name} must be (height, width) in whole pixels, or None; got {value!r}")


def _resize(name: str, value: object) -> int | tuple[int, int] | None:
    if isinstance(value, int | float | np.integer | np.floating):
        number = _within(name, value)
        if number * number > MAX_PIXELS:
            raise InputError(f"{name} must be at most {MAX_PIXELS**0.5:,.0f}; got {number:g}")
        if number.is_integer():
            return int(number)
        raise InputError(f"{name} must be in whole pixels; got {number:g}")
    return _size(name, value)


def _channels(name: str, value: object) -> int:
    number = _number(name, value)
    if number < 1 or not number.is_integer():
        raise InputError(f"{name} must be a whole number from 1 on, as 3 for RGB; got {value!r}")
    return int(number)


_SIDES = ("size", "resize")
_POSITIVE = (lambda number: number > 0, "greater than 0")
_BOUNDS: dict[str, tuple[Callable[[float], bool], str]] = {
    "crop": (lambda number: 0 < number <= 1, "in (0, 1]"),
    "mean": (lambda _: True, "a number"),
    "pad": (lambda number: 0 <= number <= 1, "a pixel in [0, 1], as 114 of 255 is 0.447"),
    "resize": _POSITIVE,
    "scale": _POSITIVE,
    "std": _POSITIVE,
}
"""By field: which numbers it may hold, and what to say of others."""

_CHECKS: dict[str, Callable[[str, object], object]] = {
    "size": _size,
    "resize": _resize,
    "channels": _channels,
    "crop": _within,
    "scale": _within,
    "mean": _each,
    "std": _each,
    "pad": _each,
}
