"""Sampled contexts with a proxy: the influence as ever, an order beside it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from cilens import scoring
from cilens.errors import InputError
from cilens.methods.sampled import SampledImportance
from cilens.perturbation import Constant
from cilens.segmentation import Grid

HALVES = Grid(rows=1, columns=2)


def linear(weights):
    return lambda images: np.einsum("nhwc,hwck->nk", images.astype(np.float64), weights)


def smooth(images):
    """Answer for two classes, by how bright the corners are: a softmax of one grid of 2 x 2."""
    means = images.reshape(len(images), 2, 4, 2, 4).mean(axis=(2, 4)).reshape(len(images), 4)
    return softmax(means @ np.array([[4.0, 0], [2, 0], [0, 1], [0, 3]]), axis=1)


@pytest.mark.parametrize("look", ["outside", "none"])
def test_influence_and_margin_are_the_same_with_any_look(look):
    image = np.ones((8, 8, 1))
    method = SampledImportance((Grid(2, 2),), (Constant(0.0),), budget=20, look=look)
    found = method(smooth, image)
    plain = SampledImportance((Grid(2, 2),), (Constant(0.0),), budget=17)(smooth, image)
    np.testing.assert_allclose(found.influence, plain.influence, atol=1e-12)
    np.testing.assert_allclose(found.margin, plain.margin, atol=1e-12)
    assert (found.proxy is None) == (look == "none")


def test_a_look_asks_for_the_blank_image_too():
    image = np.ones((8, 8, 1))
    method = SampledImportance((Grid(2, 2),), (Constant(0.0),), budget=20, look="outside")
    found = method(smooth, image)
    assert found.model_rows == 1 + 16 + 1
    corners = np.eye(4, dtype=bool)
    told = found.proxy.scores(corners, 0)
    true = smooth(np.kron(corners.reshape(4, 2, 2), np.ones((4, 4)))[..., None])[:, 0]
    assert found.ordered_by_proxy(0)
    assert np.argsort(told)[-1] == np.argsort(true)[-1] == 0


def test_a_look_inside_needs_a_grid_and_any_look_one_segmenter():
    with pytest.raises(InputError, match="does not show one: look from outside"):
        SampledImportance((HALVES,), look="inside")(smooth, np.ones((8, 8, 1)))
    with pytest.raises(InputError, match="fits a proxy to one segmenter's segments"):
        SampledImportance((HALVES, HALVES), look="outside")
    with pytest.raises(InputError, match="look"):
        SampledImportance(look="through")


def test_every_fourth_pair_is_hidden_otherwise_and_counts_as_the_others():
    """What is hidden in black costs a pixel's weight, in mid-grey half of it."""
    image, weights = np.ones((6, 6, 1)), np.full((6, 6, 1, 1), 1 / 36)
    both = SampledImportance(
        (Grid(2, 3),), (Constant(0.0),), budget=40, every_fourth=Constant(0.5), look="outside"
    )
    plan = both.plan(scoring.view(linear(weights), image))
    black, grey = plan.questions
    assert (black.perturbation, grey.perturbation) == (Constant(0.0), Constant(0.5))
    pairs = (len(black.coalitions) - 2) // 2, (len(grey.coalitions) - 1) // 2
    assert pairs == (12, 4)
    assert not black.coalitions[-1].any()
    found = both(linear(weights), image)
    np.testing.assert_allclose(found.influence.mean(), (0.75 + 0.25 / 2) / 6, rtol=0.1)
    assert (np.abs(found.influence - found.influence.mean()) <= found.margin).all()
    assert found.proxy.shares.tolist() == pytest.approx([13 / 18, 5 / 18])
    kept = np.zeros((1, 6), dtype=bool)
    told = [found.proxy.scores(kept, 0, one).item() for one in (0, 1)]
    np.testing.assert_allclose(told, [0.0, 0.5], atol=0.1)
    with pytest.raises(InputError, match="every_fourth is for one perturbation; got 2"):
        SampledImportance(perturbations=(Constant(0.0),) * 2, every_fourth=Constant(0.5))
    with pytest.raises(InputError, match="budget must be at least 7"):
        SampledImportance(budget=6, look="outside", every_fourth=Constant(0.0))
