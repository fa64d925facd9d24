"""One loop, batches filled across questions, the model's answers checked."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cilens.errors import InputError, ModelError
from cilens.methods.sampled import SampledImportance
from cilens.perturbation import Blur, Constant
from cilens.scoring import class_names, estimate_output_range, score, score_images, view
from cilens.scoring.question import Question
from cilens.segmentation import Grid
from cilens.types import View


def weighted(images):
    """Return two scores that depend on every pixel of a row and on no other row."""
    flat = images.reshape(len(images), -1).astype(np.float64)
    places = np.arange(1, flat.shape[1] + 1)
    return np.stack([flat @ places, (flat**2).sum(axis=1)], axis=1)


def question(seed, n_coalitions, side=4):
    rng = np.random.default_rng(seed)
    segments = rng.integers(0, 3, (side, side))
    coalitions = rng.uniform(size=(n_coalitions, 3)) < 0.5
    return Question(rng.uniform(0.1, 1, (side, side, 1)), segments, coalitions, Constant(0.0))


def by_hand(asked):
    rows = [np.where(row[asked.segments][..., None], asked.image, 0) for row in asked.coalitions]
    return weighted(np.stack(rows))


@given(
    st.lists(st.tuples(st.integers(1, 9), st.sampled_from([3, 4])), min_size=1, max_size=6),
    st.integers(1, 12),
)
def test_answers_come_in_order_whatever_the_batches(sizes, batch_size):
    questions = [question(seed, n, side) for seed, (n, side) in enumerate(sizes)]
    batches, reported = [], []

    def model(images):
        batches.append(images.shape)
        return weighted(images)

    answers = list(score(model, questions, batch_size=batch_size, progress=reported.append))
    assert len(answers) == len(questions)
    for asked, answer in zip(questions, answers, strict=True):
        np.testing.assert_allclose(answer.scores, by_hand(asked), rtol=1e-12)
        np.testing.assert_array_equal(answer.unchanged, asked.coalitions[:, np.unique(asked.segments)].all(axis=1))  # fmt: skip  # noqa: E501
    rows = [shape[0] for shape in batches]
    assert max(rows) <= batch_size
    assert sum(rows) == sum(reported) == sum(n for n, _ in sizes)
    if len({side for _, side in sizes}) == 1:  # then every batch but the last is full
        assert all(n == batch_size for n in rows[:-1])


def test_questions_are_taken_only_as_needed():
    taken = []

    def stream():
        for seed in range(100):
            taken.append(seed)
            yield question(seed, 4)

    answers = score(weighted, stream(), batch_size=8)
    next(answers)
    assert len(taken) <= 3


def test_images_reach_the_model_with_their_own_dtype_and_range():
    seen = []

    def model(images):
        seen.append((images.dtype, images.max()))
        images[:] = 0  # a model may spoil what it is given
        return np.zeros((len(images), 1))

    asked = question(0, 3)
    byte = asked._replace(image=(asked.image * 255).astype(np.uint8))
    before = byte.image.copy()
    list(score(model, [byte]))
    assert seen[0][0] == np.uint8
    assert seen[0][1] > 1
    np.testing.assert_array_equal(byte.image, before)


def raising(images):
    raise RuntimeError("out of luck")


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (raising, r"the model raised RuntimeError on a batch of shape \(4, 4, 4, 1\).*out of luck"),
        (lambda images: np.zeros(len(images)), r"\(4, classes\); got shape \(4,\)"),
        (lambda images: np.zeros((len(images) - 1, 2)), r"got shape \(3, 2\)"),
        (lambda images: np.zeros((len(images), 0)), r"got shape \(4, 0\)"),
        (lambda images: np.zeros((len(images), 2), complex), "real numbers; got dtype complex"),
        (lambda images: np.full((len(images), 2), np.nan), "row 0, class 0 is nan"),
        (lambda images: np.full((len(images), 2), [0, np.inf]), "row 0, class 1 is inf"),
        (lambda images: [["a"]] * len(images), "real numbers; got dtype <U1"),
    ],
)
def test_a_model_that_breaks_its_promise_is_named(model, message):
    with pytest.raises(ModelError, match=message):
        list(score(model, [question(0, 4)]))


def test_a_model_whose_classes_change_is_named():
    def model(images):
        return np.zeros((len(images), len(images)))

    with pytest.raises(ModelError, match="3 before, 1 now"):
        list(score(model, [question(0, 4)], batch_size=3))


@pytest.mark.parametrize(
    "spoiled",
    [
        lambda image, segments, coalitions: image[None],
        lambda image, segments, coalitions: np.zeros((len(coalitions), *image.shape), np.float32),
    ],
)
def test_a_perturbation_that_breaks_its_promise_is_named(spoiled):
    with pytest.raises(InputError, match="a perturbation must return a batch of shape"):
        list(score(weighted, [question(0, 4)._replace(perturbation=spoiled)]))


def test_impossible_settings_are_refused():
    with pytest.raises(InputError, match="batch_size must be at least 1; got 0"):
        list(score(weighted, [question(0, 4)], batch_size=0))
    with pytest.raises(InputError, match="at least one coalition"):
        list(score(weighted, [question(0, 0)]))


class Halved:
    """A model that looks at the left half."""

    class_names = ("dark", "bright")

    def view(self, image):
        return View(image[:, :2], (0.0, 0.0, float(len(image)), 2.0))

    def __call__(self, images):
        return weighted(images)


def test_a_model_with_a_view_of_its_own_is_asked_about_it():
    image = question(0, 1).image
    seen = view(Halved(), image)
    assert seen.image.shape == (4, 2, 1)
    assert class_names(Halved()) == ("dark", "bright")
    assert class_names(weighted) == ()
    (row,) = score_images(Halved(), [image])
    np.testing.assert_allclose(row, weighted(image[None, :, :2])[0])


def test_the_output_range_is_the_extremes_over_the_images():
    images = [np.full((2, 2), value) for value in (0.5, 0.1, 1.0)]
    low, high = estimate_output_range(weighted, images, batch_size=2)
    np.testing.assert_allclose(low, [1.0, 0.04])
    np.testing.assert_allclose(high, [10.0, 4.0])
    with pytest.raises(InputError, match="at least one image"):
        estimate_output_range(weighted, [])


def test_large_images_are_asked_about_few_at_a_time(monkeypatch):
    monkeypatch.setattr("cilens.scoring.batching._MOST_BYTES", 3 * 16 * 8)
    rows = []

    def model(images):
        rows.append(len(images))
        return weighted(images)

    asked = question(0, 8)
    (answer,) = score(model, [asked], batch_size=32)
    assert rows == [3, 3, 2]
    np.testing.assert_allclose(answer.scores, by_hand(asked), rtol=1e-12)
    rows.clear()
    list(score(model, [question(0, 2, side=9)], batch_size=32))  # more than a batch by itself
    assert rows == [1, 1]


def test_a_picture_that_stands_in_is_made_once(monkeypatch):
    made, blur = [], Blur.replacement

    def watched(self, image, segments):
        made.append(image.shape)
        return blur(self, image, segments)

    monkeypatch.setattr(Blur, "replacement", watched)
    asked = question(0, 9)._replace(perturbation=Blur())
    (answer,) = score(weighted, [asked], batch_size=2)
    assert len(made) == 1
    expected = weighted(Blur()(asked.image, asked.segments, asked.coalitions))
    np.testing.assert_allclose(answer.scores, expected, rtol=1e-12)


def test_memory_does_not_grow_with_rows_of_a_large_image():
    image = np.random.default_rng(0).random((700, 800, 3), np.float32)
    method = SampledImportance((Grid(5, 5),), (Constant(0.5),), 129)

    def small(images):
        return images[:, ::50, ::50].mean(axis=(1, 2))

    tracemalloc.start()
    try:
        method(small, image)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2**27 + 12 * image.nbytes  # all rows at once would be 129 images
