"""Classes summed into groups: "any cat" as one target."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from cilens import scoring
from cilens.errors import InputError, ModelError, unknown
from cilens.explanation import numbers
from cilens.explanation.classes import find_class
from cilens.scoring.statement import stated_range
from cilens.settings import checked
from cilens.types import Batch, Image, Model, OutputRange, Scores, View

_NOISE = 1e-3
"""Probabilities may add up to so much more than 1: a softmax in half precision does."""

Combine = Literal["sum", "max"]


@dataclass(frozen=True)
class Grouped:
    """A model in which some classes count as one: any of the cats, whichever breed it is.

    Each group takes the place of its classes, so that no score counts twice: the other classes
    come first, in their order, then the groups. Everything asks and shows such a model as any
    other.

    Parameters
    ----------
    model : callable
        (rows, height, width, channels) array to (rows, classes) scores.
    groups : mapping of str to sequence of int or str
        The classes of each group, by index, name or synonym. No class in two groups.
    combine : {"sum", "max"}
        ``"sum"``, for classes that exclude each other: the group's score is the probability that
        the image is any of them. Scores must be probabilities that add up to 1 at most, or a sum
        could leave the output range. ``"max"``, for all other scores (several classes at once,
        logits): the highest of the classes' scores, which stays in whatever range they have.
    n_classes : int, optional
        How many classes a plain callable has; its classes are then called "0", "1", …

    Raises
    ------
    InputError
        If a group is empty or has a class that does not exist, two groups share a class, a group
        is called as a class is, or the model's classes are not known.

    Examples
    --------
    >>> import cilens
    >>> model = Grouped(cilens.load_model("digits"), {"round": [0, 6, 8, 9]})
    >>> model.class_names
    ('1', '2', '3', '4', '5', '7', 'round')
    >>> explanation = cilens.explain(model, cilens.read_image("mnist:18"))
    >>> round(float(explanation.scores[explanation.target("round")]), 2)
    0.09
    """

    model: Model
    groups: Mapping[str, Sequence[int | str]]
    combine: Combine = "sum"
    n_classes: int | None = None

    def __post_init__(self) -> None:
        checked("model", self.model, Model)
        checked("groups", self.groups, Mapping)
        checked("n_classes", self.n_classes, int | None)
        if checked("combine", self.combine, str) not in ("sum", "max"):
            raise unknown("way to combine classes", str(self.combine), ("sum", "max"))
        names = self._inner_names()
        found = {
            name: tuple(
                find_class(one, names, len(names)) for one in checked(name, members, Iterable)
            )
            for name, members in self.groups.items()
        }
        _check(found, names)
        object.__setattr__(self, "groups", found)

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes in no group, then the groups."""
        names = self._inner_names()
        return (*(names[index] for index in self._alone(len(names))), *self.groups)

    @property
    def output_range(self) -> OutputRange | None:
        """The range that follows for classes and groups from the model's own, where it has one."""
        if (stated := stated_range(self.model)) is None:
            return None
        n_classes = len(self._inner_names())
        bounds = numbers.span(stated, n_classes)
        groups = [bounds[:, list(members)] for members in self._members()]
        if self.combine == "max":
            merged = [group.max(axis=1) for group in groups]
        else:  # of probabilities
            merged = [group.sum(axis=1).clip(0.0, 1.0) for group in groups]
        low, high = np.column_stack([bounds[:, self._alone(n_classes)], *merged]).tolist()
        return tuple(low), tuple(high)

    @property
    def computed_by(self) -> str | None:
        """What computes the model's scores, where it says so."""
        return scoring.computed_by(self.model)

    def view(self, image: Image, /) -> View:
        """Return the image as the model looks at it."""
        return scoring.view(self.model, image)

    def __call__(self, images: Batch, /) -> Scores:
        """Return the scores of the classes in no group, then those of the groups."""
        scores = scoring.score_batch(self.model, images)
        expected = len(self._inner_names())
        if scores.shape[1] != expected:
            raise ModelError(
                f"Grouped knows {expected} classes; the model answered with {scores.shape[1]}"
            )
        if self.combine == "sum":
            _require_probabilities(scores)
        merged = [self._merge(scores[:, list(members)]) for members in self._members()]
        return np.concatenate([scores[:, self._alone(expected)], *merged], axis=1)

    def _merge(self, scores: Float[np.ndarray, "rows members"]) -> Float[np.ndarray, "rows 1"]:
        merged: Float[np.ndarray, "rows 1"]
        if self.combine == "max":
            merged = scores.max(axis=1, keepdims=True)
        else:  # above 1 by rounding noise counts as 1; more than that was refused
            merged = np.minimum(scores.sum(axis=1, keepdims=True), 1.0)
        return merged

    def _members(self) -> list[tuple[int, ...]]:
        return [tuple(int(index) for index in members) for members in self.groups.values()]

    def _alone(self, n_classes: int) -> list[int]:
        grouped = {index for members in self._members() for index in members}
        return [index for index in range(n_classes) if index not in grouped]

    def _inner_names(self) -> tuple[str, ...]:
        names = scoring.class_names(self.model)
        if names or self.n_classes is None:
            if not names:
                raise InputError(
                    "Grouped must know the model's classes, and this model has no class names: "
                    "say how many it has, n_classes=…"
                )
            return names
        return tuple(map(str, range(self.n_classes)))


def _check(groups: Mapping[str, tuple[int, ...]], names: tuple[str, ...]) -> None:
    """Refuse groups that are empty, share a class, or are called as a class that stays."""
    owner: dict[int, str] = {}
    for group, members in groups.items():
        if not members:
            raise InputError(f"the group {group!r} must have classes; got none")
        for index in members:
            if index in owner:
                raise InputError(
                    f"a class can be in one group, once: {names[index]!r} is in {owner[index]!r} "
                    f"and in {group!r}"
                )
            owner[index] = group
    for index, name in enumerate(names):
        if name in groups and owner.get(index) != name:
            raise InputError(f"the group {name!r} must not be called as a class is: rename it")


def _require_probabilities(scores: Float[np.ndarray, "rows classes"]) -> None:
    total = scores.sum(axis=1)
    if scores.min() < 0 or total.max() > 1 + _NOISE:
        came = f"one of {scores.min():.3g}" if scores.min() < 0 else f"a sum of {total.max():.4g}"
        raise ModelError(
            "classes can be summed where their scores are probabilities, none below 0, that add up "
            f"to 1 at most; got {came}: let the model return probabilities (activation='softmax'), "
            "or take the highest of a group's scores, combine='max'"
        )
