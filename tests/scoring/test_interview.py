"""Questions asked one after the other: each coalition once, and every row counted."""

from __future__ import annotations

import numpy as np
import pytest

from cilens.explanation.numbers import Reading, from_effects
from cilens.methods.contextual import ContextualImportance
from cilens.methods.greedy import Greedy
from cilens.perturbation import Constant
from cilens.scoring.explain import Interview, PlannedMethod
from cilens.scoring.statement import StatedModel
from cilens.segmentation import Grid


@pytest.fixture
def asked():
    return []


@pytest.fixture
def interview(asked):
    def bright(images):
        asked.append(len(images))
        return images.mean(axis=(1, 2)) + 1e-9 * len(asked)  # other batches, other noise

    stated = StatedModel(bright, (0.0, 2.0))
    return Interview(stated, np.ones((4, 4)), Grid(1, 2), Constant(0.0), 32)


def test_no_coalition_is_asked_about_twice(interview, asked):
    left, none, full = [True, False], [False, False], [True, True]
    first = interview.ask(np.array([left, none, left, full]))
    again = interview.ask(np.array([none, full, left]))
    assert asked == [2, 1, 1, 1]  # the image and the blank one, each alone, and what is new
    np.testing.assert_array_equal(first[[1, 3, 0]], again)
    np.testing.assert_array_equal(first[3], interview.scores)


def test_the_explanation_counts_what_was_asked(interview):
    interview.ask(np.array([[True, False], [False, True]]))
    tables = from_effects(interview.scores, np.array([[0.5], [-0.5]]), interview.bounds, 1e-6)
    found = interview.explanation(Reading(interview.scores, tables), "by hand")
    assert (found.model_rows, found.method) == (4, "by hand")
    np.testing.assert_array_equal(found.influence, [[0.25], [-0.25]])


def test_what_hides_nothing_has_the_images_own_scores(asked):
    def bright(images):
        asked.append(len(images))
        return images.mean(axis=(1, 2)) + 1e-9 * len(asked)

    interview = Interview(bright, np.zeros((4, 4)), Grid(1, 2), Constant(0.0), 32)
    np.testing.assert_array_equal(interview.ask(np.array([[False, False]]))[0], interview.scores)


def test_methods_that_plan_are_told_from_those_that_adapt():
    assert isinstance(ContextualImportance(), PlannedMethod)
    assert not isinstance(Greedy(), PlannedMethod)
