"""Errors are found, ranked, and explained for both classes."""

from __future__ import annotations

import numpy as np
import pytest

import cilens
from cilens.datasets.mnist import load_mnist, mnist_image
from cilens.errors import InputError
from cilens.evaluation.mistakes import Misclassification, check_errors, find_errors
from cilens.segmentation import Grid


def halves(images):
    """Return the left half's brightness, a half of the right's, and 0.25."""
    middle = images.shape[2] // 2
    left, right = images[:, :, :middle].mean((1, 2, 3)), images[:, :, middle:].mean((1, 2, 3))
    return np.stack([left, right / 2, np.full(len(images), 0.25)], axis=1)


def picture(left, right):
    return np.repeat([[[left], [right]]], 2, axis=0).astype(float)


PICTURES = [picture(1, 0), picture(0.5, 0.75), picture(0, 1), picture(0.75, 1), picture(0.75, 0)]


def test_errors_are_ranked_by_confidence_and_then_by_index() -> None:
    found = find_errors(halves, PICTURES, np.array([0, 1, 0, 1, 1], np.uint8))
    assert found == (
        Misclassification(3, true=1, predicted=0, confidence=0.75, true_score=0.5),
        Misclassification(4, true=1, predicted=0, confidence=0.75, true_score=0.0),
        Misclassification(1, true=1, predicted=0, confidence=0.5, true_score=0.375),
        Misclassification(2, true=0, predicted=1, confidence=0.5, true_score=0.0),
    )


def test_no_error_is_no_error() -> None:
    assert find_errors(halves, PICTURES, [0, 0, 1, 0, 0]) == ()


def test_labels_must_fit() -> None:
    with pytest.raises(InputError, match="one label for each image; got 5 images, 4 labels"):
        find_errors(halves, PICTURES, [0, 0, 1, 0])
    for wrong in (3, -1):
        with pytest.raises(InputError, match=f"must be in 0 … 2; label 4 is {wrong}"):
            find_errors(halves, PICTURES, [0, 0, 1, 0, wrong])


def test_both_classes_are_explained_and_their_highlights_asked_about() -> None:
    errors = find_errors(halves, PICTURES, [0, 1, 1, 0, 2])
    by_index = {
        check.error.index: check
        for check in check_errors(cilens.ContextualImportance(Grid(1, 2)), halves, PICTURES, errors)
    }
    both = by_index[1]
    assert (both.predicted.target, both.predicted.score) == (0, 0.5)
    assert (both.true.target, both.true.score) == (1, 0.375)
    assert both.true.predicted == 1
    constant = by_index[4].true
    assert (constant.target, constant.empty, constant.score) == (2, True, 0.25)
    np.testing.assert_array_equal(both.explanation.image, PICTURES[1])


def rivals(images):
    """Return two classes that take from each other: left over the sum, right over the sum."""
    sums = images.mean(axis=(1, 3)) + 1e-9
    return sums / sums.sum(axis=1, keepdims=True)


def test_a_highlight_raises_its_class_when_the_rest_spoke_against_it() -> None:
    errors = find_errors(rivals, [picture(0.75, 0.25)], [1])
    method = cilens.ContextualImportance(Grid(1, 2))
    (check,) = check_errors(method, rivals, [picture(0.75, 0.25)], errors)
    assert check.predicted_raised
    assert check.true_raised
    (check,) = check_errors(method, rivals, [picture(0.75, 0.25)], errors, threshold=0.99)
    assert check.predicted.empty
    assert check.true.empty
    assert not check.predicted_raised  # the blank image's score is nobody's merit
    assert not check.true_raised
    (check,) = check_errors(method, halves, [PICTURES[1]], find_errors(halves, [PICTURES[1]], [1]))
    assert not check.predicted_raised
    assert not check.true_raised


def test_an_empty_highlight_raises_nothing_whatever_the_blank_image_is() -> None:
    blank_is_a_one = lambda images: np.where(  # noqa: E731
        images.any(axis=(1, 2)), np.array([[0.6, 0.4]]), np.array([[0.0, 1.0]])
    )
    images = [np.ones((2, 2))]
    errors = find_errors(blank_is_a_one, images, [1])
    (check,) = check_errors(cilens.ContextualImportance(Grid(1, 2)), blank_is_a_one, images, errors)
    assert check.true.score == 1.0
    assert not check.true_raised


def test_the_shipped_network_speaks_for_what_it_predicts_and_for_what_is_true() -> None:
    model, (images, labels) = cilens.load_model("digits"), load_mnist()
    parts = np.array_split(images[..., None] / np.float32(255), 20)
    wrong = np.flatnonzero(np.concatenate([model(p).argmax(axis=1) for p in parts]) != labels)
    digits = [mnist_image(int(index)) for index in wrong]
    errors = find_errors(model, digits, labels[wrong])
    assert len(errors) == len(wrong) <= 150
    assert errors[0].confidence > 0.99
    checks = list(check_errors(cilens.ContextualImportance.paper(), model, digits, errors))
    assert len(checks) == len(errors)
    assert np.mean([check.predicted_raised for check in checks]) >= 0.8
    assert np.mean([check.true_raised for check in checks]) >= 0.7
