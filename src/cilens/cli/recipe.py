"""From the options to a method: the same for every image, or the one recommended for its size."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

import numpy as np
from jaxtyping import Float

from cilens.errors import InputError, unknown
from cilens.explanation import Explanation
from cilens.explanation.classes import find_class
from cilens.explanation.numbers import Reading
from cilens.findings.request import Request
from cilens.methods import ContextualImportance, Recommended, SampledImportance, recommended
from cilens.parts import METHODS, parse
from cilens.scoring.explain import Answers, PlannedMethod, explain_one
from cilens.scoring.question import Plan
from cilens.types import Image, Method, Model, Perturbation, Progress, View

PRESETS = {
    "default": "Contextual importance over sampled contexts, as recommended for the image's size.",
    "paper": "Contextual importance, with the paper's settings: about nine superpixels, in black.",
}
"""What `--method` takes beside the names in the table of methods."""


@dataclass(frozen=True)
class Recipe:
    """A method still to be made.

    Attributes
    ----------
    method : dataclass
        With its changes already made; of the recommended one, settings for any size of image.
    changes : mapping
        The fields that options of their own have set.
    recommended : bool
        Whether the method is to be the one recommended for the image, with the changes.
    """

    method: Any
    changes: Mapping[str, Any]
    recommended: bool

    def method_for(self, image: Image) -> PlannedMethod:
        """Return the method for an image, as the model sees it."""
        found = self.method
        if not isinstance(found, PlannedMethod):
            raise InputError(
                f"what {type(found).__name__} asks depends on the answers: its model rows are not "
                "known beforehand"
            )
        if not self.recommended:
            return found
        return replace(recommended(image, self.changes.get("budget")), **self.changes)


class Watched:
    """The method for one image: chosen when the image is seen, and heard when it has a plan."""

    def __init__(self, recipe: Recipe, hear: Callable[[int], object]) -> None:
        self._recipe, self._hear = recipe, hear
        self.batch_size: int = recipe.method.batch_size
        self.method: Any = recipe.method
        self.fill: Perturbation
        self.n_regions = 0

    def plan(self, view: View) -> Plan:
        """Choose the method, let it plan, and say how many model rows it will take."""
        self.method = self._recipe.method_for(view.image)
        plan: Plan = self.method.plan(view)
        self.fill, self.n_regions = plan.questions[0].perturbation, len(plan.regions)
        self._hear(plan.model_rows)
        return plan

    def explain(self, model: Model, image: Image, progress: Progress) -> Explanation:
        """Explain an image; a method that adapts its questions asks them itself."""
        if isinstance(self.method, PlannedMethod):
            return explain_one(self, model, image, progress)
        self.fill = self.method.perturbation
        self._hear(self.method.budget)
        adaptive: Method = self.method
        return adaptive(model, image, progress=progress)

    def read(
        self, plan: Plan, answers: Sequence[Answers], bounds: Float[np.ndarray, "2 classes"]
    ) -> Reading:
        """Let the method read its answers."""
        reading: Reading = self.method.read(plan, answers, bounds)
        return reading

    def __repr__(self) -> str:
        return repr(self.method)


def read_recipe(request: Request) -> Recipe:
    """Make the recipe, or raise an `InputError` that names the option that does not fit."""
    if request.how.method == "default":
        Recommended(request.how.budget)
    base = _base(request.how.method)
    changes = _changes(request, base)
    # A value that does not fit raises here, before any work.
    return Recipe(replace(base, **changes), changes, request.how.method == "default")


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


def _base(text: str) -> Any:  # noqa: ANN401 (one of several dataclasses)
    if text == "default":
        return SampledImportance()
    if text == "paper":
        return ContextualImportance.paper()
    if text.partition(":")[0] not in METHODS:
        raise unknown("method", text, [*PRESETS, *METHODS])
    return parse(text, "method")


def _changes(request: Request, base: Any) -> dict[str, Any]:  # noqa: ANN401
    takes, how = [field.name for field in fields(base)], request.how
    options: dict[str, dict[str, Any]] = {
        "--segmenter": _several(how.method, takes, "segmenter", how.segmenter),
        "--perturbation": _several(how.method, takes, "perturbation", how.perturbation),
        "--strategy": {"strategy": how.strategy},
        "--budget": {"budget": how.budget},
        "--batch-size": {"batch_size": request.network.batch_size},
    }
    changes: dict[str, Any] = {}
    for option, found in options.items():
        stated = {field: value for field, value in found.items() if value is not None}
        if not stated.keys() <= set(takes):
            others = " (--method contextual does)" if option == "--strategy" else ""
            raise InputError(f"the method {how.method} takes no {option}{others}")
        changes |= stated
    return changes


_MORE = {"segmenter": ("segmenter", "also"), "perturbation": ("perturbation", "fills")}
"""The fields that the first of an option's values sets, and the others."""


def _several(
    method: str,
    takes: Sequence[str],
    kind: Literal["segmenter", "perturbation"],
    texts: list[str] | None,
) -> dict[str, Any]:
    """Return the fields that an option sets that may be repeated."""
    parsed = tuple(parse(text, kind) for text in texts or ())
    if not parsed:
        return {}
    if kind == "perturbation" and "perturbations" in takes:
        return {"perturbations": parsed}
    first, others = _MORE[kind]
    if parsed[1:] and others not in takes:
        able = "sampled" if kind == "segmenter" else "sampled and --method contextual"
        raise InputError(f"the method {method} takes one --{kind}; several: --method {able}")
    return {first: parsed[0]} | ({others: parsed[1:]} if parsed[1:] else {})
