"""What can be asked of methods and metrics, over images."""

from __future__ import annotations

from dataclasses import dataclass

from cilens.errors import InputError
from cilens.findings.request.images import ImageOptions
from cilens.findings.request.model import ModelOptions


@dataclass(frozen=True, kw_only=True)
class EvaluateRequest:
    """Judge every explanation of every image by every metric.

    Parameters
    ----------
    images : IMAGE
        Files, patterns or directories; - for standard input; mnist:4013 or mnist:0-99 of
        the MNIST test split, shapes:0-999 for pictures of shapes, skimage:chelsea for a
        photograph of scikit-image.
    model : NAME|FILE
        A network that comes with cilens, or a model file; see: cilens models.
    stated : ModelOptions
        What is stated of a model file, beside what it says itself.
    reading : ImageOptions
        How image files are read.
    method : default|paper|NAME:..., default default, paper and random
        May be repeated; the others are compared with the first; see: cilens methods.
    metric : NAME:..., default flipping
        What judges each explanation; may be repeated; see: cilens metrics.
    perturbation : NAME:..., default each metric's own
        What the metrics that hide pixels put in their place; may be repeated; see: cilens
        perturbations.
    steps : STEPS, default each metric's own
        Portions that the metrics that have steps hide or show pixels in.
    """

    images: list[str]
    model: str = "digits"
    stated: ModelOptions = ModelOptions()
    reading: ImageOptions = ImageOptions()
    method: list[str] | None = None
    metric: list[str] | None = None
    perturbation: list[str] | None = None
    steps: int | None = None

    def __post_init__(self) -> None:
        if self.steps is not None and self.steps < 1:
            raise InputError(f"--steps must be at least 1; got {self.steps}")
