"""The words every file shares: array types and the protocols of the exchangeable parts.

All arrays are numpy arrays. One image is (height, width, channels), mostly of one or three
channels; a batch has the rows in front. Inside cilens pixels are shares of their range, 0 for black
and 1 for white; `cilens.pixels` has the one rule by which they come and go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, TypeAlias, runtime_checkable

import numpy as np
from jaxtyping import Bool, Integer, Real

if TYPE_CHECKING:
    from cilens.explanation import Explanation

Image: TypeAlias = Real[np.ndarray, "height width channels"]
"""Pixels of one image."""

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

Asked: TypeAlias = Literal["one-out", "one-in", "windows", "contexts", "other"]
"""What a method asked: each region hidden, or shown, alone; each window hidden; random contexts."""

Numbers: TypeAlias = Mapping[str, float | None]
"""What a metric found, by name; None where there is no such number for this explanation."""


class PixelRange(NamedTuple):
    """What black and white are in the pixels given, and their dtype.

    Attributes
    ----------
    black, white : float
        The ends of the range.
    dtype : str
        Of the pixels, as numpy names it.
    """

    black: float
    white: float
    dtype: str


class RangedImage(NamedTuple):
    """An image whose range is stated, for a method that is called by itself.

    Attributes
    ----------
    image : (height, width, channels) array
        As callers give it.
    pixel_range : (black, white)
        All pixels lie in it.

    Examples
    --------
    >>> import cilens
    >>> bright = lambda images: images.mean(axis=(1, 2)) / 255
    >>> image = cilens.RangedImage(np.full((4, 4, 1), 255.0), (0, 255))
    >>> cilens.ContextualImportance(cilens.Grid(1, 2))(bright, image).influence.ravel().tolist()
    [0.5, 0.5]
    """

    image: object
    pixel_range: tuple[float, float]


class View(NamedTuple):
    """An image on the grid a model looks at, and where that grid lies on the image given.

    Attributes
    ----------
    image : (height, width, channels) float array
        What segments and explanation live on, in shares of the pixel range.
    box : (top, left, bottom, right)
        The rectangle of the image given that the view shows, in that image's pixels
        (edges, so a whole image of 28 x 28 is ``(0, 0, 28, 28)``).
    pixel_range : PixelRange or None
        What the model is asked in; None for one that takes shares, as cilens' adapters do.
    given : (height, width, channels) array or None
        The image in that range and dtype, bit by bit, where it is at hand.
    size : (height, width) or None
        Of the image given, where that is known.
    """

    image: Image
    box: tuple[float, float, float, float]
    pixel_range: PixelRange | None = None
    given: Image | None = None
    size: tuple[int, int] | None = None


GivenImage: TypeAlias = AnyImage | RangedImage | View
"""What may be explained: an array, one with its range stated, or a view, which stays as it is."""


class Segmenter(Protocol):
    """Split an image into segments: one integer label for each pixel."""

    def __call__(self, image: Image, /) -> Segments: ...


class Perturbation(Protocol):
    """Build the perturbed images: one for each coalition, its missing segments replaced.

    Images come and go in shares of the pixel range: 0 is black, 1 is white.
    """

    def __call__(self, image: Image, segments: Segments, coalitions: Coalitions, /) -> Batch: ...


@runtime_checkable
class Replacement(Protocol):
    """A perturbation whose hidden pixels are those of one picture, whatever else is hidden.

    The picture is made once for all questions about an image, where other perturbations build each
    batch. Large images and blurred ones gain much.
    """

    @property
    def edge_width(self) -> float:
        """Width of the soft edge, in pixels; 0 is hard."""
        ...

    def replacement(self, image: Image, segments: Segments, /) -> Real[np.ndarray, "..."]:
        """Return the picture, or one number (or one for each channel) for all pixels."""
        ...

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
        """Return an image, in shares, on the model's own grid; `InputError` where it cannot fit.

        A model made of another returns the other's view, or its ``pixel_range``: that says
        whether shares are asked, or the pixels given.
        """
        ...

    def __call__(self, images: Batch, /) -> Scores: ...


@runtime_checkable
class NamedModel(Protocol):
    """A model that knows the names of its classes, or of its one number: "age in years"."""

    @property
    def class_names(self) -> tuple[str, ...]:
        """One name for each class, or nothing where the classes have no names."""
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
        self, model: Model, image: GivenImage, /, *, progress: Progress | None = None
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
