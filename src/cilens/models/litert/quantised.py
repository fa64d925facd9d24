"""Real numbers as the whole numbers of a quantised network, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import numpy as np

from cilens.errors import InputError
from cilens.models.metadata import Dimensions, Tensor
from cilens.types import Array


class Steps(NamedTuple):
    """How a quantised tensor writes real numbers: ``(whole - zero) * scale``.

    Attributes
    ----------
    dtype : str
        Dtype of the whole numbers: ``"int8"``, ``"uint8"`` or ``"int16"``.
    scale : float
        One step.
    zero : int
        The whole number that stands for 0.

    Examples
    --------
    >>> Steps("uint8", 0.5, 10).span()
    (-5.0, 122.5)
    """

    dtype: Literal["int8", "uint8", "int16", "int32"]
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
        Dtype of the real numbers: ``"float32"`` where it is quantised.
    steps : Steps or None
        How it is quantised, if it is.
    """

    name: str
    place: int
    shape: Dimensions
    dtype: str
    steps: Steps | None

    @property
    def tensor(self) -> Tensor:
        """The input or output as of any network."""
        return Tensor(self.name, self.dtype, self.shape)

    def write(self, values: Array) -> Array:
        """Return the nearest whole numbers, where it is quantised.

        A span often ends a step before the numbers it was made for: of ``-1 … 1`` in 256 steps of
        1/128 the last is 127/128. What is out by one step takes the end, as in every such network.

        Parameters
        ----------
        values : float array
            Real numbers.

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
        >>> port = Port("x", 0, (3,), "float32", Steps("int8", 1 / 128, 0))
        >>> port.write(np.array([-1.0, 0.0, 1.0])).tolist()
        [-128, 0, 127]
        """
        if self.steps is None:
            return values
        dtype, scale, zero = self.steps
        low, high = self.steps.span()
        least, most = float(values.min()), float(values.max())
        if not (least >= low - 1.5 * scale and most <= high + 1.5 * scale):
            raise InputError(
                f"the network takes {dtype} for {low:.4g} … {high:.4g}: (pixel * scale - mean) "
                f"/ std must lie there; got {least:.4g} … {most:.4g}: state the scale, mean and "
                "std it was trained with"
            )
        limits = np.iinfo(dtype)
        whole = np.rint(values / np.float32(scale)) + zero
        return whole.clip(limits.min, limits.max).astype(dtype)

    def read(self, values: Array) -> Array:
        """Return the real numbers that whole ones stand for, where it is quantised.

        Examples
        --------
        >>> port = Port("x", 0, (2,), "float32", Steps("int8", 1 / 256, -128))
        >>> port.read(np.array([-128, 127], np.int8)).tolist()
        [0.0, 0.99609375]
        """
        if self.steps is None:
            return values
        _, scale, zero = self.steps
        return (values.astype(np.float32) - np.float32(zero)) * np.float32(scale)


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
