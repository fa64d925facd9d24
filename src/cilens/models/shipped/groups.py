"""The groups of ImageNet's 1,000 classes that come with cilens."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
from jaxtyping import Float

from cilens.errors import unknown
from cilens.settings import checked

_BEST, _MORE = 5, 1.25

_FILE = Path(__file__).parent / "data" / "imagenet-groups.json"


def imagenet_groups(*names: str) -> dict[str, tuple[int, ...]]:
    """Return groups of ImageNet classes that anyone would call by one word.

    They follow the order of ImageNet's classes, in which kinds lie together as in WordNet; where
    that leaves a choice, everyday words decide: "any cat" is a domestic one.

    Parameters
    ----------
    *names : str
        Such as "any cat"; by default all there are. Some hold others ("any animal", "any
        vehicle"): such a group and one within it cannot be in one `cilens.Grouped`.

    Returns
    -------
    dict of str to tuple of int
        The classes of each group, for any network with ImageNet's 1,000 classes in their usual
        order.

    Raises
    ------
    InputError
        If there is no such group; the nearest is said.

    Examples
    --------
    >>> imagenet_groups("any cat")
    {'any cat': (281, 282, 283, 284, 285)}
    >>> import cilens
    >>> model = cilens.Grouped(cilens.load_model("imagenet"), imagenet_groups("any cat", "any dog"))
    >>> model.class_names[-2:], len(model.class_names)
    (('any cat', 'any dog'), 879)
    """
    groups = _read()
    for name in names:
        if checked("a group", name, str) not in groups:
            raise unknown("group", name, groups)
    return {name: groups[name] for name in names or groups}


def shared_group(scores: Float[np.ndarray, " classes"], index: int) -> str | None:
    """Return the group whose members share the score that one of them alone does not have.

    Parameters
    ----------
    scores : (1000,) float array
        Of one image, for ImageNet's classes in their usual order.
    index : int
        One of the classes.

    Returns
    -------
    str or None
        The smallest group that has the class and another of the five best, which has at least a
        quarter more than the class has. None where there is none.

    Examples
    --------
    >>> scores = np.zeros(1000)
    >>> scores[[281, 282, 409]] = 0.4, 0.3, 0.2
    >>> shared_group(scores, 281), shared_group(scores, 409)
    ('any cat', None)
    """
    best = set(np.argsort(-scores, kind="stable")[:_BEST].tolist()) - {index}
    for name, members in sorted(_read().items(), key=lambda group: len(group[1])):
        together = scores[list(members)].sum()
        if index in members and best & set(members) and together >= _MORE * scores[index]:
            return name
    return None


@cache
def _read() -> dict[str, tuple[int, ...]]:
    stated: dict[str, list[list[int]]] = json.loads(_FILE.read_text(encoding="utf-8"))
    return {
        name: tuple(index for first, last in ranges for index in range(first, last + 1))
        for name, ranges in stated.items()
    }
