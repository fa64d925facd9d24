"""Real numbers as the whole numbers of a quantised network, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float32

from cilens.errors import InputError, ModelError
from cilens.models.isolate.told import fields_in, number_in, tensor_in
from cilens.models.metadata import Dimensions
from cilens.types import Array

_WHOLE = ("int8", "uint8", "int16", "int32")


class Steps(NamedTuple):
    """How a quantised tensor writes real numbers: ``(whole - zero) * scale``.

    Attributes
    ----------
    dtype : str
        Of the whole numbers: ``"int8"``, ``"uint8"`` or ``"int16"``.
    scale : float
        One step.
    zero : int
        The whole number that stands for 0.

    Examples
    --------
    >>> Steps("uint8", 0.5, 10).span()
    (-5.0, 122.5)
    """

    dtype: str
    scale: float
    zero: int

    def __str__(self) -> str:
        low, high = self.span()
        return f"{self.dtype}, {low:.4g} … {high:.4g} in steps of {self.scale:.4g}"

    def span(self) -> tuple[float, float]:
        """Return the smallest and the largest real number there is."""
        limits = np.iinfo(self.dtype)
        return (limits.min - self.zero) * self.scale, (limits.max - self.zero) * self.scale


class Port(NamedTuple):
    """The input of a network that may be quantised, or one of its outputs.

    Attributes
    ----------
    name : str
        As the file has it.
    place : int
        Number of its tensor.
    shape : tuple of int or None
        Rows included; None where any size will do.
    dtype : str
        Of the real numbers: ``"float32"`` where it is quantised.
    steps : Steps or None
        How it is quantised, if it is.
    """

    name: str
    place: int
    shape: Dimensions
    dtype: str
    steps: Steps | None


def port_of(details: Mapping[str, Any]) -> Port:
    """Read what LiteRT says of an input or output.

    Examples
    --------
    >>> said = {"name": "x", "index": 3, "dtype": np.int8, "quantization": (0.5, -1)}
    >>> port_of(said | {"shape_signature": np.array([-1, 8])})
    Port(name='x', place=3, shape=(None, 8), dtype='float32',
        steps=Steps(dtype='int8', scale=0.5, zero=-1))
    """
    dtype = np.dtype(details["dtype"])
    scale, zero = details["quantization"]
    steps = Steps(dtype.name, float(scale), int(zero)) if scale and dtype.kind in "iu" else None
    shape = tuple(None if size < 0 else int(size) for size in details["shape_signature"])
    return Port(
        details["name"], details["index"], shape, dtype.name if steps is None else "float32", steps
    )


def port_in(value: object) -> Port:
    """Return the input or output that a message of another process describes.

    Raises
    ------
    ModelError
        If it is none.

    Examples
    --------
    >>> port_in(["x", 3, [None, 8], "float32", ["int8", 0.5, -1]]).steps
    Steps(dtype='int8', scale=0.5, zero=-1)
    """
    name, place, shape, dtype, steps = fields_in(value, 5)
    tensor = tensor_in([name, dtype, shape])
    written = None
    if steps is not None:
        whole, scale, zero = fields_in(steps, 3)
        if whole not in _WHOLE:
            raise ModelError(
                f"a quantised tensor must be one of {', '.join(_WHOLE)}; got {whole!r}"
            )
        written = Steps(whole, number_in(scale), int(number_in(zero)))
    return Port(tensor.name, int(number_in(place)), tensor.shape, tensor.dtype, written)


def quantise(values: Array, steps: Steps) -> Array:
    """Return the nearest whole numbers.

    A span often ends a step before the numbers it was made for: of ``-1 … 1`` in 256 steps of
    1/128 the last is 127/128. What is out by one step takes the end, as in every such network.

    Parameters
    ----------
    values : float array
        Real numbers.
    steps : Steps
        How they are written.

    Returns
    -------
    array
        Of the same shape, in ``steps.dtype``.

    Raises
    ------
    InputError
        If a value is further outside, or not a number.

    Examples
    --------
    >>> quantise(np.array([-1.0, 0.0, 1.0]), Steps("int8", 1 / 128, 0)).tolist()
    [-128, 0, 127]
    """
    low, high = steps.span()
    least, most = float(values.min()), float(values.max())
    if not (least >= low - 1.5 * steps.scale and most <= high + 1.5 * steps.scale):
        raise InputError(
            f"the network takes {steps.dtype} for {low:.4g} … {high:.4g}: (pixel * scale - mean) "
            f"/ std must lie there; got {least:.4g} … {most:.4g}: state the scale, mean and std "
            "it was trained with"
        )
    limits = np.iinfo(steps.dtype)
    whole = np.rint(values / np.float32(steps.scale)) + steps.zero
    return whole.clip(limits.min, limits.max).astype(steps.dtype)


def restore(whole: Array, steps: Steps) -> Float32[np.ndarray, "..."]:
    """Return the real numbers that whole ones stand for.

    Examples
    --------
    >>> restore(np.array([-128, 127], np.int8), Steps("int8", 1 / 256, -128)).tolist()
    [0.0, 0.99609375]
    """
    return (whole.astype(np.float32) - np.float32(steps.zero)) * np.float32(steps.scale)
