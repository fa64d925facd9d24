"""Shapley values by captum, against values one can write down."""

from __future__ import annotations

import numpy as np
import pytest

from cilens.errors import InputError
from cilens.perturbation import Constant
from cilens.segmentation import Grid
from cilens.types import View

torch = pytest.importorskip("torch")
shapley = pytest.importorskip("cilens.methods.shapley")
KernelShap, ShapleySampling = shapley.KernelShap, shapley.ShapleySampling
BOTH = [KernelShap(Grid(2, 2), budget=60), ShapleySampling(Grid(2, 2), budget=802)]


def additive(images):
    cells = images.reshape(len(images), 2, 2, 2, 2).mean(axis=(2, 4)).reshape(-1, 4)
    return cells @ np.array([[0.4, 0.1], [0.3, 0.2], [0.2, 0.3], [0.1, 0.4]])


def either(images):
    """One of the two upper quarters is enough; the lower ones mean nothing."""
    quarters = images.reshape(len(images), 2, 2, 2, 2).mean(axis=(2, 4))
    return quarters[:, 0].max(axis=1)[:, None]


@pytest.mark.parametrize("method", BOTH, ids=repr)
def test_an_additive_model_gives_its_coefficients(method):
    found = method(additive, np.ones((4, 4, 1)))
    expected = [[0.4, 0.1], [0.3, 0.2], [0.2, 0.3], [0.1, 0.4]]
    np.testing.assert_allclose(found.influence, expected, atol=1e-3)


@pytest.mark.parametrize("method", BOTH, ids=repr)
def test_two_that_can_stand_in_for_each_other_share(method):
    found = method(either, np.ones((4, 4, 1)))
    np.testing.assert_allclose(found.influence[:, 0], [0.5, 0.5, 0.0, 0.0], atol=0.08)


@pytest.mark.parametrize("method", BOTH, ids=repr)
def test_the_values_add_up_to_the_image_less_the_blank_one(method):
    found = method(either, np.full((4, 4, 1), 0.75))
    assert found.influence.sum() == pytest.approx(0.75, abs=1e-5)


@pytest.mark.parametrize("method", BOTH, ids=repr)
def test_one_segment_has_all(method):
    from dataclasses import replace

    found = replace(method, segmenter=Grid(1, 1))(either, np.full((4, 4, 1), 0.75))
    np.testing.assert_allclose(found.influence, [[0.75]], atol=1e-6)


def test_rows_are_as_planned():
    view = View(np.ones((4, 4, 1)), (0.0, 0.0, 4.0, 4.0))
    assert KernelShap(Grid(2, 2), budget=60).plan(view).model_rows == 60
    for budget in (2 + 9 * 4, 2 + 9 * 4 + 3):  # one more row would be another order
        planned = ShapleySampling(Grid(2, 2), budget=budget).plan(view).model_rows
        assert planned == 2 + 9 * 4 <= budget
    with pytest.raises(InputError, match=r"at least 6 for 4 segments: one order, .* got 5"):
        ShapleySampling(Grid(2, 2), budget=5).plan(view)


@pytest.mark.parametrize("method", BOTH, ids=repr)
def test_the_callers_random_numbers_are_left_alone(method):
    torch.manual_seed(1)
    expected = torch.randn(3)
    torch.manual_seed(1)
    method(either, np.ones((4, 4, 1)))
    assert torch.equal(torch.randn(3), expected)


def test_seeds_differ():
    rng = np.random.default_rng(0)
    image, weights = rng.uniform(size=(8, 8, 1)), rng.uniform(size=64)

    def model(images):
        return np.tanh(images.reshape(len(images), -1) @ weights / 9)[:, None]

    for method in (KernelShap, ShapleySampling):
        first, again, other = (
            method(Grid(4, 4), Constant(0.0), 20, seed)(model, image).influence
            for seed in (1, 1, 2)
        )
        np.testing.assert_array_equal(first, again)
        assert (first != other).any()


def test_too_few_samples_are_refused():
    with pytest.raises(InputError, match="at least 3"):
        KernelShap(budget=2)
