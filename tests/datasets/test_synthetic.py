"""Scenes are what they say: known objects at known places."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cilens
from cilens.datasets.mnist import load_mnist, mnist_image
from cilens.datasets.synthetic import Planted, compose, mosaic, planted, two_digits
from cilens.errors import InputError
from cilens.segmentation import Grid
from cilens.testing import check_model, check_part


@given(st.sampled_from(["beside", "corners"]), st.integers(0, 6), st.integers(0, 500))
def test_two_digits_of_different_classes_lie_in_their_squares(layout, slack, seed) -> None:
    image, classes, objects = two_digits(layout=layout, slack=slack, seed=seed)
    height = 28 if layout == "beside" else 56
    assert image.shape == (height + 2 * slack, 56 + 2 * slack, 1)
    assert (image.dtype, objects.shape) == (np.float32, (2, *image.shape[:2]))
    assert len(set(classes)) == 2
    assert not image[~objects.any(axis=0)].any()
    starts = [[axis.min() for axis in place.nonzero()] for place in objects]
    for place, (top, left), (row, column) in zip(
        objects, starts, [(0, 0), (height - 28, 28)], strict=True
    ):
        assert place.sum() == 28 * 28
        assert place[top : top + 28, left : left + 28].all()
        assert 0 <= top - row <= 2 * slack
        assert 0 <= left - column <= 2 * slack


def test_two_digits_are_those_of_the_test_split() -> None:
    images, labels = load_mnist()
    image, classes, objects = two_digits(slack=0, seed=5)
    for place, digit in zip(objects, classes, strict=True):
        shown = np.rint(image[place].reshape(28, 28) * 255).astype(np.uint8)
        (index,) = np.flatnonzero((images == shown).all(axis=(1, 2)))
        assert labels[index] == digit


def test_two_digits_come_back_with_their_seed_and_change_with_it() -> None:
    seen = {two_digits(seed=seed).image.tobytes() for seed in [*range(20), *range(20)]}
    assert len(seen) == 20


def test_the_places_of_two_digits_fill_the_slack() -> None:
    corners = [
        [axis.min() for axis in place.nonzero()]
        for seed in range(60)
        for place in two_digits(slack=2, seed=seed).objects[:1]
    ]
    assert {tuple(map(int, corner)) for corner in corners} >= {(0, 0), (4, 4), (0, 4), (4, 0)}


def test_canvases_that_cannot_be_are_refused(unchecked) -> None:
    with pytest.raises(InputError, match="layout must be 'beside' or 'corners'; got 'above'"):
        two_digits(layout="above")
    with pytest.raises(InputError, match="slack must be at least 0; got -1"):
        two_digits(slack=-1)


def test_a_mosaic_has_its_tiles_in_order() -> None:
    tiles = [np.full((2, 3, 3), value) for value in (0.25, 0.5, 0.75)]
    image, classes, objects = mosaic(tiles, [7, 1, 4], columns=2)
    assert image.shape == (4, 6, 3)
    assert classes == (7, 1, 4)
    assert image[..., 0].tolist() == [[0.25] * 3 + [0.5] * 3] * 2 + [[0.75] * 3 + [0.0] * 3] * 2
    for value, place in zip((0.25, 0.5, 0.75), objects, strict=True):
        np.testing.assert_array_equal(place, image[..., 0] == value)


def test_a_mosaic_is_no_wider_than_its_tiles() -> None:
    assert mosaic([np.ones((2, 3))], [0], columns=5).image.shape == (2, 3, 1)


@pytest.mark.parametrize(
    ("images", "classes", "columns", "message"),
    [
        ([np.ones((2, 2))] * 2, [3, 3], 2, r"a class of its own; got \[3, 3\]"),
        ([], [], 2, "needs images and columns; got 0 in 2"),
        ([np.ones((2, 2))], [3], 0, "needs images and columns; got 1 in 0"),
        ([np.ones((2, 2)), np.ones((2, 3))], [3, 4], 2, "must have one shape and dtype"),
        ([np.ones((2, 2)), np.ones((2, 2), int)], [3, 4], 2, "must have one shape and dtype"),
        ([np.ones((2, 2))], [3, 4], 2, "got 1 images, 2 classes, 1 corners"),
    ],
)
def test_tiles_that_do_not_fit_are_refused(unchecked, images, classes, columns, message) -> None:
    with pytest.raises(InputError, match=message):
        mosaic(images, classes, columns=columns)


def test_the_brighter_pixel_shows() -> None:
    images = [np.full((2, 2), 0.5), np.array([[0.25, 1.0], [0.0, 0.75]])]
    scene = compose(images, [1, 2], corners=[(0, 0), (0, 1)], size=(2, 3))
    assert scene.image[..., 0].tolist() == [[0.5, 0.5, 1.0], [0.5, 0.5, 0.75]]
    assert (images[0] == 0.5).all()


@pytest.mark.parametrize("corner", [(-1, 0), (0, -1), (2, 0), (0, 3)])
def test_an_image_must_stay_on_the_canvas(corner) -> None:
    with pytest.raises(InputError, match=r"leaves the canvas of 3 x 4"):
        compose([np.ones((2, 2))], [1], corners=[corner], size=(3, 4))


def test_composing_digits_keeps_their_pixels() -> None:
    digit = mnist_image(0)
    scene = compose([digit], [7], corners=[(3, 5)], size=(40, 50))
    np.testing.assert_array_equal(scene.image[3:31, 5:33], digit)


@given(st.integers(0, 200), st.integers(1, 20))
def test_a_planted_square_decides_the_class(seed, side) -> None:
    (image, classes, objects), model = planted(size=(20, 24), side=side, seed=seed)
    place = objects[0]
    assert (image.shape, classes, place.sum()) == ((20, 24, 1), (1,), side**2)
    assert image.min() >= 0
    assert image.max() <= 1
    scores = model(np.stack([image, image * place[..., None], image * ~place[..., None]]))
    assert scores[0, 1] == pytest.approx(image[place].mean())
    np.testing.assert_array_equal(scores[1], scores[0])
    np.testing.assert_array_equal(scores[2], [1.0, 0.0])
    assert scores[0].argmax() == 1


def test_the_importance_of_a_planted_square_is_known() -> None:
    scene, model = planted(side=8, seed=3)
    explanation = cilens.ContextualImportance(Grid(28, 28))(model, scene.image)
    expected = np.where(scene.objects[0], scene.image[..., 0], 0).ravel() / 64
    np.testing.assert_allclose(explanation.influence[:, 1], expected, atol=1e-12)


def test_a_planted_model_is_a_sound_part() -> None:
    check_part(Planted((1, 2, 3, 4)))
    check_model(Planted((0, 0, 8, 8)), np.ones((20, 20, 3)))
    for box in ((0, 0, 0, 4), (0, 5, 4, 5), (-1, 0, 4, 4)):
        with pytest.raises(InputError, match=r"Planted.box must be \(top, left, bottom, right\)"):
            Planted(box)
    for side in (0, 29):
        with pytest.raises(InputError, match=rf"side must be 1 … 28 .* got {side}"):
            planted(side=side)
