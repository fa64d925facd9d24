"""What a child has opened for its parent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Shaped

from cilens.models.isolate.wire import Arrays

Ask = Callable[[str, Arrays], Shaped[np.ndarray, "..."]]


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
