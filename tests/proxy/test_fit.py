"""A proxy against the formulas of a Gaussian process, written out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from cilens.proxy import Asked, fit_cells, fit_scores
from cilens.proxy.fit import _ALIKE, _TOGETHER, _fit, _prior, joined

SEGMENTS = np.repeat(np.repeat(np.arange(9).reshape(3, 3), 4, axis=0), 4, axis=1)
RNG = np.random.default_rng(0)


def pairs(n=24, classes=4, several=1, seed=0):
    rng = np.random.default_rng(seed)
    kept = rng.integers(0, 2, (n, 9)).astype(bool)
    table = softmax(rng.normal(size=(2, n, classes)), axis=2)
    return Asked(np.ones(9, bool), kept, *table, np.arange(n) % several)


def dense(prior, signs, other, cell):
    """Return how alike coalitions are in a cell, from their signs."""
    alone = (signs * prior.near[cell]) @ other.T
    return alone + _TOGETHER * ((signs * prior.both[cell]) @ other.T) ** 2


@pytest.mark.parametrize("several", [1, 2])
@pytest.mark.parametrize("cells", [1, 6])
def test_the_quadratic_is_the_mean_of_the_process(several, cells):
    """All rows in one system, which knows nothing of pairs, sums, differences or quadratics."""
    asked = pairs(several=several)
    prior = _prior(SEGMENTS, asked, (2, 3))
    outputs = RNG.normal(size=(2, cells, 24, 2))
    found = _fit(prior, asked, outputs, 0.1)
    rows = np.concatenate([prior.signs, -prior.signs])
    which = np.tile(asked.perturbation, 2)
    alike = np.where(which[:, None] == which, 1.0, _ALIKE)
    new = np.where(RNG.integers(0, 2, (5, 9)), 1.0, -1.0)
    for one in range(several):
        total = np.zeros((5, 2))
        grid = range(6) if cells > 1 else [list(range(6))]
        for at, cell in enumerate(grid):
            each = cell if cells == 1 else [cell]
            kernel = np.mean([dense(prior, rows, rows, c) for c in each], axis=0) * alike
            cross = np.mean([dense(prior, new, rows, c) for c in each], axis=0)
            table = outputs[:, at]
            means = [table[:, asked.perturbation == k].mean(axis=(0, 1)) for k in range(several)]
            left = np.concatenate(table) - np.array(means)[which]
            weights = np.linalg.solve(kernel + 0.1 * np.eye(48), left)
            total += means[one] + (cross * np.where(which == one, 1.0, _ALIKE)) @ weights
        told = (
            found.constant[one]
            + new @ found.single[one].T
            + np.einsum("ns,kst,nt->nk", new, found.double[one], new)
        )
        np.testing.assert_allclose(told, total / cells, atol=1e-10)


@pytest.mark.parametrize("cells", [1, 6])
def test_pairs_left_out_are_predicted_by_all_others(cells):
    """The closed form against a system without both rows of the pair, the means kept."""
    asked = pairs()
    prior = _prior(SEGMENTS, asked, (2, 3))
    outputs = RNG.normal(size=(2, cells, 24, 1))
    outputs -= outputs.mean(axis=(0, 2), keepdims=True)
    found = _fit(prior, asked, outputs, 0.1)
    rows = np.concatenate([prior.signs, -prior.signs])
    grid = [list(range(6))] if cells == 1 else [[cell] for cell in range(6)]
    for out in (0, 7, 23):
        own, rest = [out, out + 24], np.delete(np.arange(48), [out, out + 24])
        total = np.zeros((2, 1))
        for at, each in enumerate(grid):
            kernel = np.mean([dense(prior, rows, rows, cell) for cell in each], axis=0)
            noisy = kernel[np.ix_(rest, rest)] + 0.1 * np.eye(46)
            weights = np.linalg.solve(noisy, np.concatenate(outputs[:, at])[rest])
            total += kernel[np.ix_(own, rest)] @ weights
        np.testing.assert_allclose(found.left_out[:, out], total / cells, atol=1e-10)


def test_trust_is_high_where_segments_add_up_and_low_in_noise():
    rng = np.random.default_rng(1)
    kept = rng.integers(0, 2, (60, 9)).astype(bool)
    weights = rng.normal(size=9)
    scores = [np.where(each, 1, -1) @ weights for each in (kept, ~kept)]
    table = [np.stack([each, rng.normal(size=60)], axis=1) for each in scores]
    asked = Asked(np.ones(9, bool), kept, *table, np.zeros(60, int))
    proxy = fit_scores(SEGMENTS, asked, 0)
    assert proxy.link == "none"
    assert proxy.worth(0).trust > 0.95
    assert proxy.worth(1).trust < 0.3
    assert proxy.trusted(0)
    assert not proxy.trusted(1)
    np.testing.assert_allclose(proxy.scores(kept, 0), scores[0], atol=0.5)


def test_cells_with_the_same_answers_are_the_network_seen_from_inside():
    """Logits that are the sum of what each cell's own segment adds."""
    rng = np.random.default_rng(2)
    kept = rng.integers(0, 2, (40, 9)).astype(bool)
    of_cell = rng.normal(size=(3, 9))
    cells = [np.where(each, 1, -1)[:, None] * of_cell for each in (kept, ~kept)]
    cells = np.stack(cells).reshape(2, 40, 3, 3, 3)
    scores = softmax(cells.mean(axis=(3, 4)), axis=2)
    asked = Asked(np.ones(9, bool), kept, *scores, np.zeros(40, int))
    proxy = fit_cells(SEGMENTS, asked, lambda classes: cells[:, :, classes], "softmax", 0)
    assert proxy.look == "inside"
    assert proxy.trust.min() > 0.9
    new = rng.integers(0, 2, (10, 9)).astype(bool)
    told = np.stack([proxy.scores(new, k) for k in range(3)], axis=1)
    np.testing.assert_allclose(told.sum(axis=1), 1, atol=1e-6)
    true = softmax(np.where(new, 1, -1) @ of_cell.T / 9, axis=1)
    assert np.abs(told - true).max() < 0.1


def test_of_many_classes_the_highest_are_told_apart_and_the_predicted_always():
    asked = pairs(classes=50)
    proxy = fit_scores(SEGMENTS, asked, predicted=49)
    assert len(proxy.classes) == 20
    assert 49 in proxy.classes
    assert proxy.single.shape == (1, 21, 9)
    assert proxy.single.dtype == np.float32


def test_what_is_never_hidden_has_no_part():
    asked = pairs()
    varied = np.arange(9) != 4
    kept = asked.kept | ~varied
    proxy = fit_scores(SEGMENTS, asked._replace(varied=varied, kept=kept), 0)
    assert not proxy.single[..., 4].any()
    assert not proxy.double[..., 4].any()
    assert proxy.single[..., 3].any()


def test_a_probability_of_zero_is_a_small_one():
    asked = pairs()
    scores = np.zeros_like(asked.scores)
    scores[:, 0] = 1
    proxy = fit_scores(SEGMENTS, asked._replace(scores=scores), 0)
    assert np.isfinite(proxy.constant).all()
    assert ((proxy.scores(asked.kept, 0) >= 0) & (proxy.scores(asked.kept, 0) <= 1)).all()


def test_pairs_of_several_questions_are_varied_where_one_is():
    one, other = pairs(4), pairs(6)
    both = joined([one._replace(varied=np.arange(9) < 3), other._replace(varied=np.arange(9) > 6)])
    assert len(both.kept) == 10
    assert both.varied.tolist() == [True] * 3 + [False] * 4 + [True] * 2
