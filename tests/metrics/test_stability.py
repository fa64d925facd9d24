"""Stability: what is changed, how often, and what it comes to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import cilens
from cilens.errors import InputError
from cilens.methods.edges import EdgeDetector
from cilens.methods.occlusion import Occlusion
from cilens.methods.random import RandomAttribution
from cilens.metrics.robustness import compare
from cilens.metrics.stability import Shifted, Stability
from cilens.segmentation import Grid, Labels
from cilens.types import View

IMAGE = np.random.default_rng(0).uniform(size=(12, 10, 1))


def left(images):
    return images[:, :, :5].mean(axis=(1, 2))


def judged(stability, method, image=IMAGE):
    return stability(left, method(left, image), method=method)


def test_another_seed_is_another_draw():
    method = RandomAttribution(Grid(3, 2), seed=5)
    base = method(left, IMAGE)
    others = [compare(base, replace(method, seed=seed)(left, IMAGE)) for seed in (6, 7)]
    found = judged(Stability("seed", runs=2), method)
    assert found["rank_correlation"] == np.mean([one.rank_correlation for one in others])
    assert found["max_difference"] == max(one.max_difference for one in others)


def test_a_method_without_a_seed_says_the_same_at_no_cost():
    asked = []

    def counted(images):
        asked.append(len(images))
        return left(images)

    method = cilens.ContextualImportance(Grid(3, 2))
    explanation = method(left, IMAGE)
    found = Stability("seed")(counted, explanation, method=method)
    assert found == {"rank_correlation": 1.0, "max_difference": 0.0}
    assert asked == []


def test_segments_move_and_influence_with_them():
    # Columns of two pixels, moved by one: each later pixel pair is cut, and half the sum is kept.
    def first_pair(images):
        return images[:, 0, :2].mean(axis=1)

    image, method = np.ones((1, 6, 1)), cilens.ContextualImportance(Grid(1, 3))
    explanation = method(first_pair, image)
    np.testing.assert_array_equal(explanation.saliency(), [[1, 1, 0, 0, 0, 0]])
    shifted = replace(method, segmenter=Shifted(Grid(1, 3), 0, 1))(first_pair, image)
    # Seven pixels in three columns: 0-2, 3-4, 5-6; without the mirrored one 2, 2 and 2 remain.
    np.testing.assert_array_equal(shifted.saliency(), [[1, 1, 0, 0, 0, 0]])
    found = Stability(runs=1, shift=1e-9)(first_pair, explanation, method=method)
    assert found == {"rank_correlation": 1.0, "max_difference": 0.0}


def test_all_of_several_segmentations_move():
    asked = []

    def recorded(image):
        asked.append(image.shape[:2])
        return Grid(1, 2)(image)

    method = cilens.SampledImportance((recorded, recorded), budget=9)
    explanation = method(left, IMAGE)
    asked.clear()
    found = Stability(runs=1)(left, explanation, method=method)
    assert found["rank_correlation"] is not None
    height, width = IMAGE.shape[:2]
    assert len(asked) == 2
    assert all(rows > height and columns > width for rows, columns in asked)


def test_shifted_segments_are_those_of_the_larger_image():
    shifted = Shifted(Grid(2, 2), rows=2, columns=4)(np.zeros((4, 4, 1)))
    # Six rows in two (0-2, 3-5), eight columns in two (0-3, 4-7): the last four and four are kept.
    np.testing.assert_array_equal(shifted, [[1] * 4, [3] * 4, [3] * 4, [3] * 4])


def test_noise_is_a_share_of_the_range_and_stays_inside_it():
    seen = []

    def model(images):
        seen.extend(images)
        return images.mean(axis=(1, 2)) / 255

    image = np.full((10, 10, 1), 100, np.uint8)
    image[5:] = 200
    method = RandomAttribution(Grid(1, 1))
    explanation = method(model, image)
    seen.clear()
    found = Stability("noise", runs=4, noise=0.1)(model, explanation, method=method)
    assert len(seen) == 4 * (1 + 4)  # one row each, and four that check the model
    for noisy in seen[::5]:
        assert noisy.dtype == np.uint8
        assert 100 <= noisy.min() < noisy.max() <= 200
        assert 2 < np.abs(noisy.astype(float) - image).mean() < 8  # half of 10 x 0.8 is cut off
    assert found == {"rank_correlation": None, "max_difference": 0.0}  # one region is flat


class Cropping:
    """A model that looks at an image without its first column, as `left` does."""

    class_names = ("left",)

    def view(self, image):
        return View(image[:, 1:], (0.0, 1.0, float(image.shape[0]), float(image.shape[1])))

    def __call__(self, images):
        return left(images)


@pytest.mark.parametrize("change", ["segments", "noise", "seed"])
def test_the_explained_image_is_not_cropped_once_more(change):
    method = cilens.SampledImportance((Grid(1, 3),), budget=20)
    explanation = method(Cropping(), IMAGE)
    assert explanation.image.shape == (12, 9, 1)
    stability = Stability(change, runs=1, noise=1e-9, shift=0.01)
    found = stability(Cropping(), explanation, method=method)
    expected = stability(left, method(left, explanation.image), method=method)
    assert found == expected
    assert found["rank_correlation"] > 0.5


def test_an_image_of_one_value_has_no_range_and_no_noise():
    method = cilens.ContextualImportance(Grid(1, 2))
    found = judged(Stability("noise"), method, np.full((12, 10, 1), 0.5))
    assert found == {"rank_correlation": pytest.approx(1.0), "max_difference": 0.0}


def test_methods_without_segments_of_their_own_have_no_numbers_for_them():
    nothing = {"rank_correlation": None, "max_difference": None}
    for method in (Occlusion(4, 2), EdgeDetector(None)):
        assert judged(Stability(), method) == nothing


def test_what_it_cannot_do_is_said(unchecked):
    method = cilens.ContextualImportance(Labels(np.arange(120).reshape(12, 10) // 40))
    with pytest.raises(InputError, match=r"must segment an image of \(13, 11\) to be shifted"):
        judged(Stability(shift=0.01), method)
    with pytest.raises(InputError, match="must be given, as method="):
        Stability()(left, method(left, IMAGE))


def test_a_change_is_one_of_three(unchecked):
    with pytest.raises(InputError, match="must be 'segments' or 'noise' or 'seed'; got 'seeds'"):
        Stability("seeds")
    with pytest.raises(InputError, match=r"Stability\.runs must be above 0; got 0"):
        Stability(runs=0)
