"""Occlusion sensitivity on models whose map one can draw by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cilens.errors import InputError
from cilens.methods.occlusion import Occlusion


def test_a_uniform_model_gives_a_zero_map():
    e = Occlusion()(lambda images: np.full((len(images), 3), 1 / 3), np.ones((28, 28)))
    assert not e.saliency(0).any()
    assert e.model_rows == 1 + 9 * 9


@given(st.integers(0, 27), st.integers(0, 27))
def test_a_one_pixel_model_gives_its_peak_there(row, column):
    saliency = Occlusion(value=0.0)(
        lambda images: images[:, row, column], np.ones((28, 28))
    ).saliency(0)
    assert saliency[row, column] == saliency.max() == 1.0
    rows, columns = np.nonzero(saliency)
    assert np.abs(rows - row).max() < 6
    assert np.abs(columns - column).max() < 6


@given(st.integers(1, 12), st.integers(1, 12), st.integers(1, 8), st.integers(1, 8))
def test_windows_cover_every_pixel_and_nothing_else(height, width, size, stride):
    method = Occlusion(size=size, stride=stride, value=0.0)
    seen = []

    def model(images):
        seen.extend(images[..., 0].copy())
        return images.mean(axis=(1, 2))

    e = method(model, np.ones((height, width, 1)))
    del seen[e.model_rows :]  # what checks the model
    side = min(size, height), min(size, width)
    assert len(seen) == e.model_rows == 1 + len(e.regions)
    covered = np.zeros((height, width), bool)
    for region, picture in zip(e.regions, seen[1:], strict=True):
        hidden = picture == 0
        np.testing.assert_array_equal(region[e.segments], hidden)
        rows, columns = np.nonzero(hidden)
        assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == side
        assert hidden.sum() == side[0] * side[1]
        covered |= hidden
    if stride <= size:
        assert covered.all()
    assert len({picture.tobytes() for picture in seen}) == len(seen)


def test_the_square_is_grey_by_default():
    seen = []

    def model(images):
        seen.append(images.copy())
        return np.zeros((len(images), 1))

    Occlusion()(model, np.ones((28, 28, 1)))
    assert np.unique(seen[0]).tolist() == [128 / 255, 1.0]


def test_impossible_sizes_are_refused():
    with pytest.raises(InputError, match=r"Occlusion\.stride must be above 0; got 0"):
        Occlusion(stride=0)
