"""An explanation's audit, on models whose influence, order and blank answer can be written down."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import cilens
from cilens.errors import InputError
from cilens.followup.audit import Audit
from cilens.methods.edges import EdgeDetector
from cilens.methods.occlusion import Occlusion
from cilens.metrics.chains import area
from cilens.metrics.stability import Stability
from cilens.scoring.statement import StatedModel
from present import Present, two

WEIGHTS = np.random.default_rng(3).permutation(16) / 120
"""Of a 4 x 4 grid's cells; they sum to 1."""

IMAGE = np.ones((4, 4, 1))
CELLS = cilens.ContextualImportance(cilens.Grid(4, 4))


def additive(images):
    """Return the weighted brightness of the pixels, and the rest to 1."""
    return two(images.reshape(len(images), 16) @ WEIGHTS)


def audited(model, method=CELLS, image=IMAGE, **settings):
    return Audit(**{"steps": 16} | settings)(model, method(model, image), 1)


def both(there):
    return two(there[:, [2, 5]].all(axis=1).astype(float))


def either(there):
    return two(there[:, [2, 5]].any(axis=1).astype(float))


# The order


def test_the_areas_are_those_of_the_best_and_the_worst_order():
    found = audited(additive)
    best = area(1 - np.cumsum([0, *np.sort(WEIGHTS)[::-1]]))
    worst = area(1 - np.cumsum([0, *np.sort(WEIGHTS)]))
    assert found.own == pytest.approx((worst - best, worst, best), abs=1e-12)


def test_what_is_right_is_above_chance_and_above_edges_that_are_not_there():
    found = audited(additive)
    assert found.edges.srg == 0.0  # a flat image: both chains go row by row
    assert found.over_edges == pytest.approx(found.own.srg)
    assert found.over_random == pytest.approx(found.own.srg)
    assert 0 < found.chance < found.own.srg


def test_what_is_wrong_is_worse():
    explanation = CELLS(additive, IMAGE)
    upside_down = replace(explanation, influence=-explanation.influence)
    found = Audit(steps=16)(additive, upside_down, 1)
    assert found.over_edges == pytest.approx(-audited(additive).own.srg)
    assert found.over_random < 0


def test_an_edge_detector_cannot_be_told_from_itself():
    image = np.random.default_rng(0).random((4, 4, 1))
    found = audited(additive, EdgeDetector(cilens.Grid(4, 4)), image)
    assert found.own == found.edges
    assert found.over_edges is None


def test_the_difference_must_be_larger_than_chance():
    found = audited(additive)
    over = found.own.srg
    assert found._replace(chance=over - 1e-9).over_edges == pytest.approx(over)
    assert found._replace(chance=over + 1e-9).over_edges is None


def test_a_random_order_and_its_reverse_have_no_gain_and_the_same_level():
    one, more = audited(additive, draws=1), audited(additive, draws=5)
    assert one.random.srg == 0.0
    assert one.random.lif == one.random.mif
    assert one.random.lif == pytest.approx(0.5)  # of an additive model, whatever the order
    assert more.chance >= one.chance > 0  # the first draw is the same


# Completeness


def test_the_influences_of_an_additive_model_are_all_there_is():
    found = audited(additive)
    assert found.influences == pytest.approx(1.0)
    assert found.difference == pytest.approx(1.0)
    assert found.gap == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(("rule", "influence", "gap"), [(both, 1.0, 1.0), (either, 0.0, -1.0)])
def test_what_counts_twice_or_not_at_all_is_a_gap(rule, influence, gap):
    model = Present([influence if cell in (2, 5) else 0.0 for cell in range(9)], rule)
    assert Audit(steps=9)(model, model.explanation).gap == gap


def test_regions_that_overlap_have_no_sum():
    found = audited(additive, Occlusion(size=2, stride=1, value=0.0))
    assert found.influences is None
    assert found.gap is None
    assert found.difference == pytest.approx(1.0)


def test_shares_are_of_the_output_range():
    found = audited(StatedModel(lambda images: 2 * additive(images), (-1.0, 3.0)), CELLS)
    assert found.output_range == (-1.0, 3.0)
    assert found.difference == pytest.approx(0.5)
    assert found.gap == pytest.approx(0.0, abs=1e-12)


def test_the_fill_is_used_everywhere():
    found = audited(additive, perturbation=cilens.Constant(1.0))  # hides nothing on a white image
    assert found.own == pytest.approx((0.0, 1.0, 1.0))
    assert found.difference == pytest.approx(0.0)
    assert found.chance == pytest.approx(0.0)


# What hidden images are taken for


def elsewhere(share, own=1.0, rank=7):
    """Return a model of eight classes: with fewer pixels than `own`, 6 has this share.

    On the whole image class 6 has the place `rank` among the classes.
    """
    whole = np.array([0.5, 0.2, 0.1, 0.08, 0.06, 0.04, 0.02, 0.0])
    order = [0, 1, 2, 3, 4, 5, 7]
    order.insert(rank, 6)
    seen = np.zeros(8)
    seen[order] = whole
    hidden = np.full(8, (1 - share) / 7)
    hidden[6] = share

    def model(images):
        left = images.reshape(len(images), -1).mean(axis=1)
        return np.where((left < own)[:, None], hidden, seen)

    return model


