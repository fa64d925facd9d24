"""Redundancy: dispensable alone, decisive together, with the partner named."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cilens
from cilens.coalitions import region_neighbours
from cilens.errors import InputError
from cilens.followup.redundancy import RedundancySearch
from present import Present, two


def test_of_two_either_of_which_is_enough_each_is_the_others_partner():
    model = Present([0.5, 0.2, 0.5, 0.0], lambda there: two((there[:, 0] | there[:, 2]) * 0.75))
    found = RedundancySearch()(model, model.explanation)
    assert found.partner.tolist() == [2, -1, 0, -1]
    assert found.joint_drop[[0, 2]].tolist() == [0.75, 0.75]
    assert np.isnan(found.joint_drop[[1, 3]]).all()
    assert found.drop.tolist() == [0, 0, 0, 0]
    assert found.dispensable.all()
    assert found.redundant.tolist() == [True, False, True, False]
    assert found.pairs() == [(0, 2, 0.75)]
    assert found.model_rows == model.rows == RedundancySearch().budget(4) == 4 + 6


def test_the_higher_of_two_that_differ_is_not_dispensable():
    def rule(there):  # the weaker stands in for most of the stronger, not for all
        return two(np.maximum(0.9 * there[:, 0], 0.7 * there[:, 1]))

    model = Present([0.5, 0.4, 0.0], rule)
    found = RedundancySearch()(model, model.explanation)
    assert found.drop.tolist() == pytest.approx([0.2, 0, 0])
    assert found.dispensable.tolist() == [False, True, True]
    assert not found.redundant.any()
    wide = RedundancySearch(dispensable=0.25)(model, model.explanation)
    assert [pair[:2] for pair in wide.pairs()] == [(0, 1)]


@given(weights=st.lists(st.floats(-0.2, 0.2), min_size=2, max_size=5))
def test_a_model_that_adds_up_has_no_redundancy(weights):
    model = Present(weights, lambda there: two(0.5 + there @ np.array(weights) / 3))
    found = RedundancySearch(dispensable=0.5)(model, model.explanation)
    assert found.dispensable.all()
    assert not found.redundant.any()
    assert found.pairs() == []


def test_of_three_any_of_which_is_enough_none_is_found():
    model = Present([0.5, 0.4, 0.3], lambda there: two(there.any(axis=1) * 1.0))
    found = RedundancySearch()(model, model.explanation)
    assert found.dispensable.all()
    assert not found.redundant.any()


def test_the_partner_is_the_one_with_which_it_costs_the_most():
    def rule(there):  # 0 stands in for 1 (worth 0.3) and for 2 (worth 0.6)
        return two(0.3 * (there[:, 0] | there[:, 1]) + 0.6 * (there[:, 0] | there[:, 2]))

    model = Present([0.5, 0.4, 0.3, 0.0], rule)
    found = RedundancySearch()(model, model.explanation)
    assert found.partner.tolist() == [2, 0, 0, -1]
    assert [pair[:2] for pair in found.pairs()] == [(0, 2), (0, 1)]


def test_only_the_strongest_are_asked_about_in_pairs():
    def rule(there):
        return two(1.0 * (there[:, 0] | there[:, 5]))

    model = Present([0.6, 0.5, 0.4, 0.3, 0.2, 0.1], rule)
    search = RedundancySearch(candidates=5, neighbours=0)
    found = search(model, model.explanation)
    assert not found.redundant.any()
    assert found.model_rows == model.rows == search.budget(6) == 6 + 10


def test_pairs_that_share_a_border_are_asked_about_too_the_strongest_first():
    def rule(there):  # the last stands in for the one above it, which is weak as well
        return two(1.0 * (there[:, 3] | there[:, 5]))

    model = Present([0.6, 0.5, 0.4, 0.3, 0.2, 0.1], rule)
    near = region_neighbours(model.explanation.segments, model.explanation.regions)
    assert near[3, 5]
    few = RedundancySearch(candidates=2, neighbours=1)(model, model.explanation)
    assert not few.redundant.any()
    strong = Present([0.1, 0.2, 0.9, 0.5, 0.1, 0.6], rule)
    first = RedundancySearch(candidates=2, neighbours=2)(strong, strong.explanation)
    assert [pair[:2] for pair in first.pairs()] == [(3, 5)]
    search = RedundancySearch(candidates=2, neighbours=int(near.sum()) // 2)
    found = search(model, model.explanation)
    assert [pair[:2] for pair in found.pairs()] == [(3, 5)]
    assert few.model_rows + found.model_rows == model.rows
    assert found.model_rows <= search.budget(6)


def test_regions_that_were_not_asked_are_not_called_dispensable():
    model = Present([0.1, -0.5, 0.3], lambda there: two(0.5 * there[:, 2]))
    found = RedundancySearch(most_regions=2)(model, model.explanation)
    assert np.isnan(found.drop).tolist() == [True, False, False]
    assert found.dispensable.tolist() == [False, True, False]
    assert found.model_rows == model.rows == 2


def test_shares_are_of_the_output_range():
    def rule(there):
        return 100.0 * (there[:, :1] | there[:, 1:2]) - 50

    model = Present([0.1, 0.1], rule, output_range=(-50.0, 150.0))
    assert RedundancySearch()(model, model.explanation).joint_drop.tolist() == [0.5, 0.5]


def test_the_target_is_the_callers():
    model = Present([0.1, 0.1], lambda there: two(1.0 * there.any(axis=1)))
    found = RedundancySearch()(model, model.explanation, 0)
    assert found.target == 0
    assert not found.redundant.any()  # hiding both raises class 0


def test_on_a_digit_the_model_confirms_every_pair():
    model, image = cilens.load_model("digits"), cilens.read_image("mnist:247")
    method = cilens.SampledImportance(
        (cilens.Slic(40, compactness=0.3),), (cilens.Constant(0.0),), 100
    )
    explanation = method(model, image)
    found = RedundancySearch()(model, explanation)
    for region, other, joint_drop in found.pairs():
        pixels = [explanation.regions[row][explanation.segments] for row in (region, other)]
        hidden = np.stack([~pixels[0], ~pixels[1], ~(pixels[0] | pixels[1])])
        one, two_, both = explanation.scores[found.target] - model(
            (image * hidden[..., None]).astype(np.float32)
        )[:, found.target]  # fmt: skip
        assert both == pytest.approx(joint_drop, abs=1e-6)
        assert max(abs(one), abs(two_)) < 0.01
        assert both - one - two_ >= 0.05


@pytest.mark.parametrize(
    "settings", [{"candidates": 1}, {"neighbours": -1}, {"decisive": 0.0}, {"dispensable": -1.0}]
)
def test_settings_that_make_no_sense(settings):
    with pytest.raises(InputError, match=next(iter(settings))):
        RedundancySearch(**settings)
