"""Contrast: any pair of classes, from the same rows."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cilens
from cilens.errors import InputError
from reading import with_tables

# One column for each class; four regions, each of another kind for class 1 against class 2.
INFLUENCE = np.array(
    [
        [0.0, 0.5, -0.2],  # for 1, against 2
        [0.0, 0.01, 0.009],  # for 1 at the threshold, for 2 just below
        [0.0, 0.3, 0.4],  # for both
        [0.0, -0.01, -0.02],  # against both
        [0.0, 0.0, 0.1],  # for 2
    ]
)


def with_influence(influence, scores=(0.1, 0.6, 0.3)):
    return with_tables(influence, scores)


@pytest.fixture
def explanation():
    return with_influence(INFLUENCE)


def test_regions_fall_on_their_side(explanation):
    found = explanation.contrast(1, 2)
    assert (found.target, found.foil, found.threshold) == (1, 2, 0.01)
    np.testing.assert_allclose(found.difference, [0.7, 0.001, -0.1, 0.01, -0.1], atol=1e-15)
    assert np.flatnonzero(found.for_target_only).tolist() == [0, 1]
    assert np.flatnonzero(found.for_foil_only).tolist() == [4]
    assert np.flatnonzero(found.both).tolist() == [2]
    assert np.flatnonzero(found.against_target).tolist() == [3]
    assert np.flatnonzero(found.against_foil).tolist() == [0, 3]
    assert np.flatnonzero(found.against_both).tolist() == [3]


def test_the_threshold_is_inclusive_and_moves_them(explanation):
    assert not explanation.contrast(1, 2, np.nextafter(0.01, 1)).for_target_only[1]
    assert np.flatnonzero(explanation.contrast(1, 2, 0.35).for_foil_only).tolist() == [2]
    assert np.flatnonzero(explanation.contrast(1, 2, 0.005).both).tolist() == [1, 2]


@pytest.mark.parametrize("threshold", [0.0, -0.1, np.nan])
def test_without_a_threshold_every_region_would_count(explanation, threshold):
    with pytest.raises(InputError, match=r"threshold .*must be (above 0|finite); got"):
        explanation.contrast(1, 2, threshold)


tables = st.integers(0, 10_000).map(
    lambda seed: np.random.default_rng(seed).choice([-0.5, -0.01, 0.0, 0.01, 0.2], (6, 3))
)


@given(tables, st.integers(0, 2), st.integers(0, 2))
def test_swapping_flips_the_sign_and_swaps_the_sides(influence, one, other):
    e = with_influence(influence)
    there, back = e.contrast(one, other), e.contrast(other, one)
    np.testing.assert_array_equal(there.difference, -back.difference)
    np.testing.assert_array_equal(there.for_target_only, back.for_foil_only)
    np.testing.assert_array_equal(there.for_foil_only, back.for_target_only)
    np.testing.assert_array_equal(there.against_target, back.against_foil)
    np.testing.assert_array_equal(there.both, back.both)
    np.testing.assert_array_equal(there.against_both, back.against_both)
    sides = [there.for_target_only, there.for_foil_only, there.both, there.against_both]
    assert (np.sum(sides, axis=0) <= 1).all()
    np.testing.assert_array_equal(there.for_target_only | there.both, e.important(one))


@given(tables, st.integers(0, 2))
def test_a_class_against_itself_differs_nowhere(influence, one):
    e = with_influence(influence)
    found = e.contrast(one, one)
    assert not found.difference.any()
    assert not found.for_target_only.any()
    assert not found.for_foil_only.any()
    np.testing.assert_array_equal(found.both, e.important(one))


def test_the_foil_is_the_runner_up_unless_named(explanation):
    assert explanation.runner_up == 2
    assert explanation.contrast().target == 1
    assert explanation.contrast().foil == 2
    assert explanation.contrast(foil="runner-up").foil == 2
    assert explanation.contrast(2).foil == 1  # the best class but the target
    assert explanation.contrast(foil=0).foil == 0
    named = dataclasses.replace(explanation, class_names=("a", "b", "c"))
    assert named.contrast("a", "c").target == 0
    assert named.contrast("a", "c").foil == 2
    called_so = dataclasses.replace(explanation, class_names=("runner-up", "b", "c"))
    assert called_so.contrast(foil="runner-up").foil == 0


def test_one_class_has_no_runner_up():
    e = with_influence(INFLUENCE[:, :1], scores=(0.1,))
    assert e.runner_up is None
    with pytest.raises(InputError, match="a runner-up needs a second class"):
        e.contrast()
    assert not e.contrast(0, 0).difference.any()


def test_an_unknown_foil_is_named(explanation):
    named = dataclasses.replace(explanation, class_names=("cat", "dog", "hare"))
    with pytest.raises(InputError, match="unknown class 'hair'; did you mean 'hare'"):
        named.contrast(foil="hair")
    with pytest.raises(InputError, match="class index must be in 0 … 2; got 7"):
        explanation.contrast(foil=7)


def test_every_pair_costs_no_row_and_equals_the_maps():
    asked = []
    digits = cilens.load_model("digits")

    def model(images):
        asked.append(len(images))
        return digits(images)

    e = cilens.explain(model, cilens.read_image("mnist:115"))
    rows = sum(asked)
    for one in range(10):
        for other in range(10):
            found = e.contrast(one, other)
            painted = found.difference[e.segments]
            np.testing.assert_allclose(painted, e.saliency(one) - e.saliency(other), atol=1e-15)
    assert sum(asked) == rows == e.model_rows + 2  # two rows check that the model is a function


def test_its_arrays_are_read_only(explanation):
    with pytest.raises(ValueError, match="read-only"):
        explanation.contrast().difference[0] = 1
