"""Whether a PyTorch module is still what it was: its weights bit by bit, and its attributes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from jaxtyping import Shaped

_HOLDING = (dict, list, tuple, set)
_PLAIN = (bool, int, float, str, bytes, type(None))
_WHOLE = {1: torch.uint8, 2: torch.int16, 4: torch.int32}  # by bytes


def state_of(module: torch.nn.Module, images: torch.Tensor) -> list[object]:
    """Return all that a module's answers can depend on, as far as it can be seen.

    Parameters
    ----------
    module : torch.nn.Module
        Its parts' parameters, buffers, hooks and attributes are looked at; lists and dicts too.
    images : (rows, ...) tensor
        Of which shape and type count, but not the rows.

    Returns
    -------
    list
        The values themselves: `kept` makes a state that lasts.

    Examples
    --------
    >>> module, images = torch.nn.Linear(2, 2), torch.zeros(1, 2)
    >>> before = kept(state_of(module, images))
    >>> is_same(before, state_of(module, images))
    True
    >>> _ = module.bias.data.zero_()
    >>> is_same(before, state_of(module, images))
    False
    """
    found: list[object] = [*images.shape[1:], images.dtype]
    for name, part in module.named_modules():
        found.append(name)
        for value in vars(part).values():
            if not isinstance(value, _HOLDING):
                found.append(value)
            elif value:  # a module has a dozen of empty ones, for hooks
                found.extend(_leaves(value, frozenset()))
    return found


def kept(state: list[object]) -> list[object]:
    """Return a state that stays what it is when the module changes.

    Examples
    --------
    >>> weights = torch.zeros(1)
    >>> before = kept([weights])
    >>> _ = weights.add_(1)
    >>> before
    [tensor([0.])]
    """
    return [one.detach().clone() if isinstance(one, torch.Tensor) else one for one in state]


def is_same(old: list[object], new: list[object]) -> bool:
    """Tell whether two states are the same, bit by bit.

    Examples
    --------
    >>> is_same([1, torch.tensor(float("nan"))], [1, torch.tensor(float("nan"))])
    True
    >>> is_same([1], [1.0])
    False
    """
    return len(old) == len(new) and all(map(_alike, old, new))


def _leaves(value: object, inside: frozenset[int]) -> Iterator[object]:
    """Give what a value consists of: tensors, numbers, texts, and other things as they are."""
    if not isinstance(value, _HOLDING):
        yield value
    elif id(value) not in inside:
        yield len(value)
        if value:
            for one in value.items() if isinstance(value, dict) else value:
                yield from _leaves(one, inside | {id(value)})


def _alike(old: object, new: object) -> bool:
    if isinstance(old, torch.Tensor) and isinstance(new, torch.Tensor):
        same_kind = old.dtype == new.dtype and old.shape == new.shape
        return same_kind and np.array_equal(_bits(old), _bits(new))
    return old is new or (isinstance(old, _PLAIN) and type(old) is type(new) and old == new)


def _bits(tensor: torch.Tensor) -> Shaped[np.ndarray, " bits"]:
    """Return a tensor's bits, so that what is no number is like itself.

    They are compared by numpy: on a busy machine, fifty times faster than by PyTorch's threads.
    """
    whole = _WHOLE.get(tensor.itemsize, torch.int64)
    return tensor.detach().contiguous().reshape(-1).view(whole).numpy()
