"""What can be asked of a model's scores, over images."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

from cilens.errors import InputError
from cilens.findings.request.images import ImageOptions
from cilens.findings.request.model import ModelOptions
from cilens.findings.request.option import Option


@dataclass(frozen=True, kw_only=True)
class CalibrateRequest:
    """Measure the range of a model's scores."""

    model: Annotated[str, Option("A model file.", "FILE", names="model")]
    images: Annotated[
        list[str],
        Option(
            "Files, patterns or directories: the more, and the more different, the better.",
            "IMAGE",
            names="image",
        ),
    ]
    stated: ModelOptions = ModelOptions()
    reading: ImageOptions = ImageOptions()
    margin: Annotated[
        float,
        Option(
            "Widen the range on either side by this share of it; scores that leave it later are "
            "an error.",
            "SHARE",
        ),
    ] = 0.1

    def __post_init__(self) -> None:
        if not (math.isfinite(self.margin) and self.margin >= 0):
            raise InputError(f"--margin must be a share of the range, 0 or more; got {self.margin}")
        if self.stated.output_range is not None:
            raise InputError("calibrate measures the output range: leave out --output-range")
