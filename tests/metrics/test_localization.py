"""Influence is found where a closed-form model has it, and on the digits of a canvas."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cilens
from cilens.datasets.mnist import load_mnist, mnist_image
from cilens.datasets.synthetic import Scene, mosaic, planted, two_digits
from cilens.errors import InputError
from cilens.methods.occlusion import Occlusion
from cilens.methods.random import RandomAttribution
from cilens.metrics.localization import Pointing, on_view, pointing, pointing_game
from cilens.models.wrappers.canvas import CanvasModel
from cilens.scoring.explain import explain_each
from cilens.segmentation import Grid, Labels, Slic
from cilens.types import View

LEFT = np.array([[True, True, False, False]] * 2)


def columns_model(*weights):
    """Return a model whose one class is the weighted brightness of the columns."""
    return lambda images: images[..., 0].mean(axis=1) @ np.array(weights, float)[:, None]


def explained(*weights, segmenter=None):
    method = cilens.ContextualImportance(segmenter or Grid(1, 4))
    return method(cilens.StatedModel(columns_model(*weights), (-9.0, 9.0)), np.ones((2, 4)))


def test_the_share_is_that_of_the_positive_influence() -> None:
    found = pointing(explained(3, 1, 2, -5), LEFT, 0)
    assert found.share == pytest.approx(4 / 6)
    assert (found.target, found.hit, found.area) == (0, 1.0, 0.5)
    assert pointing(explained(0, 0, 2, 0), LEFT).share == 0.0
    assert pointing(explained(0, 0, 2, 0), LEFT).hit == 0.0


def test_a_region_across_the_edge_counts_by_its_pixels() -> None:
    segments = np.array([[0, 0, 0, 0], [0, 1, 1, 1]])
    found = pointing(explained(1, 1, 1, 1, segmenter=Labels(segments)), LEFT)
    assert found.share == pytest.approx((5 / 8) * (3 / 5) + (3 / 8) * (1 / 3))
    assert found.hit == pytest.approx(3 / 5)


def test_nothing_in_favour_has_no_share() -> None:
    assert pointing(explained(-1, 0, -1, 0), LEFT) == Pointing(0, None, None, 0.5)


def test_only_certain_regions_count_where_that_is_asked() -> None:
    plain = explained(3, 1, 2, -5)
    unsure = replace(plain, margin=np.full((4, 1), 1.5 / 18))
    nothing_sure = replace(plain, margin=np.ones((4, 1)))
    assert pointing(unsure, LEFT, 0, sure=True).share == pytest.approx(3 / 5)
    assert pointing(unsure, LEFT, 0).share == pytest.approx(4 / 6)
    assert pointing(plain, LEFT, 0, sure=True) == pointing(plain, LEFT, 0)
    assert pointing(nothing_sure, LEFT, 0, sure=True) == Pointing(0, None, None, 0.5)
    both = pointing_game(unsure, [0, 0], np.stack([LEFT, ~LEFT]), sure=True)
    assert [one.share for one in both] == pytest.approx([3 / 5, 2 / 5])


def test_regions_that_overlap_count_each_by_itself() -> None:
    model = lambda images: images[:, 0, :1, 0]  # noqa: E731 (looks at one pixel)
    found = pointing(Occlusion(size=2, stride=1, value=0.0)(model, np.ones((2, 4))), LEFT)
    assert found.share == 1.0


def test_an_object_has_pixels_and_the_size_of_the_image(unchecked) -> None:
    for place in (np.zeros((2, 4), bool), np.ones((2, 3), bool)):
        with pytest.raises(InputError, match=r"must have pixels on the explained image, \(2, 4\)"):
            pointing(explained(1, 0, 0, 0), place)


@given(st.integers(0, 30), st.sampled_from([4, 7, 14]))
def test_a_planted_square_that_fits_the_grid_is_found_whole(seed, side) -> None:
    scene, model = planted(side=side, seed=seed)
    aligned = np.zeros((28, 28), int)
    aligned[scene.objects[0]] = 1
    found = pointing(cilens.ContextualImportance(Labels(aligned))(model, scene.image), aligned > 0)
    assert (found.target, found.share, found.hit) == (1, 1.0, 1.0)


def test_planted_squares_are_found_by_superpixels_and_not_by_chance() -> None:
    pairs = [planted(size=(32, 32), side=10, seed=seed) for seed in range(40)]
    method = cilens.ContextualImportance(Slic(50, compactness=0.3))
    found, chance = (
        [pointing(each(model, scene.image), scene.objects[0], 1) for scene, model in pairs]
        for each in (method, RandomAttribution(Slic(50, compactness=0.3)))
    )
    assert np.mean([each.share for each in found]) > 0.8
    assert np.mean([each.hit for each in found]) > 0.9
    assert np.mean([each.share for each in chance]) < 0.3


def on_objects(scenes: list[Scene], method, model) -> list[float]:
    found = explain_each(method, model, (scene.image for scene in scenes))
    return [
        pointing(explanation, place, target).share
        for scene, explanation in zip(scenes, found, strict=True)
        for place, target in zip(scene.objects, scene.classes, strict=True)
    ]


@pytest.mark.parametrize(("layout", "segments"), [("beside", 18), ("corners", 36)])
def test_a_class_lies_on_its_digit(layout, segments) -> None:
    scenes = [two_digits(layout=layout, seed=seed) for seed in range(20)]
    model, segmenter = CanvasModel(cilens.load_model("digits")), Slic(segments, compactness=0.3)
    found = on_objects(scenes, cilens.ContextualImportance(segmenter), model)
    assert None not in found
    assert np.mean(found) >= 0.8
    chance = on_objects(scenes, RandomAttribution(segmenter), model)
    assert np.mean(chance) < 0.5


def test_a_class_lies_on_its_tile() -> None:
    labels = load_mnist()[1]
    first = [int(np.flatnonzero(labels == digit)[0]) for digit in range(10)]
    tiles = [first[:4], first[4:8], first[6:]]
    scenes = [mosaic([mnist_image(i) for i in row], [int(labels[i]) for i in row]) for row in tiles]
    method = cilens.ContextualImportance(Slic(36, compactness=0.3))
    found = on_objects(scenes, method, CanvasModel(cilens.load_model("digits"), stride=28))
    assert np.mean(found) > 0.95


class Cropping:
    """A model that sees the middle of an image at half its size."""

    class_names = ()

    def view(self, image):
        top, left = image.shape[0] // 4, image.shape[1] // 4
        seen = image[top : top + image.shape[0] // 2 : 2, left : left + image.shape[1] // 2 : 2]
        box = (top, left, top + image.shape[0] // 2, left + image.shape[1] // 2)
        return View(seen, tuple(map(float, box)))

    def __call__(self, images):
        return images[:, 0, :1, 0]


def test_an_object_follows_its_image_onto_the_view() -> None:
    image = np.zeros((16, 24, 1))
    image[4:8, 6:12] = 1.0
    explanation = cilens.ContextualImportance(Grid(2, 2))(Cropping(), image)
    place = on_view(image[..., 0] > 0, explanation)
    assert place.shape == (4, 6)
    np.testing.assert_array_equal(place, explanation.image[..., 0] > 0)
    assert pointing(explanation, place).share == 1.0
    with pytest.raises(InputError, match="must be given on the whole image, of which the model"):
        on_view(place, explanation)


class Shrinking(Cropping):
    """A model that sees four rows and columns as three."""

    def view(self, image):
        return View(image[:3, :3], (0.0, 0.0, 4.0, 4.0))


def test_a_pixel_of_the_view_has_what_lies_under_its_centre() -> None:
    explanation = cilens.ContextualImportance(Grid(1, 1))(Shrinking(), np.ones((4, 4, 1)))
    for place in np.eye(16, dtype=bool).reshape(16, 4, 4):
        expected = place[np.ix_([0, 2, 3], [0, 2, 3])]
        np.testing.assert_array_equal(on_view(place, explanation), expected)


def tiles_model(images):
    """Return the brightness of each of four tiles; the first tile speaks for the second, too."""
    bright = images.reshape(len(images), 2, 4, 2, 4).mean(axis=(2, 4)).reshape(len(images), 4)
    return bright @ np.array([[1, 0.5, 0, 0], [0, 0.5, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])


def test_the_grid_pointing_game_on_a_mosaic() -> None:
    scene = mosaic([np.ones((4, 4))] * 4, [0, 1, 2, 3])
    explanation = cilens.ContextualImportance(Grid(2, 2))(tiles_model, scene.image)
    found = pointing_game(explanation, scene.classes, scene.objects)
    assert [one.target for one in found] == [0, 1, 2, 3]
    assert [one.share for one in found] == [1.0, 0.5, 1.0, 1.0]
    assert [one.hit for one in found] == [1.0, 0.5, 1.0, 1.0]
    assert {one.area for one in found} == {0.25}


def test_each_object_has_a_class() -> None:
    scene = mosaic([np.ones((4, 4))] * 4, [0, 1, 2, 3])
    explanation = cilens.ContextualImportance(Grid(2, 2))(tiles_model, scene.image)
    with pytest.raises(InputError, match="one class for each object; got 1 classes for 4 objects"):
        pointing_game(explanation, [0], scene.objects)
