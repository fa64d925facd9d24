"""Object detectors: each detection on the unhidden image becomes a class."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from jaxtyping import Float

from cilens.boxes import FORMATS, UNITS, Box, check_convention, crossed, fault, to_edges
from cilens.errors import InputError, ModelError
from cilens.image import as_image
from cilens.pixels import whole
from cilens.types import AnyImage, Batch, Image, Scores, View

Detect: TypeAlias = Callable[[Image], tuple[Any, Any, Any]]
"""One (height, width, channels) image to its boxes, labels and scores, each array-like."""


class _Found(NamedTuple):
    """What is detected in one image."""

    boxes: Float[np.ndarray, "detections 4"]
    labels: Any  # (detections,) of anything, or (detections, classes) of scores
    scores: Float[np.ndarray, " detections"]


@dataclass(frozen=True)
class Detector:
    """A detector as a model: it tells whether what was detected still is, there and as that.

    The score of a detection on another image is the highest, over all that is detected there, of
    intersection over union, times likeness of labels, times score (D-RISE). Labels are alike where
    they are equal; score vectors, by the cosine between them. Made by `cilens.detector`.

    Parameters
    ----------
    detect : callable
        One (height, width, channels) image to (boxes, labels, scores).
    shape : (height, width, channels)
        Shape of the image that the detections are of: boxes are places in it.
    boxes : tuple of (left, top, right, bottom)
        Boxes of the detections, in pixels, however `detect` writes them.
    labels : tuple
        Labels of the detections: what `detect` gives, score vectors as tuples.
    class_names : tuple of str
        What the detections are called.
    box_format, box_unit : str
        How `detect` writes boxes; see `cilens.detector`.

    References
    ----------
    Petsiuk et al., Black-box Explanation of Object Detectors via Saliency Maps, 2021,
    arXiv:2006.03204

    Examples
    --------
    >>> def detect(image):  # one box around all that is bright
    ...     rows, columns = np.nonzero(image[..., 0] > 0.5)
    ...     if not len(rows):
    ...         return [], [], []
    ...     return [(columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)], ["spot"], [0.8]
    >>> model = Detector(detect, (2, 4, 1), ((0, 0, 4, 2),), ("spot",), ("spot",))
    >>> halves = np.array([np.ones((2, 4, 1)), np.ones((2, 4, 1)) * [[[1], [1], [0], [0]]]])
    >>> model(halves).ravel().tolist()
    [0.8, 0.4]
    """

    detect: Detect
    shape: tuple[int, int, int]
    boxes: tuple[Box, ...]
    labels: tuple[Any, ...]
    class_names: tuple[str, ...]
    box_format: str = "xyxy"
    box_unit: str = "pixels"

    def __post_init__(self) -> None:
        check_convention(self.box_format, self.box_unit)

    def view(self, image: Image, /) -> View:
        """Return the image; raise `InputError` where it is not as large as the detections' own."""
        if image.shape != self.shape:
            raise InputError(
                f"this detector's boxes are places in an image of {self.shape}; got one of "
                f"{image.shape}: make a cilens.detector for it"
            )
        return whole(image)

    def __call__(self, images: Batch, /) -> Scores:
        """Return how well each detection is still found in each image."""
        scores = np.zeros((len(images), len(self.boxes)))
        boxes, labels = np.array(self.boxes, dtype=np.float64), _labels(self.labels)
        for row, image in zip(scores, images, strict=True):
            found = _read(self.detect(image), (self.box_format, self.box_unit), self.shape)
            if len(found.boxes):
                alike = _overlaps(boxes, found.boxes) * _likeness(labels, found.labels)
                row[:] = (alike * found.scores).max(axis=1)
        return scores


