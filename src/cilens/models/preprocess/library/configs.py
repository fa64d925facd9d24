"""What timm and Hugging Face write down about a network's input, read from plain dicts."""

from __future__ import annotations

import math
from collections.abc import Mapping

from cilens.errors import InputError, unknown
from cilens.models.preprocess.library.draft import (
    Reading,
    both,
    filter_name,
    pair,
    refused,
    statistics,
)

_TIMM = ("input_size", "interpolation", "mean", "std", "crop_pct", "crop_mode")

_PLAIN = (
    "BeitImageProcessor",
    "BitImageProcessor",
    "BlipImageProcessor",
    "CLIPImageProcessor",
    "ChineseCLIPImageProcessor",
    "DeiTImageProcessor",
    "MobileNetV1ImageProcessor",
    "MobileNetV2ImageProcessor",
    "PvtImageProcessor",
    "SiglipImageProcessor",
    "ViTImageProcessor",
)
"""Processors that resize, cut the middle out, rescale and normalise, and nothing else."""

_CONVNEXT = "ConvNextImageProcessor"

_READ = {
    *("crop_size", "do_center_crop", "do_convert_rgb", "do_normalize", "do_rescale"),
    *("do_resize", "image_mean", "image_processor_type", "image_std", "resample"),
    *("rescale_factor", "size"),
}
_OTHER = {
    *("_processor_class", "data_format", "default_to_square", "device"),
    *("disable_grouping", "do_reduce_labels"),
    *("feature_extractor_type", "input_data_format", "pad_size", "processor_class"),
    *("return_tensors",),
}
"""What changes nothing about the pixels that a network is given."""

_FILTERS = ("nearest", "lanczos", "bilinear", "bicubic", "box", "hamming")
"""Pillow's, by their numbers."""


def read_timm(config: Mapping[str, object]) -> Reading:
    """Read the dict of ``timm.data.resolve_model_data_config``.

    Parameters
    ----------
    config : dict
        With `input_size`, `interpolation`, `mean`, `std`, `crop_pct` and `crop_mode`.

    Returns
    -------
    Reading
        What timm's transform for evaluation does to a PIL image.

    Raises
    ------
    InputError
        Naming what is missing, unknown, or cannot be stated.

    Examples
    --------
    >>> config = {"input_size": (3, 224, 224), "interpolation": "bicubic", "crop_pct": 0.9}
    >>> config |= {"mean": (0.5, 0.5, 0.5), "std": (0.5, 0.5, 0.5), "crop_mode": "center"}
    >>> read_timm(config).resize
    248
    """
    way = "pass timm.data.resolve_model_data_config(network)"
    for key in _TIMM:
        if key not in config:
            raise InputError(f"timm's config must have {key}, and has {', '.join(config)}: {way}")
    for key in config:
        if key not in _TIMM:
            raise InputError(f"{unknown('key of a timm config', str(key), _TIMM)}: {way}")
    shape, share = config["input_size"], config["crop_pct"]
    if not isinstance(shape, tuple | list) or len(shape) != 3:
        raise InputError(f"input_size must be (channels, height, width); got {shape!r}")
    cut = both(pair("input_size", tuple(shape[1:])))
    if isinstance(share, bool) or not isinstance(share, int | float) or not share > 0:
        raise InputError(f"crop_pct must be greater than 0; got {share!r}")
    whole = (math.floor(cut[0] / share), math.floor(cut[1] / share))
    mode = config["crop_mode"]
    if mode not in ("center", "squash"):
        raise refused(
            f"crop_mode={mode!r}",
            "adds what is no part of the photograph" if mode == "border" else "is not known",
            "use crop_mode='center' or 'squash'",
        )
    square = mode == "center" and whole[0] == whole[1]
    fields: dict[str, object] = {
        "resample": filter_name("timm's config", str(config["interpolation"])),
        "depth": "uint8",
    }
    fields |= statistics("timm's config", config["mean"], config["std"])
    return Reading(
        resize=whole[0] if square else whole,
        covers=mode == "center",
        cut=cut,
        channels=shape[0],
        fields=fields,
    )


