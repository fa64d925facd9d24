"""What can be asked of methods and metrics, over images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cilens.errors import InputError
from cilens.findings.request.images import ImageOptions, Images
from cilens.findings.request.model import Model, ModelOptions
from cilens.findings.request.option import Option


@dataclass(frozen=True, kw_only=True)
class EvaluateRequest:
    """Judge every explanation of every image by every metric."""

    images: Images
    model: Model = "digits"
    stated: ModelOptions = ModelOptions()
    reading: ImageOptions = ImageOptions()
    method: Annotated[
        list[str] | None,
        Option(
            "May be repeated; the others are compared with the first; see: cilens methods.",
            "default|paper|NAME:...",
            "default, paper and random",
            "Method",
            names="method",
        ),
    ] = None
    metric: Annotated[
        list[str] | None,
        Option(
            "What judges each explanation; may be repeated; see: cilens metrics.",
            "NAME:...",
            "flipping",
            "Method",
            names="metric",
        ),
    ] = None
    perturbation: Annotated[
        list[str] | None,
        Option(
            "What the metrics that hide pixels put in their place; may be repeated; see: cilens "
            "perturbations.",
            "NAME:...",
            "each metric's own",
            "Method",
            names="perturbation",
        ),
    ] = None
    steps: Annotated[
        int | None,
        Option(
            "Portions that the metrics that have steps hide or show pixels in.",
            "STEPS",
            "each metric's own",
            "Method",
        ),
    ] = None

    def __post_init__(self) -> None:
        if self.steps is not None and self.steps < 1:
            raise InputError(f"--steps must be at least 1; got {self.steps}")
