"""An order of segments by swaps, on a proxy: every step is a few sums, and no model is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Integer

_GAPS = (1, 2, 4, 8)
"""So far apart in the order are segments that change places."""

_ROUNDS = 12

Scored = Callable[[Float[np.ndarray, "*rows outputs"]], Float[np.ndarray, "*rows"]]
"""From a proxy's outputs to a class's scores."""


class Curves(NamedTuple):
    """A proxy's numbers; see `cilens.proxy.Proxy`."""

    constant: Float[np.ndarray, "perturbations outputs"]
    single: Float[np.ndarray, "perturbations outputs segments"]
    double: Float[np.ndarray, "perturbations outputs segments segments"]
    shares: Float[np.ndarray, " perturbations"]


class _Chain(NamedTuple):
    """Predictions along an order: for the first 0 … S segments kept, all others hidden.

    What changes its sign when kept and hidden change places is `odd`, what does not `even`.
    """

    odd: Float[np.ndarray, "perturbations points outputs"]
    even: Float[np.ndarray, "perturbations points outputs"]
    slope: Float[np.ndarray, "perturbations points outputs segments"]


def swapped(
    curves: Curves, order: Integer[np.ndarray, " segments"], scored: Scored
) -> Integer[np.ndarray, " segments"]:
    """Let segments change places wherever that raises the area between the curves.

    Parameters
    ----------
    curves : Curves
        The proxy's numbers.
    order : (S,) int array
        To begin with, first to last.
    scored : callable
        From the proxy's outputs to the scores of the class.

    Returns
    -------
    (S,) int array

    Examples
    --------
    >>> single = np.array([[[1.0, 3.0, 2.0]]])
    >>> curves = Curves(np.zeros((1, 1)), single, np.zeros((1, 1, 3, 3)), np.ones(1))
    >>> swapped(curves, np.arange(3), lambda outputs: outputs[..., 0]).tolist()
    [1, 2, 0]
    """
    order = order.copy()
    for _ in range(_ROUNDS):
        before = order.copy()
        for gap in _GAPS:
            if gap < len(order):
                first = _improving(_gains(curves, order, gap, scored), gap)
                order[first], order[first + gap] = order[first + gap], order[first]
        if (order == before).all():
            break
    return order


def _chain(curves: Curves, order: Integer[np.ndarray, " segments"]) -> _Chain:
    """Follow an order from nothing kept to all kept, adding up what each segment changes."""
    single = curves.single[..., order].transpose(0, 2, 1)
    double = curves.double[..., order].transpose(0, 3, 1, 2)  # perturbations, kept, outputs, of
    odd = -single.sum(axis=1, keepdims=True)
    odd = np.concatenate([odd, odd + 2 * np.cumsum(single, axis=1)], axis=1)
    slope = -2 * double.sum(axis=1, keepdims=True)
    slope = np.concatenate([slope, slope + 4 * np.cumsum(double, axis=1)], axis=1)
    none = curves.constant + curves.double.sum(axis=(2, 3))
    # Keeping segment s at point k adds 2 slope[k, s]: the diagonal of `double` is 0.
    points = np.arange(len(order))
    steps = 2 * slope[:, points, :, order].transpose(1, 0, 2)
    even = np.concatenate([none[:, None], none[:, None] + np.cumsum(steps, axis=1)], axis=1)
    return _Chain(odd, even, slope)


def _gains(
    curves: Curves, order: Integer[np.ndarray, " segments"], gap: int, scored: Scored
) -> Float[np.ndarray, " _"]:
    """Return what the area gains where the segments at each place and `gap` later are swapped."""
    chain = _chain(curves, order)
    early, late = order[:-gap], order[gap:]
    points = np.arange(len(early))[:, None] + np.arange(1, gap + 1)  # where one of the two is kept
    apart = curves.single[..., late] - curves.single[..., early]
    both = curves.double[..., early, late]
    rising = chain.slope[:, points, :, late[:, None]] - chain.slope[:, points, :, early[:, None]]
    odd, even = chain.odd[:, points], chain.even[:, points]
    new_odd = odd + 2 * apart.transpose(0, 2, 1)[:, :, None]
    new_even = even + 2 * rising.transpose(2, 0, 1, 3) - 8 * both.transpose(0, 2, 1)[:, :, None]
    new = scored(new_even + new_odd) - scored(new_even - new_odd)
    old = scored(even + odd) - scored(even - odd)
    gains: Float[np.ndarray, " _"] = np.einsum("f,fst->s", curves.shares, new - old)
    return gains


def _improving(gains: Float[np.ndarray, " _"], gap: int) -> Integer[np.ndarray, " _"]:
    """Return swaps that raise the area, the best first, none within another's places."""
    chosen: list[int] = []
    free: Bool[np.ndarray, " _"] = gains > 1e-9
    while free.any():
        best = int(np.where(free, gains, -np.inf).argmax())
        chosen.append(best)
        free[max(0, best - gap) : best + gap + 1] = False
    return np.array(chosen, dtype=np.intp)
