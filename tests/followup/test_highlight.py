"""A highlight is checked by the model: alone, removed, blank."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cilens.followup.highlight import Highlight, check_highlight
from cilens.methods import ContextualImportance
from cilens.perturbation import Constant
from cilens.segmentation import Grid


def left_or_right(images):
    """Return the left half's brightness, a third of the right's, and a constant."""
    means = images.mean(axis=(1, 3))
    half = means.shape[1] // 2
    return np.stack(
        [means[:, :half].mean(1), means[:, half:].mean(1) / 3, 0 * means[:, 0] + 0.2], 1
    )


def test_the_highlight_alone_the_rest_and_the_blank_are_asked_in_three_rows():
    explanation = ContextualImportance(Grid(1, 2))(left_or_right, np.ones((4, 4)))
    asked = []

    def model(images):
        asked.append(len(images))
        return left_or_right(images)

    check = check_highlight(model, explanation)
    assert sum(asked) == check.model_rows == 3
    assert (check.target, check.area, check.empty) == (0, 0.5, False)
    assert (check.score, check.predicted) == (1.0, 0)
    assert (check.remainder_score, check.remainder_predicted) == (0.0, 1)
    assert (check.blank_score, check.blank_predicted) == (0.0, 2)


def test_an_empty_highlight_is_called_so_and_is_the_blank_image():
    explanation = ContextualImportance(Grid(1, 2))(left_or_right, np.ones((4, 4)))
    check = check_highlight(left_or_right, explanation, target=2)
    assert check.empty
    assert check.area == 0.0
    assert (check.score, check.predicted) == (check.blank_score, check.blank_predicted)
    assert check.remainder_score == 0.2


def test_target_threshold_and_fill_are_the_callers():
    explanation = ContextualImportance(Grid(1, 2))(left_or_right, np.ones((4, 4)))
    assert check_highlight(left_or_right, explanation, target=1, threshold=0.3).score == 1 / 3
    assert check_highlight(left_or_right, explanation, target=1, threshold=0.4).empty
    grey = check_highlight(left_or_right, explanation, Constant(0.5), target=1)
    assert grey.remainder_score == 0.5 / 3


def test_the_highlight_is_judged_by_score_class_loss_and_area():
    explanation = ContextualImportance(Grid(1, 2))(left_or_right, np.ones((4, 4)))
    found = Highlight()(left_or_right, explanation)
    assert found == {"sufficiency": 1.0, "class_kept": 1.0, "necessity": 1.0, "area": 0.5}
    right = Highlight()(left_or_right, explanation, 1)  # alone it is class 1, not the predicted 0
    assert right == {"sufficiency": 1 / 3, "class_kept": 0.0, "necessity": 1 / 3, "area": 0.5}


def test_an_empty_highlight_loses_nothing_and_is_judged_as_the_blank_image():
    explanation = ContextualImportance(Grid(1, 2))(left_or_right, np.ones((4, 4)))
    found = Highlight(Constant(0.1), threshold=0.95)(left_or_right, explanation, 1)
    assert found == {"sufficiency": 0.1 / 3, "class_kept": 0.0, "necessity": 0.0, "area": 0.0}


def two_of_three(images):
    """Score 1 where at least two of the first three columns are bright, else 0."""
    bright = images.min(axis=(1, 3))[:, :3].sum(axis=1)
    return np.stack([bright < 2, bright >= 2], axis=1).astype(float)


def unsure_columns():
    """Return an explanation in which one of the columns alone is sure."""
    explanation = ContextualImportance(Grid(1, 5))(two_of_three, np.ones((3, 5, 1)))
    influence = np.array([[0.0, 0.5], [0.0, 0.4], [0.0, 0.3], [0.0, 0.0], [0.0, 0.0]])
    margin = np.array([[0.0, 0.1], *[[0.0, 0.45]] * 4])
    return replace(explanation, influence=influence, margin=margin)


def test_the_next_strongest_are_added_until_the_class_is_kept_and_counted():
    explanation = unsure_columns()
    assert explanation.kept().tolist() == [True, False, False, False, False]
    found = check_highlight(two_of_three, explanation)
    assert found.kept.tolist() == [True, True, False, False, False]
    assert (found.added, found.predicted, found.remainder_predicted) == (1, 1, 0)
    assert found.area == pytest.approx(2 / 5)
    assert (
        found.model_rows == 3 + 1 + 1
    )  # a larger one (the next is over half of the image), and what is left
    assert not found.kept.flags.writeable


def test_a_judge_adds_nothing_and_another_class_is_not_kept():
    explanation = unsure_columns()
    plain = Highlight().check(two_of_three, explanation)
    assert (plain.added, plain.predicted, plain.model_rows) == (0, 0, 3)
    other = check_highlight(two_of_three, explanation, target=0)
    assert (other.added, other.model_rows) == (0, 3)
    assert plain.blank_lead == 1.0


def test_at_most_eight_rows_are_added_however_many_regions_there_are():
    def never(images):  # but for the whole image
        whole = images.min(axis=(1, 2, 3)) > 0
        return np.stack([~whole, whole], axis=1).astype(float)

    explanation = ContextualImportance(Grid(10, 10))(never, np.ones((10, 10, 1)))
    influence = np.zeros((100, 2))
    influence[:, 1] = np.linspace(-0.009, 0.009, 100)
    found = check_highlight(never, replace(explanation, influence=influence))
    assert (found.added, found.empty, found.model_rows) == (0, True, 3 + 5)

    def many(images):
        enough = (images > 0).sum(axis=(1, 2, 3)) >= 20
        return np.stack([~enough, enough], axis=1).astype(float)

    found = check_highlight(many, replace(explanation, influence=influence))
    # Of 1, 3, 7, 19 and 50 regions the last are enough, and of 26 and 36 the fewer.
    assert (found.added, found.predicted, found.model_rows) == (26, 1, 3 + 5 + 2 + 1)
