"""A network's window slides over a canvas, and the best window answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cilens
from cilens.datasets.synthetic import two_digits
from cilens.errors import InputError
from cilens.models.wrappers.canvas import CanvasModel
from cilens.testing import check_model
from cilens.types import ImageModel


def corner(images):
    """Return the window's first pixel, and 1 minus it."""
    first = images[:, 0, 0, :1].astype(float)
    return np.concatenate([first, 1 - first], axis=1)


@given(st.integers(4, 12), st.integers(4, 12), st.integers(1, 5), st.integers(0, 9))
def test_the_best_of_all_windows_is_the_score(height, width, stride, seed) -> None:
    images = np.random.default_rng(seed).uniform(0, 1, (3, height, width, 1))
    found = CanvasModel(corner, window=(4, 4), stride=stride)(images)
    tops, lefts = ({*range(0, n - 3, stride), n - 4} for n in (height, width))
    firsts = images[:, sorted(tops)][:, :, sorted(lefts), 0].reshape(3, -1)
    expected = np.stack([firsts.max(axis=1), 1 - firsts.min(axis=1)], axis=1)
    np.testing.assert_array_equal(found, expected)


def test_an_empty_window_is_nothing_at_all() -> None:
    images = np.zeros((2, 4, 8, 1))
    images[0, 0, 0] = 0.25
    model = CanvasModel(corner, window=(4, 4), stride=4)
    assert model(images).tolist() == [[0.25, 0.75], [0.0, 0.0]]
    assert model(images + 0.5).tolist() == [[0.75, 0.25], [0.0, 0.0]]
    colours = np.tile([0.25, 0.5, 0.75], (1, 4, 8, 1))
    assert model(colours).tolist() == [[0.0, 0.0]]


def test_each_distinct_window_is_asked_about_once() -> None:
    asked = []

    def counted(images):
        asked.extend(images)
        return corner(images)

    images = np.zeros((5, 4, 40, 1))
    images[:, 0, 0] = 1.0
    CanvasModel(counted, window=(4, 4), stride=4)(images)
    assert len(asked) == 2


def test_a_canvas_of_one_window_is_the_network_itself() -> None:
    network = cilens.load_model("digits")
    digits = np.stack([cilens.read_image(f"mnist:{index}") for index in range(8)])
    np.testing.assert_allclose(CanvasModel(network)(digits), network(digits), atol=1e-6)


def test_both_digits_of_a_canvas_are_seen() -> None:
    model = CanvasModel(cilens.load_model("digits"))
    scenes = [two_digits(seed=seed) for seed in range(25)]
    scores = model(np.stack([scene.image for scene in scenes]))
    seen = [scores[row, list(scene.classes)] for row, scene in enumerate(scenes)]
    assert np.mean(seen) > 0.95


def test_it_is_a_model_that_knows_its_view_and_names() -> None:
    model = CanvasModel(cilens.load_model("digits"), stride=14)
    assert isinstance(model, ImageModel)
    assert model.class_names == tuple("0123456789")
    assert model.view(np.zeros((30, 60, 1), np.float32)).box == (0.0, 0.0, 30.0, 60.0)
    check_model(model, two_digits(seed=1).image)
    assert CanvasModel(corner).class_names == ()
    explanation = cilens.ContextualImportance(cilens.Grid(2, 4))(model, two_digits().image)
    assert explanation.class_names == model.class_names


@pytest.mark.parametrize("shape", [(27, 40), (40, 27)])
def test_a_canvas_smaller_than_the_window_is_refused(shape) -> None:
    with pytest.raises(InputError, match=rf"at least 28 x 28 .* got {shape[0]} x {shape[1]}"):
        CanvasModel(corner).view(np.zeros((*shape, 1)))


def test_settings_without_sense_are_refused() -> None:
    for options, message in (
        ({"stride": 0}, "CanvasModel.stride must be above 0"),
        ({"batch_size": 0}, "CanvasModel.batch_size must be above 0"),
        ({"window": (28, 0)}, "CanvasModel.window must be above 0"),
    ):
        with pytest.raises(InputError, match=message):
            CanvasModel(corner, **options)


def test_the_window_is_what_the_network_looks_at() -> None:
    resizing = cilens.OnnxModel(
        cilens.load_model("digits").path,
        preprocess=cilens.Preprocess((28, 28), channels=1, fit="stretch", scale=255.0),
    )
    canvas = np.random.default_rng(0).uniform(0, 1, (1, 40, 40, 1)).astype(np.float32)
    with pytest.raises(InputError, match=r"windows are \(32, 32, 1\); it brings them to \(28, 28"):
        CanvasModel(resizing, window=(32, 32))(canvas)
