"""Kept pixels stay bitwise as they were; hidden ones become the fill."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cilens.errors import FileError, InputError
from cilens.perturbation import (
    Blur,
    Constant,
    ImageMean,
    Inpaint,
    Noise,
    Picture,
    SegmentMean,
    replace,
)

FILLS = [Constant(0.0), Constant(0.5), ImageMean(), SegmentMean(), Blur(2.0), Noise(), Inpaint()]
SOFT = [type(fill)(edge_width=2.0) for fill in FILLS[2:]] + [Constant(0.5, edge_width=2.0)]


def case(seed, channels=3, dtype="f4"):
    rng = np.random.default_rng(seed)
    image = rng.uniform(0, 1, (8, 7, channels))
    image = (image * 255 if dtype == "u1" else image).astype(dtype)
    segments = rng.integers(0, 5, (8, 7))
    coalitions = rng.uniform(size=(6, 5)) < 0.5
    coalitions[0], coalitions[1] = True, False
    return image, segments, coalitions


@pytest.mark.parametrize("fill", FILLS + SOFT, ids=repr)
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("channels", [1, 3])
def test_kept_pixels_are_bitwise_untouched(fill, dtype, channels):
    image, segments, coalitions = case(5, channels, dtype)
    before = image.copy()
    batch = fill(image, segments, coalitions)
    assert batch.shape == (6, 8, 7, channels)
    assert batch.dtype == image.dtype
    kept = coalitions[:, segments]
    assert (batch[kept] == np.broadcast_to(image, batch.shape)[kept]).all()
    np.testing.assert_array_equal(image, before)
    assert not np.shares_memory(batch, image)
    np.testing.assert_array_equal(fill(image, segments, coalitions), batch)


@given(st.integers(0, 50), st.floats(0, 1, width=32), st.sampled_from([1, 3]))
def test_constant_fills_exactly(seed, value, channels):
    image, segments, coalitions = case(seed, channels)
    batch = Constant(value)(image, segments, coalitions)
    assert (batch[~coalitions[:, segments]] == np.float32(value)).all()


def test_a_colour_fills_each_channel():
    image, segments, coalitions = case(0)
    batch = Constant((0.25, 0.5, 1.0))(image, segments, coalitions)
    hidden = batch[~coalitions[:, segments]]
    np.testing.assert_array_equal(hidden, np.broadcast_to([0.25, 0.5, 1.0], hidden.shape))


def test_means_are_the_images_and_the_segments():
    image, segments, coalitions = case(1, 1, "f8")
    nothing = coalitions[1:2]
    np.testing.assert_allclose(ImageMean()(image, segments, nothing), image.mean())
    batch = SegmentMean()(image, segments, nothing)[0]
    for label in range(5):
        np.testing.assert_allclose(batch[segments == label], image[segments == label].mean())


def test_inpainting_continues_a_ramp_and_stays_in_range():
    ramp = np.repeat(np.linspace(0.2, 0.8, 12)[None, :], 12, axis=0)[..., None]
    segments = np.zeros((12, 12), int)
    segments[4:8, 4:8] = 1
    batch = Inpaint()(ramp, segments, np.array([[True, False]]))
    np.testing.assert_allclose(batch[0], ramp, atol=1e-6)


def test_inpainting_leaves_an_image_that_hides_nothing(monkeypatch):
    image, segments, coalitions = case(6)
    wild = np.full((6, *image.shape), 1e300)
    monkeypatch.setattr(np, "empty", lambda shape, *rest: wild.copy())  # what memory may hold
    batch = Inpaint()(image, segments, coalitions[:1])
    np.testing.assert_array_equal(batch[0], image)


def test_noise_depends_on_its_seed_alone():
    image, segments, coalitions = case(2)
    first = Noise(seed=1)(image, segments, coalitions)
    np.testing.assert_array_equal(Noise(seed=1)(image, segments, coalitions), first)
    assert (Noise(seed=2)(image, segments, coalitions) != first).any()
    inside = Noise(low=0.2, high=0.3)(image, segments, coalitions[1:2])
    assert 0.2 <= inside.min() <= inside.max() <= 0.3


def test_soft_edges_fade_with_depth():
    image = np.ones((1, 9, 1))
    segments = np.array([[0, 0, 0, 1, 1, 1, 1, 1, 1]])
    batch = Constant(0.0, edge_width=3.0)(image, segments, np.array([[True, False]]))
    np.testing.assert_allclose(batch.ravel(), [1, 1, 1, 0.75, 0.5, 0.25, 0, 0, 0])
    hard = Constant(0.0)(image, segments, np.array([[True, False]]))
    assert hard.ravel().tolist() == [1, 1, 1, 0, 0, 0, 0, 0, 0]
    all_hidden = Constant(0.0, edge_width=3.0)(image, segments, np.array([[False, False]]))
    assert not all_hidden.any()


@pytest.mark.parametrize(
    "make", [Constant, lambda value: Noise(high=value)], ids=["constant", "noise"]
)
@pytest.mark.parametrize("value", [-0.1, 1.5, 127, math.nan, math.inf, "white", True])
def test_a_fill_that_is_no_share_of_the_range_is_refused(make, value):
    with pytest.raises(InputError, match="must be a share of the pixel range"):
        make(value)


@pytest.mark.parametrize("fill", [Constant(0.5), Blur(), Picture(np.zeros(3))], ids=repr)
def test_images_in_other_units_are_refused(fill):
    image, segments, coalitions = case(3, 3, "u1")
    with pytest.raises(InputError, match="shares of the pixel range"):
        fill(image, segments, coalitions)


def test_half_precision_can_be_blurred():
    image, segments, coalitions = case(3, 3, "f2")
    assert Blur()(image, segments, coalitions).dtype == np.float16


@pytest.mark.parametrize("dtype", ["u1", "f2", "f4", "f8", "u2"])
@pytest.mark.parametrize("channels", [1, 2, 3, 5])
def test_a_fill_replaces_whole_pixels_of_any_size(dtype, channels):
    image, segments, coalitions = case(7, channels, dtype)
    fills = [image[::-1], image[0, :1], np.array([0.5]).astype(dtype)]
    for fill in fills:
        batch = replace(image, segments, coalitions, fill)
        expected = np.where(coalitions[:, segments][..., None], image, fill)
        np.testing.assert_array_equal(batch, expected)


def test_a_picture_of_bytes_is_taken_by_their_range():
    image, segments, coalitions = case(4)
    batch = Picture(np.array([0, 51, 255], np.uint8))(image, segments, coalitions[1:2])
    np.testing.assert_allclose(batch[0, 0, 0], [0, 0.2, 1], rtol=1e-6)
    with pytest.raises(InputError, match="pixels must lie in 0 … 1"):
        Picture(np.array([0.0, 51.0, 255.0]))(image, segments, coalitions)


def test_a_colour_of_the_wrong_length_is_refused():
    image, segments, coalitions = case(3, 1)
    with pytest.raises(InputError, match="one for each of the image's 1 channels"):
        Constant((0.0, 0.5, 1.0))(image, segments, coalitions)


def test_a_picture_comes_from_a_file(tmp_path):
    image, segments, coalitions = case(4)
    mean = np.full(image.shape, 0.25)
    np.save(tmp_path / "mean.npy", mean)
    batch = Picture(str(tmp_path / "mean.npy"))(image, segments, coalitions[1:2])
    np.testing.assert_array_equal(batch[0], mean)
    np.save(tmp_path / "colour.npy", np.array([0.1, 0.2, 0.3]))
    batch = Picture(str(tmp_path / "colour.npy"))(image, segments, coalitions[1:2])
    np.testing.assert_allclose(batch[0, 0, 0], [0.1, 0.2, 0.3], rtol=1e-6)
    np.save(tmp_path / "small.npy", mean[:3])
    with pytest.raises(InputError, match=r"image's shape \(8, 7, 3\)"):
        Picture(str(tmp_path / "small.npy"))(image, segments, coalitions)
    with pytest.raises(FileError, match=r"none\.npy"):
        Picture(str(tmp_path / "none.npy"))(image, segments, coalitions)
