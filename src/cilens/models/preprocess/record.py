"""What a network wants its input to be, as a value: size, range, statistics and layout.

Geometry happens once, in `Preprocess.view`: segments, perturbations and the explanation live on
the view. Values happen for each batch, in `Preprocess.tensor`, after perturbation.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np

from cilens.errors import InputError, unknown
from cilens.image import as_image, resample
from cilens.models.preprocess.fields import checked, per_channel, read_pairs, write
from cilens.models.preprocess.geometry import (
    FitError,
    check_fit,
    check_resize,
    inside,
    middle,
    padded,
    resized,
    share_box,
    to_depth,
    to_unit,
)
from cilens.models.preprocess.normalisation import check_unit, normalise
from cilens.types import Batch, Image, Rows, View

__all__ = ["FitError", "Preprocess"]
_LATER = (
    *(("resize", None), ("centre", "round"), ("depth", "float")),
    *(("order", None), ("standardise", "none"), ("pad", 0.0)),
)
"""What is left out of JSON where it is so: files of before these fields stay as they are."""

_RED_FIRST = (0.485, 0.456, 0.406)
"""The mean colour of ImageNet's photographs."""


@dataclass(frozen=True)
class Preprocess:
    """What a network wants its input to be. Images come in as floating point in [0, 1].

    Parameters
    ----------
    size : (height, width), optional
        Pixels of the network's input; None where it takes any size.
    channels : int
        1 for grey, 3 for RGB; other numbers for images that have as many bands.
    fit : {"exact", "crop", "stretch", "pad"}
        What to do with an image of another size. ``"exact"``: refuse it. ``"crop"``: cut out the
        largest centred box of the input's aspect ratio, made smaller by `crop`, and resample it.
        ``"stretch"``: resample the whole image, whatever its aspect ratio. ``"pad"`` (letterbox):
        resample the whole image to its own aspect ratio, and lay `pad` around it. All but
        ``"exact"`` need a `size`.
    crop : float
        Side of the box as a share of the largest one, in (0, 1]. 0.875 is the habit of resizing
        to 256 and cutting out 224. Used with ``fit="crop"``, also where the size already fits.
    resample : {"nearest", "bilinear", "bicubic", "lanczos"}
        Filter, antialiased. The last two leave [0, 1] by a little at sharp edges: the resampled
        view is cut to [0, 1], once, here.
    scale, mean, std : float, or for mean and std one float for each channel
        The network is fed ``(pixel * scale - mean) / std``. Numbers for each channel stand in
        the order that the network is fed in: with ``order="BGR"`` blue's come first.
    layout : {"NCHW", "NHWC", "NHW", "flat_CHW", "flat_HWC"}
        Channels first, or last; no axis of channels, for grey; or one axis of all numbers, channel
        by channel (``"flat_CHW"``) or pixel by pixel (``"flat_HWC"``), line by line in both. For
        grey these two are the same.
    dtype : {"float32", "float16", "float64", "uint8", "int8", "uint16", "int16", "int32", "int64"}
        Type of the network's input. For integers values are rounded, and must fit.
    resize : int or (height, width), optional
        What images are brought to before `size` is cut out of the middle, in whole pixels, as
        torchvision does; `crop` is not used then. With ``fit="crop"`` pixels of the shorter side,
        or what is covered; with ``fit="stretch"`` (height, width), whatever the aspect ratio.
    centre : {"round", "floor"}
        Where that cut starts if half a pixel is left over: at the even one of both, or before.
        Also where the image starts that is padded.
    depth : {"float", "uint8"}
        What is resampled: pixels in [0, 1], or whole numbers in 0 … 255, as in a file.
    order : {"RGB", "BGR"}, optional
        Order of the three channels that the network is fed: blue first for networks of Caffe, of
        OpenCV, and of `keras.applications` where their preprocessing is "caffe". By default red
        first; but where `mean` is ImageNet's and begins with blue's, this must be stated.
    standardise : {"none", "image"}
        ``"image"``: bring each image to mean 0 and standard deviation 1, the latter at least
        1/√N of N numbers, as ``tf.image.per_image_standardization``; of `pixel * scale`, after
        perturbation and padding. It leaves nothing for `mean` and `std` to do.
    pad : float, or one float for each channel of the image
        With ``fit="pad"``: a pixel in [0, 1], as images have them; `scale`, `mean` and `std` are
        applied to it too. It is laid around each batch after perturbation: what is padded is no
        part of the image, so it is in no segment, never replaced and never highlighted.

    Raises
    ------
    InputError
        If a value is none of the above.

    Examples
    --------
    >>> lite = Preprocess((224, 224), fit="crop", scale=255, mean=127, std=128)
    >>> print(lite)
    size=224x224,channels=3,fit=crop,scale=255,mean=127,std=128
    >>> view = lite.view(np.full((300, 400, 3), 0.5, dtype=np.float32))
    >>> view.image.shape, view.box
    ((224, 224, 3), (18.75, 68.75, 281.25, 331.25))
    >>> lite.tensor(view.image[None]).shape
    (1, 3, 224, 224)
    """

    size: tuple[int, int] | None = None
    channels: int = 3
    fit: str = "exact"
    crop: float = 0.875
    resample: str = "bicubic"
    scale: float = 1.0
    mean: float | tuple[float, ...] = 0.0
    std: float | tuple[float, ...] = 1.0
    layout: str = "NCHW"
    dtype: str = "float32"
    resize: int | tuple[int, int] | None = None
    centre: str = "round"
    depth: str = "float"
    order: str | None = None
    standardise: str = "none"
    pad: float | tuple[float, ...] = 0.0

    def __post_init__(self) -> None:
        for field in fields(self):
            object.__setattr__(self, field.name, checked(field.name, getattr(self, field.name)))
        for name, value in (("mean", self.mean), ("std", self.std), ("pad", self.pad)):
            object.__setattr__(self, name, per_channel(name, value, self.channels))
        check_resize(self.resize, self.fit, self.size)
        self._check_together()

    @classmethod
    def parse(cls, text: str) -> Preprocess:
        """Read the form that `str` writes: ``key=value`` with commas between.

        Parameters
        ----------
        text : str
            Keys are the fields. A size is ``224x224`` (height first) or ``any``; numbers for each
            channel have slashes between: ``mean=0.485/0.456/0.406``. What is not named keeps its
            default.

        Returns
        -------
        Preprocess
            What the text states.

        Raises
        ------
        InputError
            If a key is unknown or named twice, or a value does not fit.

        Examples
        --------
        >>> Preprocess.parse("size=28x28,channels=1,scale=255").scale
        255.0
        """
        return cls._from_mapping(read_pairs(text))

    @classmethod
    def from_json(cls, text: str) -> Preprocess:
        """Read the form that `to_json` writes.

        Parameters
        ----------
        text : str
            A JSON object whose keys are fields; what is not named keeps its default.

        Returns
        -------
        Preprocess
            What the text states.

        Raises
        ------
        InputError
            If the text is no JSON object, a key is unknown, or a value does not fit.

        Examples
        --------
        >>> Preprocess.from_json('{"size": [28, 28], "channels": 1}').size
        (28, 28)
        """
        try:
            values = json.loads(text)
        except (TypeError, ValueError, RecursionError) as error:
            raise InputError(f"preprocessing must be a JSON object: {error}") from None
        if not isinstance(values, dict):
            raise InputError(f"preprocessing must be a JSON object; got {str(values)[:60]!r}")
        return cls._from_mapping(values)

    @classmethod
    def _from_mapping(cls, values: Mapping[str, object]) -> Preprocess:
        known = [field.name for field in fields(cls)]
        for key in values:
            if key not in known:
                raise unknown("preprocessing key", key, known)
        return cls(**values)  # type: ignore[arg-type]  # the fields check what they are given

    def to_json(self) -> str:
        """Return all fields as one line of JSON, as stored in a model file's metadata.

        Returns
        -------
        str
            A JSON object.

        Examples
        --------
        >>> p = Preprocess((28, 28), 1)
        >>> Preprocess.from_json(p.to_json()) == p
        True
        """
        stated = {field.name: getattr(self, field.name) for field in fields(self)}
        return json.dumps(dict(item for item in stated.items() if item not in _LATER))

    def __str__(self) -> str:
        return ",".join(
            f"{field.name}={write(value)}"
            for field in fields(self)
            if (value := getattr(self, field.name)) != field.default
            or field.name in ("size", "channels")
        )

    def input_shape(self) -> tuple[int | None, ...]:
        """Return the shape of one row of the network's input.

        Returns
        -------
        tuple of int or None
            None where any size will do.

        Examples
        --------
        >>> Preprocess((28, 20), 1).input_shape(), Preprocess(layout="NHWC").input_shape()
        ((1, 28, 20), (None, None, 3))
        >>> Preprocess((28, 28), 1, layout="flat_HWC").input_shape()
        (784,)
        """
        height, width = self.size or (None, None)
        if self.layout == "NCHW":
            return (self.channels, height, width)
        if self.layout == "NHWC":
            return (height, width, self.channels)
        if self.layout == "NHW":
            return (height, width)
        return (None if self.size is None else self.channels * math.prod(self.size),)

    def view(self, image: Image) -> View:
        """Bring an image to the network's size, and say which part of it that shows.

        Parameters
        ----------
        image : (height, width, channels) float array
            In [0, 1].

        Returns
        -------
        View
            The image as it is where `fit` is ``"exact"``, else float32 in [0, 1]. With
            ``fit="pad"`` without what will be padded, so one side may be smaller than the size.

        Raises
        ------
        InputError
            If pixels are not floating point in [0, 1].
        FitError
            If the number of channels, or with ``fit="exact"`` the size, is another than wanted.

        Examples
        --------
        >>> Preprocess((10, 10), 1, fit="stretch").view(np.ones((30, 20, 1))).box
        (0.0, 0.0, 30.0, 20.0)
        """
        pixels = as_image(image)
        check_unit(pixels)
        wanted = self.size if self.fit == "exact" else None
        check_fit(pixels.shape, wanted, self.channels)
        height, width = pixels.shape[:2]
        if self.fit == "exact" or self.size is None:
            return View(pixels, (0.0, 0.0, float(height), float(width)))
        return self._look(to_depth(pixels, self.depth), self.size)

    def _check_together(self) -> None:
        """Raise where one field leaves nothing for another to do."""
        if self.order == "BGR" and self.channels != 3:
            raise InputError(f"order='BGR' is for 3 channels; got channels={self.channels}")
        if self.order is None and self._begins_with("blue"):
            raise InputError(
                f"mean={write(self.mean)} is that of ImageNet in the order blue, green, red: state "
                "order=BGR where the network is fed so, or else order=RGB"
            )
        if self.order == "BGR" and self._begins_with("red"):
            raise InputError(
                "mean and std are stated in the order that the network is fed in, with order=BGR "
                f"blue, green, red; got mean={write(self.mean)}: turn them round"
            )
        if self.layout == "NHW" and self.channels != 1:
            raise InputError(
                f"layout='NHW' has no axis for channels={self.channels}: state channels=1, or "
                "another layout"
            )
        if self.standardise == "image" and (self.mean, self.std) != (0.0, 1.0):
            raise InputError(
                "standardise='image' leaves nothing for mean and std to do: leave them out; "
                f"got mean={write(self.mean)}, std={write(self.std)}"
            )
        if self.pad != 0 and self.fit != "pad":
            raise InputError(f"pad is for fit='pad'; got pad={write(self.pad)}, fit={self.fit!r}")

    def _begins_with(self, colour: str) -> bool:
        """Tell whether the mean is ImageNet's, and which colour's comes first."""
        mean = np.asarray(self.mean, np.float64) / self.scale
        known = np.asarray(_RED_FIRST if colour == "red" else _RED_FIRST[::-1])
        return mean.shape == known.shape and bool(np.abs(mean - known).max() < 0.01)

    def _look(self, pixels: Image, size: tuple[int, int]) -> View:
        """Bring pixels of any size to the network's."""
        height, width = pixels.shape[:2]
        if self.resize is not None:
            whole = resized(height, width, self.resize, self.fit)
            seen = middle(pixels, whole, size, self.resample, self.centre)
            return seen._replace(image=to_unit(seen.image))
        box = (0.0, 0.0, float(height), float(width))
        if self.fit == "crop":
            box = share_box(height, width, size, self.crop)
        if self.fit == "pad":
            size = inside(height, width, size)
        return View(to_unit(resample(pixels, box, size, self.resample)), box)

    def tensor(self, images: Batch) -> Rows:
        """Turn a batch of images into the network's input: ``(pixel * scale - mean) / std``.

        Parameters
        ----------
        images : (rows, height, width, channels) float array
            On the grid of `view`. A perturbation may want pixels outside [0, 1].

        Returns
        -------
        (rows, …) array
            A new contiguous array in `layout` and `dtype`.

        Raises
        ------
        InputError
            If images are no float batch, or leave what an integer `dtype` holds.
        FitError
            If the size or the number of channels is another than wanted.

        Examples
        --------
        >>> p = Preprocess(channels=1, scale=255, mean=127, std=128)
        >>> p.tensor(np.array([[[[0.0], [1.0]]]])).tolist()
        [[[[-0.9921875, 1.0]]]]
        """
        if images.ndim != 4:
            raise InputError(f"images must be (rows, height, width, channels); got {images.shape}")
        check_fit(images.shape[1:], self.size, self.channels, within=self.fit == "pad")
        if self.fit == "pad" and self.size is not None:
            images = padded(images, self.size, self.pad, self.centre)
        if self.order == "BGR":
            images = images[..., ::-1]
        mean, std = np.asarray(self.mean, np.float64), np.asarray(self.std, np.float64)
        factor = np.broadcast_to(self.scale / std, self.channels)
        offset = np.broadcast_to(mean / std, self.channels)
        standardise = self.standardise == "image"
        return normalise(images, factor, offset, self.layout, self.dtype, standardise=standardise)
