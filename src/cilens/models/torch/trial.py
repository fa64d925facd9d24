"""How much memory a program from a file takes for one image, before it takes any."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence

import torch
from torch._ops import OpOverload
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_iter, tree_map_only

from cilens.errors import FileError

LIMIT = 2 * 2**30
"""Bytes that a program may hold at a time for one image."""


class _Ledger(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts what tensors take that are alive, and stops a step before it takes too much."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.shapes = FakeTensorMode()
        self.held: list[tuple[StorageWeakRef, int]] = []
        self.fault = ""

    def __torch_dispatch__(
        self,
        func: OpOverload,
        types: Sequence[type],  # torch's signature
        args: tuple[object, ...] = (),
        kwargs: Mapping[str, object] | None = None,
    ) -> object:
        """Find out what a step would make, and let it make that."""
        given = args, dict(kwargs or {})
        with contextlib.suppress(Exception):  # where shapes are not enough to tell
            made = self._imagined(func, given)
            self.held = [one for one in self.held if _is_alive(one[0])]
            total = sum(size for _, size in self.held) + sum(one.nbytes() for one in made)
            if total > LIMIT:
                self.fault = f"{func} would make it hold {total:,} bytes"
        if self.fault:
            raise MemoryError(self.fault)  # TorchScript makes another error of it
        result = func(*given[0], **given[1])
        for storage in _new(result, given):
            place = StorageWeakRef(storage)  # type: ignore[no-untyped-call]
            self.held.append((place, storage.nbytes()))
        return result

    def _imagined(
        self, func: OpOverload, given: tuple[tuple[object, ...], dict[str, object]]
    ) -> list[torch.UntypedStorage]:
        """Return what a step would need to store what it makes."""
        with self.shapes as mode:
            args, kwargs = tree_map_only(torch.Tensor, mode.from_tensor, given)
            return _new(func(*args, **kwargs), (args, kwargs))


def try_memory(path: str, module: torch.nn.Module, image: torch.Tensor) -> None:
    """Let a program answer for one image, each step once it is known what it would take.

    Parameters
    ----------
    path : str
        The file, for the message.
    module : torch.nn.Module
        What came out of it.
    image : (rows, ...) tensor
        What it is asked about: one image, or as many as it takes.

    Raises
    ------
    FileError
        If it would hold more than `LIMIT`.

    Notes
    -----
    A step whose size depends on numbers is not counted before it is done, and a program may take
    other steps later on: this finds mistakes and simple bombs. What must not take more, whatever
    the program does, runs in a separate process, with a limit.

    Examples
    --------
    >>> try_memory("a.ts", torch.nn.Flatten(), torch.zeros(1, 3, 8, 8))
    """
    ledger = _Ledger()
    # Whatever else goes wrong will go wrong again, and be told, when it is asked.
    with contextlib.suppress(Exception), torch.no_grad(), ledger:
        module(image)
    if ledger.fault:
        raise FileError(
            f"{path} takes too much memory for one image of shape {tuple(image.shape)}: "
            f"{ledger.fault}; at most {LIMIT:,} are allowed. Where you trust it, load it yourself "
            "and pass cilens.TorchModel(module, preprocess)"
        )


def _new(made: object, given: object) -> list[torch.UntypedStorage]:
    """Return what tensors are stored in that were not there before."""
    before = {_place(one) for one in _tensors(given)}
    found = {_place(one): one.untyped_storage() for one in _tensors(made)}
    return [storage for place, storage in found.items() if place not in before]


def _tensors(value: object) -> list[torch.Tensor]:
    return [one for one in tree_iter(value) if isinstance(one, torch.Tensor)]


def _place(tensor: torch.Tensor) -> int:
    """Return what a tensor and its views have in common."""
    return int(tensor.untyped_storage()._cdata)  # noqa: SLF001


def _is_alive(storage: StorageWeakRef) -> bool:
    return not storage.expired()  # type: ignore[no-untyped-call]
