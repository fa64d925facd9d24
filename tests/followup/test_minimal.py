"""What is enough and what is needed: held by the model, minimal, and never empty in silence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import cilens
from cilens.errors import InputError
from cilens.followup.minimal import MinimalSearch
from cilens.followup.redundancy import RedundancySearch
from cilens.methods.occlusion import Occlusion
from present import Present, two


def all_of(*cells):
    """Return a model that wants all of these cells."""
    return lambda there: two(there[:, list(cells)].all(axis=1).astype(float))


def any_of(*cells):
    """Return a model to which any of these cells is enough."""
    return lambda there: two(there[:, list(cells)].any(axis=1).astype(float))


def chosen(found) -> list[int]:
    return np.flatnonzero(found.regions).tolist()


def test_a_model_that_wants_all_of_three_needs_one_of_them():
    model = Present([0.1, 0.5, 0.0, 0.4, 0.3], all_of(1, 3, 4))
    found = MinimalSearch()(model, model.explanation)
    assert chosen(found.sufficient) == [1, 3, 4]
    assert (found.sufficient.score, found.sufficient.predicted) == (1.0, 1)
    assert chosen(found.necessary) == [1]  # the strongest: any one of them would do
    assert (found.necessary.score, found.necessary.predicted) == (0.0, 0)
    assert (found.blank_score, found.blank_predicted) == (0.0, 0)
    assert found.sufficient.minimal
    assert found.necessary.minimal
    assert found.sufficient.reason == found.necessary.reason == ""


def test_a_model_that_wants_any_of_three_needs_all_of_them():
    model = Present([0.1, 0.5, 0.0, 0.4, 0.3], any_of(1, 3, 4))
    found = MinimalSearch()(model, model.explanation)
    assert chosen(found.sufficient) == [1]
    assert chosen(found.necessary) == [1, 3, 4]


def test_regions_that_an_explanation_overrates_are_dropped():
    model = Present([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0], all_of(3, 8))
    found = MinimalSearch()(model, model.explanation)
    assert chosen(found.sufficient) == [3, 8]
    assert chosen(found.necessary) == [3]


def test_of_two_either_of_which_can_go_the_weaker_goes():
    def rule(there):  # cell 3, and 0 or 1
        return two(1.0 * (there[:, 3] & (there[:, 0] | there[:, 1])))

    model = Present([0.5, 0.4, 0.3, 0.2, 0.1], rule)
    assert chosen(MinimalSearch()(model, model.explanation).sufficient) == [0, 3]


def test_no_coalition_is_asked_about_twice():
    model = Present(np.linspace(1, 0, 12), all_of(3, 8))
    found = MinimalSearch()(model, model.explanation)
    assert len(set(model.asked)) == model.rows == found.model_rows
    assert (True,) * 12 not in model.asked  # the image's own scores are known


def test_of_a_model_that_adds_up_the_smallest_sets_are_found():
    weights = np.array([0.05, 0.3, 0.1, 0.25, 0.02, 0.28])
    model = Present(weights, lambda there: two(there @ weights))
    found = MinimalSearch(loss=0.2)(model, model.explanation)
    assert chosen(found.sufficient) == [1, 3, 5]  # 0.83 of 1.0; no three others reach 0.8
    assert found.sufficient.score == pytest.approx(0.83)
    assert chosen(found.necessary) == [1, 5]  # 0.42 is left, so the other class wins
    assert found.sufficient.area == pytest.approx(model.explanation.areas()[[1, 3, 5]].sum())


def test_the_sufficient_set_keeps_the_class_and_not_only_the_score():
    def rule(there):  # cell 0 alone scores as high, and something else higher
        score = np.where(there[:, 0], 0.4, 0.0)
        return np.stack([np.where(there[:, 1], 0.1, 0.6), score], axis=1)

    model = Present([0.9, 0.1, 0.0], rule)
    found = MinimalSearch()(model, model.explanation)
    assert chosen(found.sufficient) == [0, 1]
    assert chosen(found.necessary) == [0]


@pytest.mark.parametrize("value", [0.0, 0.4])
def test_a_class_that_is_not_predicted_is_lost_halfway_to_the_blank_image(value):
    weights = np.array([0.06, 0.14, 0.05])  # beside the blank image's

    def rule(there):
        return np.stack([np.full(len(there), 0.9), value + there @ weights], axis=1)

    model = Present(weights, rule)
    found = MinimalSearch(loss=0.1)(model, model.explanation, 1)
    assert chosen(found.sufficient) == [0, 1]  # 0.14 alone would lose 0.11
    assert chosen(found.necessary) == [1]  # 0.11 is left, halfway is 0.125
    assert found.necessary.predicted == 0


def test_a_regression_with_a_range_of_its_own():
    def rule(there):
        return 40.0 - 100 * there[:, :1] - 20.0 * there[:, 1:2]  # from 40 down to -80

    model = Present([-0.5, -0.1, 0.0, 0.3], lambda there: -rule(there), output_range=(-100, 100))
    found = MinimalSearch(loss=0.05)(model, model.explanation)  # may lose 10
    assert chosen(found.sufficient) == [0, 1]
    assert found.sufficient.score == 80.0
    assert chosen(found.necessary) == [0]
    assert found.necessary.score == -20.0
    assert found.target == found.necessary.predicted == 0  # it has one class


def test_where_the_blank_image_has_the_score_nothing_is_needed_and_it_is_said():
    model = Present([0.2, 0.1], lambda there: two(np.full(len(there), 0.8)))
    found = MinimalSearch()(model, model.explanation)
    assert chosen(found.sufficient) == chosen(found.necessary) == []
    assert (found.sufficient.holds, found.necessary.holds) == (True, False)
    assert found.sufficient.reason == "the blank image has the score too"
    assert "the blank image is the target too" in found.necessary.reason
    assert found.sufficient.score == found.blank_score == 0.8
    other = MinimalSearch()(model, model.explanation, 0)
    assert "nothing to lose" in other.necessary.reason


def test_where_only_part_of_the_image_is_another_class_it_is_found():
    def rule(there):  # blank and whole are class 1; without cell 0 alone it is something else
        return two(np.where(there.sum(axis=1) == 3, 0.2, 0.9))

    model = Present([0.4, 0.3, 0.2, 0.1], rule)
    found = MinimalSearch()(model, model.explanation)
    assert found.necessary.holds
    assert chosen(found.necessary) == [0]


def test_where_no_region_can_go_the_whole_image_is_the_answer():
    model = Present([0.3, 0.2, 0.1], all_of(0, 1, 2))
    found = MinimalSearch()(model, model.explanation).sufficient
    assert found.regions.all()
    assert (found.area, found.minimal, found.holds) == (1.0, True, True)
    assert found.reason == "it takes every region: none can be dropped"


def test_regions_that_do_not_cover_the_image_may_not_be_enough():
    image, halves = np.ones((4, 4, 1)), cilens.Grid(1, 2)
    model = lambda images: two(images.min(axis=(1, 2, 3)))  # noqa: E731
    named = cilens.ContextualImportance(halves, regions={"left": [0]})(model, image)
    found = MinimalSearch()(model, named).sufficient
    assert found.coalition.all()
    assert (found.area, found.score, found.holds, found.minimal) == (1.0, 1.0, True, False)
    assert "outside" in found.reason


def test_overlapping_regions_are_united():
    def model(images):
        return two(images[:, 1, 1:3].min(axis=(1, 2)))

    explanation = Occlusion(size=2, stride=1)(model, np.ones((4, 4, 1)))
    found = MinimalSearch()(model, explanation)
    assert found.sufficient.coalition[explanation.segments][1, 1:3].all()
    assert found.sufficient.regions.sum() == 1
    assert found.necessary.regions.sum() == 1


def test_the_search_ends_with_its_rows_and_says_so():
    model = Present(np.linspace(1, 0, 40), all_of(10, 20, 30))
    found = MinimalSearch(budget=20)(model, model.explanation)
    assert found.model_rows == model.rows <= 20
    assert found.sufficient.holds
    assert not found.sufficient.minimal
    assert "ended with its rows" in found.sufficient.reason
    one = MinimalSearch(budget=1)(model, model.explanation)
    assert one.sufficient.regions.all()
    assert (one.sufficient.holds, one.sufficient.score) == (True, 1.0)
    assert one.model_rows == 1


def test_nothing_found_with_the_rows_is_another_reason_than_nothing_there():
    model = Present(np.linspace(1, 0, 40), lambda there: two(0.9 - 0.5 * (there.sum(1) == 3)))
    short, long = (
        MinimalSearch(budget=most)(model, model.explanation).necessary for most in (5, 500)
    )
    assert not short.regions.any()
    assert "before it found any" in short.reason
    assert long.holds  # with all but three removed it is something else
    assert long.regions.sum() == 37


@pytest.mark.parametrize("settings", [{"loss": -0.1}, {"loss": 1.0}, {"budget": 0}])
def test_settings_that_make_no_sense(settings):
    with pytest.raises(InputError, match=next(iter(settings))):
        MinimalSearch(**settings)


@given(
    table=st.lists(st.integers(0, 4), min_size=32, max_size=32),
    influence=st.lists(st.integers(-3, 3), min_size=5, max_size=5),
    budget=st.integers(1, 40),
    target=st.integers(0, 1),
)
@example(table=[0] * 31 + [4], influence=[0] * 5, budget=40, target=1)
def test_whatever_the_model_the_claims_hold(table, influence, budget, target):
    def rule(there):
        return two(np.array(table)[there @ (2 ** np.arange(5))] / 4)

    model = Present(np.array(influence) / 3, rule)
    explanation = model.explanation
    found = MinimalSearch(budget=budget)(model, explanation, target)
    assert found.model_rows == model.rows <= budget
    predicted = explanation.predicted == target
    floor = explanation.scores[target] - 0.01
    halfway = (explanation.scores[target] + found.blank_score) / 2

    def told(removed, regions):
        scores = rule((regions ^ removed)[None])[0]
        winner = int(scores.argmax())
        if not removed:
            return scores[target] >= floor and (winner == target or not predicted)
        return winner != target if predicted else scores[target] <= halfway

    for removed, one in ((False, found.sufficient), (True, found.necessary)):
        held = told(removed, one.regions)
        assert one.score == rule((one.regions ^ removed)[None])[0, target]
        nothing_to_lose = removed and not predicted and "nothing to lose" in one.reason
        assert one.holds == held or nothing_to_lose
        assert one.regions.any() or one.reason
        assert one.holds or not one.regions.any()
        if one.holds and one.minimal:
            smaller = [one.regions & (np.arange(5) != at) for at in chosen(one)]
            assert not any(told(removed, regions) for regions in smaller)
    assert found.sufficient.holds
    again = MinimalSearch(budget=budget)(model, explanation, target)
    assert repr(again) == repr(found)


def test_on_digits_the_class_is_kept_and_lost_at_few_rows():
    model = cilens.load_model("digits")
    method = cilens.SampledImportance(
        (cilens.Slic(40, compactness=0.3),), (cilens.Constant(0.0),), 100
    )
    for source in ("mnist:0", "mnist:18", "mnist:247"):
        explanation = method(model, cilens.read_image(source))
        found = MinimalSearch()(model, explanation)
        assert found.sufficient.predicted == explanation.predicted
        assert found.sufficient.score >= explanation.scores.max() - 0.01
        assert found.necessary.predicted != explanation.predicted
        assert found.sufficient.area < 0.25
        assert found.model_rows <= 100


def test_a_picture_that_is_known_costs_no_row():
    """Black cells hidden in black: with or without them it is the same picture."""
    image = np.zeros((4, 4, 1))
    image[:2] = 1.0
    asked = []

    def model(images):
        asked.extend(images[..., 0].tolist())
        bright = images[:, :2].mean(axis=(1, 2, 3))
        return np.stack([1 - bright, bright], axis=1)

    explanation = cilens.ContextualImportance(cilens.Grid(4, 4))(model, image)
    asked.clear()
    found = MinimalSearch(loss=0.0)(model, explanation)
    assert found.sufficient.regions.tolist() == [True] * 8 + [False] * 8
    assert found.sufficient.minimal
    pictures = {str(picture) for picture in asked}
    assert len(pictures) == len(asked) == found.model_rows
    asked.clear()
    pairs = RedundancySearch()(model, explanation)
    assert pairs.model_rows == len(asked) == 8  # the white ones, none of which is dispensable
    assert pairs.dispensable.tolist() == [False] * 8 + [True] * 8
    assert pairs.drop[8:].tolist() == [0.0] * 8
