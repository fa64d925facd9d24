"""Balanced halves are balanced, exactly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cilens.designs import balanced_halves, hadamard, halves, largest_order, random_halves
from cilens.errors import InputError

ORDERS = [order for order in range(1, 260) if largest_order(order) == order]


def test_orders_up_to_100_have_few_gaps():
    assert ORDERS[:3] == [1, 2, 4]
    missing = set(range(4, 101, 4)) - set(ORDERS)
    assert missing == {28, 36, 52, 56, 76, 92, 100}


@pytest.mark.parametrize("order", ORDERS)
def test_columns_are_orthogonal_and_the_first_is_ones(order):
    matrix = hadamard(order).astype(int)
    assert set(np.unique(matrix)) <= {-1, 1}
    np.testing.assert_array_equal(matrix.T @ matrix, order * np.eye(order))
    assert (matrix[:, 0] == 1).all()
    assert not hadamard(order).flags.writeable


@given(st.integers(1, 99), st.integers(0, 5))
def test_effects_do_not_leak_into_each_other(n_segments, seed):
    rows = 2 * next(order for order in ORDERS if order > n_segments)
    kept = balanced_halves(n_segments, rows, seed)
    assert len(kept) == rows
    np.testing.assert_array_equal(kept, halves(n_segments, rows, seed))
    signs = 2 * kept.astype(int) - 1
    np.testing.assert_array_equal(signs.sum(axis=0), 0)
    np.testing.assert_array_equal(signs.T @ signs, rows * np.eye(n_segments))
    pairs = signs[:, :1] * signs  # two together, against each alone
    np.testing.assert_array_equal(pairs.T @ signs, 0)
    with pytest.raises(InputError, match=rf"at most \d+ segments; got {n_segments}"):
        balanced_halves(n_segments, rows - 1, seed)
    np.testing.assert_array_equal(
        random_halves(n_segments, rows - 1, seed), halves(n_segments, rows - 1, seed)
    )


def test_an_additive_model_is_read_exactly():
    weights = np.random.default_rng(0).normal(size=40)
    kept = balanced_halves(40, rows=100, seed=3)
    answers = kept @ weights
    effects = [answers[column].mean() - answers[~column].mean() for column in kept.T]
    np.testing.assert_allclose(effects, weights, atol=1e-12)


def test_the_seed_decides_and_rows_are_a_bound():
    first, again, other = (balanced_halves(20, 199, seed) for seed in (1, 1, 2))
    assert len(first) == 192
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@given(st.integers(1, 50), st.integers(2, 50), st.integers(0, 3))
def test_random_halves_come_with_their_opposites(n_segments, rows, seed):
    kept = random_halves(n_segments, rows, seed)
    assert len(kept) == rows // 2 * 2
    np.testing.assert_array_equal(kept[: rows // 2], ~kept[rows // 2 :])


@pytest.mark.parametrize("n_segments", [4095, 4096, 5000])
def test_a_design_that_no_budget_can_balance_is_drawn_at_once(n_segments):
    assert halves(n_segments, rows=10_000).shape == (
        8192 if n_segments < 4096 else 10_000,
        n_segments,
    )
    assert halves(n_segments, rows=199).shape == (198, n_segments)


def test_orders_without_a_construction_are_refused():
    with pytest.raises(InputError, match="order 92"):
        hadamard(92)
