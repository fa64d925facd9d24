"""Which class is meant: by index, by name, or by its place among the scores."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from cilens.errors import InputError, unknown


def find_class(wanted: int | str, names: tuple[str, ...], n_classes: int) -> int:
    """Return the index of a class given by index or name.

    Parameters
    ----------
    wanted : int or str
        An index, an index as text, or a name; a name goes before an index.
    names : tuple of str
        One name for each class, or empty.
    n_classes : int
        How many classes there are.

    Returns
    -------
    int

    Raises
    ------
    InputError
        If there is no such class, or several have the name.

    Examples
    --------
    >>> find_class("dog", ("cat", "dog"), 2), find_class("0", ("cat", "dog"), 2)
    (1, 0)
    """
    if isinstance(wanted, str) and wanted in names:
        bearers = [index for index, name in enumerate(names) if name == wanted]
        if len(bearers) > 1:
            raise InputError(
                f"the name {wanted!r} stands for the classes {bearers}: give the index"
            )
        return bearers[0]
    if isinstance(wanted, str) and not wanted.removeprefix("-").isdecimal():
        if not names:
            raise InputError(f"classes have no names here: give an index instead of {wanted!r}")
        raise unknown("class", wanted, names)
    index = int(wanted)
    if not 0 <= index < n_classes:
        raise InputError(f"a class index must be in 0 … {n_classes - 1}; got {index}")
    return index


def runner_up(scores: Float[np.ndarray, " classes"], target: int) -> int | None:
    """Return the class with the highest score but the target; None where there is no other.

    Examples
    --------
    >>> runner_up(np.array([0.2, 0.7, 0.1]), 1), runner_up(np.array([0.2, 0.7, 0.1]), 0)
    (0, 1)
    """
    order = np.argsort(-scores, kind="stable")
    others = order[order != target]
    return int(others[0]) if len(others) else None
