"""A model is a function of one image: what is not is refused, for what it is, or has a margin."""

from __future__ import annotations

import numpy as np
import pytest

import cilens
from cilens.errors import ModelError
from cilens.methods.edges import EdgeDetector
from cilens.methods.greedy import Greedy
from cilens.methods.occlusion import Occlusion
from cilens.methods.rise import Rise
from cilens.scoring import consistency
from cilens.scoring.explain import explain_each

RNG = np.random.default_rng(5)
IMAGE = 0.3 * RNG.random((8, 8, 3))
WEIGHTS = RNG.normal(size=(3, 4))
HALVES = cilens.Grid(1, 2)
METHODS = {
    "recommended": None,
    "contextual": cilens.ContextualImportance(HALVES),
    "several fills": cilens.ContextualImportance(HALVES, (cilens.Constant(0.0), cilens.Blur())),
    "rise": Rise(budget=41),
    "occlusion": Occlusion(4, 2),
    "greedy": Greedy(HALVES),
    "edges": EdgeDetector(HALVES),
}
every_method = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS.keys())


def logits(images):
    return images.mean(axis=(1, 2)) @ WEIGHTS


def softmax(values, axis):
    powers = np.exp(values - values.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def sound(images):
    return softmax(logits(images), axis=1)


def over_the_batch(images):
    return softmax(logits(images), axis=0)


def batch_norm(images):
    values = logits(images)
    return softmax((values - values.mean(axis=0)) / (values.std(axis=0) + 0.1), axis=1)


def first_for_all(images):
    return np.repeat(sound(images[:1]), len(images), axis=0)


class Dropout:
    """A network whose dropout was left on: other weights fall out at each call."""

    def __init__(self):
        self.random = np.random.default_rng(0)

    def __call__(self, images):
        kept = self.random.random(WEIGHTS.shape) < 0.5
        return softmax(images.mean(axis=(1, 2)) @ (2 * WEIGHTS * kept), axis=1)


class Counter:
    """A model that counts its calls, and says another thing at each."""

    def __init__(self):
        self.calls = 0

    def __call__(self, images):
        self.calls += 1
        return sound(images) / (1 + np.sin(self.calls) ** 2)


CASES = [
    (over_the_batch, "a softmax does that runs over the images .* axis 1"),
    (batch_norm, r"batch normalisation in training mode.*batch_size=1\), --batch-size 1"),
    (first_for_all, "all images of a batch get one answer, as with a batch of 1 inside"),
    (Dropout(), r"by chance or keeps a state \(dropout left on.*allow_noise=True, --allow-noise"),
    (Counter(), "by chance or keeps a state"),
]


@every_method
@pytest.mark.parametrize(("model", "why"), CASES, ids=["softmax", "norm", "first", "drop", "count"])
def test_the_likely_cause_is_named(model, why, method):
    with pytest.raises(ModelError, match=f"a model must be a function of one image.*{why}"):
        cilens.explain(model, IMAGE, method=method)


@every_method
def test_a_function_of_one_image_is_explained(method):
    assert cilens.explain(sound, IMAGE, method=method).scores == pytest.approx(
        sound(IMAGE[None])[0]
    )


def test_rounding_noise_passes_and_what_could_matter_does_not():
    def explain(apart):
        def model(images):
            return sound(images) + (len(images) > 1) * apart

        return cilens.explain(model, IMAGE, method=METHODS["contextual"], output_range=(0, 2))

    explain(1.9 * consistency.TOLERANCE)  # of a range of 2
    with pytest.raises(ModelError, match="function of one image"):
        explain(2.1 * consistency.TOLERANCE)


def test_one_image_at_a_time_makes_a_function_of_it():
    one = cilens.StatedModel(batch_norm, batch_size=1)
    assert cilens.explain(one, IMAGE).scores == pytest.approx(batch_norm(IMAGE[None])[0])


def counted(model, asked):
    def count(images):
        asked.append(len(images))
        return model(images)

    return count


def test_two_rows_check_an_image_and_are_counted_apart():
    asked, told = [], []
    method = METHODS["contextual"]
    explanation = method(counted(sound, asked), IMAGE, progress=told.append)
    assert (asked, told, explanation.model_rows) == ([3, 1, 1], [3], 3)


def test_in_a_stream_ever_fewer_images_are_checked():
    asked = []
    model = cilens.StatedModel(counted(sound, asked), batch_size=3)
    found = list(explain_each(METHODS["contextual"], model, [IMAGE] * 20))
    assert sum(asked) == sum(e.model_rows for e in found) + 2 * 5  # of numbers 1, 2, 4, 8, 16


def test_chance_is_found_behind_a_sure_answer():
    """The image itself always scores 1; what is hidden brings the noise out."""
    random = np.random.default_rng(0)

    def model(images):
        noise = np.where(images.min(axis=(1, 2, 3)) > 0, 0, random.random(len(images)))
        return np.stack([1 - noise, noise], axis=1)

    with pytest.raises(ModelError, match="by chance"):
        METHODS["contextual"](model, np.ones((4, 4, 1)))


def noisy(sigma, seed=0):
    random = np.random.default_rng(seed)
    return lambda images: images.mean(axis=(1, 2)) + random.normal(0, sigma, (len(images), 1))


def test_noise_that_is_allowed_is_in_the_margin():
    """A score less another has a standard deviation of sqrt(2) sigma; 95 % lie within 1.96."""
    half = np.full((4, 4, 1), 0.5)
    margins = [
        cilens.explain(
            noisy(0.01, seed), half, method=METHODS["contextual"], allow_noise=True
        ).margin
        for seed in range(40)
    ]
    assert np.mean(margins) == pytest.approx(1.96 * np.sqrt(2) * 0.01, rel=0.1)


def test_margins_of_noise_are_shares_of_the_range_and_hold_the_truth():
    half = np.full((4, 4, 1), 0.5)
    hits = []
    for seed in range(60):
        model = noisy(0.02, seed)
        e = cilens.explain(
            model, half, method=METHODS["contextual"], output_range=(-1, 1), allow_noise=True
        )
        hits.append(abs(e.influence[0, 0] - 0.125) <= e.margin[0, 0])  # a quarter of a range of 2
    assert np.mean(hits) >= 0.9


@every_method
def test_noise_that_is_allowed_is_explained_by_every_method(method):
    model = cilens.StatedModel(noisy(0.01), (-1, 1), allow_noise=True)
    e = cilens.explain(model, np.full((8, 8, 1), 0.5), method=method)
    assert (e.margin > 0).all()


def test_a_sound_model_has_no_margin_of_noise():
    e = cilens.explain(sound, IMAGE, method=METHODS["contextual"], allow_noise=True)
    assert e.margin.max() < 1e-9
