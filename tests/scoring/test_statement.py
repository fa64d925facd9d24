"""What is stated of a model is what everything goes by."""

from __future__ import annotations

import pickle
from functools import partial

import numpy as np
import pytest

import cilens
from cilens.errors import CilensWarning, InputError, ModelError
from cilens.metrics.stability import Stability
from cilens.models.wrappers.canvas import CanvasModel
from cilens.models.wrappers.grouped import Grouped
from cilens.scoring import score_images
from cilens.scoring.statement import StatedModel, stated_range

IMAGE = np.full((4, 4, 1), 0.5)
METHOD = cilens.ContextualImportance(cilens.Grid(1, 2))


def logits(images):
    """Score three classes with 2, -4 and 8 times the brightness."""
    return images.mean(axis=(1, 2)) * [2.0, -4.0, 8.0]


def test_the_range_of_a_function_is_given_with_it_or_to_explain():
    span = (-8.0, 8.0)
    stated = METHOD(StatedModel(logits, span), IMAGE)
    given = cilens.explain(logits, IMAGE, method=METHOD, output_range=span)
    np.testing.assert_array_equal(stated.influence, given.influence)
    np.testing.assert_array_equal(given.influence[0], [1 / 32, -1 / 16, 1 / 8])
    assert (given.output_range == np.array([[-8.0], [8.0]])).all()


def test_scores_outside_of_probabilities_are_refused_with_what_to_do():
    for model in (logits, lambda images: -images.mean(axis=(1, 2)) * [0.0, 1.0]):
        with pytest.raises(ModelError) as error:
            cilens.explain(model, IMAGE)
        words = ("activation='softmax'", "output_range=", "--output-range", "calibrate", "--margin")
        assert all(word in str(error.value) for word in words)


def test_another_class_may_leave_a_stated_range_and_is_told_of(tmp_path):
    model = StatedModel(logits, ((0.0, -1.0, 0.0), (2.0, 0.0, 8.0)))
    found = METHOD(model, IMAGE)
    assert (found.predicted, found.outside) == (2, ((1, -2.0),))
    assert found.importance.max() <= 1
    found.saliency(0)
    assert found.class_name(1) == "1"
    for ask in (found.saliency, found.highlight, found.sure, partial(found.contrast, 2)):
        with pytest.raises(ModelError, match=r"range \(-1, 0\); class 1 reached -2: .*--margin"):
            ask(1)
    found.save(tmp_path / "e.npz")
    assert cilens.Explanation.load(tmp_path / "e.npz").outside == found.outside


def test_a_runner_up_that_left_its_range_is_no_foil():
    found = METHOD(StatedModel(logits, ((0.0, -4.0, 0.0), (0.5, 0.0, 8.0))), IMAGE)
    with pytest.raises(ModelError, match="class 0 reached 1"):
        found.contrast()


def test_the_predicted_class_may_not():
    with pytest.raises(ModelError, match=r"range \(0, 3\); class 2 reached 4"):
        METHOD(StatedModel(logits, ((-9.0, -9.0, 0.0), (9.0, 9.0, 3.0))), IMAGE)


def test_models_of_models_hand_the_range_on():
    stated = StatedModel(logits, ((0.0, -4.0, 0.0), (2.0, 0.0, 8.0)))
    grouped = Grouped(stated, {"both": [0, 2]}, combine="max", n_classes=3)
    assert stated_range(grouped) == ((-4.0, 0.0), (0.0, 8.0))
    shares = StatedModel(logits, ((0.0, 0.1, 0.2), (0.4, 0.6, 0.8)))
    assert stated_range(Grouped(shares, {"g": [1, 2]}, n_classes=3)) == (
        (0.0, pytest.approx(0.3)),
        (0.4, 1.0),
    )
    assert stated_range(Grouped(logits, {"g": [1, 2]}, n_classes=3)) is None
    assert stated_range(CanvasModel(stated, (2, 2))) == ((0.0, -4.0, 0.0), (2.0, 0.0, 8.0))
    assert stated_range(CanvasModel(StatedModel(logits, (1, 2)), (2, 2))) == (0.0, 2.0)
    assert stated_range(CanvasModel(logits, (2, 2))) is None
    assert stated_range(StatedModel(stated, allow_noise=True)) == stated.output_range


def test_metrics_that_ask_the_method_again_keep_to_the_range():
    found = cilens.explain(logits, IMAGE, method=METHOD, output_range=(-8, 8))
    assert Stability(runs=1)(logits, found, method=METHOD)["max_difference"] is not None


@pytest.mark.parametrize("span", [(1, 0), (0, 0), (0, np.inf), (np.nan, 1), ((0, 0), (1, 0))])
def test_a_range_must_be_one(span):
    with pytest.raises(InputError, match=r"absmin < absmax|must be finite"):
        StatedModel(logits, span)


def test_no_call_has_more_rows_than_are_stated():
    calls = []

    def model(images):
        calls.append(len(images))
        return logits(images)

    list(score_images(StatedModel(model, batch_size=3), [IMAGE] * 8, batch_size=5))
    assert calls == [3, 2, 3]
    with pytest.raises(InputError, match="batch_size must be above 0"):
        StatedModel(model, batch_size=0)


def baked(images):
    """Take a batch of 1 only, as an exported Reshape does."""
    return logits(images.reshape(1, *IMAGE.shape))


@pytest.mark.parametrize(
    "model",
    [baked, lambda images: logits(images)[:1], lambda images: logits(images)[: len(images) % 2]],
    ids=["raises", "first only", "none"],
)
def test_a_model_without_batches_is_asked_one_by_one_and_that_is_said(model):
    stated = StatedModel(model, (-8, 8))
    with pytest.warns(CilensWarning, match="one image at a time .*--batch-size 1") as told:
        found = METHOD(stated, IMAGE)
    assert len(told) == 1
    np.testing.assert_array_equal(
        found.influence, METHOD(StatedModel(logits, (-8, 8)), IMAGE).influence
    )
    METHOD(StatedModel(model, (-8, 8), batch_size=1), IMAGE)  # and no word where it was stated


def test_what_fails_on_one_image_too_is_that_failure():
    def fails(images):
        raise ValueError(f"no {len(images)}")

    with pytest.raises(ModelError, match="no 3"):
        METHOD(fails, IMAGE)


def test_it_travels():
    again = pickle.loads(pickle.dumps(StatedModel(logits, (0, 9), allow_noise=True)))
    assert again == StatedModel(logits, (0, 9), allow_noise=True)
