"""What can be asked of methods, side by side on one image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cilens.findings.request.images import ImageOptions
from cilens.findings.request.model import Model, ModelOptions
from cilens.findings.request.option import Option


@dataclass(frozen=True, kw_only=True)
class CompareRequest:
    """Compare methods on one image."""

    image: Annotated[
        str,
        Option(
            "A file, - for standard input, mnist:4013, or skimage:chelsea.", "IMAGE", names="image"
        ),
    ]
    model: Model = "digits"
    stated: ModelOptions = ModelOptions()
    reading: ImageOptions = ImageOptions()
    target: Annotated[
        str | None, Option("The class to explain.", "INDEX|NAME", "the predicted one", "Result")
    ] = None
    segmenter: Annotated[
        str | None,
        Option(
            "How the image is cut for all methods but occlusion; see: cilens segmenters.",
            "NAME:...",
            "the recommended one",
            "Method",
            names="segmenter",
        ),
    ] = None
    perturbation: Annotated[
        str | None,
        Option(
            "What hides pixels, for methods and judges; see: cilens perturbations.",
            "NAME:...",
            "the recommended one",
            "Method",
            names="perturbation",
        ),
    ] = None
    budget: Annotated[
        int, Option("Images that LIME asks the model about.", "ROWS", panel="Method")
    ] = 1000