def detector(
    detect: Detect,
    image: AnyImage,
    *,
    least: float = 0.5,
    label_names: Sequence[str] | Mapping[int, str] = (),
    box_format: str = "xyxy",
    box_unit: str = "pixels",
) -> Detector:
    """Turn a detector into a model of what it detects in one image.

    Parameters
    ----------
    detect : callable
        One (height, width, channels) image, in the range of `image`, to three array-likes,
        PyTorch's tensors included: (D, 4) boxes, (D,) labels or (D, K) score vectors, and (D,)
        scores in [0, 1]. It is called once for each model row. Resizing and the like are its own
        business: boxes are places in the image it was given.
    image : (height, width, channels) array
        What will be explained.
    least : float
        Detections from this score on become classes. All that is detected in a perturbed image
        counts, whatever its score.
    label_names : sequence of str, or mapping of int to str
        What the labels 0, 1, 2, … (or the columns of the score vectors) are called; by default
        they stay numbers. Labels that are texts need none.
    box_format : {"xyxy", "yxyx", "xywh", "cxcywh"}
        What the four numbers of a box are: (left, top, right, bottom), as of torchvision; (top,
        left, bottom, right), as of TensorFlow; (left, top, width, height), as of COCO; or (centre
        x, centre y, width, height), as of YOLO and DETR.
    box_unit : {"pixels", "shares"}
        Whether they count pixels, or are shares of the image's width and height.

    Returns
    -------
    Detector
        A model whose classes are the detections, by falling score, called as in "dog at (12 30
        80 120)", with no comma, for what follows one is a synonym. `cilens.explain`, metrics and
        figures take it as any other; scores are in [0, 1].

    Raises
    ------
    InputError
        If nothing is detected, or a box format or unit is unknown.
    ModelError
        If what `detect` returns does not fit; also where the boxes cannot be what they are said to
        be: all within one pixel, beyond the image by over a tenth of its side, or without an area.

    References
    ----------
    Petsiuk et al., Black-box Explanation of Object Detectors via Saliency Maps, 2021,
    arXiv:2006.03204

    Examples
    --------
    >>> import cilens
    >>> def detect(image):  # one box around all that is bright
    ...     rows, columns = np.nonzero(image[..., 0] > 0.5)
    ...     if not len(rows):
    ...         return [], [], []
    ...     return [(columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)], ["spot"], [0.8]
    >>> image = np.zeros((8, 8, 1))
    >>> image[2:4, 4:8] = 1.0
    >>> model = detector(detect, image)
    >>> model.class_names
    ('spot at (4 2 8 4)',)
    >>> method = cilens.ContextualImportance(cilens.Grid(4, 4), (cilens.Constant(0.0),))
    >>> method(model, image).influence[4:8, 0].tolist()
    [0.0, 0.0, 0.4, 0.4]
    """
    check_convention(box_format, box_unit)
    checked = as_image(image)
    found = _read(detect(checked), (box_format, box_unit), checked.shape)
    order = [int(row) for row in np.argsort(-found.scores, kind="stable")]
    rows = [row for row in order if found.scores[row] >= least]
    if not rows:
        best = f"the best score is {found.scores.max():.3g}" if len(found.scores) else "no box"
        raise InputError(
            f"there must be a detection to explain, from a score of {least:g} on; got {best}: "
            "lower least=…, or give another image"
        )
    if wrong := fault(found.boxes[rows], checked.shape):
        raise _misread(wrong, (box_format, box_unit))
    boxes = [_box(found.boxes[row]) for row in rows]
    labels = [_plain(found.labels[row]) for row in rows]
    names = [
        f"{_called(label, label_names)} at ({' '.join(f'{edge:.0f}' for edge in box)})"
        for label, box in zip(labels, boxes, strict=True)
    ]
    return Detector(
        detect, checked.shape, tuple(boxes), tuple(labels), tuple(names), box_format, box_unit
    )


def _read(answer: object, convention: tuple[str, str], shape: tuple[int, ...]) -> _Found:
    """Check what a detector returned, and bring its boxes to edges in pixels."""
    if not isinstance(answer, tuple | list) or len(answer) != 3:
        came = f"{len(answer)}" if isinstance(answer, tuple | list) else type(answer).__name__
        raise ModelError(f"a detector must return (boxes, labels, scores); got {came}")
    boxes, scores = (_numbers(answer[place], what) for place, what in ((0, "boxes"), (2, "scores")))
    labels = _labels(answer[1])
    count = len(scores) if scores.ndim == 1 else -1
    boxes = boxes.reshape(-1, 4) if boxes.size == 0 else boxes
    if boxes.shape != (count, 4) or len(labels) != count or (count and labels.ndim > 2):
        raise ModelError(
            "a detector must return (D, 4) boxes, D labels and D scores; got shapes "
            f"{boxes.shape}, {labels.shape} and {scores.shape}"
        )
    if count and not (scores.min() >= 0 and scores.max() <= 1):
        raise ModelError(
            f"a detector's scores must be in [0, 1]; got {scores.min():.3g} … {scores.max():.3g}"
        )
    edges = to_edges(boxes, *convention, shape)
    if wrong := crossed(edges):
        raise _misread(wrong, convention)
    return _Found(edges, labels, scores)


