"""What is missing for a class: put in by hand, on toy digits, on MNIST."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cilens
from cilens.datasets.mnist import load_mnist
from cilens.errors import InputError, ModelError
from cilens.followup.missing import find_missing, mean_prototype, nearest_prototype
from cilens.methods import ContextualImportance
from cilens.scoring import score_images
from cilens.scoring.explain import explain_each
from cilens.scoring.statement import StatedModel
from cilens.segmentation import Grid, Labels

QUARTERS = ContextualImportance(Grid(rows=2, columns=2))


def explained(model, image, method=QUARTERS):
    return method(model, image)


@given(st.integers(0, 10_000))
def test_a_linear_model_gains_what_is_put_in(seed):
    rng = np.random.default_rng(seed)
    image, prototype = rng.uniform(0, 1, (2, 6, 6, 1))
    weights = rng.dirichlet(np.ones(36), 3).T.reshape(6, 6, 1, 3)

    def model(images):
        return np.einsum("nhwc,hwck->nk", images, weights)

    e = explained(model, image)
    for foil in range(3):
        found = find_missing(model, e, prototype, foil)
        change = ((prototype - image) * weights[..., foil]).sum(axis=2)
        expected = [change[e.segments == region].sum() for region in range(4)]
        np.testing.assert_allclose(found.gain, expected, rtol=0, atol=1e-12)
        np.testing.assert_allclose(found.scores, e.scores[foil] + found.gain, rtol=0, atol=1e-12)
        assert found.foil == foil
        assert found.prototype is prototype


def test_gains_are_shares_of_each_class_s_range():
    method = ContextualImportance(Grid(rows=1, columns=2))

    def means(images):
        mean = images.mean(axis=(1, 2, 3))
        return np.stack([mean, 10 * mean], axis=1)

    model = StatedModel(means, ((0.0, -10.0), (1.0, 10.0)))
    e = method(model, np.zeros((2, 4, 1)))
    ones = np.ones((2, 4, 1))
    np.testing.assert_array_equal(find_missing(model, e, ones, 0).gain, [0.5, 0.5])
    np.testing.assert_array_equal(find_missing(model, e, ones, 1).gain, [0.25, 0.25])


def test_every_region_is_one_row_counted_apart(corner_model):
    asked, reported = [], []

    def model(images):
        asked.append(len(images))
        return corner_model(images)

    e = explained(model, np.full((8, 8, 1), 0.5))
    asked.clear()
    found = find_missing(
        model, e, np.ones((8, 8, 1)), "runner-up", batch_size=3, progress=reported.append
    )
    assert asked == reported == [3, 1]
    assert found.model_rows == 4
    assert e.model_rows == 5
    np.testing.assert_array_equal(found.gain, [0.5, 0, 0, 0])  # 0 and 1 are equal; 1 is the other
    np.testing.assert_array_equal(found.predicted, [1, 0, 0, 0])
    for array in (found.gain, found.scores, found.predicted):
        assert not array.flags.writeable


def test_where_the_prototype_agrees_the_gain_is_exactly_zero():
    image = np.full((4, 4, 1), 0.25)
    prototype = image.copy()
    prototype[:2, :2] = 0.75
    noise = np.random.default_rng(0)

    def model(images):
        return images.mean(axis=(1, 2)) + noise.uniform(0, 1e-9, (len(images), 1))

    e = explained(model, image)
    gain = find_missing(model, e, prototype, 0).gain
    assert gain[0] > 0.1
    np.testing.assert_array_equal(gain[1:], 0.0)


def test_named_regions_are_put_in_together():
    method = ContextualImportance(Grid(rows=2, columns=2), regions={"top": [0, 1], "left": [0, 2]})

    def model(images):
        return images[:, :, :2].mean(axis=(1, 2))

    e = method(model, np.zeros((4, 4, 1)))
    np.testing.assert_array_equal(find_missing(model, e, np.ones((4, 4)), 0).gain, [0.5, 1.0])


def test_a_mean_is_rounded_for_whole_pixels():
    def model(images):
        assert images.dtype == np.uint8
        return images.mean(axis=(1, 2)) / 255

    e = explained(model, np.zeros((4, 4, 1), np.uint8))
    digits = np.array([[[100]], [[101]]], np.uint8).repeat(4, axis=1).repeat(4, axis=2)
    prototype = mean_prototype(digits, np.array([1, 1]), 1)
    np.testing.assert_allclose(np.unique(prototype), [100.5 / 255])
    np.testing.assert_allclose(find_missing(model, e, prototype, 0).gain, 100 / 4 / 255)


# --- toy digits ------------------------------------------------------------------------------

BARS = ("abcefg", "cf", "acdeg", "acdfg", "bcdf", "abdfg", "abdefg", "acf", "abcdefg", "abcdfg")
"""The bars of the digits on a seven-segment display: a top, d middle, g bottom."""

DISPLAY = np.array(
    [list(row) for row in (".aaa.", "b...c", "b...c", ".ddd.", "e...f", "e...f", ".ggg.")]
)
PARTS = Labels(np.searchsorted(list(".abcdefg"), DISPLAY))


def shown(bars):
    return np.isin(DISPLAY, list(bars)).astype(float)[..., None]


TEMPLATES = np.stack([shown(bars) for bars in BARS])


def toy_model(images):
    """Score each digit by the squared distance to its template, as a softmax."""
    distances = np.square(images[:, None] - TEMPLATES).sum(axis=(2, 3, 4))
    scores = np.exp(-distances / 4)
    return scores / scores.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(
    ("digit", "bar"), [(digit, bar) for digit, bars in enumerate(BARS) for bar in bars]
)
def test_the_bar_that_is_missing_comes_first(digit, bar):
    image = shown(BARS[digit].replace(bar, ""))
    e = ContextualImportance(PARTS)(toy_model, image)
    found = find_missing(toy_model, e, TEMPLATES[digit], digit)
    first = int(found.gain.argmax())
    assert ".abcdefg"[first] == bar
    assert found.predicted[first] == digit
    assert found.gain[first] > 0.01
    np.testing.assert_array_equal(np.delete(found.gain, first), 0.0)


def test_the_bar_that_is_too_much_speaks_against_the_foil():
    for one, other in itertools.permutations(range(10), 2):
        stray = set(BARS[one]) - set(BARS[other])
        if set(BARS[other]) < set(BARS[one]) and len(stray) == 1:
            e = ContextualImportance(PARTS)(toy_model, TEMPLATES[one])
            against = e.contrast(one, other).against_foil
            (bar,) = stray
            assert [".abcdefg"[row] for row in np.flatnonzero(against)] == [bar]


# --- prototypes ------------------------------------------------------------------------------


def test_prototypes_are_of_their_class():
    rng = np.random.default_rng(0)
    images, labels = rng.uniform(0, 1, (30, 4, 5, 3)), np.arange(30) % 3
    np.testing.assert_allclose(mean_prototype(images, labels, 1), images[1::3].mean(axis=0))
    for index in range(30):
        near = images[index] + rng.normal(0, 1e-3, (4, 5, 3))
        assert np.array_equal(nearest_prototype(near, images, labels, index % 3), images[index])
        other = nearest_prototype(near, images, labels, (index + 1) % 3)
        distances = np.square(images - near).sum(axis=(1, 2, 3))
        distances[labels != (index + 1) % 3] = np.inf
        assert np.array_equal(other, images[distances.argmin()])


def test_bytes_do_not_overflow_in_a_distance():
    images = np.array([[[255]], [[10]]], np.uint8)
    near = nearest_prototype(np.array([[0]], np.uint8), images, np.array([4, 4]), 4)
    assert near.tolist() == [[[10]]]
    assert near.dtype == np.uint8


def test_prototypes_need_images_of_the_class(unchecked):
    images, labels = np.zeros((2, 3, 3)), np.array([1, 2])
    with pytest.raises(InputError, match="none of the 2 images shows class 7"):
        mean_prototype(images, labels, 7)
    with pytest.raises(InputError, match="none of the 2 images shows class 7"):
        nearest_prototype(np.zeros((3, 3)), images, labels, 7)
    with pytest.raises(InputError, match=r"must have shape \(4, 4, 1\); got \(3, 3\)"):
        nearest_prototype(np.zeros((4, 4)), images, labels, 1)


def test_each_image_needs_a_label(unchecked):
    with pytest.raises(InputError, match="one label for each of 2 images"):
        mean_prototype(np.zeros((2, 3, 3)), np.array([1]), 1)


# --- what does not fit -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prototype", "message"),
    [
        (np.zeros((8, 7, 1)), r"must have the image's shape \(8, 8, 1\); got \(8, 7, 1\)"),
        (np.zeros((8, 8, 3)), r"must have the image's shape \(8, 8, 1\); got \(8, 8, 3\)"),
        (np.full((8, 8), 9.0), "pixels must lie in 0 … 1; got float64 in 9 … 9"),
        (np.full((8, 8), np.nan), "pixels must be finite"),
    ],
)
def test_prototypes_that_do_not_fit_are_refused(corner_model, prototype, message, unchecked):
    e = explained(corner_model, np.zeros((8, 8, 1)))
    with pytest.raises(InputError, match=message):
        find_missing(corner_model, e, prototype)


def test_another_model_is_refused(corner_model, constant_model):
    e = explained(corner_model, np.zeros((8, 8, 1)))
    with pytest.raises(InputError, match="the one explained, with 2 classes; this one has 3"):
        find_missing(constant_model, e, np.ones((8, 8, 1)))
    with pytest.raises(ModelError, match="output range"):
        find_missing(lambda images: 5 * corner_model(images), e, np.ones((8, 8, 1)))


# --- MNIST -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def unsure():
    """Explain the correct digits below 0.9 among the first 2,000, and give the other half."""
    digits, labels = load_mnist("test")
    images = digits[..., None].astype(np.float32) / np.float32(255)
    model = cilens.load_model("digits")
    scores = np.stack(list(score_images(model, images[:2000], batch_size=256)))
    chosen = (scores.argmax(axis=1) == labels[:2000]) & (scores.max(axis=1) < 0.9)
    each = explain_each(ContextualImportance.paper(), model, images[:2000][chosen])
    return model, list(each), (images[5000:], labels[5000:])


@pytest.mark.parametrize("kind", ["mean", "nearest"])
def test_unsure_digits_lack_something_for_the_runner_up(unsure, kind):
    """Prototypes are from the other half of the split, never the image explained."""
    model, explanations, others = unsure
    gains = []
    for e in explanations:
        if kind == "mean":
            prototype = mean_prototype(*others, e.runner_up)
        else:
            prototype = nearest_prototype(e.image, *others, e.runner_up)
        found = find_missing(model, e, prototype)
        assert found.model_rows == len(e.regions)
        gains.append(found.gain.max())
    assert len(gains) > 50
    assert np.mean(np.array(gains) >= 0.01) >= 0.95
