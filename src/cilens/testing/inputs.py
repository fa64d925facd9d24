"""Contracts of the parts that build a question: settings, segmenters, perturbations."""

from __future__ import annotations

import dataclasses
import pickle
from collections.abc import Callable, Iterable
from typing import TypeAlias

import numpy as np
from jaxtyping import Real

from cilens.types import Array, Coalitions, Perturbation, Segmenter, Segments

SomeImage: TypeAlias = Real[np.ndarray, "_ _ _"]
"""An image among others that may have other shapes."""


def sample_images() -> list[SomeImage]:
    """Return small images of every kind a part may meet.

    Returns
    -------
    list of (height, width, channels) arrays
        One and three channels; float32 and float64 in [0, 1], as parts meet all images; with
        structure and noise, of one colour, and of one pixel.

    Examples
    --------
    >>> sorted({(image.shape, image.dtype.name) for image in sample_images()})[0]
    ((1, 1, 1), 'float32')
    """
    random = np.random.default_rng(0)
    found: list[SomeImage] = []
    for channels in (1, 3):
        noisy = 0.5 * random.random((20, 17, channels))
        noisy[4:15, 6:12] += 0.5
        for unit in (noisy, np.full((6, 9, channels), 0.5), noisy[:1, :1]):
            found += [unit.astype(np.float32), unit]
    return found


def check_part(part: object) -> None:
    """Check that a part with settings prints, compares, hashes and pickles itself.

    Parameters
    ----------
    part : object
        An instance of a frozen dataclass. A plain function has no settings and needs no check.

    Raises
    ------
    AssertionError
        If it does not.

    Examples
    --------
    >>> from cilens import Slic
    >>> check_part(Slic())
    """
    must = contract(part)
    must(dataclasses.is_dataclass(part), "be a dataclass")
    for field in dataclasses.fields(part):  # type: ignore[arg-type]
        try:
            setattr(part, field.name, getattr(part, field.name))
        except dataclasses.FrozenInstanceError:
            continue
        must(False, f"be frozen; {field.name} can be set")
    again = pickle.loads(pickle.dumps(part))
    must(again == part, "be equal to its pickled self")
    must(hash(again) == hash(part), "have the hash of its pickled self")
    must(part != object(), "not be equal to anything else")
    printed = eval(repr(part), _names(part))
    must(printed == part, "be equal to what its repr says")


def check_segmenter(segmenter: Segmenter, images: Iterable[SomeImage] | None = None) -> None:
    """Check that a segmenter labels every pixel, every time alike.

    Parameters
    ----------
    segmenter : callable
        (height, width, channels) image to (height, width) integer array. A dataclass is put
        through `check_part` too.
    images : iterable of (height, width, channels) arrays, optional
        What to segment; by default `sample_images`.

    Raises
    ------
    AssertionError
        If it breaks the contract.

    Examples
    --------
    >>> from cilens import Grid
    >>> check_segmenter(Grid(rows=2, columns=3))
    """
    must = contract(segmenter)
    for image in sample_images() if images is None else images:
        given = image.copy()
        found = segmenter(given)
        must(np.array_equal(given, image), "leave the image as it came")
        must(isinstance(found, np.ndarray), f"return an array; got {type(found)}")
        must(
            found.shape == image.shape[:2],
            f"return one label for each pixel {image.shape[:2]}; got shape {found.shape}",
        )
        must(
            found.dtype.kind in "iu",
            f"return integers; got {found.dtype} for an image of {image.dtype}",
        )
        must(
            np.array_equal(segmenter(_read_only(image)), found),
            "return the same labels for the same image",
        )
    check_kept(segmenter)


def check_perturbation(
    perturbation: Perturbation, images: Iterable[SomeImage] | None = None
) -> None:
    """Check that a perturbation replaces what a coalition leaves out, and that alone.

    Parameters
    ----------
    perturbation : callable
        (image, segments, coalitions) to batch. A dataclass is put through `check_part` too.
    images : iterable of (height, width, channels) arrays, optional
        What to perturb; by default `sample_images`.

    Raises
    ------
    AssertionError
        If it breaks the contract.

    Examples
    --------
    >>> from cilens import Constant
    >>> check_perturbation(Constant(0.0))
    """
    must = contract(perturbation)
    changed = False
    for image in sample_images() if images is None else images:
        segments = _segments(*image.shape[:2])
        coalitions = _coalitions(segments)
        given = image.copy(), segments.copy(), coalitions.copy()
        batch = perturbation(*given)
        same = all(map(np.array_equal, given, (image, segments, coalitions)))
        must(same, "leave its inputs as they came")
        wanted, got = (len(coalitions), *image.shape), batch.shape
        must(got == wanted, f"return a batch {wanted}; got {got}")
        must(
            batch.dtype == image.dtype, f"return the image's dtype {image.dtype}; got {batch.dtype}"
        )
        kept = coalitions[:, segments]
        must(
            np.array_equal(batch[kept], np.broadcast_to(image, batch.shape)[kept]),
            "leave kept pixels bitwise as they were",
        )
        readable = [_read_only(array) for array in (image, segments, coalitions)]
        must(
            np.array_equal(perturbation(*readable), batch),
            "return the same batch for the same inputs",
        )
        alone = [perturbation(image, segments, row[None])[0] for row in coalitions]
        must(
            np.array_equal(np.stack(alone), batch), "treat a coalition alike alone and among others"
        )
        changed |= not np.array_equal(batch[-1], image)
    must(changed, "change some pixel where nothing is kept")
    check_kept(perturbation)


def contract(part: object) -> Callable[[object, str], None]:
    """Return what raises with a part, and the promise it broke, where a condition is false.

    Examples
    --------
    >>> must = contract(len)
    >>> must(1 < 0, "return integers; got float64")
    Traceback (most recent call last):
    AssertionError: <built-in function len> must return integers; got float64
    """

    def must(condition: object, promise: str) -> None:
        if not condition:
            raise AssertionError(f"{part!r} must {promise}")

    return must


def check_kept(part: object) -> None:
    """Check of a part with settings what all of those must keep; one without has nothing to."""
    if dataclasses.is_dataclass(part):
        check_part(part)


def _read_only(array: Array) -> Array:
    """Return a copy that raises where it is written to."""
    copy = array.copy()
    copy.setflags(write=False)
    return copy


def _segments(height: int, width: int) -> Segments:
    """Return closed labels of uneven segments: stripes, one of them in two pieces, and a pixel."""
    segments = np.arange(height * width).reshape(height, width) // 7 % 5
    segments[-1, -1] = segments.max() + 1
    _, closed = np.unique(segments, return_inverse=True)
    return closed.reshape(height, width).astype(np.intp)


def _coalitions(segments: Segments) -> Coalitions:
    """Return coalitions that keep all, all but one, one, and nothing."""
    one = np.eye(int(segments.max()) + 1, dtype=bool)
    return np.concatenate([one[:1] | True, ~one, one, one[:1] & False])


def _names(part: object) -> dict[str, object]:
    """Return what a repr may name: numpy, and the classes of the part and of all within."""
    names: dict[str, object] = dict(vars(np))
    todo: list[object] = [part]
    while todo:
        value = todo.pop()
        names[type(value).__name__] = type(value)
        if isinstance(value, tuple | list):
            todo += value
        elif dataclasses.is_dataclass(value) and not isinstance(value, type):
            todo += [getattr(value, field.name) for field in dataclasses.fields(value)]
    return names
