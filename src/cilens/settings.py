"""Settings: a part's fields hold what their types say, and every number is one.

A whole number is no truth value and no 2.0; a number is finite, so that no comparison with it is
silently false; numpy's numbers count as Python's, and become such. One rule for all parts, read
from the annotations that are there anyway.
"""

from __future__ import annotations

import math
import operator
import types
from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np
from jaxtyping import AbstractArray

from cilens.errors import InputError


def check_settings(
    part: object,
    *,
    positive: Sequence[str] = (),
    natural: Sequence[str] = (),
    share: Sequence[str] = (),
) -> None:
    """Bring a part's settings into their one form, or say which of them cannot be.

    Parameters
    ----------
    part : object
        A frozen dataclass, while it is made. Lists become tuples, numpy's numbers Python's.
    positive : sequence of str
        The settings that must be above 0. None counts as not set here.
    natural : sequence of str
        Those that must not be below 0.
    share : sequence of str
        Those that must be in [0, 1].

    Raises
    ------
    InputError
        Naming the part, the setting and the value that came.

    Examples
    --------
    >>> from cilens import Grid, Slic
    >>> Grid(rows=0)
    Traceback (most recent call last):
    cilens.errors.InputError: Grid.rows must be above 0; got 0
    >>> Slic(n_segments="9")
    Traceback (most recent call last):
    cilens.errors.InputError: Slic.n_segments must be a whole number; got '9'
    """
    owner: Any = type(part)
    for name, hint in _hints(owner).items():
        value = checked(f"{owner.__name__}.{name}", getattr(part, name), hint)
        object.__setattr__(part, name, value)
    for bound, names in (("above 0", positive), ("0 or more", natural), ("in [0, 1]", share)):
        for name in names:
            number = getattr(part, name)
            if number is not None and not _WITHIN[bound](number):
                raise InputError(f"{owner.__name__}.{name} must be {bound}; got {number}")


def checked(name: str, value: object, hint: object) -> Any:  # noqa: ANN401 (of the hint's type)
    """Return a value in the one form that a type gives it.

    Parameters
    ----------
    name : str
        What to call it in an error.
    value : object
        What came.
    hint : type
        A resolved annotation: None, bool, int, float, text, a path, a literal, a protocol (which
        wants something that can be called), an array, tuples and unions of these, or a class.

    Returns
    -------
    object

    Raises
    ------
    InputError
        If the value is of none of the types.

    Examples
    --------
    >>> checked("value", [np.float64(0.5), 1], float | tuple[float, ...])
    (0.5, 1)
    >>> checked("value", float("nan"), float | None)
    Traceback (most recent call last):
    cilens.errors.InputError: value must be finite; got nan
    """
    try:
        return _form(value, hint)
    except (TypeError, ValueError, OverflowError):
        wanted = "finite" if _is_infinite(value) else _words(hint)
        raise InputError(f"{name} must be {wanted}; got {_shown(value)}") from None


def check_share(name: str, value: object) -> float:
    """Return a number in [0, 1].

    Raises
    ------
    InputError
        If it is none, or outside.

    Examples
    --------
    >>> check_share("threshold", 0.01)
    0.01
    """
    number: float = checked(name, value, float)
    if not 0 <= number <= 1:
        raise InputError(f"{name} must be in [0, 1]; got {number}")
    return number


def check_count(name: str, value: object) -> int:
    """Return a whole number of at least 1.

    Raises
    ------
    InputError
        If it is none, or below.

    Examples
    --------
    >>> check_count("batch_size", np.int64(32))
    32
    """
    count: int = checked(name, value, int)
    if count < 1:
        raise InputError(f"{name} must be at least 1; got {count}")
    return count


_WITHIN: dict[str, Callable[[float], bool]] = {
    "above 0": lambda number: number > 0,
    "0 or more": lambda number: number >= 0,
    "in [0, 1]": lambda number: 0 <= number <= 1,
}


@cache
def _hints(owner: Any) -> dict[str, object]:  # noqa: ANN401 (a dataclass, which mypy cannot hash)
    """Return the resolved types of a dataclass's fields."""
    hints = get_type_hints(owner)
    return {field.name: hints[field.name] for field in fields(owner)}


@cache
def _kinds(record: Any) -> tuple[object, ...]:  # noqa: ANN401 (a named tuple)
    """Return the resolved types of a named tuple's fields."""
    return tuple(get_type_hints(record).values())