def _misread(wrong: str, convention: tuple[str, str]) -> ModelError:
    """Return the error for boxes that cannot be what they are said to be."""
    return ModelError(
        f"a detector's boxes must {wrong}: they were read with box_format={convention[0]!r} and "
        f"box_unit={convention[1]!r}; state what they are (box_format: {', '.join(FORMATS)}; "
        f"box_unit: {', '.join(UNITS)}), or clip them to the image"
    )


def _array(value: Any) -> Any:  # noqa: ANN401 (whatever a detector returns)
    """Return an array; of tensors of PyTorch, wherever they are and with a gradient or without."""
    if isinstance(value, list | tuple):
        value = [_array(one) for one in value]
    elif (detach := getattr(value, "detach", None)) is not None:
        value = detach().cpu()
        value = value.float() if "bfloat16" in str(value.dtype) else value  # NumPy has none
    return np.asarray(value)


def _numbers(value: Any, what: str) -> Float[np.ndarray, "..."]:  # noqa: ANN401
    try:
        numbers: Float[np.ndarray, "..."] = _array(value).astype(np.float64)
    except Exception as error:
        raise ModelError(
            f"a detector's {what} must be numbers in an array; got {type(value).__name__}: {error}"
        ) from error
    return numbers


def _labels(labels: Any) -> Any:  # noqa: ANN401 (texts, numbers or vectors)
    try:
        return np.atleast_1d(_array(labels))
    except Exception as error:
        raise ModelError(
            f"a detector's labels must be one for each box; got {type(labels).__name__}: {error}"
        ) from error


def _overlaps(
    one: Float[np.ndarray, "classes 4"], other: Float[np.ndarray, "detections 4"]
) -> Float[np.ndarray, "classes detections"]:
    """Return intersection over union of any two boxes."""
    corner = np.maximum(one[:, None, :2], other[None, :, :2])
    opposite = np.minimum(one[:, None, 2:], other[None, :, 2:])
    shared = np.maximum(opposite - corner, 0.0).prod(axis=2)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (one, other)]
    union = areas[0][:, None] + areas[1][None] - shared
    ratios: Float[np.ndarray, "classes detections"] = np.zeros_like(shared)
    np.divide(shared, union, out=ratios, where=union > 0)
    return ratios


def _likeness(one: Any, other: Any) -> Any:  # noqa: ANN401 (arrays of labels)
    """Return how alike any two labels are: equal or not, or the cosine of score vectors."""
    if one.ndim != other.ndim or one.shape[1:] != other.shape[1:]:
        raise ModelError(
            f"labels must be of one kind in every image; got shapes {one.shape} and {other.shape}"
        )
    if one.ndim == 1:
        return one[:, None] == other[None]
    lengths = np.linalg.norm(one, axis=1)[:, None] * np.linalg.norm(other, axis=1)[None]
    cosine = np.divide(one @ other.T, lengths, out=np.zeros(lengths.shape), where=lengths > 0)
    return np.clip(cosine, 0.0, 1.0)  # of scores, none below 0: what is beyond is rounding noise


def _plain(label: Any) -> Any:  # noqa: ANN401
    return tuple(label.tolist()) if np.ndim(label) else label.item()


def _called(label: Any, names: Sequence[str] | Mapping[int, str]) -> str:  # noqa: ANN401
    """Return what a label is called: a text as it is, a number by its name if there are names."""
    if isinstance(label, str):
        return label
    index = int(np.argmax(label)) if isinstance(label, tuple) else label
    if not names:
        return str(index)
    known = names if isinstance(names, Mapping) else dict(enumerate(names))
    if index not in known:
        raise InputError(f"label_names must have a name for each label; got none for {index!r}")
    return known[index]


def _box(edges: Float[np.ndarray, "4"]) -> Box:
    left, top, right, bottom = (float(edge) for edge in edges)
    return left, top, right, bottom
