"""What can be asked of methods, side by side on one image."""

from __future__ import annotations

from dataclasses import dataclass

from cilens.findings.request.images import ImageOptions
from cilens.findings.request.model import ModelOptions


@dataclass(frozen=True, kw_only=True)
class CompareRequest:
    """Compare methods on one image.

    Parameters
    ----------
    image : IMAGE
        A file, - for standard input, mnist:4013, or skimage:chelsea.
    model : NAME|FILE
        A network that comes with cilens, or a model file; see: cilens models.
    stated : ModelOptions
        What is stated of a model file, beside what it says itself.
    reading : ImageOptions
        How image files are read.
    target : INDEX|NAME, default the predicted one
        The class to explain.
    segmenter : NAME:..., default the recommended one
        How the image is cut for all methods but occlusion; see: cilens segmenters.
    perturbation : NAME:..., default the recommended one
        What hides pixels, for methods and judges; see: cilens perturbations.
    budget : ROWS
        Images that LIME asks the model about.
    """

    image: str
    model: str = "digits"
    stated: ModelOptions = ModelOptions()
    reading: ImageOptions = ImageOptions()
    target: str | None = None
    segmenter: str | None = None
    perturbation: str | None = None
    budget: int = 1000
