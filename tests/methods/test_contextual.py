"""Contextual importance against numbers one can write down."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cilens
from cilens.errors import InputError, ModelError
from cilens.methods import ContextualImportance, explain
from cilens.perturbation import Constant, ImageMean, Noise
from cilens.scoring.statement import StatedModel
from cilens.segmentation import Grid, Labels, Slic

QUARTERS = Grid(rows=2, columns=2)


def linear(weights):
    """Return a model whose class k scores the weighted sum of pixels by weights[..., k]."""
    return lambda images: np.einsum("nhwc,hwck->nk", images.astype(np.float64), weights)


def random_case(seed, n_classes=3, side=6):
    rng = np.random.default_rng(seed)
    image = rng.uniform(0, 1, (side, side, 1))
    weights = rng.dirichlet(np.ones(side * side), n_classes).T.reshape(side, side, 1, n_classes)
    return image, weights


@given(st.integers(0, 10_000), st.floats(0, 1), st.integers(1, 40))
def test_a_linear_model_gives_its_weights(seed, fill, batch_size):
    image, weights = random_case(seed)
    method = ContextualImportance(QUARTERS, (Constant(fill),), batch_size=batch_size)
    explanation = method(linear(weights), image)
    contributions = np.einsum("hwc,hwck->hwk", image - fill, weights)
    for region in range(4):
        expected = contributions[explanation.segments == region].sum(axis=0)
        np.testing.assert_allclose(explanation.influence[region], expected, rtol=0, atol=1e-12)
        np.testing.assert_allclose(
            explanation.importance[region], np.abs(expected), rtol=0, atol=1e-12
        )
    assert explanation.model_rows == 5


@given(st.integers(0, 10_000), st.integers(1, 4))
def test_bounds_and_identities_hold(seed, n_perturbations):
    image, weights = random_case(seed)
    fills = [Constant(0.0), Constant(1.0), ImageMean(), Noise(seed=3)][:n_perturbations]
    method = ContextualImportance(QUARTERS, tuple(fills))
    e = method(linear(weights), image)
    for table in (e.low, e.high, e.importance, e.utility, e.influence):
        assert table.shape == (4, 3)
        assert np.isfinite(table).all()
    assert ((e.low <= e.scores) & (e.scores <= e.high)).all()
    assert ((e.importance >= 0) & (e.importance <= 1)).all()
    assert ((e.utility >= 0) & (e.utility <= 1)).all()
    assert (np.abs(e.influence) <= e.importance + 1e-12).all()
    np.testing.assert_allclose(e.importance, e.high - e.low, atol=1e-15)
    assert e.model_rows == 1 + 4 * n_perturbations
    if n_perturbations == 1:
        np.testing.assert_allclose(np.abs(e.influence), e.importance, atol=1e-12)
        assert set(np.unique(e.utility)) <= {0.0, 0.5, 1.0}
        # contextual influence of the other CIU packages
        np.testing.assert_allclose(e.importance * (e.utility - 0.5), e.influence / 2, atol=1e-12)
    else:
        fewer = ContextualImportance(QUARTERS, tuple(fills[:-1]))(linear(weights), image)
        assert (e.importance >= fewer.importance - 1e-15).all()


def test_a_constant_model_gives_zero_everywhere():
    explanation = explain(lambda images: np.full((len(images), 2), 0.5), np.ones((28, 28)))
    assert not explanation.importance.any()
    assert not explanation.influence.any()
    assert (explanation.utility == 0.5).all()
    assert not explanation.highlight().any()


def test_regions_that_equal_the_fill_are_exactly_zero():
    image = np.zeros((4, 4, 1))
    image[:2, :2] = 0.7
    noise = np.random.default_rng(0)

    def model(images):  # rounding noise that differs between the rows of a batch
        return images.mean(axis=(1, 2)) + noise.uniform(0, 1e-9, (len(images), 1))

    explanation = ContextualImportance(QUARTERS)(model, image)
    np.testing.assert_array_equal(explanation.influence[1:], 0.0)
    np.testing.assert_array_equal(explanation.utility[1:], 0.5)
    assert explanation.influence[0, 0] > 0.1


def test_noise_below_the_tolerance_is_no_utility():
    image = np.full((4, 4, 1), 0.5)
    noise = np.random.default_rng(0)

    def model(images):
        return 0.5 + noise.uniform(-1e-12, 1e-12, (len(images), 1))

    assert (ContextualImportance(QUARTERS)(model, image).utility == 0.5).all()
    exact = ContextualImportance(QUARTERS, tolerance=0.0)(model, image)
    assert (exact.utility != 0.5).any()


def test_the_blind_spot_of_redundancy():
    """Either half alone is enough: hiding one shows nothing, showing one does."""

    def either(images):
        return np.maximum(images[:, :, :2].min(axis=(1, 2)), images[:, :, 2:].min(axis=(1, 2)))

    halves = Grid(rows=1, columns=2)
    image = np.ones((4, 4, 1))
    assert not ContextualImportance(halves)(either, image).influence.any()
    one_in = ContextualImportance(halves, strategy="one-in")(either, image)
    np.testing.assert_array_equal(one_in.influence, 1.0)
    np.testing.assert_array_equal(one_in.importance, 1.0)


def test_one_in_counts_the_gain_over_the_blank_image():
    image, weights = random_case(11)
    method = ContextualImportance(QUARTERS, (Constant(0.25),), strategy="one-in")
    e = method(linear(weights), image)
    contributions = np.einsum("hwc,hwck->hwk", image - 0.25, weights)
    for region in range(4):
        expected = contributions[e.segments == region].sum(axis=0)
        np.testing.assert_allclose(e.influence[region], expected, atol=1e-12)
    np.testing.assert_allclose(e.importance, 1 - (e.high - e.low), atol=1e-15)
    assert e.model_rows == 6


def test_joint_regions_are_hidden_together():
    image, weights = random_case(5)
    method = ContextualImportance(QUARTERS, regions={"top": [0, 1], "all": [0, 1, 2, 3]})
    e = method(linear(weights), image)
    single = ContextualImportance(QUARTERS)(linear(weights), image)
    assert e.region_names == ("top", "all")
    np.testing.assert_allclose(e.influence[0], single.influence[:2].sum(axis=0), atol=1e-12)
    np.testing.assert_allclose(e.influence[1], single.influence.sum(axis=0), atol=1e-12)
    np.testing.assert_allclose(
        e.saliency(0)[0, 0], (e.influence[0, 0] + e.influence[1, 0]) / 2, atol=1e-12
    )


def test_the_range_scales_importance_for_each_class():
    image, weights = random_case(7)
    span = ((0.0, 0.0, 0.0), (1.0, 10.0, 2.0))
    logits = StatedModel(linear(weights * np.array([1.0, 10.0, 2.0])), span)
    e = ContextualImportance(QUARTERS)(logits, image)
    plain = ContextualImportance(QUARTERS)(linear(weights), image)
    np.testing.assert_allclose(e.influence, plain.influence, atol=1e-12)
    np.testing.assert_array_equal(e.output_range, span)


@pytest.mark.parametrize(
    ("span", "error", "message"),
    [
        ((0.0, 1.0), ModelError, r"output range \(0, 1\); class 1 reached"),
        ((1.0, 0.0), InputError, "absmin < absmax"),
        (((0.0, 0.0), (1.0, 1.0)), InputError, "model's 3 classes; got 2"),
    ],
)
def test_a_range_that_does_not_hold_is_loud(span, error, message):
    image, weights = random_case(7)
    model = linear(weights * [1.0, 10.0, 1.0])
    with pytest.raises(error, match=message):
        explain(model, image, method=ContextualImportance(QUARTERS), output_range=span)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"perturbations": ()}, "at least one perturbation"),
        ({"strategy": "both"}, "'one-out' or 'one-in'; got 'both'"),
    ],
)
def test_impossible_settings_are_refused(unchecked, settings, message):
    with pytest.raises(InputError, match=message):
        ContextualImportance(**settings)


def test_rounding_beyond_the_range_is_no_error():
    e = ContextualImportance(QUARTERS)(
        lambda images: images.mean(axis=(1, 2)) + 1e-7, np.ones((4, 4))
    )
    assert e.scores[0] == 1.0
    assert e.importance.max() <= 1.0


def test_the_papers_settings():
    assert ContextualImportance.paper() == ContextualImportance(
        Slic(n_segments=9, compactness=(0.3, 30.0)), (Constant(0.0),)
    )


def test_inputs_are_never_modified_and_results_repeat_bit_for_bit():
    image, weights = random_case(9, side=28)
    before = image.copy()
    method = pickle.loads(pickle.dumps(ContextualImportance.paper()))
    first, second = method(linear(weights), image), method(linear(weights), image)
    np.testing.assert_array_equal(image, before)
    for name in ("scores", "low", "high", "importance", "utility", "influence", "segments"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))
    names = {name: getattr(cilens, name) for name in ("ContextualImportance", "Slic", "Constant")}
    assert eval(first.method, names) == method


def test_labels_with_gaps_keep_their_names():
    labels = np.array([[-4, -4, 90, 90]] * 4)
    e = ContextualImportance(Labels(labels))(lambda images: images[:, :, :2].mean(axis=(1, 2)), np.ones((4, 4)))  # fmt: skip  # noqa: E501
    assert e.region_names == ("-4", "90")
    assert e.labels.tolist() == [-4, 90]
    np.testing.assert_array_equal(e.influence.ravel(), [1.0, 0.0])


def test_progress_counts_every_row():
    image, weights = random_case(1)
    reported = []
    explain(linear(weights), image, method=ContextualImportance(QUARTERS, batch_size=2), progress=reported.append)  # fmt: skip  # noqa: E501
    assert reported == [2, 2, 1]
