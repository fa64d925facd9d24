"""The insertion as an animation: a frame for each row, the whole image at last, a small file."""

from __future__ import annotations

import io

import numpy as np
import PIL.Image

import cilens
from cilens.followup.insertion import STEPS, insert
from cilens.plot import animate
from cilens.text import about


def two_halves(images):
    """Say how bright the left is, and how bright the right."""
    left, right = images[:, :, :14], images[:, :, 14:]
    return np.stack([part.mean(axis=(1, 2, 3)) for part in (left, right)], axis=1)


def test_the_strongest_come_first_and_all_are_there_at_last():
    rows = []

    def model(images):
        rows.append(len(images))
        return two_halves(images)

    image = np.ones((28, 28, 1)) * np.where(np.arange(28) < 14, 0.9, 0.3)[None, :, None]
    explanation = cilens.ContextualImportance(cilens.Grid(1, 2))(model, image)
    rows.clear()
    inserted = insert(model, explanation)
    np.testing.assert_array_equal(
        inserted.coalitions, [[False, False], [True, False], [True, True]]
    )
    np.testing.assert_allclose(inserted.scores, [0, 0.9, 0.9])
    assert sum(rows) == inserted.model_rows == 3
    other = insert(model, explanation, target=1)
    np.testing.assert_array_equal(other.coalitions[1], [False, True])
    np.testing.assert_allclose(other.scores, [0, 0.3, 0.3])


def test_many_regions_take_few_steps():
    explanation = cilens.ContextualImportance(cilens.Grid(14, 14))(two_halves, np.ones((28, 28, 1)))
    inserted = insert(two_halves, explanation)
    assert inserted.model_rows <= STEPS + 1
    assert (np.diff(inserted.coalitions.sum(axis=1)) > 0).all()
    assert inserted.coalitions[-1].all()
    assert inserted.scores[-1] == explanation.scores[0]


def test_the_animation_has_a_frame_for_each_row_and_is_small():
    image = np.random.default_rng(0).random((64, 96, 3))
    model = lambda images: images[:, :20].mean(axis=(1, 2))  # noqa: E731
    explanation = cilens.ContextualImportance(cilens.Grid(4, 4))(model, image)
    inserted = insert(model, explanation)
    data = animate(about(explanation), inserted)
    moving = PIL.Image.open(io.BytesIO(data))
    assert moving.n_frames == inserted.model_rows
    assert moving.info["loop"] == 0
    assert len(data) < 2_000_000
    first = np.asarray(moving.convert("RGB"))
    moving.seek(moving.n_frames - 1)
    assert (first != np.asarray(moving.convert("RGB"))).any()
