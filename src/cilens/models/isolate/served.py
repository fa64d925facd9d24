"""What a child has opened for its parent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from cilens.models.isolate.wire import Arrays
from cilens.types import Array

Ask = Callable[[str, Arrays], Array]


class Served(NamedTuple):
    """Something opened in the child.

    Attributes
    ----------
    texts : mapping
        What the parent is told of it, as JSON has it.
    ask : callable
        From a name, and arrays by name, to an array.
    """

    texts: Mapping[str, Any]
    ask: Ask
