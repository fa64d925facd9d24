"""Balanced halves are balanced, exactly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cilens.designs import (
    balanced_halves,
    hadamard,
    largest_order,
    random_halves,
    smallest_rows,
)
from cilens.errors import InputError

ORDERS = [order for order in range(1, 260) if largest_order(order) == order]


def test_orders_up_to_100_have_few_gaps():
    assert ORDERS[:3] == [1, 2, 4]
    missing = set(range(4, 101, 4)) - set(ORDERS)
    assert missing == {28, 36, 52, 56, 76, 92, 100}


@pytest.mark.parametrize("order", ORDERS)
def test_columns_are_orthogonal_and_the_first_is_ones(order):
    matrix = hadamard(order)
    assert set(np.unique(matrix)) <= {-1, 1}
    np.testing.assert_array_equal(matrix.T @ matrix, order * np.eye(order))
    assert (matrix[:, 0] == 1).all()
    assert not matrix.flags.writeable


@given(st.integers(1, 99), st.integers(0, 5))
def test_effects_do_not_leak_into_each_other(n_segments, seed):
    rows = smallest_rows(n_segments)
    halves = balanced_halves(n_segments, rows, seed)
    assert len(halves) == rows
    signs = 2 * halves.astype(int) - 1
    np.testing.assert_array_equal(signs.sum(axis=0), 0)
    np.testing.assert_array_equal(signs.T @ signs, rows * np.eye(n_segments))
    pairs = signs[:, :1] * signs  # two together, against each alone
    np.testing.assert_array_equal(pairs.T @ signs, 0)
    with pytest.raises(InputError, match=f"need at least {rows} rows; got {rows - 1}"):
        balanced_halves(n_segments, rows - 1, seed)


def test_an_additive_model_is_read_exactly():
    weights = np.random.default_rng(0).normal(size=40)
    halves = balanced_halves(40, rows=100, seed=3)
    answers = halves @ weights
    effects = [answers[column].mean() - answers[~column].mean() for column in halves.T]
    np.testing.assert_allclose(effects, weights, atol=1e-12)


def test_the_seed_decides_and_rows_are_a_bound():
    first, again, other = (balanced_halves(20, 199, seed) for seed in (1, 1, 2))
    assert len(first) == 192
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@given(st.integers(1, 50), st.integers(2, 50), st.integers(0, 3))
def test_random_halves_come_with_their_opposites(n_segments, rows, seed):
    halves = random_halves(n_segments, rows, seed)
    assert len(halves) == rows // 2 * 2
    np.testing.assert_array_equal(halves[: rows // 2], ~halves[rows // 2 :])


def test_orders_without_a_construction_are_refused():
    with pytest.raises(InputError, match="order 92"):
        hadamard(92)
