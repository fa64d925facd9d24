"""The output range that `cilens calibrate` has measured, brought into methods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np

from cilens.cli import console
from cilens.cli.recipe import Recipe
from cilens.findings.request import Request
from cilens.models import model_path
from cilens.models.preprocess.record import Preprocess
from cilens.models.sidecar import Stated, read_stated, stated_path
from cilens.types import Method


def with_stated_range(recipe: Recipe, request: Request) -> Recipe:
    """Return the recipe with the range stated beside the model file, where the options set none.

    A range holds for the activation, the output and the preprocessing that it was measured with:
    where the options state another one it is not used, and a note says so.
    """
    path = model_path(request.model)
    stated = read_stated(path)
    method = _ranged(recipe.method, stated)
    if (
        stated.output_range is None
        or request.how.output_range is not None
        or method is recipe.method
    ):
        return recipe
    if request.told.group and len(np.atleast_1d(stated.output_range[0])) > 1:
        console.note(
            f"The output range in {stated_path(path)} is that of single classes, and is not used "
            "with --group."
        )
        return recipe
    network = request.network
    preprocess = None if network.preprocess is None else Preprocess.parse(network.preprocess)
    others = {
        "--activation": (network.activation, stated.activation),
        "--output-name": (network.output_name, stated.output),
        "--preprocess": (preprocess, stated.preprocess),
    }
    for option, (given, measured) in others.items():
        if given is not None and given != measured:
            console.note(
                f"The output range in {stated_path(path)} was measured with another {option}, "
                "and is not used."
            )
            return recipe
    changes = {**recipe.changes, "output_range": stated.output_range}
    return replace(recipe, method=method, changes=changes)


def in_stated_range(methods: Mapping[str, Method], model: str) -> dict[str, Method]:
    """Return the methods with the range stated beside the model file, where they have their own."""
    stated = read_stated(model_path(model))
    return {name: _ranged(method, stated) for name, method in methods.items()}


def _ranged(method: Any, stated: Stated) -> Any:  # noqa: ANN401 (one of several dataclasses)
    """Return the method itself where nothing is stated, or it was given a range."""
    default = {field.name: field.default for field in fields(method)}.get("output_range")
    if stated.output_range is None or default is None or method.output_range != default:
        return method
    return replace(method, output_range=stated.output_range)
