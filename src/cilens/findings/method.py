"""From the options to a method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any, Literal

from cilens.errors import InputError, unknown
from cilens.findings.request import Request
from cilens.methods import ContextualImportance, Recommended
from cilens.parts import METHODS, parse

PRESETS = {
    "default": "Contextual importance over sampled contexts, as recommended for the image's size.",
    "paper": "Contextual importance, with the paper's settings: about nine superpixels, in black.",
}
"""What `--method` takes beside the names in the table of methods."""


def method_of(request: Request) -> Any:  # noqa: ANN401 (one of several dataclasses)
    """Make the method, or raise an `InputError` that names the option that does not fit."""
    base = named_method(request.how.method)
    return replace(base, **_changes(request, base))


def named_method(text: str) -> Any:  # noqa: ANN401 (one of several dataclasses)
    """Make a method of its name, or of a preset's.

    Raises
    ------
    InputError
        If there is no such method, or it has no such option.

    Examples
    --------
    >>> named_method("occlusion:size=6").size
    6
    """
    if text == "default":
        return Recommended()
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
        "--look": {"look": how.look},
        "--batch-size": {"batch_size": request.stated.batch_size},
    }
    changes: dict[str, Any] = {}
    for option, found in options.items():
        stated = {field: value for field, value in found.items() if value is not None}
        if not stated.keys() <= set(takes):
            others = " (--method contextual does)" if option == "--strategy" else ""
            raise InputError(f"the method {how.method} takes no {option}{others}")
        changes |= stated
    return changes


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
    if f"{kind}s" in takes:
        return {f"{kind}s": parsed}
    if parsed[1:]:
        able = "sampled" if kind == "segmenter" else "sampled and --method contextual"
        raise InputError(f"the method {method} takes one --{kind}; several: --method {able}")
    return {kind: parsed[0]}
