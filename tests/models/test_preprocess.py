"""Geometry once, values per batch: a network is fed exactly what its `Preprocess` states."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cilens.errors import InputError
from cilens.models.preprocess.record import FitError, Preprocess


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_exact_leaves_pixels_alone(dtype: type) -> None:
    image = np.random.default_rng(0).random((5, 7, 3)).astype(dtype)
    for p in (Preprocess((5, 7)), Preprocess()):
        view = p.view(image)
        assert view.image is image
        assert view.box == (0.0, 0.0, 5.0, 7.0)


@pytest.mark.parametrize(
    ("shape", "wanted", "message"),
    [
        ((28, 20, 1), (28, 28), "wants 28 x 28 pixels with 1 channel; got 28 x 20 with 1 channel$"),
        ((300, 451, 3), (28, 28), "28 x 28 pixels with 1 channel; got 300 x 451 with 3 channels$"),
        ((28, 28, 3), (28, 28), "28 x 28 .*got 28 x 28 with 3 channels: read .* with channels=1$"),
        ((9, 9, 3), None, "wants any number of pixels with 1 channel; got 9 x 9 with 3 channels"),
    ],
)
def test_exact_refuses_and_names_both(
    shape: tuple[int, ...], wanted: tuple[int, int] | None, message: str
) -> None:
    p = Preprocess(wanted, 1)
    with pytest.raises(FitError, match=message):
        p.view(np.zeros(shape))
    with pytest.raises(FitError, match=message):
        p.tensor(np.zeros((2, *shape)))


def test_other_fits_still_want_their_channels() -> None:
    with pytest.raises(FitError, match="with 3 channels; got 50 x 40 with 1 channel: read the"):
        Preprocess((8, 8), fit="crop").view(np.zeros((50, 40, 1)))


@pytest.mark.parametrize(
    ("image", "came"),
    [
        (np.full((4, 4, 3), 200, np.uint8), "got uint8"),
        (np.ones((4, 4, 3), np.int64), "got int64"),
        (np.full((4, 4, 3), 200.0), r"got float64 in \[200, 200\]"),
        (np.linspace(-1, 1, 48, dtype=np.float32).reshape(4, 4, 3), r"got float32 in \[-1, 1\]"),
    ],
)
@pytest.mark.parametrize("fit", ["exact", "crop"])
def test_pixels_outside_zero_to_one_are_refused(image: np.ndarray, came: str, fit: str) -> None:
    with pytest.raises(InputError, match=f"floating point in .0, 1.; {came}.*cilens.read_image"):
        Preprocess((4, 4), fit=fit).view(image)


def test_integer_batches_are_refused() -> None:
    with pytest.raises(InputError, match=r"got uint8.*divide 8-bit pixels by 255"):
        Preprocess().tensor(np.zeros((2, 4, 4, 3), np.uint8))


@pytest.mark.usefixtures("unchecked")
def test_one_image_is_no_batch() -> None:
    with pytest.raises(InputError, match=r"\(rows, height, width, channels\); got \(4, 4, 3\)"):
        Preprocess().tensor(np.zeros((4, 4, 3)))


def test_crop_is_the_centred_share() -> None:
    p = Preprocess((224, 224), fit="crop", crop=0.875)
    assert p.view(np.zeros((256, 256, 3))).box == (16.0, 16.0, 240.0, 240.0)
    assert p.view(np.zeros((256, 320, 3))).box == (16.0, 48.0, 240.0, 272.0)
    assert p.view(np.zeros((320, 256, 3))).box == (48.0, 16.0, 272.0, 240.0)


def test_crop_has_the_aspect_ratio_of_the_input() -> None:
    view = Preprocess((10, 20), fit="crop", crop=1.0).view(np.zeros((100, 100, 3)))
    assert view.image.shape == (10, 20, 3)
    assert view.box == (25.0, 0.0, 75.0, 100.0)


def test_crop_shows_what_lies_in_the_box() -> None:
    image = np.zeros((64, 96, 1), np.float32)
    image[16:48, 32:64] = 1.0
    view = Preprocess((8, 8), 1, fit="crop", crop=0.5, resample="nearest").view(image)
    assert view.box == (16.0, 32.0, 48.0, 64.0)
    assert (view.image == 1).all()


def test_crop_of_one_that_already_fits_changes_nothing() -> None:
    image = np.random.default_rng(0).random((9, 12, 3), dtype=np.float32)
    view = Preprocess((9, 12), fit="crop", crop=1.0).view(image)
    np.testing.assert_array_equal(view.image, image)


def test_stretch_shows_the_whole_image() -> None:
    image = np.linspace(0, 1, 30 * 20, dtype=np.float32).reshape(30, 20, 1)
    view = Preprocess((10, 10), 1, fit="stretch").view(image)
    assert view.image.shape == (10, 10, 1)
    assert view.box == (0.0, 0.0, 30.0, 20.0)
    assert view.image.mean() == pytest.approx(0.5, abs=1e-3)


def test_bicubic_overshoot_is_cut_off() -> None:
    image = np.zeros((6, 6, 1), np.float32)
    image[:, 3:] = 1.0
    view = Preprocess((24, 24), 1, fit="stretch").view(image)
    assert (view.image.min(), view.image.max()) == (0.0, 1.0)
    assert view.image.dtype == np.float32


@given(
    shape=st.tuples(st.integers(1, 60), st.integers(1, 60)),
    size=st.tuples(st.integers(1, 30), st.integers(1, 30)),
    fit=st.sampled_from(["crop", "stretch"]),
    crop=st.floats(0.01, 1.0),
)
def test_view_stays_inside_the_image_and_the_range(
    shape: tuple[int, int], size: tuple[int, int], fit: str, crop: float
) -> None:
    image = (np.indices(shape).sum(axis=0) % 2)[..., None].astype(np.float64)
    view = Preprocess(size, 1, fit=fit, crop=crop).view(image)
    top, left, bottom, right = view.box
    assert 0 <= top < bottom <= shape[0]
    assert 0 <= left < right <= shape[1]
    assert view.image.shape == (*size, 1)
    assert 0 <= view.image.min() <= view.image.max() <= 1


def test_view_leaves_its_input_alone() -> None:
    image = np.random.default_rng(0).random((20, 30, 3))
    image.setflags(write=False)
    before = image.copy()
    Preprocess((8, 8), fit="crop").view(image)
    np.testing.assert_array_equal(image, before)


def test_padding_is_no_part_of_the_image() -> None:
    """The view is the image alone; what is fed has the padding around it, whatever is hidden."""
    image = np.random.default_rng(0).random((30, 40, 3), dtype=np.float32)
    p = Preprocess((8, 8), fit="pad", resample="bilinear", pad=0.25, scale=255, mean=10, std=2)
    view = p.view(image)
    assert view.image.shape == (6, 8, 3)
    assert view.box == (0.0, 0.0, 30.0, 40.0)
    hidden = np.stack([view.image, np.zeros_like(view.image)])
    tensor = p.tensor(hidden)
    assert tensor.shape == (2, 3, 8, 8)
    np.testing.assert_allclose(tensor[:, :, [0, 7]], (0.25 * 255 - 10) / 2)
    seen = (view.image.transpose(2, 0, 1) * 255 - 10) / 2
    np.testing.assert_allclose(tensor[0, :, 1:7], seen, rtol=1e-5)
    assert (tensor[1, :, 1:7] == -5).all()


@pytest.mark.parametrize(("centre", "top"), [("round", 2), ("floor", 1)])
def test_half_a_pixel_of_padding_goes_where_it_is_stated(centre: str, top: int) -> None:
    p = Preprocess((8, 8), 1, fit="pad", centre=centre)
    assert p.view(np.ones((20, 32, 1))).image.shape == (5, 8, 1)
    rows = p.tensor(np.ones((1, 5, 8, 1)))[0, 0, :, 0]
    assert np.flatnonzero(rows).tolist() == list(range(top, top + 5))


def test_padding_has_the_images_own_channels() -> None:
    p = Preprocess((2, 2), fit="pad", pad=(0.1, 0.2, 0.3), order="BGR")
    tensor = p.tensor(np.ones((1, 1, 2, 3)))
    np.testing.assert_allclose(tensor[0, :, 1, 0], [0.3, 0.2, 0.1], rtol=1e-6)


@given(
    shape=st.tuples(st.integers(1, 60), st.integers(1, 60)),
    size=st.tuples(st.integers(1, 30), st.integers(1, 30)),
)
def test_what_is_padded_fits_and_touches_two_edges(
    shape: tuple[int, int], size: tuple[int, int]
) -> None:
    p = Preprocess(size, 1, fit="pad")
    view = p.view(np.ones((*shape, 1)))
    height, width = view.image.shape[:2]
    assert height <= size[0]
    assert width <= size[1]
    assert height == size[0] or width == size[1]
    assert p.tensor(view.image[None]).shape == (1, 1, *size)


def test_what_is_larger_than_the_network_is_refused_before_it_is_padded() -> None:
    with pytest.raises(FitError, match="wants 8 x 8 pixels with 3 channels; got 9 x 4"):
        Preprocess((8, 8), fit="pad").tensor(np.zeros((1, 9, 4, 3)))
