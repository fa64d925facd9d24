"""IROF against curves one can write down."""

from __future__ import annotations

import numpy as np
import pytest

from cilens.methods import ContextualImportance
from cilens.metrics.irof import Irof
from cilens.perturbation import Constant
from cilens.segmentation import Grid

WEIGHTS = np.array([0.4, 0.1, 0.3, 0.2])


def weighted(images):
    """Return a weighted mean of the quarters' brightness, and twice as little of it."""
    quarters = images.reshape(len(images), 2, 2, 2, 2).mean(axis=(2, 4)).reshape(len(images), 4)
    return (quarters @ WEIGHTS)[:, None] * np.array([0.8, 0.4])


IMAGE = np.ones((4, 4, 1))
EXPLANATION = ContextualImportance(Grid(2, 2))(weighted, IMAGE)
IROF = Irof(Grid(2, 2), Constant(0.0))


def test_segments_go_from_the_most_important_on():
    np.testing.assert_allclose(
        IROF.curve(weighted, EXPLANATION), 0.8 * np.array([1, 0.6, 0.3, 0.1, 0])
    )
    # Over the curve, as a share of the whole image's score: trapezoids of 0, 0.4, 0.7, 0.9, 1.
    assert IROF(weighted, EXPLANATION)["irof"] == pytest.approx((0.2 + 0.55 + 0.8 + 0.95) / 4)


def test_it_is_a_share_of_the_score_whatever_that_is():
    numbers = [IROF(weighted, EXPLANATION, target)["irof"] for target in (0, 1)]
    assert numbers[0] == pytest.approx(numbers[1])


def test_the_segments_are_its_own_and_ordered_by_their_mean():
    coarse = Irof(Grid(2, 1), Constant(0.0))  # halves weigh 0.5 each: a straight line
    assert coarse(weighted, EXPLANATION)["irof"] == pytest.approx(0.5)
    uneven = ContextualImportance(Grid(2, 2))(weighted, IMAGE)
    curve = Irof(Grid(1, 2), Constant(0.0)).curve(weighted, uneven)
    np.testing.assert_allclose(curve, 0.8 * np.array([1, 0.3, 0]))


def test_a_score_of_nothing_has_no_share():
    nothing = lambda images: weighted(images) * 0  # noqa: E731
    assert IROF(nothing, EXPLANATION) == {"irof": None}
