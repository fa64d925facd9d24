"""Greedy selection, against models whose order one can write down."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cilens.errors import InputError
from cilens.methods.greedy import Greedy
from cilens.metrics.flipping import Flipping
from cilens.perturbation import Constant
from cilens.segmentation import Grid


def quarters(images):
    return images.reshape(len(images), 2, 2, 2, 2).mean(axis=(2, 4)).reshape(-1, 4)


def additive(images):
    return quarters(images) @ np.array([[0.4, 0.1], [0.3, 0.2], [0.2, 0.3], [0.1, 0.4]])


@pytest.mark.parametrize("budget", [10, 14, 1000])
def test_an_additive_model_gives_its_coefficients_in_every_class(budget):
    found = Greedy(Grid(2, 2), budget=budget)(additive, np.ones((4, 4, 1)))
    expected = [[0.4, 0.1], [0.3, 0.2], [0.2, 0.3], [0.1, 0.4]]
    np.testing.assert_allclose(found.influence, expected, atol=1e-10)
    assert found.model_rows <= budget


def test_a_pair_that_needs_each_other_counts_together():
    """The second is worth all once the first is there: both get the mean."""

    def both(images):
        shown = quarters(images)
        return (0.8 * shown[:, 1] * shown[:, 3] + 0.1 * shown[:, 0])[:, None]

    found = Greedy(Grid(2, 2))(both, np.ones((4, 4, 1)))
    np.testing.assert_allclose(found.influence[:, 0], [0.1, 0.4, 0.0, 0.4], atol=1e-10)


def test_one_of_two_that_can_stand_in_for_each_other_comes_first():
    def either(images):
        return (0.9 * quarters(images)[:, 1:3].max(axis=1))[:, None]

    found = Greedy(Grid(2, 2))(either, np.ones((4, 4, 1)))
    np.testing.assert_allclose(found.influence[:, 0], [0.0, 0.45, 0.45, 0.0], atol=1e-10)


@given(st.integers(0, 500), st.integers(14, 60))
def test_the_order_is_strict_and_the_budget_kept(seed, budget):
    rng = np.random.default_rng(seed)
    image, weights = rng.uniform(size=(4, 6, 1)), rng.normal(size=(24, 3))

    def model(images):
        exponents = np.exp(images.reshape(len(images), -1) @ weights)
        return exponents / exponents.sum(axis=1, keepdims=True)

    found = Greedy(Grid(2, 3), budget=budget, target=1)(model, image)
    assert found.model_rows <= budget
    ranked = np.sort(found.influence[:, 1])
    assert (np.diff(ranked) > 0).all()


def test_all_steps_give_the_image_less_the_blank_one_in_sum():
    rng = np.random.default_rng(0)
    image, weights = rng.uniform(size=(4, 6, 1)), rng.normal(size=(24, 3))

    def model(images):
        exponents = np.exp(images.reshape(len(images), -1) @ weights)
        return exponents / exponents.sum(axis=1, keepdims=True)

    found = Greedy(Grid(2, 3), Constant(0.25), target=2)(model, image)
    whole, blank = model(np.stack([image, np.full_like(image, 0.25)]))
    np.testing.assert_allclose(found.influence.sum(axis=0), whole - blank, atol=1e-9)


def test_a_search_beats_the_order_of_single_effects_where_segments_depend_on_each_other():
    """The judge hides and shows in the same order: what is optimised is what is judged."""

    def model(images):
        shown = quarters(images)
        return np.maximum(0.9 * shown[:, 0] * shown[:, 1], 0.5 * shown[:, 2])[:, None]

    image, judge = np.ones((4, 4, 1)), Flipping(Constant(0.0), steps=4)
    found = Greedy(Grid(2, 2))(model, image)
    worse = Greedy(Grid(2, 2), budget=10)(model, image)
    found_srg, worse_srg = (judge(model, each)["srg"] for each in (found, worse))
    assert found_srg >= worse_srg


def test_one_segment_has_all():
    found = Greedy(Grid(1, 1), budget=4)(additive, np.ones((4, 4, 1)))
    np.testing.assert_allclose(found.influence, [[1.0, 1.0]])
    assert found.model_rows == 2


def test_a_budget_below_one_step_is_refused():
    with pytest.raises(InputError, match="at least 10 for 4 segments"):
        Greedy(Grid(2, 2), budget=9)(additive, np.ones((4, 4, 1)))


def test_a_target_that_is_no_class_is_refused():
    with pytest.raises(InputError, match="one of the model's 2 classes; got 2"):
        Greedy(Grid(2, 2), target=2)(additive, np.ones((4, 4, 1)))
