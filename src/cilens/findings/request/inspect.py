"""What can be asked of a model file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cilens.errors import InputError
from cilens.findings.request.images import ImageOptions
from cilens.findings.request.model import ModelOptions
from cilens.findings.request.option import Option


@dataclass(frozen=True, kw_only=True)
class InspectRequest:
    """Find out what a model file says, and what has to be stated."""

    model: Annotated[
        str,
        Option("An .onnx, .keras or .tflite file, or a network that ships.", "FILE", names="model"),
    ]
    stated: ModelOptions = ModelOptions()
    reading: ImageOptions = ImageOptions()
    image: Annotated[
        str | None,
        Option(
            "Ask the network about this image, its mirror image and black.",
            "IMAGE",
            "none",
            names="image",
        ),
    ] = None

    def __post_init__(self) -> None:
        if self.stated.allow_noise:
            raise InputError("inspect says whether answers are noisy: leave out --allow-noise")
