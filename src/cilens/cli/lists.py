"""`cilens models`, `segmenters`, `perturbations`, `methods` and `metrics`: what there is."""

from __future__ import annotations

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", metavar="", help="Print one JSON document.")]


def models(json: Json = False) -> None:
    """List the networks that come with cilens, and what can be said of a model file."""
    from cilens.cli import listing

    listing.models(as_json=json)


def segmenters(json: Json = False) -> None:
    """List the ways to cut an image into segments, with their options."""
    from cilens.cli import listing

    listing.parts("segmenter", as_json=json)


def perturbations(json: Json = False) -> None:
    """List what can replace a hidden segment, with the options of each."""
    from cilens.cli import listing

    listing.parts("perturbation", as_json=json)


def methods(json: Json = False) -> None:
    """List the methods of explaining, with their options."""
    from cilens.cli import listing

    listing.parts("method", as_json=json)


def metrics(json: Json = False) -> None:
    """List what judges explanations, with the options of each."""
    from cilens.cli import listing

    listing.parts("metric", as_json=json)