def taken(model, **settings):
    return Audit(**{"steps": 4} | settings)(model, CELLS(model, IMAGE)).hidden


def test_a_class_that_comes_from_nowhere_is_named():
    found = taken(elsewhere(0.9))
    assert found.unrelated == 6
    assert found.share == pytest.approx(0.9)
    assert (found.blank_predicted, found.blank_score) == (6, pytest.approx(0.9))
    assert found.warns_unrelated
    assert found.warns_blank


@pytest.mark.parametrize(("share", "warns"), [(0.5, True), (0.49, False)])
def test_it_warns_from_half_on(share, warns):
    found = taken(elsewhere(share))
    assert (found.warns_unrelated, found.warns_blank) == (warns, warns)


def test_the_images_own_first_five_are_related():
    assert taken(elsewhere(0.9, rank=4)).unrelated != 6
    assert taken(elsewhere(0.9, rank=5)).unrelated == 6


def test_so_is_the_target():
    model = elsewhere(0.9)
    assert Audit(steps=4)(model, CELLS(model, IMAGE), 6).hidden.unrelated != 6


@pytest.mark.parametrize(("steps", "share"), [(4, 0.6), (5, 0.9)])
def test_images_with_half_or_more_hidden_count(steps, share):
    # Class 6 has 0.9 with less than half of the pixels left, and nothing with half or more: of
    # four steps those of 2, 3 and 4 count, of five those of 3, 4 and 5.
    assert taken(elsewhere(0.9, own=0.5), steps=steps).share == pytest.approx(share)


def test_without_other_classes_there_is_none_to_name():
    found = audited(additive).hidden
    assert found.probabilities
    assert found.unrelated is None
    assert found.share is None
    assert found.warns_blank  # black is class 0, surely


@pytest.mark.parametrize(
    "model",
    [
        lambda images: images.mean(axis=(1, 2)),
        lambda images: additive(images) * [0.5, 1],
        lambda images: additive(images) * 2 - 0.5,  # sums to 1, from below 0
    ],
)
def test_what_is_no_probability_is_no_share(model):
    stated = StatedModel(model, (-2.0, 2.0))
    found = Audit(steps=4)(stated, CELLS(stated, IMAGE)).hidden
    assert not found.probabilities
    assert not found.warns_blank


def test_a_constant_model_leaves_nothing_to_tell(constant_model):
    found = Audit(steps=4)(constant_model, CELLS(constant_model, IMAGE), method=CELLS)
    assert (found.over_edges, found.over_random, found.chance) == (None, None, 0.0)
    assert (found.influences, found.difference) == (0.0, 0.0)
    assert (found.hidden.blank_predicted, found.hidden.warns_blank) == (2, True)
    assert [one.rank_correlation for one in found.again] == [None, None]


# Once more


def test_stability_is_the_metrics():
    image = np.random.default_rng(0).random((4, 4, 1))
    method = cilens.ContextualImportance(cilens.Grid(2, 2))
    explanation = method(additive, image)
    found = Audit(steps=4, runs=2, seed=5)(additive, explanation, method=method)
    for one in found.again:
        wanted = Stability(one.change, 2, seed=5)(additive, explanation, method=method)
        assert (one.rank_correlation, one.max_difference) == tuple(wanted.values())
    assert [one.change for one in found.again] == ["segments", "noise"]


def test_without_the_method_it_is_not_asked():
    found = audited(additive)
    assert found.again == ()
    assert found.model_rows == found.judge_rows


def test_segments_of_ones_own_have_no_others(unchecked):
    method = cilens.ContextualImportance(cilens.Labels(np.arange(16).reshape(4, 4)))
    found = Audit(steps=4)(additive, method(additive, IMAGE), method=method)
    assert found.again[0] == ("segments", None, None, 0)
    assert found.again[1].model_rows == 17


def test_all_rows_are_counted():
    asked, told = [], []

    def counted(images):
        asked.append(len(images))
        return additive(images)

    method = Occlusion(size=2, stride=2, value=0.0)  # without segments of its own: none to move
    explanation = method(additive, IMAGE)
    judge = Audit(steps=3, draws=2, runs=2)
    found = judge(counted, explanation, method=method, progress=told.append)
    assert found.judge_rows == 2 * (1 + 1 + 2) * 4 + 1
    assert [one.model_rows for one in found.again] == [0, 2 * explanation.model_rows]
    checks = 2 * 2  # noise runs ask the method again, twice, which checks the model
    assert found.model_rows == sum(asked) - checks == sum(told)
    grid = judge(counted, CELLS(additive, IMAGE), method=CELLS)
    assert grid.judge_rows + 2 * 2 * 17 == judge.about_rows(17)


def test_the_seed_is_of_the_draws():
    assert audited(additive) == audited(additive)
    assert audited(additive, seed=9).chance != audited(additive).chance


@pytest.mark.parametrize("field", ["steps", "draws", "runs", "batch_size"])
def test_settings_are_checked(field):
    with pytest.raises(InputError, match=rf"Audit\.{field} must be"):
        Audit(**{field: 0})
