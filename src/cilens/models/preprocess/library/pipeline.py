"""Transforms of torchvision, and of timm where it has its own, read step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import cast

from cilens.errors import InputError
from cilens.models.preprocess.library.draft import (
    WAY,
    Reading,
    both,
    filter_name,
    pair,
    refused,
    statistics,
)

LIBRARIES = ("torchvision", "timm", "torch")
"""Those whose classes are known by their names."""


class _Pixels(StrEnum):
    """What the image is so far, on its way through a transform."""

    FILE = "a PIL image"
    WHOLE = "whole numbers"
    UNIT = "floats in [0, 1]"
    WIDE = "floats in 0 … 255"
    DONE = "what is normalised"


_FLOATS = (_Pixels.UNIT, _Pixels.WIDE)


def library(thing: object) -> str:
    """Return the package that a thing's class comes from.

    Examples
    --------
    >>> library(Reading())
    'cilens'
    """
    return type(thing).__module__.partition(".")[0]


def called(thing: object) -> str:
    """Return what to call a step or transform in a message.

    Examples
    --------
    >>> called(Reading()), called(called)
    ('cilens.models.preprocess.library.draft.Reading', 'the function called')
    """
    kind = type(thing)
    if kind.__name__ in ("function", "method"):
        return f"the {kind.__name__} {getattr(thing, '__name__', '')}"
    known = library(thing) in (*LIBRARIES, "builtins")
    return kind.__name__ if known else f"{kind.__module__}.{kind.__name__}"


def read_transform(transform: object) -> Reading:
    """Read a transform of torchvision, step by step.

    Parameters
    ----------
    transform : transform
        A ``Compose``, one of its steps alone, or the preset of a network's weights.

    Returns
    -------
    Reading
        What it does to a PIL image.

    Raises
    ------
    InputError
        Naming the step that a `Preprocess` cannot state.
    """
    reading, pixels = Reading(fields={"depth": "uint8"}), _Pixels.FILE
    for step in _steps(transform):
        name = type(step).__name__
        if library(step) not in LIBRARIES or name not in (*_STEPS, *_TENSORS, *_SAME):
            raise _unknown(step)
        if name in _TENSORS and pixels == _Pixels.FILE:
            pixels = _TENSORS[name]
        if name in _STEPS:
            pixels = _STEPS[name](step, reading, pixels)
    if pixels == _Pixels.FILE:
        raise InputError("the transform gives no tensor: end it in ToTensor(), as the network's is")
    if pixels == _Pixels.WHOLE:
        reading.fields |= {"scale": 255.0, "dtype": "uint8"}
    if pixels == _Pixels.WIDE:
        reading.fields["scale"] = 255.0
    if reading.resize is None:
        del reading.fields["depth"]
    return reading


def _steps(transform: object) -> list[object]:
    """Return the steps of a transform, those of nested ones in their place."""
    name = type(transform).__name__
    if library(transform) not in LIBRARIES or name not in ("Compose", "Sequential"):
        return [transform]
    inner = getattr(transform, "transforms", transform)
    return [step for one in cast("Iterable[object]", inner) for step in _steps(one)]


def _resize(step: object, reading: Reading, pixels: _Pixels) -> _Pixels:
    _before(step, reading, pixels)
    if getattr(step, "max_size", None) is not None:
        raise refused(
            f"Resize with max_size={getattr(step, 'max_size', None)}",
            "makes another size of each photograph",
            "resize without max_size, and cut the middle out",
        )
    reading.resize = pair("Resize", getattr(step, "size", None))
    _filter(step, reading, pixels)
    return pixels


def _filter(step: object, reading: Reading, pixels: _Pixels) -> None:
    mode = getattr(step, "interpolation", None)
    if isinstance(mode, tuple | list):
        raise refused(f"{called(step)} with one of several filters", "is another one each time")
    name = str(getattr(mode, "value", mode))
    found = filter_name(called(step), name)
    if pixels != _Pixels.FILE:
        _on_tensors(step, name, whole=pixels == _Pixels.WHOLE)
    reading.fields["resample"] = found
    if pixels in _FLOATS:
        reading.fields["depth"] = "float"


def _on_tensors(step: object, name: str, *, whole: bool) -> None:
    """Refuse what resizing does to a tensor, and not to a PIL image."""
    way = "resize the PIL image, before it becomes a tensor"
    if getattr(step, "antialias", None) is not True and name != "nearest-exact":
        raise refused("Resize of a tensor with antialias=False", "skips pixels", way)
    if name == "nearest":
        raise refused("Resize of a tensor with 'nearest'", "takes pixels half a pixel off", way)
    if name in ("bicubic", "lanczos") and not whole:
        raise refused(f"Resize of a float tensor with {name!r}", "leaves [0, 1]", way)


def _resize_keep_ratio(step: object, reading: Reading, pixels: _Pixels) -> _Pixels:
    _before(step, reading, pixels)
    if getattr(step, "longest", None):
        raise refused(
            "ResizeKeepRatio by the longer side", "pads photographs", "use crop_mode='center'"
        )
    if getattr(step, "random_scale_prob", None) or getattr(step, "random_aspect_prob", None):
        raise refused("ResizeKeepRatio with a random scale", "is another one each time")
    reading.resize, reading.covers = (
        both(pair("ResizeKeepRatio", getattr(step, "size", None))),
        True,
    )
    _filter(step, reading, pixels)
    return pixels


def _before(step: object, reading: Reading, pixels: _Pixels) -> None:
    if reading.resize is not None or reading.cut is not None:
        raise refused(f"{called(step)} after a Resize or CenterCrop", "is a second one", _ONCE)
    if pixels == _Pixels.DONE:
        raise refused(f"{called(step)} after Normalize", *_LATE)


def _cut(step: object, reading: Reading, pixels: _Pixels) -> _Pixels:
    if reading.cut is not None:
        raise refused("a second CenterCrop", "cuts out of what was cut out", _ONCE)
    reading.cut = both(pair("CenterCrop", getattr(step, "size", None)))
    return pixels


def _preset(step: object, reading: Reading, pixels: _Pixels) -> _Pixels:
    """Read the transform that belongs to weights of torchvision."""
    _before(step, reading, pixels)
    reading.resize = pair("resize_size", getattr(step, "resize_size", None))
    reading.cut = both(pair("crop_size", getattr(step, "crop_size", None)))
    _filter(step, reading, pixels)
    reading.fields |= statistics(
        called(step), getattr(step, "mean", None), getattr(step, "std", None)
    )
    return _Pixels.DONE


def _to_dtype(step: object, reading: Reading, pixels: _Pixels) -> _Pixels:
    dtype = str(getattr(step, "dtype", None)).removeprefix("torch.")
    scales = type(step).__name__ != "ToDtype" or bool(getattr(step, "scale", None))
    if pixels == _Pixels.FILE:
        raise refused(f"{called(step)} of a PIL image", "is for tensors", "put ToImage before it")
    if pixels == _Pixels.WHOLE and dtype == "uint8":
        return pixels
    if dtype not in ("float16", "float32", "float64"):
        raise refused(f"{called(step)} to {dtype}", "is no type that cilens feeds a network")
    reading.fields["dtype"] = dtype
    if pixels == _Pixels.WHOLE:
        return _Pixels.UNIT if scales else _Pixels.WIDE
    return pixels


def _normalize(step: object, reading: Reading, pixels: _Pixels) -> _Pixels:
    if pixels == _Pixels.DONE:
        raise refused("a second Normalize", "normalises what is normalised", _ONCE)
    if pixels not in _FLOATS:
        raise refused(f"Normalize of {pixels}", "is for floats", "put ToTensor before it")
    reading.fields |= statistics(
        "Normalize", getattr(step, "mean", None), getattr(step, "std", None)
    )
    reading.fields["scale"] = 255.0 if pixels == _Pixels.WIDE else 1.0
    return _Pixels.DONE


def _channels(step: object, reading: Reading, pixels: _Pixels) -> _Pixels:
    if pixels == _Pixels.DONE:
        raise refused(f"{called(step)} after Normalize", *_LATE)
    count = 3 if type(step).__name__ == "RGB" else 1
    if count == 1 and getattr(step, "num_output_channels", None) != 1:
        raise refused(
            "Grayscale to 3 channels",
            "makes three of one",
            "use Grayscale(1), and wrap the network in one that repeats the channel",
        )
    if reading.channels not in (None, count):
        raise refused("both Grayscale and RGB", "cannot be both", _ONCE)
    reading.channels = count
    return pixels


def _unknown(step: object) -> InputError:
    """Return the error for a step that is not read."""
    name = type(step).__name__
    if name.startswith("Random") or name in _TRAINING:
        return refused(called(step), "is another one each time", "leave it out, it is for training")
    why, way = _REASONS.get(name, ("is none of the steps that are known", WAY))
    return refused(called(step), why, way)


_LATE = ("comes too late", "put it before Normalize")
_ONCE = "use one of them"
_TRAINING = ("AugMix", "AutoAugment", "ColorJitter", "RandAugment", "TrivialAugmentWide")
_REASONS = {
    "FiveCrop": ("makes five images of one", "use CenterCrop"),
    "TenCrop": ("makes ten images of one", "use CenterCrop"),
    "Pad": ("adds what is no part of the photograph", "leave it out"),
    "CenterCropOrPad": ("adds what is no part of the photograph", "use crop_mode='center'"),
    "Lambda": ("can do anything", WAY),
}
_Step = Callable[[object, Reading, _Pixels], _Pixels]
_TENSORS = {
    "MaybePILToTensor": _Pixels.WHOLE,
    "MaybeToTensor": _Pixels.UNIT,
    "PILToTensor": _Pixels.WHOLE,
    "ToImage": _Pixels.WHOLE,
    "ToTensor": _Pixels.UNIT,
}
"""What makes a tensor of a PIL image, and leaves a tensor as it is."""

_SAME = ("Identity", "ToPureTensor")
_STEPS: dict[str, _Step] = {
    "CenterCrop": _cut,
    "ConvertImageDtype": _to_dtype,
    "Grayscale": _channels,
    "ImageClassification": _preset,
    "Normalize": _normalize,
    "RGB": _channels,
    "Resize": _resize,
    "ResizeKeepRatio": _resize_keep_ratio,
    "ToDtype": _to_dtype,
}
