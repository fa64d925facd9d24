"""Which class a target is, where some classes count as one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cilens.errors import InputError, unknown
from cilens.explanation.classes import find_class
from cilens.explanation.contrast import RUNNER_UP
from cilens.models.shipped.groups import imagenet_groups
from cilens.models.wrappers.grouped import Grouped
from cilens.scoring.statement import StatedModel
from cilens.types import ImageModel


def class_index(target: str, names: Sequence[str]) -> int:
    """Find a class by its name, by one of its synonyms, or by its index.

    Raises
    ------
    InputError
        If there is no such class, or several have the synonym. Where classes have no names, an
        index that is too large is found out with the first answer.

    Examples
    --------
    >>> class_index("tabby", ["tiger cat", "tabby, tabby cat"])
    1
    """
    if names:
        return find_class(target, tuple(names), len(names))
    if re.fullmatch(r"-?[0-9]+", target) is None:
        raise InputError(f"the classes have no names: give --target an index; got {target!r}")
    return int(target)


@dataclass(frozen=True)
class Targets:
    """The classes that can be explained: the network's own, and groups of them.

    Attributes
    ----------
    names : tuple of str
        The network's own classes, or nothing.
    groups : mapping of str to sequence of int
        The groups that are used.
    """

    names: tuple[str, ...]
    groups: Mapping[str, Sequence[int]]

    def find(self, wanted: str) -> int:
        """Return the row of a class or group among the scores; indices are the network's own.

        Raises
        ------
        InputError
            If there is no such class, or it is in a group.
        """
        index = class_index(wanted, [*self.names, *self.groups])
        if not self.groups:
            return index
        members = {one: group for group, inside in self.groups.items() for one in inside}
        if index in members:
            raise InputError(
                f"{self.names[index]!r} is in the group {members[index]!r}, and cannot be "
                "explained beside it"
            )
        return index - sum(one < index for one in members)

    def over(self, model: ImageModel) -> ImageModel:
        """Return the model with its classes grouped, where there are groups."""
        if not self.groups:
            return model
        grouped = Grouped(model, self.groups)
        if not isinstance(model, StatedModel):
            return grouped
        return StatedModel(grouped, allow_noise=model.allow_noise, batch_size=model.batch_size)


def read_targets(
    model: ImageModel, source: str, groups: Sequence[str], wanted: Iterable[str | None]
) -> Targets:
    """Find the groups that are meant: those stated, and those that a target names.

    Parameters
    ----------
    model : ImageModel
        The network.
    source : str
        What it was loaded from: groups come with the imagenet network.
    groups : sequence of str
        As `--group` has them.
    wanted : iterable of str or None
        As `--target` and `--against` have them.

    Raises
    ------
    InputError
        If there is no such group or class.
    """
    names = model.class_names
    shipped = imagenet_groups() if source == "imagenet" else {}
    used = dict(_read(text, names, shipped) for text in groups)
    known = [*names, *used, *(name for name in shipped if name not in used)]
    for one in wanted:
        if one is None or one == RUNNER_UP:
            continue
        index = class_index(one, known)
        if len(names) + len(used) <= index < len(known):
            used[known[index]] = shipped[known[index]]
    return Targets(names, used)


def _read(
    text: str, names: tuple[str, ...], shipped: Mapping[str, tuple[int, ...]]
) -> tuple[str, tuple[int, ...]]:
    name, equals, listed = (part.strip() for part in text.partition("="))
    if not names:
        raise InputError("--group needs a network whose classes have names: see --class-names")
    if not equals:
        if name in shipped:
            return name, shipped[name]
        if not shipped:
            raise InputError(f"--group must be NAME=CLASS,CLASS,...; got {text!r}")
        raise unknown("group", name, shipped)
    members = [index for part in listed.split(",") for index in _members(part.strip(), names)]
    return name, tuple(members)


def _members(part: str, names: tuple[str, ...]) -> range:
    """Return a class, by index or name, or a range of indices, both ends included."""
    ends = re.fullmatch(r"(\d+)\s*[-–]\s*(\d+)", part)
    first, last = ends.groups() if ends else (part, part)
    found = [find_class(end, names, len(names)) for end in (first, last)]
    if found[0] > found[1]:
        raise InputError(f"a range of classes must go up; got {part!r}")
    return range(found[0], found[1] + 1)
