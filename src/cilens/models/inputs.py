"""What a network takes: the images, and constants for what else it wants to know."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from cilens.errors import InputError, unknown
from cilens.models.metadata import Dimensions, Tensor, read_preprocess, show
from cilens.models.preprocess.fields import CHOICES
from cilens.models.preprocess.record import Preprocess
from cilens.types import Array

INSPECTED = (".onnx", ".keras", ".tflite")
"""Suffixes of the files that `cilens inspect` reads."""

Constants: TypeAlias = tuple[tuple[str, object], ...]
"""Names of inputs that are no images, each with its number, or with nested tuples of numbers."""


def check_constants(inputs: Mapping[str, object] | Constants) -> Constants:
    """Return the constants for a network's other inputs in their one form.

    Parameters
    ----------
    inputs : mapping of str to number or array-like
        Or pairs of both.

    Returns
    -------
    tuple of (str, number or nested tuple of numbers)
        In the order they came in.

    Raises
    ------
    InputError
        If a name is no text, or a value no finite number, truth value or array of them.

    Examples
    --------
    >>> check_constants({"age": 41, "place": [0.5, 0.25]})
    (('age', 41), ('place', (0.5, 0.25)))
    """
    return tuple((_name(name), _value(name, value)) for name, value in dict(inputs).items())


def read_constants(texts: Sequence[str]) -> Constants:
    """Read constants as the command line takes them.

    Parameters
    ----------
    texts : sequence of str
        ``NAME=VALUE``: a number, true, false, or several numbers with slashes between.

    Raises
    ------
    InputError
        If a text is of another form, or a name stands twice.

    Examples
    --------
    >>> read_constants(["age=41", "place=0.5/0.25", "training=false"])
    (('age', 41), ('place', (0.5, 0.25)), ('training', False))
    """
    found: dict[str, object] = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.rpartition("="))
        if not name or not equals:
            raise InputError(f"an input is NAME=VALUE, as in age=41; got {text!r}")
        if name in found:
            raise InputError(f"the input {name!r} is stated twice")
        numbers = [_number(name, part) for part in value.split("/")]
        found[name] = numbers if len(numbers) > 1 else numbers[0]
    return check_constants(found)


def images_of(
    path: str, takes: Sequence[Tensor], constants: Constants
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Return the input of a network that is the images, and those that constants are stated for.

    Parameters
    ----------
    path : str
        Name of the file.
    takes : sequence of Tensor
        All inputs of the network.
    constants : tuple of (str, value)
        As `check_constants` gives them.

    Returns
    -------
    images : Tensor
        The one input that no constant is stated for.
    others : tuple of Tensor
        In the order of `takes`.

    Raises
    ------
    InputError
        If there is not exactly one input left for the images, or what is left is none, or a
        constant does not fit.

    Examples
    --------
    >>> takes = [Tensor("x", "float32", ("n", 3, 8, 8)), Tensor("age", "float32", ("n", 1))]
    >>> images_of("a.onnx", takes, (("age", 41),))[0].name
    'x'
    """
    stated = dict(constants)
    for name in stated:
        if name not in {one.name for one in takes}:
            raise unknown(f"input of {path}", name, [one.name for one in takes])
    left = [one for one in takes if one.name not in stated]
    if len(left) != 1:
        listed = ", ".join(f"{one.name!r} {one.dtype} {show(one.shape)}" for one in left) or "none"
        beside = ", beside those with a constant" if stated else ""
        raise InputError(
            f"{path} must have one input, the images{beside}; it has {len(left)}: {listed}"
            f"{_way(left)}"
        )
    others = tuple(one for one in takes if one.name in stated)
    feed(others, constants, 1)
    check_images(path, left[0])
    return left[0], others


def check_images(path: str, takes: Tensor) -> None:
    """Raise unless an input can be a batch of images.

    Raises
    ------
    InputError
        With its shape and type.

    Examples
    --------
    >>> check_images("a.onnx", Tensor("x", "float32", ("n", 28, 28)))
    """
    if len(takes.shape) not in (2, 3, 4) or takes.dtype not in CHOICES["dtype"]:
        raise InputError(
            f"the input of {path} must be images, (rows, channels, height, width), (rows, height, "
            "width, channels), (rows, height, width) or (rows, pixels), of floats or integers; "
            f"{takes.name!r} is {takes.dtype} of shape {show(takes.shape)}: export the network "
            "with such an input"
        )


