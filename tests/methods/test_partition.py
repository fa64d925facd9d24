"""Owen values by shap, against values one can write down."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cilens.errors import InputError, ModelError
from cilens.perturbation import Constant
from cilens.segmentation import Grid

Partition = pytest.importorskip("cilens.methods.partition").Partition
METHOD = Partition(Grid(2, 2))


def additive(images):
    cells = images.reshape(len(images), 2, 2, 2, 2).mean(axis=(2, 4)).reshape(-1, 4)
    return cells @ np.array([[0.4, 0.1], [0.3, 0.2], [0.2, 0.3], [0.1, 0.4]])


def either(images):
    """One of the two upper quarters is enough; the lower ones mean nothing."""
    quarters = images.reshape(len(images), 2, 2, 2, 2).mean(axis=(2, 4))
    return quarters[:, 0].max(axis=1)[:, None]


def test_an_additive_model_gives_its_coefficients():
    found = METHOD(additive, np.ones((4, 4, 1)))
    expected = [[0.4, 0.1], [0.3, 0.2], [0.2, 0.3], [0.1, 0.4]]
    np.testing.assert_allclose(found.influence, expected, atol=1e-12)


def test_two_that_can_stand_in_for_each_other_share():
    found = METHOD(either, np.ones((4, 4, 1)))
    np.testing.assert_allclose(found.influence[:, 0], [0.5, 0.5, 0.0, 0.0], atol=1e-12)


@pytest.mark.parametrize("budget", [4, 9, 30])
def test_the_values_add_up_however_few_groups_are_opened(budget):
    method = Partition(Grid(4, 4), budget=budget, batch_size=4)
    found = method(lambda images: images.min(axis=(1, 2)), np.full((8, 8, 1), 0.75))
    assert found.influence.sum() == pytest.approx(0.75)
    assert found.model_rows <= budget


def test_one_segment_has_all():
    found = replace(METHOD, segmenter=Grid(1, 1))(either, np.full((4, 4, 1), 0.75))
    np.testing.assert_allclose(found.influence, [[0.75]])
    assert found.model_rows == 2


def test_the_callers_random_numbers_are_left_alone():
    np.random.seed(1)  # noqa: NPY002
    expected = np.random.uniform(size=3)  # noqa: NPY002
    np.random.seed(1)  # noqa: NPY002
    METHOD(either, np.ones((4, 4, 1)))
    np.testing.assert_array_equal(np.random.uniform(size=3), expected)  # noqa: NPY002


def test_scores_out_of_range_are_refused():
    with pytest.raises(ModelError, match="output_range"):
        METHOD(lambda images: -images.mean(axis=(1, 2)), np.ones((4, 4, 1)))


def test_too_small_a_budget_is_refused():
    with pytest.raises(InputError, match="at least 4"):
        Partition(perturbation=Constant(0.5), budget=3)
