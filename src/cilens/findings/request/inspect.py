"""What can be asked of a model file."""

from __future__ import annotations

from dataclasses import dataclass

from cilens.errors import InputError
from cilens.findings.request.images import ImageOptions
from cilens.findings.request.model import ModelOptions


@dataclass(frozen=True, kw_only=True)
class InspectRequest:
    """Find out what a model file says, and what has to be stated.

    Parameters
    ----------
    model : FILE
        An .onnx, .keras or .tflite file, or a network that ships.
    stated : ModelOptions
        What is stated of a model file, beside what it says itself.
    reading : ImageOptions
        How image files are read.
    image : IMAGE, default none
        Ask the network about this image, its mirror image and black.
    """

    model: str
    stated: ModelOptions = ModelOptions()
    reading: ImageOptions = ImageOptions()
    image: str | None = None

    def __post_init__(self) -> None:
        if self.stated.allow_noise:
            raise InputError("inspect says whether answers are noisy: leave out --allow-noise")