def _form(value: object, hint: object) -> object:
    """Return the value in its one form; raise TypeError or ValueError where the type has none."""
    kind = get_origin(hint) or hint
    if kind in (Union, types.UnionType):
        return _first(value, get_args(hint))
    if kind is Literal:
        return get_args(hint)[get_args(hint).index(value)]
    if isinstance(kind, type) and issubclass(kind, tuple | dict):
        return _several(value, kind, get_args(hint))
    if kind in _FORMS:
        return _FORMS[kind](value)
    if isinstance(kind, type) and issubclass(kind, AbstractArray):
        return _array(value, kind)
    if getattr(kind, "_is_protocol", False):
        fits = callable(value) and not isinstance(value, type)  # Slic() and not Slic
    else:
        fits = not isinstance(kind, type) or isinstance(value, kind)
    if not fits:
        raise TypeError
    return value


def _first(value: object, hints: Sequence[object]) -> object:
    for hint in hints:
        try:
            return _form(value, hint)
        except (TypeError, ValueError, OverflowError):
            continue
    raise TypeError


def _several(value: object, kind: Any, hints: Sequence[object]) -> object:  # noqa: ANN401
    """Return a tuple, one whose fields have names, or a dict."""
    if kind is tuple:
        return _tuple(value, hints)
    if kind is not dict:
        return kind(*_tuple(value, _kinds(kind)))
    if not isinstance(value, dict):
        raise TypeError
    return {_form(key, hints[0]): _form(one, hints[1]) for key, one in value.items()}


def _tuple(value: object, hints: Sequence[object]) -> tuple[object, ...]:
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if not isinstance(value, tuple | list):
        raise TypeError
    if Ellipsis in hints:
        return tuple(_form(one, hints[0]) for one in value)
    return tuple(_form(one, hint) for one, hint in zip(value, hints, strict=True))


def _array(value: object, hint: type[AbstractArray]) -> object:
    if type(value) is not np.ndarray:  # a masked array would lose its mask
        raise TypeError
    plain = f"{value.dtype.kind}{value.dtype.itemsize}"  # long long is another name of int64
    if not _holds(hint, plain, value.shape):
        raise TypeError
    return value


@lru_cache(maxsize=1024)
def _holds(hint: Any, dtype: str, shape: tuple[int, ...]) -> bool:  # noqa: ANN401 (an array's)
    """Say whether arrays of a dtype and a shape are of a type: a stream has many alike."""
    return isinstance(np.broadcast_to(np.zeros((), dtype), shape), hint)


def _none(value: object) -> None:
    if value is not None:
        raise TypeError


def _truth(value: object) -> bool:
    if not isinstance(value, bool | np.bool_):
        raise TypeError
    return bool(value)


def _whole(value: object) -> int:
    if isinstance(value, bool | np.bool_):
        raise TypeError
    return operator.index(value)  # type: ignore[arg-type]  # which raises TypeError


def _number(value: object) -> float:
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.number):
        raise TypeError
    if not math.isfinite(value):  # raises TypeError for complex numbers
        raise ValueError
    return float(value) if isinstance(value, np.number) else value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _path(value: object) -> Path:
    if not isinstance(value, Path):
        raise TypeError
    return value


_FORMS: dict[object, Callable[[object], object]] = {
    types.NoneType: _none,
    bool: _truth,
    int: _whole,
    float: _number,
    str: _text,
    Path: _path,
}

_NAMES = {
    types.NoneType: "None",
    bool: "True or False",
    int: "a whole number",
    float: "a number",
    str: "text",
    Path: "a path",
}


def _is_infinite(value: object) -> bool:
    if isinstance(value, tuple | list):
        return any(map(_is_infinite, value))
    return isinstance(value, float | np.floating) and not math.isfinite(value)


def _shown(value: object) -> str:
    if isinstance(value, np.ndarray) and value.ndim:
        return f"{type(value).__name__} of {value.dtype}, {value.shape}"
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:80]}…"


def _words(hint: object) -> str:
    """Say in words what a type holds."""
    kind, inside = get_origin(hint) or hint, get_args(hint)
    if kind in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(_words(one) for one in inside))
    if kind is Literal:
        return " or ".join(map(repr, inside))
    if kind is tuple:
        within = [_words(one) for one in inside if one is not Ellipsis]
        return f"({', '.join(within)}{', …' if Ellipsis in inside else ''})"
    if isinstance(kind, type) and issubclass(kind, AbstractArray):
        axes = ", ".join(kind.dim_str.split())
        return f"a numpy array of {kind.dtype.__name__.lower()} numbers, ({axes})"
    if kind in _NAMES:
        return _NAMES[kind]
    name = getattr(kind, "__name__", str(kind)).lower()
    return f"a {name} (something to call)" if getattr(kind, "_is_protocol", False) else f"a {name}"
