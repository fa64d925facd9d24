"""An order by swaps against the area it is to raise, from scores of whole coalitions."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax

from cilens.proxy.order import Curves, _gains, swapped


def quadratic(seed, n, outputs=3, perturbations=2):
    rng = np.random.default_rng(seed)
    double = rng.normal(size=(perturbations, outputs, n, n)) * 0.3
    double = double + double.swapaxes(2, 3)
    double[..., np.arange(n), np.arange(n)] = 0
    single = rng.normal(size=(perturbations, outputs, n))
    shares = rng.dirichlet(np.ones(perturbations))
    return Curves(rng.normal(size=(perturbations, outputs)), single, double, shares)


def scored(outputs):
    return softmax(outputs, axis=-1)[..., 0]


def area(curves, order):
    """Return the sum of the score with the first k kept, less that with them hidden."""
    n = len(order)
    kept = np.argsort(order)[None] < np.arange(n + 1)[:, None]
    total = 0.0
    for sign in (1, -1):
        signs = sign * np.where(kept, 1.0, -1.0)
        outputs = (
            curves.constant[:, None]
            + np.einsum("ns,fks->fnk", signs, curves.single)
            + np.einsum("ns,fkst,nt->fnk", signs, curves.double, signs)
        )
        total += sign * (curves.shares @ scored(outputs)).sum()
    return total


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.integers(2, 12), st.sampled_from([1, 2, 4]))
def test_what_a_swap_gains_is_what_the_area_gains(seed, n, gap):
    curves, order = quadratic(seed, n), np.random.default_rng(seed).permutation(n)
    if gap >= n:
        return
    gains = _gains(curves, order, gap, scored)
    for at, gain in enumerate(gains):
        other = order.copy()
        other[[at, at + gap]] = order[[at + gap, at]]
        np.testing.assert_allclose(gain, area(curves, other) - area(curves, order), atol=1e-10)


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.integers(1, 16))
def test_no_swap_of_neighbours_is_left_that_raises_the_area(seed, n):
    curves, start = quadratic(seed, n), np.random.default_rng(seed).permutation(n)
    found = swapped(curves, start, scored)
    assert sorted(found) == list(range(n))
    assert area(curves, found) >= area(curves, start) - 1e-9
    if n > 1 and (swapped(curves, found, scored) == found).all():
        assert _gains(curves, found, 1, scored).max() <= 1e-9


def test_where_segments_add_up_the_order_is_that_of_their_weights():
    weights = np.array([0.5, 3.0, -1.0, 2.0, 0.0])
    curves = Curves(np.zeros((1, 1)), weights[None, None], np.zeros((1, 1, 5, 5)), np.ones(1))
    found = swapped(curves, np.arange(5), lambda outputs: outputs[..., 0])
    assert found.tolist() == [1, 3, 0, 4, 2]


def test_it_finds_nearly_the_best_order_there_is():
    curves = quadratic(3, 6)
    areas = [area(curves, np.array(one)) for one in itertools.permutations(range(6))]
    found = area(curves, swapped(curves, np.arange(6), scored))
    assert found >= np.quantile(areas, 0.98)
