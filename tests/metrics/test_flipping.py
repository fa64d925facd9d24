"""Pixel flipping against curves one can write down."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cilens.errors import InputError
from cilens.metrics.flipping import Curves, Flipping
from cilens.perturbation import Constant


def brightness(images):
    return images.mean(axis=(1, 2))


def test_a_mean_model_falls_in_a_line_whatever_the_order():
    saliency = np.random.default_rng(0).normal(size=(10, 10))
    curves = Flipping(steps=10).curves(brightness, np.ones((10, 10, 1)), saliency, 0)
    np.testing.assert_allclose(curves.most_first, np.linspace(1, 0, 11), atol=1e-12)
    np.testing.assert_allclose(curves.least_first, np.linspace(1, 0, 11), atol=1e-12)
    assert curves.mif == pytest.approx(0.5)
    assert curves.srg == pytest.approx(0)


@given(st.integers(1, 12), st.integers(0, 99))
def test_the_right_pixel_first_gives_the_largest_gain(steps, place):
    image, saliency = np.ones((10, 10, 1)), np.zeros((10, 10))
    saliency.flat[place] = 1.0
    one_pixel = lambda images: images.reshape(len(images), -1)[:, [place]]  # noqa: E731
    curves = Flipping(steps=steps).curves(one_pixel, image, saliency, 0)
    np.testing.assert_array_equal(curves.most_first, [1] + [0] * steps)
    np.testing.assert_array_equal(curves.least_first, [1] * steps + [0])
    assert curves.srg == pytest.approx((steps - 1) / steps)
    worst = Flipping(steps=steps).curves(one_pixel, image, -saliency, 0)
    assert worst.srg == pytest.approx(-curves.srg)


@given(hnp.arrays(np.float64, (6, 5), elements=st.integers(-3, 3)), st.integers(1, 9))
def test_each_step_hides_its_share_in_the_order_of_the_saliency(saliency, steps):
    image = np.ones((6, 5, 1))
    seen = []

    def model(images):
        seen.extend(images[..., 0] == 0)
        return brightness(images)

    Flipping(steps=steps).curves(model, image, saliency, 0)
    most, least = seen[: steps + 1], seen[steps + 1 :]
    for chain, sign in ((most, 1), (least, -1)):
        assert not chain[0].any()
        assert chain[-1].all()
        for before, after in pairwise(chain):
            assert (after >= before).all()
            assert abs((after & ~before).sum() - 30 / steps) <= 1
        for hidden in chain[1:-1]:
            if hidden.any() and not hidden.all():
                assert (sign * saliency)[hidden].min() >= (sign * saliency)[~hidden].max()


def test_insertion_is_lif_walked_backwards():
    rng = np.random.default_rng(1)
    image, saliency = rng.uniform(size=(8, 8, 1)), rng.normal(size=(8, 8))
    model = lambda images: (images**2).mean(axis=(1, 2))  # noqa: E731
    curves = Flipping(Constant(0.3), steps=8).curves(model, image, saliency, 0)
    order = np.argsort(-saliency, axis=None)
    canvas = np.full((1, 8, 8, 1), 0.3)
    revealed = [model(canvas)[0, 0]]
    for portion in np.split(order, 8):
        canvas.reshape(-1)[portion] = image.reshape(-1)[portion]
        revealed.append(model(canvas)[0, 0])
    np.testing.assert_allclose(curves.least_first[::-1], revealed, atol=1e-12)


def test_areas_are_trapezoids():
    curves = Curves(np.array([1.0, 0.0, 0.0]), np.array([1.0, 1.0, 0.0]))
    assert (curves.mif, curves.lif, curves.srg) == (0.25, 0.75, 0.5)


def test_a_saliency_of_another_shape_is_refused(unchecked):
    with pytest.raises(InputError, match=r"image's shape \(4, 4\); got \(4, 5\)"):
        Flipping().curves(brightness, np.ones((4, 4, 1)), np.ones((4, 5)), 0)
