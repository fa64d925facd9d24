"""Several objects: which region speaks for which class, from the same questions."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cilens
from cilens import find_objects
from cilens.datasets.synthetic import two_digits
from cilens.errors import InputError
from cilens.followup.minimal import MinimalSearch
from cilens.metrics.localization import pointing
from cilens.models.wrappers.canvas import CanvasModel
from cilens.table import objects_records
from cilens.text import about, objects_lines, sentence
from reading import with_tables

# One column for each class; four regions.
INFLUENCE = np.array(
    [
        [0.0, 0.5, -0.2],  # for class 1 alone
        [0.0, 0.3, 0.4],  # for classes 1 and 2, more for 2
        [0.0, 0.009, 0.1],  # for class 2 alone: 1 stays below the threshold
        [0.0, -0.3, 0.0],  # against 1
    ]
)


@pytest.fixture
def explanation():
    return with_tables(INFLUENCE, (0.04, 0.6, 0.36))


def test_regions_belong_to_the_class_that_they_speak_for_most(explanation):
    found = find_objects(explanation)
    assert found.classes == (1, 2)  # class 0 is below 5 %
    assert found.speaks.tolist() == [[True, True, False, False], [False, True, True, False]]
    assert found.owner.tolist() == [0, 1, 1, -1]
    assert found.shared.tolist() == [False, True, False, False]
    np.testing.assert_allclose(found.own, [0.5 / 0.8, 0.1 / 0.5])
    areas = explanation.areas()
    np.testing.assert_allclose(found.areas, [areas[:2].sum(), areas[1:3].sum()])


def test_classes_are_those_above_a_score_or_the_best_or_those_named(explanation):
    assert find_objects(explanation, above=0.0).classes == (1, 2, 0)
    assert find_objects(explanation, above=0.0, top=2).classes == (1, 2)
    assert find_objects(explanation, above=0.9).classes == (1,)  # the predicted class always
    assert find_objects(explanation, [0, 2], top=1, above=1).classes == (2, 0)
    assert find_objects(explanation, ["2"]).classes == (2,)


def test_a_class_for_which_nothing_speaks(explanation):
    found = find_objects(explanation, [0, 1])
    assert not found.speaks[1].any()
    assert np.isnan(found.own[1])
    assert found.areas[1] == 0
    assert objects_records(explanation, found)[1]["own"] is None
    assert (
        "no region is sure to speak for it by 1 % or more"
        in objects_lines(about(explanation), found)[1]
    )


def test_scores_are_shares_of_each_classes_own_range():
    ranges = ((0.0, 0.0), (100.0, 1.0))
    method = cilens.ContextualImportance(cilens.Grid(1, 2), (cilens.Constant(0.0),))
    model = lambda images: np.stack([images[:, 0, 0, 0] * 4, images[:, 0, 1, 0]], axis=1)  # noqa: E731
    explanation = method(cilens.StatedModel(model, ranges), np.ones((1, 2, 1)))
    assert explanation.predicted == 0  # 4 is more than 1, though 4 % of its range
    assert find_objects(explanation).classes == (0, 1)
    assert find_objects(explanation, top=1).classes == (0,)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"top": 0}, "top and threshold must be above 0; got 0"),
        ({"threshold": 0.0}, "top and threshold must be above 0; got 5 and 0.0"),
        ({"threshold": np.nan}, "threshold must be finite; got nan"),
        ({"classes": [1, "1"]}, "each class must be named once, one at least; got"),
        ({"classes": []}, "each class must be named once, one at least; got []"),
        ({"classes": [9]}, "a class index must be in 0 … 2; got 9"),
    ],
)
def test_what_makes_no_sense_is_refused(explanation, options, message):
    with pytest.raises(InputError) as error:
        find_objects(explanation, **options)
    assert message in str(error.value)


tables = st.integers(0, 10_000).map(
    lambda seed: np.random.default_rng(seed).choice([-0.5, -0.01, 0.0, 0.01, 0.2], (6, 3))
)


@given(tables)
def test_a_region_has_an_owner_where_it_speaks_for_a_class(influence):
    found = find_objects(with_tables(influence, (0.2, 0.5, 0.3)), above=0.0)
    assert ((found.owner >= 0) == found.speaks.any(axis=0)).all()
    assert (found.shared <= (found.owner >= 0)).all()
    rows = np.flatnonzero(found.owner >= 0)
    assert found.speaks[found.owner[rows], rows].all()
    known = found.own[~np.isnan(found.own)]
    assert ((known >= 0) & (known <= 1)).all()


def test_what_may_be_noise_speaks_for_no_class(explanation):
    margin = np.full_like(explanation.influence, 0.35)
    unsure = dataclasses.replace(explanation, margin=margin)
    speaks = [[True, False, False, False], [False, True, False, False]]
    assert find_objects(unsure).speaks.tolist() == speaks


def test_its_arrays_are_read_only(explanation):
    with pytest.raises(ValueError, match="read-only"):
        find_objects(explanation).own[0] = 1


def test_the_lines_say_what_is_shared(explanation):
    first, second = objects_lines(about(explanation), find_objects(explanation))
    assert first.startswith("Class 1 (60.0 %): regions 0 and 1, ")
    assert first.endswith(
        "region 1 speaks for class 2 too. 62 % of what speaks for class 1 speaks for nothing else."
    )
    assert second.endswith(
        "region 1 speaks for class 1 too. 20 % of what speaks for class 2 speaks for nothing else."
    )


def both_halves(images):
    """Score the brightness of the left half, of the right, and of the middle: labels at once."""
    width = images.shape[2]
    parts = [slice(0, width // 2), slice(width // 2, width), slice(width // 4, 3 * width // 4)]
    return np.stack([images[:, :, part].mean(axis=(1, 2, 3)) for part in parts], axis=1)


def test_several_labels_at_once_are_explained_one_by_one():
    columns = cilens.Grid(1, 4)
    method = cilens.SampledImportance((columns,), (cilens.Constant(0.0),), budget=17)
    explanation = method(both_halves, np.ones((4, 8, 1)))
    np.testing.assert_allclose(explanation.scores, 1)
    half = np.array([[0.5, 0, 0], [0.5, 0, 0.5], [0, 0.5, 0.5], [0, 0.5, 0]])
    np.testing.assert_allclose(explanation.influence, half, atol=1e-12)
    found = find_objects(explanation)
    assert found.classes == (0, 1, 2)
    assert found.owner.tolist() == [0, 0, 1, 1]
    assert found.shared.tolist() == [False, True, True, False]
    np.testing.assert_allclose(found.own, [0.5, 0.5, 0.0])


def test_several_labels_at_once_go_through_everything():
    from cilens import plot
    from cilens.followup.audit import Audit
    from cilens.followup.highlight import check_highlight
    from cilens.followup.redundancy import RedundancySearch
    from cilens.text import minimal_lines

    method = cilens.SampledImportance((cilens.Grid(1, 4),), (cilens.Constant(0.0),), budget=17)
    explanation = method(both_halves, np.ones((4, 8, 1)))
    for target, pair in ((0, [0, 1]), (1, [2, 3]), (2, [1, 2])):
        check = check_highlight(both_halves, explanation, cilens.Constant(0.0), target=target)
        assert (check.score, check.remainder_score) == (1.0, 0.0)
        topic = about(explanation, check=check)
        assert "alone" in sentence(topic)
        told = explanation.describe(check, target=target)
        assert ("scores add up to 300 %" if target else "It is less class 1") in told
        sets = MinimalSearch(cilens.Constant(0.0))(both_halves, explanation, target)
        assert np.flatnonzero(sets.sufficient.regions).tolist() == pair
        pairs = RedundancySearch(cilens.Constant(0.0))(both_halves, explanation, target)
        assert minimal_lines(topic, sets, pairs)
        assert plot.finding_figure(about(explanation, target, check=check))
        assert plot.minimal_figure(explanation, sets, pairs)
    audited = Audit(cilens.Constant(0.0))(both_halves, explanation, 1, method=method)
    assert audited.gap == pytest.approx(0, abs=1e-9)
    assert audited.own.srg > audited.random.srg
    assert plot.contrast_figure(about(explanation, 0, 1))


def test_each_digit_of_two_has_its_own_regions():
    scene, asked = two_digits(seed=3), []
    canvas = CanvasModel(cilens.load_model("digits"))

    def model(images):
        asked.append(len(images))
        return canvas(images)

    explanation = cilens.explain(model, scene.image)
    rows = sum(asked)
    found = find_objects(explanation, list(scene.classes))
    assert sum(asked) == rows == explanation.model_rows + 2  # which check the model
    for target, place in zip(scene.classes, scene.objects, strict=True):
        assert pointing(explanation, place, target).share > 0.5
        assert found.speaks[found.classes.index(target)].any()
