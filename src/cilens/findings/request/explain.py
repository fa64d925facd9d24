"""What can be asked of images: how they are explained, and what is told of it."""

from __future__ import annotations

from dataclasses import dataclass

from cilens.findings.request.images import ImageOptions
from cilens.findings.request.method import MethodOptions
from cilens.findings.request.model import ModelOptions
from cilens.findings.request.result import ResultOptions


@dataclass(frozen=True)
class Request:
    """Explain images: with which model, how, and what is told of them.

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
    how : MethodOptions
        How an image is explained.
    told : ResultOptions
        What is said of an explanation.
    """

    images: list[str]
    model: str = "digits"
    stated: ModelOptions = ModelOptions()
    reading: ImageOptions = ImageOptions()
    how: MethodOptions = MethodOptions()
    told: ResultOptions = ResultOptions()
