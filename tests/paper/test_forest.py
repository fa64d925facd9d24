"""The random forest learns as another library's does, and the same way every time."""

from __future__ import annotations

import numpy as np
import pytest

from cilens.paper.forest import TREES, grow
from cilens.paper.measure import p11_comparison

COUNT = 1500


@pytest.fixture(scope="module")
def digits(study):
    images, labels = study.test
    return (images[1::2][:COUNT], labels[1::2][:COUNT]), (images[::2][:COUNT], labels[::2][:COUNT])


@pytest.fixture(scope="module")
def forest(digits):
    return grow(*digits[0])


def test_it_is_as_good_as_scikit_learn_s(digits, forest):
    ensemble = pytest.importorskip("sklearn.ensemble")
    (images, labels), (others, truth) = digits
    theirs = ensemble.RandomForestClassifier(TREES, random_state=0)
    theirs.fit(images.reshape(COUNT, -1), labels)
    expected = theirs.score(others.reshape(COUNT, -1), truth)
    found = p11_comparison.accuracy(forest, list(others), truth)
    assert found.value == pytest.approx(expected, abs=0.03)
    assert found.value > 0.85
    assert found.images == found.rows == COUNT


def test_it_knows_what_it_has_learnt(digits, forest):
    (images, labels), _ = digits
    assert (forest(images[:300]).argmax(axis=1) == labels[:300]).mean() > 0.99


def test_scores_add_up_and_are_the_same_every_time(digits, forest):
    images, labels = (each[:200] for each in digits[0])
    one, other = grow(images, labels), grow(images, labels)
    np.testing.assert_array_equal(one(images), other(images))
    np.testing.assert_allclose(forest(images).sum(axis=1), 1.0, atol=1e-12)
    np.testing.assert_array_equal(forest(images)[3:4], forest(images[3:4]))


def test_pixels_that_decide_are_found():
    images = np.zeros((40, 28, 28, 1), np.float32)
    images[::2, 9:16, 10:17] = 1.0
    scores = grow(images, np.arange(40) % 2 * 7)(images)
    assert scores[::2, 0].min() > 0.9
    assert scores[1::2, 7].min() > 0.9


def test_images_that_cannot_be_told_apart_share_a_leaf():
    images = np.full((100, 28, 28, 1), 0.25, np.float32)
    scores = grow(images, np.arange(100) % 4)(images[:1])[0]
    np.testing.assert_allclose(scores[:4], 0.25, atol=0.05)
    assert scores[4:].max() == 0.0
