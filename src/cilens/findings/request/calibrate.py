"""What can be asked of a model's scores, over images."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cilens.errors import InputError
from cilens.findings.request.images import ImageOptions
from cilens.findings.request.model import ModelOptions


@dataclass(frozen=True, kw_only=True)
class CalibrateRequest:
    """Measure the range of a model's scores.

    Parameters
    ----------
    model : FILE
        A model file.
    images : IMAGE
        Files, patterns or directories: the more, and the more different, the better.
    stated : ModelOptions
        What is stated of a model file, beside what it says itself.
    reading : ImageOptions
        How image files are read.
    margin : SHARE
        Widen the range on either side by this share of it; scores that leave it later are
        an error.
    """

    model: str
    images: list[str]
    stated: ModelOptions = ModelOptions()
    reading: ImageOptions = ImageOptions()
    margin: float = 0.1

    def __post_init__(self) -> None:
        if not (math.isfinite(self.margin) and self.margin >= 0):
            raise InputError(f"--margin must be a share of the range, 0 or more; got {self.margin}")
        if self.stated.output_range is not None:
            raise InputError("calibrate measures the output range: leave out --output-range")
