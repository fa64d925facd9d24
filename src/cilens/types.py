"""The words every file shares: array types and the protocols of the exchangeable parts.

All arrays are numpy arrays. One image is (height, width, channels) with one or three channels;
a batch has the rows in front. Nothing in cilens rescales an image by its dtype: pixels keep the
range they were given in, which for `cilens.read_image` is [0, 1].
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, TypeAlias, runtime_checkable

import numpy as np
from jaxtyping import Bool, Integer, Real

if TYPE_CHECKING:
    from cilens.explanation import Explanation

Image: TypeAlias = Real[np.ndarray, "height width channels"]
"""Pixels of one image, in the range they were given in."""

AnyImage: TypeAlias = Real[np.ndarray, "height width *channels"]
"""An image as callers give it: grey ones may lack the channel axis."""

Batch: TypeAlias = Real[np.ndarray, "rows height width channels"]
"""Several images of one shape."""

Segments: TypeAlias = Integer[np.ndarray, "height width"]
"""One label for each pixel; closed label maps use 0 … S-1, every one of them present."""

Coalitions: TypeAlias = Bool[np.ndarray, "coalitions segments"]
"""True where a segment stays in the picture."""

Regions: TypeAlias = Bool[np.ndarray, "regions segments"]
"""True where a segment belongs to the region."""

Scores: TypeAlias = Real[np.ndarray, "rows classes"]
"""The model's answer: one row for each image, one column for each class."""

OutputRange: TypeAlias = tuple[float, float] | tuple[tuple[float, ...], tuple[float, ...]]
"""(absmin, absmax) for all classes, or one tuple of absmin and one of absmax, class by class."""

Progress: TypeAlias = Callable[[int], object]
"""Called after each batch with the number of model rows just answered, as a progress bar wants."""

Better: TypeAlias = Literal["higher", "lower"]
"""Which way a metric's number is better."""

Numbers: TypeAlias = Mapping[str, float | None]
"""What a metric found, by name; None where there is no such number for this explanation."""


class View(NamedTuple):
    """An image on the grid a model looks at, and where that grid lies on the image given.

    Attributes
    ----------
    image : (height, width, channels) array
        What the model is asked about, and what segments and explanation live on.
    box : (top, left, bottom, right)
        The rectangle of the image given that the view shows, in that image's pixels
        (edges, so a whole image of 28 x 28 is ``(0, 0, 28, 28)``).
    """

    image: Image
    box: tuple[float, float, float, float]

    @classmethod
    def whole(cls, image: Image) -> View:
        """Return the image as it is, looked at as a whole."""
        return cls(image, (0.0, 0.0, float(image.shape[0]), float(image.shape[1])))


class Segmenter(Protocol):
    """Split an image into segments: one integer label for each pixel."""

    def __call__(self, image: Image, /) -> Segments: ...


class Perturbation(Protocol):
    """Build the perturbed images: one for each coalition, its missing segments replaced."""

    def __call__(self, image: Image, segments: Segments, coalitions: Coalitions, /) -> Batch: ...


class Model(Protocol):
    """Answer a batch of images with one row of scores for each."""

    def __call__(self, images: Batch, /) -> Scores: ...


@runtime_checkable
class ImageModel(Protocol):
    """A model that also knows its image geometry and its classes, as cilens' adapters do.

    A plain callable needs none of this: it is asked about the image as it is, and its classes
    are numbered.
    """

    @property
    def class_names(self) -> tuple[str, ...]:
        """One name for each class, or nothing where the classes have no names."""
        ...

    def view(self, image: Image, /) -> View:
        """Return the image on the model's own grid; raise `InputError` where it cannot fit."""
        ...

    def __call__(self, images: Batch, /) -> Scores: ...


@runtime_checkable
class RangedModel(Protocol):
    """A model that knows the range of its scores, as cilens' adapters do where it is stated."""

    @property
    def output_range(self) -> OutputRange | None:
        """Return absmin and absmax of the scores, or nothing where nobody has stated them."""
        ...

    def __call__(self, images: Batch, /) -> Scores: ...


class Method(Protocol):
    """Explain a model's scores for one image."""

    def __call__(
        self, model: Model, image: AnyImage, /, *, progress: Progress | None = None
    ) -> Explanation: ...


class Metric(Protocol):
    """Judge one explanation of one image for one class, in numbers that have names.

    ``better`` has the same names, the number that counts most first. ``method`` is the method
    that explained, for metrics that ask it again; most judge the explanation alone.
    """

    @property
    def better(self) -> Mapping[str, Better]:
        """Which way each number is better, the one that counts most first."""
        ...

    def __call__(
        self,
        model: Model,
        explanation: Explanation,
        /,
        target: int | str | None = None,
        *,
        method: Method | None = None,
        progress: Progress | None = None,
    ) -> Numbers: ...
