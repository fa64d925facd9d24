"""The edge detector finds edges, and nothing of the model."""

from __future__ import annotations

import numpy as np
import pytest

from cilens.methods.edges import EdgeDetector
from cilens.segmentation import Grid


def either(images):
    """Return the mean brightness, and the rest to 1."""
    bright = images.mean(axis=(1, 2, 3), dtype=np.float64)
    return np.stack([bright, 1 - bright], axis=1)


STEP = np.zeros((8, 12, 3))
STEP[:, 6:] = 0.6


@pytest.mark.parametrize("segmenter", [Grid(2, 3), None], ids=repr)
def test_it_costs_one_row_and_is_alike_for_every_class(segmenter):
    asked = []

    def model(images):
        asked.append(len(images))
        return either(images)

    explanation = EdgeDetector(segmenter)(model, STEP)
    assert asked == [1, 1, 1, 2]  # and alone and together with the blank image, to check the model
    assert explanation.model_rows == 1
    np.testing.assert_array_equal(explanation.influence[:, 0], explanation.influence[:, 1])
    np.testing.assert_array_equal(explanation.scores, either(STEP[None])[0])
    other = EdgeDetector(segmenter)(lambda images: either(images)[:, ::-1], STEP)
    np.testing.assert_array_equal(other.saliency(), explanation.saliency())


def test_a_step_is_an_edge_in_the_pixels_on_both_sides():
    saliency = EdgeDetector(None)(either, STEP).saliency()
    expected = np.zeros((8, 12))
    expected[:, 5:7] = 1.0
    np.testing.assert_allclose(saliency, expected, atol=1e-12)


def test_a_segment_has_the_mean_of_its_pixels():
    found = EdgeDetector(Grid(1, 4))(either, STEP)  # columns 0-2, 3-5, 6-8, 9-11
    np.testing.assert_allclose(found.influence[:, 0], [0, 1, 1, 0], atol=1e-12)
    uneven = EdgeDetector(Grid(1, 3))(either, STEP[:, 2:])  # 0-3, 4-6, 7-9, the edge at 3 and 4
    np.testing.assert_allclose(uneven.influence[:, 0], [3 / 4, 1, 0], atol=1e-12)


def test_pixels_are_told_apart_in_many_steps():
    image = np.random.default_rng(0).uniform(size=(40, 40, 1))
    saliency = EdgeDetector(None)(either, image).saliency()
    assert len(np.unique(saliency)) == 256
    assert saliency.max() == 1.0


@pytest.mark.parametrize("image", [np.full((6, 6, 1), 0.4), (STEP * 255).astype(np.uint8)])
def test_flat_images_and_whole_numbers_are_images_too(image):
    model = lambda images: either(images / (255 if images.dtype.kind == "u" else 1))  # noqa: E731
    saliency = EdgeDetector(None)(model, image).saliency()
    assert saliency.max() == (1.0 if np.ptp(image) else 0.0)
    assert np.isfinite(saliency).all()
