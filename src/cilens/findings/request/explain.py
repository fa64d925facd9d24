"""What can be asked of images: how they are explained, and what is told of it."""

from __future__ import annotations

from dataclasses import dataclass

from cilens.findings.request.images import ImageOptions, Images
from cilens.findings.request.method import MethodOptions
from cilens.findings.request.model import Model, ModelOptions
from cilens.findings.request.result import ResultOptions


@dataclass(frozen=True)
class Request:
    """Explain images: with which model, how, and what is told of them."""

    images: Images
    model: Model = "digits"
    stated: ModelOptions = ModelOptions()
    reading: ImageOptions = ImageOptions()
    how: MethodOptions = MethodOptions()
    told: ResultOptions = ResultOptions()
