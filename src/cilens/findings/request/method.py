"""How an image is explained, as options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cilens.findings.request.option import Option


@dataclass(frozen=True)
class MethodOptions:
    """How an image is explained."""

    method: Annotated[
        str,
        Option(
            "The recommended settings, the paper's, or another method; see: cilens methods.",
            "default|paper|NAME:...",
            names="method",
        ),
    ] = "default"
    segmenter: Annotated[
        list[str] | None,
        Option(
            "How the image is cut, such as slic:n_segments=50; may be repeated; see: cilens "
            "segmenters.",
            "NAME:...",
            "the method's",
            names="segmenter",
        ),
    ] = None
    perturbation: Annotated[
        list[str] | None,
        Option(
            "What replaces a hidden segment, such as constant:value=0; may be repeated; see: "
            "cilens perturbations.",
            "NAME:...",
            "the method's",
            names="perturbation",
        ),
    ] = None
    strategy: Annotated[
        str | None,
        Option(
            "Hide one region at a time, or show one at a time.",
            "one-out|one-in",
            "the method's",
        ),
    ] = None
    budget: Annotated[
        int | None,
        Option(
            "Most images to ask the network about, for methods that have a budget.",
            "ROWS",
            "the method's: 100 for small images, 200 for others",
        ),
    ] = None
