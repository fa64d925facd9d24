"""A keyword that does not exist names the one that was meant, as Python does from 3.13 on."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from functools import cache, wraps
from types import FunctionType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


@cache
def suggesting(public: Any) -> Any:  # noqa: ANN401 (what is given is returned)
    """Return a public name whose wrong keywords are answered with the right one.

    Parameters
    ----------
    public : object
        A function, of which one is returned that does the same; a class, which is returned itself;
        anything else, as it is.

    Returns
    -------
    object

    Examples
    --------
    >>> from cilens.settings import check_count
    >>> suggesting(check_count)("budget", valeu=1)
    Traceback (most recent call last):
    TypeError: check_count() has no parameter 'valeu'; did you mean 'value'?
    """
    if isinstance(public, FunctionType):
        asked = _asked(public, public.__name__)
        asked.__module__ = "cilens"  # where pickle finds it
        return asked
    made = getattr(public, "__init__", None)
    if isinstance(public, type) and isinstance(made, FunctionType):
        public.__init__ = _asked(made, public.__name__)  # type: ignore[misc]
    return public


def _asked(function: FunctionType, name: str) -> Callable[..., object]:
    known = [one for one in _parameters(function) if one != "self"]

    @wraps(function)
    def asked(*values: object, **keywords: object) -> object:
        for keyword in keywords:
            if keyword not in known:
                near = get_close_matches(keyword, known, n=1, cutoff=0.5)
                hint = f"did you mean {near[0]!r}?" if near else f"it takes {', '.join(known)}"
                raise TypeError(f"{name}() has no parameter {keyword!r}; {hint}")
        return function(*values, **keywords)

    return asked


def _parameters(function: FunctionType) -> tuple[str, ...]:
    """Name what a function takes, without ``inspect``: importing cilens loads nothing heavy."""
    while inner := getattr(function, "__wrapped__", None):
        function = inner
    code = function.__code__
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
