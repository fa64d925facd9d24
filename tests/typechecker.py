"""What the import hook in `conftest` puts on every function of cilens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

from beartype import BeartypeConf, beartype
from jaxtyping import AbstractArray

# As for every static checker, an int does where a float is asked for.
_checked = beartype(conf=BeartypeConf(is_pep484_tower=True))


def check_arrays(function: Callable[..., Any]) -> Callable[..., Any]:
    """Check the arrays among a function's arguments and results, and nothing else.

    Other types are the static checker's business: what cilens makes of a wrong value, from a
    file or a command line, must be seen by its tests.
    """
    hints = function.__annotations__
    function.__annotations__ = {name: hint for name, hint in hints.items() if has_array(hint)}
    return _checked(function)


def has_array(hint: object) -> bool:
    if isinstance(hint, type) and issubclass(hint, AbstractArray):
        return True
    return any(has_array(part) for part in get_args(hint))
