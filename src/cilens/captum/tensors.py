"""Tensors as Captum takes them, laid out for the one loop and put together again."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from jaxtyping import Float64, Real

from cilens.errors import InputError, needs
from cilens.types import Batch, Scores, Segments

with needs("cilens.captum", "torch", "torch"):
    import torch

Target = int | tuple[int, ...] | torch.Tensor | list[int] | list[tuple[int, ...]] | None
Fill = float | torch.Tensor | None
Given = TypeVar("Given")
Line1 = Real[np.ndarray, "1 numbers 1"]

_SINGLE = (torch.float32, torch.float16, torch.bfloat16)


@dataclass(frozen=True)
class Line:
    """All numbers of all inputs, one after another, as an image of one row of pixels.

    Parameters
    ----------
    tensors : tuple of tensors
        The first dimension of each is the batch.
    image : (1, numbers, 1) array
        Their numbers.
    """

    tensors: tuple[torch.Tensor, ...]
    image: Line1

    @classmethod
    def of(cls, inputs: torch.Tensor | tuple[torch.Tensor, ...]) -> Line:
        """Lay inputs out; raise `InputError` where they are no batch of real numbers."""
        given = inputs if isinstance(inputs, tuple) else (inputs,)
        shapes = [tuple(tensor.shape) for tensor in given]
        if not all(shapes) or not any(tensor.numel() for tensor in given):
            raise InputError(
                "inputs must be tensors whose first dimension is the batch, with at least one "
                f"number; got {', '.join(map(str, shapes))}"
            )
        tensors = tuple(tensor.detach() for tensor in given)
        if any(tensor.is_complex() for tensor in tensors):
            raise InputError("inputs must be real numbers; got complex ones")
        line = cls(tensors, _join(tensors, tensors))
        for tensor, back in zip(tensors, line.rows(line.image[None]), strict=True):
            if not (tensor.is_floating_point() or torch.equal(tensor, back)):
                raise InputError("whole numbers among the inputs must be below 2**53")
        return line

    def rows(self, batch: Batch) -> tuple[torch.Tensor, ...]:
        """Return the inputs of several rows: each tensor so many times as long."""
        found, start = [], 0
        for tensor in self.tensors:
            part = batch[:, 0, start : start + tensor.numel(), 0]
            numbers = torch.from_numpy(np.ascontiguousarray(part))
            shape = (len(batch) * len(tensor), *tensor.shape[1:])
            found.append(numbers.to(tensor.device, tensor.dtype).reshape(shape))
            start += tensor.numel()
        return tuple(found)

    def fill(self, baselines: Fill | tuple[Fill, ...]) -> Line1:
        """Return what replaces each number."""
        every = baselines if isinstance(baselines, tuple) else (baselines,) * len(self.tensors)
        fills = []
        for given, tensor in self._paired("baselines", every):
            fill = given if isinstance(given, torch.Tensor) else _number(given or 0)
            whole = not tensor.is_floating_point()
            if whole and not torch.equal(fill.to(tensor.dtype).double(), fill.double()):
                raise InputError(
                    f"a baseline must be what its input's type, {tensor.dtype}, can hold; "
                    f"got {fill.dtype} {fill.flatten()[:3].tolist()}"
                )
            fills.append(_broadcast("a baseline", fill.detach(), tensor))
        return _join(tuple(fills), self.tensors)

    def segments(self, masks: torch.Tensor | tuple[torch.Tensor, ...] | None) -> Segments:
        """Return the feature of each number, 0 … S-1."""
        if masks is None:
            sizes = [math.prod(tensor.shape[1:]) for tensor in self.tensors]
            cuts = np.split(np.arange(sum(sizes)), np.cumsum(sizes)[:-1])
            pairs = zip(cuts, self.tensors, strict=True)
            labels = [np.tile(cut, len(tensor)) for cut, tensor in pairs]
        else:
            every = masks if isinstance(masks, tuple) else (masks,)
            labels = []
            for mask, tensor in self._paired("feature_mask", every):
                if mask.is_floating_point() or mask.is_complex():
                    raise InputError(f"a feature_mask must hold whole numbers; got {mask.dtype}")
                labels.append(_broadcast("a feature_mask", mask, tensor).cpu().numpy().ravel())
        _, closed = np.unique(np.concatenate(labels), return_inverse=True)
        return closed.reshape(1, -1)

    def paint(
        self,
        drops: Float64[np.ndarray, "features outputs"],
        segments: Segments,
        dtype: torch.dtype,
    ) -> tuple[torch.Tensor, ...]:
        """Give each number what its feature's replacement took from each output."""
        outputs = drops.shape[1]
        found, start = [], 0
        for tensor in self.tensors:
            rows, size = len(tensor), math.prod(tensor.shape[1:])
            labels = segments[0, start : start + tensor.numel()].reshape(rows, size)
            start += tensor.numel()
            if tensor.numel() == 0:
                values = np.zeros((outputs, size))
            elif outputs == rows:
                values = drops[labels, np.arange(rows)[:, None]]
            elif (labels == labels[:1]).all():
                values = drops[labels[0]].T
            else:
                raise InputError(
                    "a feature_mask must be the same for all examples, (1, …), where the output "
                    f"has not one number for each example; it has {outputs} for {rows}"
                )
            shaped = torch.from_numpy(np.ascontiguousarray(values))
            shape = (outputs, *tensor.shape[1:])
            found.append(shaped.to(tensor.device, dtype).reshape(shape))
        return tuple(found)

    def _paired(self, name: str, given: tuple[Given, ...]) -> list[tuple[Given, torch.Tensor]]:
        if len(given) != len(self.tensors):
            raise InputError(
                f"{name} must be one for each of the {len(self.tensors)} inputs; got {len(given)}"
            )
        return list(zip(given, self.tensors, strict=True))


