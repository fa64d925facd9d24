"""What `cilens explain` was asked for, and those of its options that speak of several classes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NamedTuple, TypeAlias

import typer

Groups: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=CLASS,...",
        help="Let these classes count as one, with the sum of their scores: indices, ranges such "
        "as 281-285, or names. NAME alone is a group that comes with the imagenet network; see: "
        "cilens models. May be repeated.",
        show_default="none",
        rich_help_panel="Result",
    ),
]
Objects: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--objects",
        metavar="",
        help="Explain each class that is there, up to five: which regions speak for which. Costs "
        "no further question; with --out, NAME.objects.png shows them.",
        rich_help_panel="Result",
    ),
]
Above: TypeAlias = Annotated[
    float,
    typer.Option(
        metavar="SHARE",
        help="With --objects: a class is there from this share of the output range on; the target "
        "always is.",
        rich_help_panel="Result",
    ),
]


class Wishes(NamedTuple):
    """What was asked for, as it was typed."""

    images: list[str]
    model: str
    method: str
    target: str | None
    segmenter: list[str]
    perturbation: list[str]
    strategy: str | None
    budget: int | None
    group: list[str]
    objects: bool
    above: float
    against: str | None
    words: bool
    minimal: bool
    audit: bool
    threshold: float
    output_range: tuple[float, float] | None
    preprocess: str | None
    class_names: Path | None
    activation: str | None
    output_name: str | None
    factory: str | None
    batch_size: int | None
    channels: int | None
    max_pixels: int | None
    out: Path | None
    json: bool
    dry_run: bool