def feed(others: Sequence[Tensor], constants: Constants, rows: int) -> dict[str, Array]:
    """Return what a network is fed beside a batch of images: constants of the shapes it declares.

    Parameters
    ----------
    others : sequence of Tensor
        The inputs that are no images. A first axis of any length is that of the rows.
    constants : tuple of (str, value)
        One for each.
    rows : int
        Rows of the batch.

    Returns
    -------
    dict of str to array
        Of the types that are declared.

    Raises
    ------
    InputError
        If a value does not fit the shape or the type.

    Examples
    --------
    >>> feed([Tensor("age", "float32", ("n", 1))], (("age", 41),), 2)["age"].tolist()
    [[41.0], [41.0]]
    """
    stated = dict(constants)
    return {one.name: _filled(one, np.asarray(stated[one.name]), rows) for one in others}


def proposal(shape: Dimensions) -> dict[str, str]:
    """Return what of a `Preprocess` the shape of an input suggests: a start, and no knowledge.

    Examples
    --------
    >>> proposal(("n", 784))
    {'size': '28x28', 'channels': '1', 'layout': 'flat_HWC'}
    >>> proposal(("n", "c", 8, 8))["channels"]
    '?'
    """
    if len(shape) == 2:
        numbers = shape[1] if isinstance(shape[1], int) else 0
        for count, layout in ((1, "flat_HWC"), (3, "?")):
            side = math.isqrt(numbers // count)
            if side and count * side * side == numbers:
                return {"size": f"{side}x{side}", "channels": str(count), "layout": layout}
        return {"size": "?", "channels": "?", "layout": "?"}
    if len(shape) == 3:
        return {"size": _sides(shape[1], shape[2]), "channels": "1", "layout": "NHW"}
    last = shape[1] not in (1, 3) and shape[3] in (1, 3)
    channels, height, width = (shape[axis] for axis in ((3, 1, 2) if last else (1, 2, 3)))
    return {
        "size": _sides(height, width),
        "channels": str(channels) if channels in (1, 3) else "?",
        "layout": "NHWC" if last else "NCHW",
    }


def not_stated(path: str, what: str, shape: Dimensions) -> InputError:
    """Return the error for a model file whose preprocessing is stated nowhere.

    Parameters
    ----------
    path : str
        Name of the file.
    what : str
        Name and type of its input.
    shape : sequence of int, str or None
        Shape of its input, rows included.

    Returns
    -------
    InputError
        To be raised by the caller.

    Examples
    --------
    >>> print(not_stated("a.onnx", "input 'x' (float32)", ("n", 3, 224, 224)))
    a.onnx does not say how an image becomes its input 'x' (float32), (n, 3, 224, 224): state it, \
as in preprocess=Preprocess.parse('size=224x224,channels=3,scale=?,mean=?,std=?,layout=NCHW'); \
cilens inspect a.onnx shows what the file says
    """
    like = proposal(shape)
    text = (
        f"size={like['size']},channels={like['channels']},scale=?,mean=?,std=?,"
        f"layout={like['layout']}"
    )
    more = f"; cilens inspect {path} shows what the file says" if path.endswith(INSPECTED) else ""
    return InputError(
        f"{path} does not say how an image becomes its {what}, {show(shape)}: "
        f"state it, as in preprocess=Preprocess.parse({text!r}){more}"
    )


def stated_preprocess(
    path: str,
    preprocess: Preprocess | None,
    metadata: Mapping[str, str],
    what: str,
    shape: Dimensions = (None,) * 4,
) -> Preprocess:
    """Return what is stated of a network's input, by the caller or else by the file.

    Parameters
    ----------
    path : str
        Name of the file.
    preprocess : Preprocess, optional
        What the caller states.
    metadata : mapping of str to str
        The file's own.
    what, shape
        Of the input, as for `not_stated`.

    Returns
    -------
    Preprocess
        The caller's wins.

    Raises
    ------
    InputError
        If it is stated nowhere.
    FileError
        If what the file states is none.

    Examples
    --------
    >>> stated_preprocess("a.onnx", Preprocess((8, 8)), {}, "input").size
    (8, 8)
    """
    preprocess = preprocess or read_preprocess(metadata, path)
    if preprocess is None:
        raise not_stated(path, what, shape)
    return preprocess


MAX_BATCH = 1 << 28
"""Numbers in one batch of a network that takes so many rows and no others."""


def check_input(path: str, shape: Dimensions, dtype: str, preprocess: Preprocess) -> None:
    """Raise unless the preprocessing stated makes what the file's network takes.

    Parameters
    ----------
    path : str
        Name of the file.
    shape : sequence of int, str or None
        Shape of its input, rows included.
    dtype : str
        Type of its input.
    preprocess : Preprocess
        What the caller, or the file itself, states.

    Raises
    ------
    InputError
        With both shapes, or both types.

    Examples
    --------
    >>> check_input("a.onnx", ("n", 3, 8, 8), "float32", Preprocess((8, 8)))
    """
    if preprocess.dtype != dtype:
        raise InputError(
            f"preprocess.dtype must be the type of the network's input: {path} takes {dtype}; "
            f"got {preprocess.dtype}; state dtype={dtype}"
        )
    rows, one = shape[0] if shape else None, math.prod(filter(None, preprocess.input_shape()))
    if isinstance(rows, int) and rows * one > MAX_BATCH:
        raise InputError(
            f"{path} takes {rows:,} images at once, {rows * one:,} numbers; the limit is "
            f"{MAX_BATCH:,}: export it with fewer rows, or any number of them"
        )
    if _agree(shape, preprocess):
        return
    fits = [layout for layout in _layouts(preprocess) if _agree(shape, preprocess, layout)]
    way = f"; state layout={' or '.join(fits)}" if fits else _OTHER_AXES.get(len(shape), "")
    raise InputError(
        f"preprocess must make what the network takes: {path} takes {show(shape)}; "
        f"got {show((shape[0], *preprocess.input_shape()))} from {preprocess}{way}"
    )


_OTHER_AXES = {
    2: "; state a size and channels of as many numbers, with layout=flat_CHW or flat_HWC",
    3: "; state channels=1,layout=NHW",
}
"""What to state where a network's input has fewer axes than four."""


def _layouts(preprocess: Preprocess) -> Sequence[str]:
    """Return the layouts that there are for so many channels, each once."""
    if preprocess.channels == 1:
        return ("NCHW", "NHWC", "NHW", "flat_HWC")
    return ("NCHW", "NHWC", "flat_CHW", "flat_HWC")


def _agree(shape: Dimensions, preprocess: Preprocess, layout: str | None = None) -> bool:
    makes = replace(preprocess, layout=layout or preprocess.layout).input_shape()
    pairs = zip(shape[1:], makes, strict=False)
    same = all(not isinstance(takes, int) or takes == made for takes, made in pairs)
    return len(shape) == len(makes) + 1 and same


def _sides(height: object, width: object) -> str:
    return f"{height}x{width}" if isinstance(height, int) and isinstance(width, int) else "any"


def _way(left: Sequence[Tensor]) -> str:
    """Return what to do where several inputs, or none, could be the images."""
    if not left:
        return "; state no constant for these"
    likely = [one for one in left if len(one.shape) == 4]
    others = [one.name for one in left if len(likely) != 1 or one.name != likely[0].name]
    if len(likely) != 1:
        return ": state a constant for each that is no image, as in inputs={NAME: 1.0}"
    example = ", ".join(f"{name!r}: …" for name in others)
    flags = " ".join(f"--input {name}=…" for name in others)
    return f": state a constant for each that is no image, inputs={{{example}}} ({flags})"


def _name(name: object) -> str:
    if not isinstance(name, str):
        raise InputError(f"inputs must be named by texts; got {name!r}")
    return name


def _number(name: str, text: str) -> float:
    """Return a number, whole where it is written so, or a truth value."""
    if text in ("true", "false"):
        return text == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    raise InputError(f"the input {name!r} must be a number, true or false; got {text!r}")


def _value(name: object, value: object) -> object:
    """Return a number, or nested tuples of numbers."""
    try:
        array = np.asarray(value)
        fits = array.dtype.kind in "biuf" and array.size > 0 and bool(np.isfinite(array).all())
    except (TypeError, ValueError):  # of other objects, and of lists of different lengths
        fits, array = False, np.empty(0)
    if not fits:
        raise InputError(
            f"inputs[{name!r}] must be a finite number, a truth value, or an array of them; "
            f"got {str(value)[:60]!r}"
        )
    return _tuples(array.tolist())


def _tuples(value: object) -> object:
    return tuple(_tuples(one) for one in value) if isinstance(value, list) else value


def _filled(one: Tensor, value: Array, rows: int) -> Array:
    """Return a value in the shape and the type of an input."""
    shape: list[int | str | None] = list(one.shape)
    if shape and not isinstance(shape[0], int):
        shape[0] = rows
    for axis in range(-1, -len(shape) - 1, -1):
        if not isinstance(shape[axis], int) and value.ndim >= -axis:
            shape[axis] = value.shape[axis]
    told = f"inputs[{one.name!r}] must fit {one.dtype} of shape {show(one.shape)}"
    sizes = [size for size in shape if isinstance(size, int)]
    if len(sizes) < len(shape):
        raise InputError(f"{told}: give a list of numbers, as long as the axis that is free")
    try:
        kind = np.dtype(one.dtype)
        with np.errstate(over="ignore"):  # it is checked below
            full = np.broadcast_to(value, sizes).astype(kind)
    except (TypeError, ValueError):
        raise InputError(f"{told}; got a value of shape {value.shape}") from None
    same = np.isfinite(full).all() if kind.kind == "f" else (full == value).all()
    if kind.kind not in "biuf" or not same:
        raise InputError(f"{told}; got {str(value.tolist())[:60]}")
    return full
