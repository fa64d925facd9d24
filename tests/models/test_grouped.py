"""Classes summed into groups: a model like any other, with the right range."""

from __future__ import annotations

import numpy as np
import pytest

import cilens
from cilens import Grouped
from cilens.errors import InputError, ModelError
from cilens.followup.highlight import check_highlight
from cilens.testing import check_model

STRIPES = cilens.ContextualImportance(cilens.Grid(1, 4), (cilens.Constant(0.0),))


def stripes(images):
    """Four stripes, each a quarter of its brightness for its class; class 4 is the rest to 1."""
    bright = images.reshape(len(images), images.shape[1], 4, -1).mean(axis=(1, 3)) / 4
    return np.concatenate([bright, 1 - bright.sum(axis=1, keepdims=True)], axis=1)


def several(images):
    """Two classes at once: each half's brightness."""
    return images.reshape(len(images), images.shape[1], 2, -1).mean(axis=(1, 3))


def image():
    return np.random.default_rng(3).uniform(0.2, 1.0, (4, 8, 1))


def test_a_group_takes_the_place_of_its_classes():
    model = Grouped(stripes, {"left": [0, 1], "right": ["3"]}, n_classes=5)
    assert model.class_names == ("2", "4", "left", "right")
    answers, plain = model(image()[None]), stripes(image()[None])
    np.testing.assert_allclose(answers[0, 2], plain[0, :2].sum())
    np.testing.assert_allclose(answers[0, [0, 1, 3]], plain[0, [2, 4, 3]])
    np.testing.assert_allclose(answers.sum(), 1)
    check_model(model, image())


def test_its_influence_is_the_sum_of_its_classes():
    pixels = image()
    method = cilens.SampledImportance((cilens.Grid(2, 4),), (cilens.Constant(0.0),), budget=17)
    plain = method(stripes, pixels)
    grouped = method(Grouped(stripes, {"left": [0, 1]}, n_classes=5), pixels)
    np.testing.assert_allclose(
        grouped.influence[:, grouped.target("left")], plain.influence[:, :2].sum(axis=1), atol=1e-12
    )
    assert grouped.model_rows == plain.model_rows


def test_importance_utility_and_the_check_are_those_of_the_sum():
    pixels = image()
    model = Grouped(stripes, {"left": [0, 1]}, n_classes=5)
    explanation = STRIPES(model, pixels)
    column, bright = explanation.target("left"), pixels.reshape(4, 4, -1).mean(axis=(0, 2)) / 4
    np.testing.assert_allclose(explanation.importance[:, column], [*bright[:2], 0, 0], atol=1e-12)
    np.testing.assert_allclose(explanation.utility[:, column], [1, 1, 0.5, 0.5])
    check = check_highlight(model, explanation, target=column)
    assert check.score == pytest.approx(bright[:2].sum())
    assert check.remainder_score == pytest.approx(0)
    assert 0 <= explanation.scores.min() <= explanation.scores.max() <= 1


def test_a_sum_needs_classes_that_exclude_each_other():
    both = np.ones((2, 4, 1))
    with pytest.raises(ModelError, match=r"up to 1 at most; got a sum of 2: .*combine='max'"):
        STRIPES(Grouped(several, {"either": [0, 1]}, n_classes=2), both)
    logits = Grouped(lambda images: several(images) - 3, {"either": [0, 1]}, n_classes=2)
    with pytest.raises(ModelError, match=r"none below 0, .* got one of -3"):
        logits(np.zeros((1, 2, 4, 1)))


def test_the_highest_of_a_group_keeps_any_range():
    model = Grouped(several, {"either": [0, 1]}, "max", n_classes=2)
    halves = np.array([[1.0, 1.0, 0.25, 0.25]])[..., None]
    explanation = cilens.ContextualImportance(cilens.Grid(1, 2))(model, halves)
    assert explanation.class_names == ("either",)
    assert explanation.scores.tolist() == [1.0]
    assert explanation.influence.tolist() == [[0.75], [0.0]]


def test_rounding_noise_above_one_is_no_probability_above_one():
    noisy = Grouped(lambda images: np.full((len(images), 2), 0.5002), {"all": [0, 1]}, n_classes=2)
    assert noisy(np.zeros((1, 1, 1, 1))).tolist() == [[1.0]]


@pytest.mark.parametrize(
    ("groups", "options", "message"),
    [
        ({"a": []}, {"n_classes": 5}, "the group 'a' must have classes; got none"),
        ({"a": [0, 0]}, {"n_classes": 5}, "'0' is in 'a' and in 'a'"),
        ({"a": [0], "b": [1, 0]}, {"n_classes": 5}, "in one group, once: '0' is in 'a' and in 'b'"),
        ({"4": [0, 1]}, {"n_classes": 5}, "the group '4' must not be called as a class is"),
        ({"a": [5]}, {"n_classes": 5}, "a class index must be in 0 … 4; got 5"),
        ({"a": ["x"]}, {"n_classes": 5}, "unknown class 'x'"),
        ({"a": [0]}, {}, "this model has no class names: say how many it has, n_classes=…"),
        ({"a": [0]}, {"combine": "mean"}, "unknown way to combine classes 'mean'"),
    ],
)
def test_groups_without_sense_are_refused(groups, options, message, unchecked):
    with pytest.raises(InputError) as error:
        Grouped(stripes, groups, **options)
    assert message in str(error.value)


def test_a_model_with_other_classes_than_it_said():
    with pytest.raises(ModelError, match="Grouped knows 4 classes; the model answered with 5"):
        Grouped(stripes, {"a": [0]}, n_classes=4)(image()[None])


def test_names_synonyms_and_indices_are_one():
    imagenet = cilens.load_model("imagenet")
    model = Grouped(imagenet, {"any cat": ["Tabby", 282, "Persian cat", "siamese", "285"]})
    assert model.groups == cilens.imagenet_groups("any cat")
    assert (
        model.class_names[280:282] == imagenet.class_names[280:281] + imagenet.class_names[286:287]
    )
    assert model.view(np.zeros((300, 400, 3), np.float32)).image.shape == (224, 224, 3)
