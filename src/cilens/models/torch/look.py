"""A look inside a module of PyTorch: its last grid, found by asking it, and confirmed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import torch

from cilens.proxy.head import head_of
from cilens.types import Array, Cells, Features, Head, Scores

_SAME = 1e-3
"""The linear layer's input may differ by so much of its span from the mean over a grid."""


class Look(NamedTuple):
    """A layer whose output is the last grid, and how scores come from it.

    Attributes
    ----------
    layer : torch.nn.Module
        Of the module that is asked.
    head : Head
        How scores come from the grid.
    shape : (channels, height, width)
        Of the features.
    """

    layer: Any
    head: Head
    shape: tuple[int, ...]

    def features(self, ask: Callable[[], Array]) -> tuple[Array, Features]:
        """Ask the module, and return what it puts out, and what its last grid held."""
        seen: list[Features] = []

        def keep(_: object, __: object, output: Any) -> None:  # noqa: ANN401 (a tensor)
            seen.append(output.detach().float().cpu().numpy())

        hook = self.layer.register_forward_hook(keep)
        try:
            raw = ask()
        finally:
            hook.remove()
        return raw, np.concatenate(seen[-1:])


def find_look(
    module: torch.nn.Module, ask: Callable[[], Array], scored: Callable[[Array], Scores]
) -> Look | None:
    """Find the layer whose output, averaged over its cells, the last linear layer takes.

    Parameters
    ----------
    module : torch.nn.Module
        The network.
    ask : callable
        Asks it about some images that differ.
    scored : callable
        From what it puts out to scores.

    Returns
    -------
    Look or None
        None where no layer puts that out, or the scores do not come from it.
    """
    with _watched(module) as seen:
        raw = ask()
    grids = [(layer, name, out) for layer, name, _, out in seen if out.ndim == 4]
    linear = [one for one in seen if isinstance(one[0], torch.nn.Linear) and one[2] is not None]
    if not linear:
        return None
    last, named, taken, _ = linear[-1]
    for layer, name, grid in reversed(grids):
        mean = grid.mean(dim=(2, 3))
        if mean.shape == taken.shape and grid.shape[2] * grid.shape[3] > 1:
            span = float(taken.max() - taken.min()) or 1.0
            if float((mean - taken).abs().max()) <= _SAME * span:
                size = " x ".join(map(str, grid.shape[1:]))
                where = f"the mean over {name} ({size}), then {named}"
                weights = last.weight.detach().float().cpu().numpy()
                bias = None if last.bias is None else last.bias.detach().float().cpu().numpy()
                head = head_of(Cells(scored(raw), grid.numpy()), weights, bias, where)
                return None if head is None else Look(layer, head, tuple(grid.shape[1:]))
    return None


@contextmanager
def _watched(module: torch.nn.Module) -> Iterator[list[Any]]:
    """Note what each layer takes and puts out, in the order in which they are done."""
    seen: list[Any] = []

    def noting(name: str) -> Callable[[Any, Any, Any], None]:
        def note(layer: Any, taken: Any, output: Any) -> None:  # noqa: ANN401 (tensors)
            if isinstance(output, torch.Tensor):
                first = taken[0] if taken and isinstance(taken[0], torch.Tensor) else None
                told = None if first is None else first.detach().float().cpu()
                seen.append((layer, name, told, output.detach().float().cpu()))

        return note

    hooks = [
        layer.register_forward_hook(noting(name)) for name, layer in module.named_modules() if name
    ]
    try:
        yield seen
    finally:
        for hook in hooks:
            hook.remove()
