"""The Gini index against values one can write down."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cilens.methods import ContextualImportance
from cilens.metrics.sparsity import Sparsity, gini
from cilens.segmentation import Grid

SALIENCIES = hnp.arrays(np.float64, (3, 4), elements=st.integers(-5, 5).map(float))


@pytest.mark.parametrize(
    ("saliency", "expected"),
    [
        ([[1, 1], [1, 1]], 0.0),
        ([[0, 0], [0, -3]], 0.75),
        ([[1, -1], [0, 0]], 0.5),
        ([[1, 2], [3, 4]], 0.25),
        ([[0, 0], [0, 0]], None),
    ],
)
def test_known_values(saliency, expected):
    assert gini(np.array(saliency, float)) == expected


@given(SALIENCIES)
def test_it_is_half_the_mean_difference_over_the_mean(saliency):
    sizes = np.abs(saliency).ravel()
    if sizes.any():
        apart = np.abs(sizes[:, None] - sizes).mean() / 2
        assert gini(saliency) == pytest.approx(apart / sizes.mean())
        assert 0 <= gini(saliency) < 1
        assert gini(-7 * saliency) == pytest.approx(gini(saliency))


def test_it_judges_the_targets_saliency_and_asks_no_model():
    halves = lambda images: images.reshape(len(images), 2, -1).mean(axis=2)  # noqa: E731
    explanation = ContextualImportance(Grid(4, 1))(halves, np.array([[1.0], [0], [1], [1]]))

    def model(images):
        raise AssertionError("no model is to be asked")

    assert Sparsity()(model, explanation, 0) == {"gini": 0.75}
    assert Sparsity()(model, explanation, 1) == {"gini": 0.5}
