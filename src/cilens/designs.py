"""Sampled contexts: coalitions that keep half of the segments, chosen so that effects separate.

In a Hadamard matrix any two columns agree in exactly half of the rows. Give each segment a column,
keep the segment where its entry is 1, and ask each row and its opposite: every segment is then
kept in half of the questions, every pair is kept together in a quarter, and no segment's effect
leaks into another's, nor the effect of any two together into one. Random halves leave all that
to chance, at the price of noise.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from jaxtyping import Integer

from cilens.errors import InputError
from cilens.types import Coalitions

_MOST = 4096
"""Largest order that is built: a matrix of 16 MiB."""


def halves(n_segments: int, rows: int, seed: int = 0) -> Coalitions:
    """Return balanced halves where the rows are enough for a design, else random ones.

    Parameters
    ----------
    n_segments : int
        How many segments there are.
    rows : int
        Most coalitions to return.
    seed : int
        As for `balanced_halves` and `random_halves`.

    Returns
    -------
    (coalitions, segments) bool array

    Examples
    --------
    >>> halves(3, rows=9).shape, halves(4, rows=9).shape
    ((8, 3), (8, 4))
    """
    enough = largest_order(rows // 2) > n_segments
    return (balanced_halves if enough else random_halves)(n_segments, rows, seed)


def balanced_halves(n_segments: int, rows: int, seed: int = 0) -> Coalitions:
    """Return balanced halves: a Hadamard design and its opposite.

    Parameters
    ----------
    n_segments : int
        How many segments there are.
    rows : int
        Most coalitions to return.
    seed : int
        Which of the design's columns go to which segment.

    Returns
    -------
    (coalitions, segments) bool array
        Up to `rows` rows: twice the largest order there is a construction for.

    Raises
    ------
    InputError
        If no design with so few rows has a column for each segment.

    Examples
    --------
    >>> halves = balanced_halves(3, rows=8)
    >>> halves.shape, halves.mean(axis=0).tolist()
    ((8, 3), [0.5, 0.5, 0.5])
    """
    order = largest_order(rows // 2)
    if order <= n_segments:
        raise InputError(
            f"balanced halves in {rows} rows are there for at most {max(order - 1, 0)} segments; "
            f"got {n_segments}"
        )
    matrix = hadamard(order)
    columns = np.random.default_rng(seed).permutation(np.arange(1, order))[:n_segments]
    kept = matrix[:, columns] > 0
    return np.concatenate([kept, ~kept])


def random_halves(n_segments: int, rows: int, seed: int = 0) -> Coalitions:
    """Return random halves, each with its opposite: where a balanced design has too many rows.

    Parameters
    ----------
    n_segments : int
        How many segments there are.
    rows : int
        Most coalitions to return; an odd one is left out.
    seed : int
        Seed of the random draw.

    Returns
    -------
    (coalitions, segments) bool array

    Examples
    --------
    >>> halves = random_halves(100, rows=21)
    >>> halves.shape, bool((halves[:10] == ~halves[10:]).all())
    ((20, 100), True)
    """
    shape = max(rows // 2, 1), n_segments
    kept = np.random.default_rng(seed).integers(0, 2, shape, dtype=np.bool_)
    return np.concatenate([kept, ~kept])


@cache
def largest_order(limit: int) -> int:
    """Return the largest order of a Hadamard matrix within a limit, that we can construct.

    Examples
    --------
    >>> largest_order(100), largest_order(7), largest_order(0)
    (96, 4, 0)
    """
    for order in range(min(limit, _MOST), 0, -1):
        if _construction(order):
            return order
    return 0


@cache
def hadamard(order: int) -> Integer[np.ndarray, "order order"]:
    """Return a Hadamard matrix whose first column is all ones.

    Entries are 1 and -1, columns are orthogonal. By Sylvester's doubling and Paley's first
    construction.

    Parameters
    ----------
    order : int
        One that `largest_order` returns.

    Returns
    -------
    (order, order) int array
        Read-only.

    Raises
    ------
    InputError
        If there is no construction for this order here.

    References
    ----------
    Paley, On Orthogonal Matrices, 1933, doi:10.1002/sapm1933121311; Plackett and Burman, The
    Design of Optimum Multifactorial Experiments, 1946, doi:10.1093/biomet/33.4.305

    Examples
    --------
    >>> matrix = hadamard(12)
    >>> bool((matrix.T @ matrix == 12 * np.eye(12)).all())
    True
    """
    construction = _construction(order)
    if construction == "one":
        matrix = np.ones((1, 1), dtype=np.int8)
    elif construction == "paley":
        matrix = _paley(order - 1)
    elif construction == "double":
        half = hadamard(order // 2)
        matrix = np.block([[half, half], [half, -half]])
    else:
        raise InputError(f"there is no construction of a Hadamard matrix of order {order} here")
    matrix = matrix * matrix[:, :1]
    matrix.setflags(write=False)
    return matrix


@cache
def _construction(order: int) -> str:
    """Return which construction an order has, or nothing."""
    if order == 1:
        return "one"
    if order % 4 == 0 and _is_prime(order - 1):
        return "paley"
    return "double" if order % 2 == 0 and _construction(order // 2) else ""


def _paley(prime: int) -> Integer[np.ndarray, "order order"]:
    """Build from the quadratic residues of a prime that leaves 3 when divided by 4."""
    residue = np.full(prime, -1, dtype=np.int8)
    residue[np.arange(1, prime) ** 2 % prime] = 1
    residue[0] = 0
    places = np.arange(prime)
    skew = np.zeros((prime + 1, prime + 1), dtype=np.int8)
    skew[0, 1:], skew[1:, 0] = 1, -1
    skew[1:, 1:] = residue[(places[:, None] - places) % prime]
    return skew + np.eye(prime + 1, dtype=np.int8)


def _is_prime(number: int) -> bool:
    return number > 1 and all(number % divisor for divisor in range(2, int(number**0.5) + 1))
