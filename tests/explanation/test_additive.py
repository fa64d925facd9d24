"""Estimates of scores that nobody asked for, and what they are worth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import cilens
import made
from cilens import scoring
from cilens.explanation.additive import additive_errors, additive_scores, segment_effects
from cilens.scoring.question import Question

HALVES = cilens.SampledImportance(
    segmenters=(cilens.Grid(4, 4),), perturbations=(cilens.Constant(0.0),), budget=65
)

ROUGH = np.random.default_rng(8).normal(0, 20, (8, 8))


def linear(images):
    weights = np.linspace(-1, 1, 16).reshape(4, 4).repeat(2, axis=0).repeat(2, axis=1)
    score = 0.5 + (images[..., 0] * weights).sum(axis=(1, 2)) / 128
    return np.stack([score, 1 - score], axis=1)


def corners(images):
    """Return a model that needs three corners at once: sums cannot say so."""
    both = images[:, 0, 0, 0] * images[:, -1, -1, 0] * images[:, 0, -1, 0]
    return np.stack([both, 1 - both], axis=1)


def rough(images):
    """Return a model whose score jumps from one set of segments to the next, as noise does."""
    score = 0.5 + 0.3 * np.sin((images[..., 0] * ROUGH).sum(axis=(1, 2)))
    return np.stack([score, 1 - score], axis=1)


def asked(model, explanation, coalitions):
    question = Question.on(explanation.view, explanation.segments, coalitions, cilens.Constant(0.0))
    (answer,) = scoring.score(model, [question])
    return answer.scores


def test_sums_are_exact_where_the_model_is_a_sum():
    found = cilens.explain(linear, np.ones((8, 8, 1)), method=HALVES)
    coalitions = np.random.default_rng(2).integers(0, 2, (50, 16)).astype(bool)
    np.testing.assert_allclose(
        additive_scores(found, coalitions), asked(linear, found, coalitions), atol=1e-12
    )
    assert additive_errors(found).max() < 1e-6


@pytest.mark.parametrize("model", [corners, rough])
def test_the_error_is_that_of_rows_nobody_asked(model):
    found = cilens.explain(model, np.ones((8, 8, 1)), method=replace(HALVES, budget=49))
    fresh = np.random.default_rng(6).integers(0, 2, (4000, 16)).astype(bool)
    off = asked(model, found, fresh) - additive_scores(found, fresh)
    np.testing.assert_allclose(
        additive_errors(found), np.sqrt(np.square(off).mean(axis=0)), rtol=0.15
    )


def test_estimates_stay_in_the_output_range():
    found = made.explanation([0.9, 0.8, -0.5], scores=(0.1, 0.9))
    scores = additive_scores(found, np.array([[False, False, True], [True, True, False]]))
    assert scores[:, 1].tolist() == [0.0, 1.0]


def test_a_range_that_is_nearly_all_numbers():
    found = cilens.explain(rough, np.ones((8, 8, 1)), method=HALVES)
    huge = {"output_range": np.array([[-8e307] * 2, [8e307] * 2])}
    assert np.isfinite(additive_errors(replace(found, **huge))).all()
    assert replace(found, **huge).to_html()


def test_the_error_is_not_known_where_no_two_segments_were_hidden_at_once():
    method = cilens.ContextualImportance(cilens.Grid(2, 2))
    found = cilens.explain(corners, np.ones((8, 8, 1)), method=method)
    assert found.coalitions.shape == (5, 4)
    assert additive_errors(found) is None
    assert additive_errors(replace(found, coalitions=None, answers=None)) is None


def test_effects_of_overlapping_regions_are_their_mean():
    method = replace(HALVES, segmenters=(cilens.Grid(2, 2), cilens.Grid(1, 1)), budget=101)
    found = cilens.explain(linear, np.ones((8, 8, 1)), method=method)
    (quarters, whole) = found.influence[:4, 0], found.influence[4, 0]
    np.testing.assert_allclose(segment_effects(found)[:, 0], (quarters + whole / 4) / 2)
    assert found.coalitions.shape == (len(found.answers), 4)


@pytest.mark.parametrize("method", [HALVES, cilens.ContextualImportance(cilens.Grid(2, 3))])
def test_answers_are_what_the_model_said(method):
    found = cilens.explain(corners, np.ones((8, 8, 1)), method=method)
    assert found.coalitions[0].all()
    np.testing.assert_allclose(found.answers, asked(corners, found, found.coalitions), atol=1e-7)
    assert len(found.answers) == found.model_rows


def test_rows_are_those_of_the_first_perturbation():
    method = replace(HALVES, perturbations=(cilens.Constant(0.0), cilens.Constant(0.5)))
    found = cilens.explain(corners, np.ones((8, 8, 1)), method=method)
    assert len(found.answers) < found.model_rows
    np.testing.assert_allclose(found.answers, asked(corners, found, found.coalitions), atol=1e-7)


def test_rows_are_saved(tmp_path):
    found = cilens.explain(corners, np.ones((8, 8, 1)), method=HALVES)
    found.save(tmp_path / "corners.npz")
    again = cilens.Explanation.load(tmp_path / "corners.npz")
    assert (again.answers == found.answers).all()
    assert (again.coalitions == found.coalitions).all()


def test_rows_go_together():
    found = cilens.explain(corners, np.ones((8, 8, 1)), method=HALVES)
    with pytest.raises(cilens.errors.InputError, match=r"answers must have shape \(65, 2\)"):
        replace(found, answers=found.answers[1:])
    with pytest.raises(cilens.errors.InputError, match="coalitions and answers go together"):
        replace(found, answers=None)