def read_processor(config: Mapping[str, object]) -> Reading:
    """Read the ``to_dict()`` of an image processor of Hugging Face.

    Parameters
    ----------
    config : dict
        With `image_processor_type`, which says what the rest means.

    Returns
    -------
    Reading
        What the processor does to a PIL image.

    Raises
    ------
    InputError
        Naming what is missing, unknown, or cannot be stated.

    Examples
    --------
    >>> config = {"image_processor_type": "ViTImageProcessor", "do_resize": True, "resample": 2}
    >>> config |= {"size": {"height": 224, "width": 224}, "do_rescale": False}
    >>> read_processor(config | {"do_normalize": False}).resize
    (224, 224)
    """
    kind = str(config.get("image_processor_type") or "").removesuffix("Fast").removesuffix("Pil")
    if not kind:
        raise InputError(
            "a dict must be timm's data config (with input_size), or an image processor's "
            f"to_dict() (with image_processor_type); got {', '.join(map(str, config)) or 'none'}"
        )
    if kind not in (*_PLAIN, _CONVNEXT):
        raise refused(kind, "is none of the image processors that are known")
    _check_keys(config, kind)
    reading = Reading(channels=3 if config.get("do_convert_rgb") else None)
    _read_values(config, reading)
    if config["do_resize"]:
        _read_resize(config, reading)
    if kind == _CONVNEXT and config["do_resize"]:
        _read_share(config, reading)
    if config.get("do_center_crop"):
        _read_cut(config, reading)
    return reading


def _check_keys(config: Mapping[str, object], kind: str) -> None:
    for key in ("do_resize", "do_rescale", "do_normalize"):
        if not isinstance(config.get(key), bool):
            raise InputError(
                f"{kind} must state {key} as True or False; got {config.get(key)!r}: "
                "pass AutoImageProcessor.from_pretrained(…) itself, which fills in what is not said"
            )
    for key, value in config.items():
        if key == "do_pad" and value:
            raise refused(
                f"{kind} with do_pad=True", "adds what is no part of the photograph", "turn it off"
            )
        on = value is not None and value is not False
        if on and key not in _READ | _OTHER | ({"crop_pct"} if kind == _CONVNEXT else set()):
            raise refused(f"{kind} with {key}={value!r}", "is a setting that is not known")


def _read_values(config: Mapping[str, object], reading: Reading) -> None:
    if config["do_normalize"]:
        reading.fields |= statistics(
            "the image processor", _needed(config, "image_mean"), _needed(config, "image_std")
        )
    if not config["do_rescale"]:
        reading.fields["scale"] = 255.0
        if not config["do_normalize"]:
            reading.fields["dtype"] = "uint8"
        return
    factor = _needed(config, "rescale_factor")
    if isinstance(factor, bool) or not isinstance(factor, int | float):
        raise InputError(f"rescale_factor must be a number; got {factor!r}")
    reading.fields["scale"] = factor * 255.0


def _read_resize(config: Mapping[str, object], reading: Reading) -> None:
    number = _needed(config, "resample")
    if not isinstance(number, int) or not 0 <= number < len(_FILTERS):
        raise InputError(f"resample must be one of Pillow's filters, 0 to 5; got {number!r}")
    name = filter_name("an image processor", _FILTERS[number])
    reading.fields |= {"resample": name, "depth": "uint8"}
    sides = _needed(config, "size")
    known = {key: side for key, side in _items(sides).items() if side is not None}
    if set(known) == {"height", "width"}:
        reading.resize = both(pair("size", (known["height"], known["width"])))
    elif set(known) == {"shortest_edge"}:
        reading.resize = pair("size", known["shortest_edge"])
    else:
        raise refused(
            f"an image processor with size={sides!r}",
            "does not bring every photograph to one size",
            "use height and width, or shortest_edge and do_center_crop",
        )


def _read_share(config: Mapping[str, object], reading: Reading) -> None:
    """Read ConvNeXT's own way of resizing: a share of small images, all of large ones."""
    side, share = reading.resize, _needed(config, "crop_pct")
    if not isinstance(side, int):
        raise InputError("ConvNextImageProcessor must have shortest_edge as its size")
    if not isinstance(share, int | float) or not share > 0:
        raise InputError(f"crop_pct must be greater than 0; got {share!r}")
    if side >= 384:
        reading.resize = (side, side)
        return
    reading.resize, reading.cut = int(side / share), (side, side)
    reading.fields["centre"] = "floor"


def _read_cut(config: Mapping[str, object], reading: Reading) -> None:
    sides = _needed(config, "crop_size")
    known = _items(sides)
    if not {"height", "width"} <= set(known):
        raise InputError(f"crop_size must have height and width; got {sides!r}")
    if reading.cut is not None:
        raise refused("do_center_crop beside crop_pct", "cuts out of what was cut out")
    reading.cut = both(pair("crop_size", (known["height"], known["width"])))
    reading.fields["centre"] = "floor"


def _items(sides: object) -> Mapping[str, object]:
    if not isinstance(sides, Mapping):
        raise InputError(
            f"a size must be a dict, as height and width; got {sides!r}: "
            "pass AutoImageProcessor.from_pretrained(…) itself"
        )
    return sides


def _needed(config: Mapping[str, object], key: str) -> object:
    if config.get(key) is None:
        raise InputError(f"the image processor must state {key}, and does not")
    return config[key]
