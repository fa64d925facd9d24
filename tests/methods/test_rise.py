"""RISE on the one loop, against its own formula and models one can write down."""

from __future__ import annotations

import numpy as np
import pytest
import skimage.transform
from hypothesis import given
from hypothesis import strategies as st

from cilens.errors import InputError
from cilens.methods.rise import Rise, _SoftGrid, _upsampling
from cilens.perturbation import Blur


def linear(weights):
    return lambda images: np.einsum("nhwc,hwck->nk", images.astype(np.float64), weights)


def softmax(images):
    rng = np.random.default_rng(4)
    logits = images.reshape(len(images), -1) @ (0.3 * rng.normal(size=(images[0].size, 3)))
    exponents = np.exp(logits)
    return exponents / exponents.sum(axis=1, keepdims=True)


@given(st.integers(1, 9), st.integers(1, 40), st.data())
def test_masks_are_those_of_rises_own_code(size, length, data):
    """There the grid is resized to one cell more than the image, and cut out."""
    step = -(-length // size)
    shift = data.draw(st.integers(0, step - 1))
    grid = np.random.default_rng(size).integers(0, 2, (size, size)).astype(float)
    weights = _upsampling(length, size, shift)
    whole = skimage.transform.resize(
        grid, ((size + 1) * step,) * 2, order=1, mode="reflect", anti_aliasing=False
    )
    cut = whole[shift : shift + length, shift : shift + length]
    np.testing.assert_allclose(weights @ grid @ weights.T, cut, atol=1e-12)


def test_saliency_is_the_mean_score_weighed_by_what_is_shown():
    image = np.random.default_rng(2).uniform(0, 1, (12, 10, 1))
    shown = []

    def recorded(images):
        shown.append(images)
        return softmax(images)

    found = Rise(budget=51, size=3, cell=1)(recorded, image)
    shown = np.concatenate(shown)[1:51]  # without the image, and what checks the model
    masks, scores = shown[..., 0] / image[..., 0], softmax(shown)  # the fill is black
    expected = np.einsum("nhw,nk->khw", masks, scores) / masks.sum(axis=0)
    for target in range(3):
        np.testing.assert_allclose(
            found.saliency(target), expected[target] - scores[:, target].mean(), atol=1e-12
        )
    assert found.model_rows == 51
    assert 0 <= masks.min() < 0.05
    assert 0.95 < masks.max() <= 1.0 + 1e-12


def test_a_cell_has_the_mean_of_its_pixels():
    image = np.random.default_rng(3).uniform(0, 1, (9, 8, 3))
    fine, coarse = (Rise(budget=41, cell=cell)(softmax, image) for cell in (1, 4))
    shown = [_SoftGrid(np.zeros((9, 8, 3)), 7, shift) for _, shift in Rise(41)._draw(9, 8)]
    assert len(shown) == 40
    assert len(coarse.regions) == 6
    assert len(fine.regions) == 72
    # Pixels of a cell were shown alike, so that weighing them first or last is nearly the same.
    for row in range(3):
        pixels = coarse.segments == 2 * row
        mean = fine.saliency(0)[pixels].mean()
        np.testing.assert_allclose(coarse.influence[2 * row, 0], mean, atol=0.01)


def test_a_model_that_looks_at_one_place_is_seen_there():
    weights = np.zeros((14, 14, 1, 1))
    weights[2:5, 8:11] = 1 / 9
    saliency = Rise(budget=1501, seed=1)(linear(weights), np.ones((14, 14, 1))).saliency()
    top, left = np.unravel_index(saliency.argmax(), saliency.shape)
    assert 2 <= top < 5
    assert 8 <= left < 11
    assert abs(saliency[10:, :4]).max() < 0.2 * saliency.max()


def test_what_is_hidden_fades_into_any_fill():
    image = np.random.default_rng(5).uniform(0, 1, (20, 20, 3))
    fill = Blur(3.0)(image, np.zeros((20, 20), int), np.zeros((1, 1), bool))[0]
    question = Rise(budget=2, perturbation=Blur(3.0)).plan(_view(image)).questions[1]
    (shown,) = question.perturbation(image, question.segments, question.coalitions)
    share = (shown - fill) / (image - fill)
    np.testing.assert_allclose(share, share[..., :1] * np.ones(3), atol=1e-6)


def test_integer_pixels_stay_integers():
    asked = []
    image = np.random.default_rng(5).integers(0, 256, (20, 20, 3)).astype(np.uint8)
    Rise(budget=3)(lambda images: asked.append(images) or np.ones((len(images), 1)), image)
    np.testing.assert_array_equal(asked[0][0], image)
    assert {batch.dtype for batch in asked} == {image.dtype}


def _view(image):
    from cilens.types import View

    return View(image, (0.0, 0.0, 1.0, 1.0))


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_share_that_shows_nothing_or_all_is_refused(share):
    with pytest.raises(InputError, match="between 0 and 1"):
        Rise(share=share)
