"""The groups of ImageNet's 1,000 classes that come with cilens."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from cilens.errors import unknown
from cilens.settings import checked

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


@cache
def _read() -> dict[str, tuple[int, ...]]:
    stated: dict[str, list[list[int]]] = json.loads(_FILE.read_text(encoding="utf-8"))
    return {
        name: tuple(index for first, last in ranges for index in range(first, last + 1))
        for name, ranges in stated.items()
    }