@dataclass
class Forward:
    """A forward function as a model: one row of outputs for each row of the whole batch.

    Parameters
    ----------
    function : callable
        From the inputs and further arguments to a tensor or a number.
    line : Line
        How rows become inputs.
    target : int, tuple, tensor or list, optional
        Which output is meant, as Captum takes it.
    arguments : tuple
        What the function takes after the inputs.
    dtype : torch.dtype
        Dtype of the output, once there is one.
    first : tuple of int, optional
        Shape of the first output, that of the batch itself.
    """

    function: Callable[..., object]
    line: Line
    target: Target
    arguments: tuple[object, ...]
    dtype: torch.dtype = torch.float32
    first: tuple[int, ...] | None = field(default=None, repr=False)

    def __call__(self, images: Batch, /) -> Scores:
        """Return the outputs of the whole batch for each row, flattened."""
        rows = len(images)
        arguments = [_repeated(each, rows) for each in self.arguments]
        with torch.no_grad():
            answer = self.function(*self.line.rows(images), *arguments)
            output = answer if isinstance(answer, torch.Tensor) else _number(answer)
            output = _pick(output, self.target, rows)
        if self.first is None:
            self.first, self.dtype = tuple(output.shape), output.dtype
        if rows > 1 and tuple(output.shape) != (rows * (*self.first, 0)[0], *self.first[1:]):
            raise InputError(
                "the output must grow with the batch where perturbations_per_eval is above 1; for "
                f"{rows} times the batch it went from {self.first} to {tuple(output.shape)}: "
                "state perturbations_per_eval=1"
            )
        exact = output.double() if output.is_floating_point() else output
        return exact.reshape(rows, -1).cpu().numpy()


def _pick(output: torch.Tensor, target: Target, rows: int) -> torch.Tensor:
    """Select outputs as Captum does."""
    if target is None:
        return output
    if isinstance(target, torch.Tensor):
        target = int(target.item()) if target.numel() == 1 else target.tolist()
    given = target if isinstance(target, list) else [target]
    wanted: list[tuple[int, ...]] = [one if isinstance(one, tuple) else (one,) for one in given]
    if any(len(one) >= output.ndim for one in wanted):
        raise InputError(
            f"target must pick from the output, {tuple(output.shape)}, whose first dimension is "
            f"the batch; got {target}"
        )
    if not isinstance(target, list):
        column: tuple[slice | int, ...] = (slice(None), *wanted[0])
        return output[column]
    if len(wanted) * rows != len(output):
        raise InputError(
            f"target must be one for each of the {len(output) // rows} examples; got {len(wanted)}"
        )
    return torch.stack([one[where] for one, where in zip(output, wanted * rows, strict=True)])


def _join(tensors: Sequence[torch.Tensor], types: Sequence[torch.Tensor]) -> Line1:
    """Lay tensors out, in a type that has each number of the inputs exactly."""
    single = all(tensor.dtype in _SINGLE for tensor in types)
    kind = torch.float32 if single else torch.float64
    joined: Line1 = np.concatenate([tensor.to("cpu", kind).numpy().ravel() for tensor in tensors])
    return joined.reshape(1, -1, 1)


def _number(value: object) -> torch.Tensor:
    if not isinstance(value, int | float):
        raise InputError(f"expected a tensor or a number; got {type(value).__name__}")
    return torch.tensor(value, dtype=torch.float64 if isinstance(value, float) else torch.int64)


def _broadcast(name: str, tensor: torch.Tensor, to: torch.Tensor) -> torch.Tensor:
    try:
        return torch.broadcast_to(tensor, to.shape)
    except RuntimeError:
        raise InputError(
            f"{name} must have its input's shape, {tuple(to.shape)}, or one that broadcasts to it; "
            f"got {tuple(tensor.shape)}"
        ) from None


def _repeated(argument: object, rows: int) -> object:
    """Repeat a tensor as often as the batch; a single number stays, and so does all else."""
    if rows == 1 or not isinstance(argument, torch.Tensor) or argument.ndim == 0:
        return argument
    return torch.cat([argument] * rows)
