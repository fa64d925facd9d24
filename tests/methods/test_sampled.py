"""Importance over sampled contexts, against values one can write down."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cilens.designs import largest_order
from cilens.errors import InputError
from cilens.methods import ContextualImportance
from cilens.methods.sampled import SampledImportance
from cilens.perturbation import Constant
from cilens.scoring.statement import StatedModel
from cilens.segmentation import Grid, Labels

HALVES = Grid(rows=1, columns=2)


def linear(weights):
    return lambda images: np.einsum("nhwc,hwck->nk", images.astype(np.float64), weights)


@given(st.integers(0, 1000), st.integers(3, 60))
def test_a_linear_model_gives_its_weights_in_every_context(seed, budget):
    rng = np.random.default_rng(seed)
    image = rng.uniform(size=(6, 6, 1))
    weights = rng.dirichlet(np.ones(36), 3).T.reshape(6, 6, 1, 3)
    cut = Grid(2, 3)
    found = SampledImportance((cut,), (Constant(0.2),), budget=budget)(linear(weights), image)
    assert found.model_rows <= budget
    if largest_order((budget - 1) // 2) > 6:
        full = ContextualImportance(cut, (Constant(0.2),))(linear(weights), image)
        np.testing.assert_allclose(found.influence, full.influence, atol=1e-12)
        np.testing.assert_allclose(found.importance, full.importance, atol=1e-12)
        np.testing.assert_array_equal(found.utility, full.utility)


def test_one_of_two_that_can_stand_in_for_each_other_counts_half():
    """P(A or B): hiding one alone changes nothing, in a random context it decides half the time."""

    def either(images):
        return np.maximum(images[:, :, :2].min(axis=(1, 2)), images[:, :, 2:].min(axis=(1, 2)))

    image = np.ones((4, 4, 1))
    assert not ContextualImportance(HALVES)(either, image).influence.any()
    found = SampledImportance((HALVES,), (Constant(0.0),), budget=9)(either, image)
    np.testing.assert_allclose(found.influence, 0.5)
    np.testing.assert_allclose((found.low, found.high), ([[0.5]] * 2, [[1.0]] * 2))
    np.testing.assert_array_equal(found.utility, 1.0)


def test_two_that_need_each_other_count_half_too():
    def both(images):
        return images.min(axis=(1, 2))

    found = SampledImportance((HALVES,), (Constant(0.0),), budget=9)(both, np.ones((4, 4, 1)))
    np.testing.assert_allclose(found.influence, 0.5)


@given(st.integers(0, 200))
def test_bounds_hold_for_any_model(seed):
    rng = np.random.default_rng(seed)

    def noise(images):
        return rng.dirichlet(np.ones(4), len(images))

    for budget in (8, 40):
        image, model = rng.uniform(size=(9, 9, 1)), StatedModel(noise, allow_noise=True)
        found = SampledImportance((Grid(3, 3),), budget=budget)(model, image)
        assert (np.abs(found.influence) <= 1).all()
        np.testing.assert_allclose(found.importance, np.abs(found.influence), atol=1e-15)
        np.testing.assert_allclose(found.influence.sum(axis=1), 0, atol=1e-12)
        assert set(np.unique(found.utility)) <= {0.0, 0.5, 1.0}


def test_a_constant_model_gives_zero():
    constant = lambda images: np.full((len(images), 2), 0.5)  # noqa: E731
    found = SampledImportance((HALVES,))(constant, np.ones((4, 4)))
    assert not found.influence.any()
    assert (found.utility == 0.5).all()


def test_too_many_segments_for_a_balanced_design_are_still_explained():
    rng = np.random.default_rng(5)
    weights = rng.dirichlet(np.ones(36), 1).T.reshape(6, 6, 1, 1)
    method = SampledImportance((Grid(6, 6),), (Constant(0.0),), budget=60)
    found = method(linear(weights), np.ones((6, 6)))
    assert found.model_rows == 59
    assert np.corrcoef(found.influence[:, 0], weights.ravel())[0, 1] > 0.5


def test_the_seed_decides_and_nothing_else():
    image = np.random.default_rng(0).uniform(size=(8, 8, 1))
    model = lambda images: images[:, :4, :4].prod(axis=(1, 2)) ** 0.1  # noqa: E731
    first, again, other = (
        SampledImportance((Grid(4, 4),), budget=50, seed=seed)(model, image) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first.influence, again.influence)
    assert (first.influence != other.influence).any()


def test_a_budget_too_small_for_anything_is_refused():
    with pytest.raises(InputError, match="at least 3"):
        SampledImportance(budget=2)


def test_two_cuts_share_the_budget_and_their_mean_is_the_map():
    rng = np.random.default_rng(7)
    weights = rng.dirichlet(np.ones(36), 1).T.reshape(6, 6, 1, 1)
    rows, columns = Grid(3, 1), Grid(1, 3)
    method = SampledImportance((rows, columns), (Constant(0.0),), budget=17)
    found = method(linear(weights), np.ones((6, 6)))
    assert found.model_rows == 17
    assert found.region_names == ("a0", "a1", "a2", "b0", "b1", "b2")
    alone = [
        SampledImportance((cut,), (Constant(0.0),), budget=9)(linear(weights), np.ones((6, 6)))
        for cut in (rows, columns)
    ]
    np.testing.assert_allclose(
        found.saliency(), (alone[0].saliency() + alone[1].saliency()) / 2, atol=1e-12
    )
    with pytest.raises(InputError, match="at least 5"):
        SampledImportance((rows, columns), budget=4)


def test_the_margin_is_nothing_where_segments_only_add_up():
    """A linear model is the same in every context."""
    rng = np.random.default_rng(11)
    weights = rng.dirichlet(np.ones(36), 2).T.reshape(6, 6, 1, 2)
    found = SampledImportance((Grid(3, 3),), (Constant(0.0),), budget=60)(
        linear(weights), np.ones((6, 6))
    )
    assert found.margin.shape == found.influence.shape
    np.testing.assert_allclose(found.margin, 0, atol=1e-12)
    assert found.sure().all()


def test_the_margin_is_that_of_a_t_interval_over_the_pairs():
    """Noise of a known size on every answer: 95 of 100 intervals hold the value without it."""
    image, inside, regions = np.ones((6, 6, 1)), 0, 0
    weights = np.full((6, 6, 1, 1), 0.5 / 36)
    for seed in range(60):
        rng = np.random.default_rng(seed)

        def noisy(images, rng=rng):
            return linear(weights)(images) + rng.uniform(0.1, 0.4, (len(images), 1))

        model = StatedModel(noisy, allow_noise=True)
        found = SampledImportance((Grid(3, 3),), (Constant(0.0),), budget=60, seed=seed)(
            model, image
        )
        inside += int((np.abs(found.influence - 0.5 / 9) <= found.margin).sum())
        regions += found.influence.size
    assert 0.92 < inside / regions < 0.98


def test_the_mean_over_fills_and_a_margin_that_holds_each_ones_interval():
    rng = np.random.default_rng(3)
    weights = rng.dirichlet(np.ones(36), 2).T.reshape(6, 6, 1, 2)
    model = lambda images: linear(weights)(images) ** 2  # noqa: E731
    cut, image, dark, bright = Grid(2, 3), np.full((6, 6, 1), 0.9), Constant(0.0), Constant(0.7)
    both = SampledImportance((cut,), (dark, bright), budget=49)(model, image)
    one, other = (
        SampledImportance((cut,), (fill,), budget=25)(model, image) for fill in (dark, bright)
    )
    assert both.model_rows == 49
    assert both.region_names == one.region_names
    np.testing.assert_allclose(both.influence, (one.influence + other.influence) / 2, atol=1e-12)
    apart = np.abs(one.influence - other.influence) / 2
    assert apart.min() > 1e-3
    np.testing.assert_allclose(both.margin, apart + np.maximum(one.margin, other.margin), atol=1e-2)
    for alone in (one, other):
        reach = np.abs(alone.influence - both.influence) + alone.margin
        assert (both.margin >= reach - 1e-12).all()


def test_a_sign_is_sure_only_where_every_fill_agrees():
    """Bright beside dark: against white a dark half speaks for the class, against black none."""
    darkness = lambda images: 1 - images.mean(axis=(1, 2))  # noqa: E731
    image = np.full((2, 2, 1), 0.5)
    method = SampledImportance((HALVES,), (Constant(1.0), Constant(0.0)), budget=17)
    found = method(darkness, image)
    np.testing.assert_allclose(found.influence, 0, atol=1e-12)
    np.testing.assert_allclose(found.margin, 0.25, atol=1e-12)
    assert not found.sure(0).any()
    with pytest.raises(InputError, match="at least 9"):
        SampledImportance((HALVES, HALVES), (Constant(1.0), Constant(0.0)), budget=8)


def test_each_cut_is_asked_with_each_fill():
    rng = np.random.default_rng(8)
    weights = rng.dirichlet(np.ones(36), 1).T.reshape(6, 6, 1, 1)
    method = SampledImportance((Grid(3, 1), Grid(1, 3)), (Constant(0.0), Constant(0.5)), budget=33)
    found = method(linear(weights), np.ones((6, 6)))
    assert found.model_rows == 33
    lost = np.concatenate([weights.sum(axis=(1, 2, 3)), weights.sum(axis=(0, 2, 3))])
    wanted = 0.75 * lost.reshape(2, 3, 2).sum(axis=2).ravel()  # black hides all of it, grey half
    np.testing.assert_allclose(found.influence[:, 0], wanted, atol=1e-12)


def test_what_looks_the_same_when_hidden_has_no_influence_and_takes_no_column():
    """Black hidden in black: the answers cannot depend on it, so that noise must not either."""
    image = np.zeros((6, 6, 1))
    image[:3] = 0.8
    noise = np.random.default_rng(2)

    def noisy(images):
        return 0.3 + 0.5 * images[:, :3].mean(axis=(1, 2)) + noise.uniform(0, 0.1, (len(images), 1))

    method = SampledImportance((Grid(4, 6),), (Constant(0.0),), budget=33)
    found = method(StatedModel(noisy, allow_noise=True), image)
    black = np.array([not image[..., 0][region[found.segments]].any() for region in found.regions])
    assert black.sum() == 12
    assert not found.influence[black].any()
    assert not found.margin[black].any()
    assert found.sure()[black].all()
    assert (found.margin[~black] > 0).all()
    assert found.model_rows == 33  # 12 segments in a balanced design of 16, 24 would not fit


def test_an_image_that_looks_the_same_all_hidden_is_explained_by_nothing():
    first = lambda images: images[:, 0, 0]  # noqa: E731
    found = SampledImportance((Grid(2, 2),), (Constant(0.0),))(first, np.zeros((4, 4, 1)))
    assert found.model_rows == 3
    assert not found.influence.any()
    assert found.sure().all()


def test_fills_differ_in_what_they_leave_the_same():
    image = np.zeros((4, 4, 1))
    image[:, 2:] = 1.0
    model = lambda images: images.mean(axis=(1, 2))  # noqa: E731
    method = SampledImportance((HALVES,), (Constant(0.0), Constant(1.0)), budget=17)
    found = method(model, image)
    np.testing.assert_allclose(found.influence[:, 0], [-0.25, 0.25], atol=1e-12)


def test_more_segments_than_rows_are_read_as_by_the_larger_system():
    from cilens.methods.sampled import _RIDGE, _weights

    signs = np.random.default_rng(0).choice([-1.0, 1.0], (10, 30))
    plainly = np.linalg.solve(signs.T @ signs + 2 * _RIDGE * np.eye(30), signs.T)
    np.testing.assert_allclose(_weights(signs), plainly, atol=1e-14)


def test_twenty_thousand_segments_are_planned_and_read_in_little_memory():
    labels = np.arange(100 * 200).reshape(100, 200)
    image = np.ones((100, 200, 1), dtype=np.float32)
    method = SampledImportance((Labels(labels),), (Constant(0.0),))
    tracemalloc.start()
    explanation = method(lambda images: images.mean(axis=(1, 2)), image)
    explanation.saliency(), explanation.highlight(), explanation.centroids()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 100e6, "a table of regions by segments alone would be 400 MB"
    assert explanation.regions.shape == (20_000, 20_000)
