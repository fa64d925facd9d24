"""From regions to pixels, against sums and spreads one can write down."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cilens.explanation.saliency import segment_margins, segment_means

SEGMENTS = np.array([[0, 0, 1], [2, 2, 3]])
CUTS = np.array([[True, True, False, False], [False, False, True, True]] * 2)
"""Two ways to cut, that agree."""


def test_a_pixel_is_the_mean_of_its_regions_and_none_is_nothing():
    regions = np.array([[True, True, False, False], [False, True, True, False]])
    painted = segment_means(regions, np.array([0.4, -0.2]))[SEGMENTS]
    np.testing.assert_allclose(painted, [[0.4, 0.4, 0.1], [-0.2, -0.2, 0.0]], atol=1e-15)
    margin = segment_margins(SEGMENTS, regions, np.zeros(2), np.array([0.3, 0.4]))[SEGMENTS]
    np.testing.assert_allclose(margin, [[0.3, 0.3, 0.25], [0.4, 0.4, 0.0]])


def test_where_regions_do_not_overlap_the_margin_is_their_own():
    own = np.array([0.1, 0.2, 0.3, 0.4])
    margin = segment_margins(SEGMENTS, np.eye(4, dtype=bool), np.array([9.0, 1.0, -3.0, 0.0]), own)[
        SEGMENTS
    ]
    np.testing.assert_array_equal(margin, own[SEGMENTS])


def test_the_spread_over_cuts_is_pooled_over_the_pixels():
    values = np.array([0.5, 0.1, 0.3, 0.2])  # 0.2 apart on three pixels, 0.1 on three
    variance = (0.2**2 / 2 + 0.1**2 / 2) / 2
    wanted = 1.959964 * np.sqrt(variance / 2)
    margin = segment_margins(SEGMENTS, CUTS, values, np.full(4, 0.01))[SEGMENTS]
    np.testing.assert_allclose(margin, wanted, rtol=1e-12)


def test_it_is_never_less_than_the_contexts_give_by_themselves():
    margin = segment_margins(SEGMENTS, CUTS, np.array([0.5, 0.1, 0.5, 0.1]), np.full(4, 0.3))[
        SEGMENTS
    ]
    np.testing.assert_allclose(margin, 0.3 / np.sqrt(2), rtol=1e-7)


@given(st.integers(0, 300), st.integers(2, 6))
def test_noisy_cuts_are_covered(seed, cuts):
    """Every cut measures the same pixels with noise of one size: 95 % of the means are covered."""
    rng = np.random.default_rng(seed)
    segments, truth = np.arange(400).reshape(20, 20), rng.normal(size=400)
    regions = np.concatenate([np.eye(400, dtype=bool)] * cuts)
    values = np.tile(truth, cuts) + rng.normal(scale=0.5, size=cuts * 400)
    off = np.abs(segment_means(regions, values)[segments].ravel() - truth)
    margin = segment_margins(segments, regions, values, np.zeros(cuts * 400))[segments]
    np.testing.assert_allclose(margin, 1.959964 * 0.5 / np.sqrt(cuts), rtol=0.15)
    assert 0.89 < (off <= margin.ravel()).mean() < 0.99
