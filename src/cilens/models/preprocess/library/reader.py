"""A `Preprocess` from what a network's own library has: a transform, a config, a processor.

Each is read by its names and attributes; none of the libraries is imported, and nothing is run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from cilens.errors import InputError
from cilens.models.preprocess.library.configs import read_processor, read_timm
from cilens.models.preprocess.library.draft import WAY, settle
from cilens.models.preprocess.library.pipeline import LIBRARIES, called, library, read_transform
from cilens.models.preprocess.record import Preprocess


def preprocess_of(transform: object, *, channels: int | None = None) -> Preprocess:
    """Say what a network wants its input to be, from its own library's preprocessing.

    The view that the `Preprocess` makes of a photograph is what the library makes of it as a PIL
    image: the same pixels, resized to the same sides and cut out at the same place. Where it
    resizes a tensor instead, as most of Hugging Face's processors do, PyTorch rounds some pixels
    otherwise than Pillow: most by one of 255.

    Parameters
    ----------
    transform : transform, dict or image processor
        One of: torchvision's, as ``ResNet18_Weights.DEFAULT.transforms()`` or a ``Compose`` of
        ``Resize``, ``CenterCrop``, ``Grayscale``, ``ToTensor`` and ``Normalize`` or what stands
        for them in ``v2``; the dict of ``timm.data.resolve_model_data_config(network)``; an image
        processor of Hugging Face, or its ``to_dict()``.
    channels : {1, 3}, optional
        Channels of the network's input, where the transform does not say it: a mean of three does.

    Returns
    -------
    Preprocess
        Which prints itself, so that one can see what was read.

    Raises
    ------
    InputError
        If the transform is of another kind, or does what a `Preprocess` cannot state: it is named,
        and nothing is left out in silence.

    Examples
    --------
    >>> config = {"input_size": (3, 224, 224), "interpolation": "bicubic", "crop_pct": 0.875}
    >>> config |= {"mean": (0.5, 0.5, 0.5), "std": (0.5, 0.5, 0.5), "crop_mode": "center"}
    >>> preprocess_of(config).resize
    256
    """
    if isinstance(transform, Preprocess):
        raise InputError("this is a Preprocess already: give it to the model as it is")
    if isinstance(transform, Mapping):
        return _from_dict(transform, channels)
    if library(transform) == "transformers":
        state = getattr(transform, "to_dict", None)
        if state is not None:
            return _from_dict(state(), channels)
    if library(transform) in LIBRARIES:
        return settle(read_transform(transform), channels, "the transform")
    raise InputError(
        "a transform must be torchvision's, timm.data.resolve_model_data_config(network), "
        f"or an image processor of Hugging Face; got {called(transform)}: {WAY}"
    )


def _from_dict(config: Mapping[str, object], channels: int | None) -> Preprocess:
    data = config.get("data_config")
    if config.get("image_processor_type") == "TimmWrapperImageProcessor":
        return _from_dict(cast("Mapping[str, object]", data), channels)
    if "input_size" in config:
        return settle(read_timm(config), channels, "timm's config")
    return settle(read_processor(config), channels, "the image processor")
