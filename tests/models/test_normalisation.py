"""The arithmetic is the formula, in every layout and type."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cilens.errors import InputError
from cilens.models.preprocess.record import Preprocess

numbers, positive = st.floats(-1e6, 1e6), st.floats(1e-6, 1e6)
values = {
    "scale": positive,
    "layout": st.sampled_from(["NCHW", "NHWC", "flat_CHW", "flat_HWC"]),
    "dtype": st.sampled_from(["float32", "float64"]),
}
preprocesses = st.one_of(
    st.builds(
        Preprocess, channels=st.sampled_from([1, 3, 5]), mean=numbers, std=positive, **values
    ),
    st.builds(
        Preprocess,
        mean=st.tuples(*[numbers] * 3),
        std=st.tuples(*[positive] * 3),
        order=st.sampled_from(["RGB", "BGR"]),
        **values,
    ),
)


@given(
    p=preprocesses,
    rows=st.integers(1, 3),
    shape=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    of=st.sampled_from([np.float32, np.float64]),
    seed=st.integers(0, 999),
)
def test_tensor_is_the_formula(
    p: Preprocess, rows: int, shape: tuple[int, int], of: type, seed: int
) -> None:
    images = np.random.default_rng(seed).random((rows, *shape, p.channels)).astype(of)
    fed = images[..., ::-1] if p.order == "BGR" else images
    expected = (fed.astype(np.float64) * p.scale - np.asarray(p.mean)) / np.asarray(p.std)
    terms = (fed * p.scale + np.abs(p.mean)) / np.asarray(p.std)
    if p.layout in ("NCHW", "flat_CHW"):
        expected, terms = expected.transpose(0, 3, 1, 2), terms.transpose(0, 3, 1, 2)
    if p.layout.startswith("flat"):
        expected, terms = expected.reshape(rows, -1), terms.reshape(rows, -1)
    tensor = p.tensor(images)
    assert tensor.dtype == p.dtype
    assert tensor.shape == expected.shape
    assert tensor.flags.c_contiguous
    assert (np.abs(tensor - expected) <= 4 * np.finfo(p.dtype).eps * terms).all()


def test_tensor_in_several_blocks() -> None:
    images = np.random.default_rng(0).random((5, 300, 400, 3), dtype=np.float32)
    for layout in ("NCHW", "NHWC"):
        p = Preprocess(scale=255, mean=(1, 2, 3), std=(4, 5, 6), layout=layout)
        parts = np.concatenate([p.tensor(images[i : i + 1]) for i in range(5)])
        np.testing.assert_array_equal(p.tensor(images), parts)


def test_tensor_of_half_precision() -> None:
    tensor = Preprocess(dtype="float16", scale=2).tensor(np.full((1, 2, 2, 3), 0.25))
    assert tensor.dtype == np.float16
    assert (tensor == 0.5).all()


def test_tensor_of_bytes_is_the_file_again() -> None:
    pixels = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
    p = Preprocess(channels=1, scale=255, dtype="uint8", layout="NHWC")
    np.testing.assert_array_equal(p.tensor(pixels / np.float32(255)), pixels)


def test_tensor_of_bytes_is_the_nearest() -> None:
    images = np.array([0.4, 0.6, 1.4, 254.6]).reshape(1, 2, 2, 1) / 255
    tensor = Preprocess(channels=1, scale=255, dtype="uint8").tensor(images)
    assert tensor.ravel().tolist() == [0, 1, 1, 255]


@pytest.mark.parametrize("value", [-0.1, 1.1, np.nan])
def test_tensor_of_bytes_never_wraps_around(value: float) -> None:
    images = np.zeros((1, 2, 2, 1))
    images[0, 0, 0, 0] = value
    with pytest.raises(InputError, match="must lie in 0 … 255; got"):
        Preprocess(channels=1, scale=255, dtype="uint8").tensor(images)


def test_tensor_takes_views_and_no_rows() -> None:
    images = np.random.default_rng(0).random((4, 6, 6, 3))
    p = Preprocess()
    np.testing.assert_array_equal(
        p.tensor(images[::2, ::-1]), p.tensor(np.ascontiguousarray(images[::2, ::-1]))
    )
    assert p.tensor(images[:0]).shape == (0, 3, 6, 6)


def test_tensor_leaves_its_input_alone() -> None:
    images = np.random.default_rng(0).random((2, 6, 6, 3), dtype=np.float32)
    images.setflags(write=False)
    before = images.copy()
    tensor = Preprocess(channels=3, layout="NHWC").tensor(images)
    tensor[:] = 7
    np.testing.assert_array_equal(images, before)


@pytest.mark.parametrize("layout", ["NCHW", "NHWC", "NHW", "flat_CHW", "flat_HWC"])
def test_input_shape_is_the_shape_of_the_tensor(layout: str) -> None:
    for channels in (1,) if layout == "NHW" else (1, 3, 5):
        p = Preprocess((4, 6), channels, layout=layout)
        assert p.tensor(np.zeros((2, 4, 6, channels))).shape == (2, *p.input_shape())


def test_flat_orders_are_those_of_numpy() -> None:
    images = np.random.default_rng(0).random((2, 3, 4, 3), dtype=np.float32)
    rows = {layout: Preprocess((3, 4), layout=layout).tensor(images) for layout in _FLAT}
    np.testing.assert_array_equal(rows["flat_HWC"], images.reshape(2, -1))
    np.testing.assert_array_equal(rows["flat_CHW"], images.transpose(0, 3, 1, 2).reshape(2, -1))
    grey = images[..., :1]
    one, other = (Preprocess((3, 4), 1, layout=layout).tensor(grey) for layout in _FLAT)
    np.testing.assert_array_equal(one, other)


_FLAT = ("flat_CHW", "flat_HWC")


def test_caffes_network_is_fed_what_caffe_feeds() -> None:
    """A red pixel: blue and green are black, minus their means; red is white, minus its own."""
    red = np.zeros((1, 1, 1, 3))
    red[..., 0] = 1.0
    p = Preprocess((1, 1), scale=255, mean=(103.939, 116.779, 123.68), order="BGR")
    np.testing.assert_allclose(p.tensor(red).ravel(), [-103.939, -116.779, 255 - 123.68], rtol=1e-6)


@pytest.mark.parametrize("layout", ["NCHW", "NHWC", "flat_CHW"])
def test_each_image_is_standardised_by_itself(layout: str) -> None:
    images = np.random.default_rng(0).random((3, 5, 7, 3)) * [[[[0.2]]], [[[0.5]]], [[[1.0]]]]
    p = Preprocess((5, 7), standardise="image", scale=255, layout=layout, dtype="float64")
    tensor = p.tensor(images).reshape(3, -1)
    np.testing.assert_allclose(tensor.mean(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(tensor.std(axis=1), 1, rtol=1e-12)
    for row in range(3):
        np.testing.assert_array_equal(p.tensor(images[row : row + 1]).ravel(), tensor[row])


def test_the_standard_deviation_is_at_least_that_of_tensorflow() -> None:
    p = Preprocess((2, 2), 1, standardise="image", dtype="float64")
    even = p.tensor(np.full((1, 2, 2, 1), 0.5))
    assert (even == 0).all()
    nearly = np.zeros((1, 2, 2, 1))
    nearly[0, 0, 0] = 0.4  # its standard deviation, 0.17, is below 1 / sqrt(4)
    np.testing.assert_allclose(p.tensor(nearly).ravel(), np.array([0.3, -0.1, -0.1, -0.1]) / 0.5)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16", "int32", "int64"])
def test_integers_are_the_nearest_or_refused(dtype: str) -> None:
    limits = np.iinfo(dtype)
    scale = min(limits.max, 60_000) + 0.25
    p = Preprocess((1, 2), 1, scale=scale, dtype=dtype)
    tensor = p.tensor(np.array([0.0, 1.0]).reshape(1, 1, 2, 1))
    assert tensor.dtype == dtype
    assert tensor.ravel().tolist() == [0, int(scale)]
    below = Preprocess((1, 1), 1, mean=float(-limits.min) + 2.0**40, dtype=dtype)
    if dtype != "int64":
        with pytest.raises(InputError, match=f"the network takes {dtype}: .* must lie in"):
            below.tensor(np.zeros((1, 1, 1, 1)))
