"""The words every file shares: array types and the protocols of the exchangeable parts.

All arrays are numpy arrays. One image is (height, width, channels), mostly of one or three
channels; a batch has the rows in front. Inside cilens pixels are shares of their range, 0 for black
and 1 for white; `cilens.pixels` has the one rule by which they come and go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple, Protocol, TypeAlias, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float, Integer, Real, Shaped

Array: TypeAlias = Shaped[np.ndarray, "..."]
"""An array of any shape and type, as a network or a file has it."""

Rows: TypeAlias = Shaped[np.ndarray, "rows ..."]
"""What a network is fed, or puts out: one entry for each image along the first axis."""

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

Features: TypeAlias = Float[np.ndarray, "rows channels height width"]
"""What the last grid of a network holds: so many numbers in each cell."""

Link: TypeAlias = Literal["softmax", "sigmoid", "none"]
"""What makes scores of logits."""

Look: TypeAlias = Literal["none", "outside", "inside"]
"""What a proxy of the model is fitted to: nothing, its scores, or what its last grid holds."""

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
        Dtype of the pixels, as numpy names it.
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
        Size of the image given, where that is known.
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


class Head(NamedTuple):
    """How a network makes scores of its last grid: the mean over cells, one linear layer, a link.

    So the logit of a class is the mean of the logits of all cells: its class activation map.

    Attributes
    ----------
    weights : (classes, channels) float array
        Of the linear layer.
    bias : (classes,) float array
        Its constants.
    link : {"softmax", "sigmoid", "none"}
        What makes scores of logits.
    where : str
        Which layer of the network it is, as a person reads it.

    References
    ----------
    Zhou et al., Learning Deep Features for Discriminative Localization, 2016,
    doi:10.1109/CVPR.2016.319

    Examples
    --------
    >>> head = Head(np.array([[2.0]]), np.array([1.0]), "none", "")
    >>> head.cells(np.array([[[[0.0, 3.0]]]]), [0]).tolist()
    [[[[1.0, 7.0]]]]
    """

    weights: Float[np.ndarray, "classes channels"]
    bias: Float[np.ndarray, " classes"]
    link: Link
    where: str

    def cells(
        self, features: Features, classes: Sequence[int] | Integer[np.ndarray, " _"]
    ) -> Float[np.ndarray, "rows _ height width"]:
        """Return the logits of some classes in each cell."""
        chosen = np.asarray(classes)
        flat = self.weights[chosen] @ features.reshape(*features.shape[:2], -1)
        cells: Float[np.ndarray, "rows _ height width"] = (
            flat.reshape(len(features), len(chosen), *features.shape[2:])
            + self.bias[chosen][:, None, None]
        )
        return cells


class Cells(NamedTuple):
    """What a network says of images, and what its last grid holds of them.

    Attributes
    ----------
    scores : (rows, classes) array
        As the model gives them without a look inside.
    features : (rows, channels, height, width) array
        What is averaged over all cells, for the `Head`.
    """

    scores: Scores
    features: Features


@runtime_checkable
class CellModel(Protocol):
    """A model that may let its last grid be seen, in the same pass that gives the scores."""

    def head(self) -> Head | None:
        """Return how scores come from the last grid; None for a network without such a grid."""
        ...

    def cells(self, images: Batch, /) -> Cells:
        """Return scores and features; `InputError` where there is no head."""
        ...

    def __call__(self, images: Batch, /) -> Scores: ...


@runtime_checkable
class ComputedModel(Protocol):
    """A model that knows what computes its scores, as cilens' adapters do."""

    @property
    def computed_by(self) -> str:
        """Return the framework: ``"onnx"``, ``"openvino"``, ``"torch"``, …."""
        ...

    def __call__(self, images: Batch, /) -> Scores: ...
