"""Geometry once, values per batch: a network is fed exactly what its `Preprocess` states."""

from __future__ import annotations

import dataclasses
import json
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cilens.errors import InputError
from cilens.models.preprocess import FitError, Preprocess

finite = st.floats(-1e6, 1e6)
positive = st.floats(1e-6, 1e6)


@st.composite
def preprocesses(draw: st.DrawFn) -> Preprocess:
    channels = draw(st.sampled_from([1, 3]))
    each = {
        name: draw(st.one_of(one, st.tuples(*[one] * channels)))
        for name, one in (("mean", finite), ("std", positive))
    }
    size = draw(st.one_of(st.none(), st.tuples(st.integers(1, 999), st.integers(1, 999))))
    return Preprocess(
        size=size,
        channels=channels,
        fit=draw(st.sampled_from(["exact", "crop", "stretch"] if size else ["exact"])),
        crop=draw(st.floats(0.01, 1)),
        resample=draw(st.sampled_from(["nearest", "bilinear", "bicubic"])),
        scale=draw(positive),
        layout=draw(st.sampled_from(["NCHW", "NHWC"])),
        dtype=draw(st.sampled_from(["float32", "float16", "float64", "uint8"])),
        **each,
    )


# ---- as text


@given(preprocesses())
def test_text_and_json_read_back(p: Preprocess) -> None:
    assert Preprocess.parse(str(p)) == p
    assert Preprocess.from_json(p.to_json()) == p
    assert pickle.loads(pickle.dumps(p)) == p
    assert hash(Preprocess.parse(str(p))) == hash(p)


def test_text_names_size_channels_and_what_differs() -> None:
    assert str(Preprocess()) == "size=any,channels=3"
    text = "size=224x192,channels=3,scale=255,mean=127,std=0.5/1/2,layout=NHWC"
    assert str(Preprocess.parse(text)) == text


def test_text_keeps_defaults_and_forgives_spaces() -> None:
    assert Preprocess.parse("") == Preprocess()
    assert Preprocess.parse(" size = 28x20 , channels=1") == Preprocess((28, 20), 1)


def test_numbers_of_any_kind_become_plain_ones() -> None:
    p = Preprocess([np.int64(8), 8.0], np.int64(3), scale=np.float32(2), mean=np.array([1, 2, 3]))
    assert p == Preprocess((8, 8), 3, scale=2.0, mean=(1.0, 2.0, 3.0))
    assert json.loads(p.to_json())["mean"] == [1, 2, 3]
    assert Preprocess(channels=1, std=(2.0,)).std == 2.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sise=28x28", r"unknown preprocessing key 'sise'; did you mean 'size'\?"),
        ("size=28", r"size must be \(height, width\)"),
        ("size=28x28x3", r"size must be \(height, width\)"),
        ("size=0x28", r"size must be \(height, width\)"),
        ("size=28.5x28", r"size must be \(height, width\)"),
        ("size=axb", "size must be a number; got 'a'"),
        ("channels=4", "channels must be 1 .* or 3 .*; got 4"),
        ("channels=1/3", r"channels must be a number; got \(1.0, 3.0\)"),
        ("scale=0", "scale must be greater than 0"),
        ("std=1/0/1", "std must be greater than 0"),
        ("mean=nan", "mean must be finite"),
        ("mean=1/2", "mean must be one number or 3, one for each channel; got 2"),
        ("crop=1.5", r"crop must be in \(0, 1\]; got 1.5"),
        ("layout=nchw", r"unknown layout 'nchw'; did you mean 'NCHW'\?"),
        ("fit=croop", r"unknown fit 'croop'; did you mean 'crop'\?"),
        ("resample=cubic", r"unknown resample 'cubic'; did you mean 'bicubic'\?"),
        ("dtype=int8", r"unknown dtype 'int8'; did you mean 'uint8'\?"),
        ("fit=crop", "fit='crop' needs a size"),
        ("size", "key=value with commas between.*got 'size'"),
        ("scale=1,scale=2", "names 'scale' twice"),
        ("scale=1,", "key=value with commas between"),
    ],
)
def test_text_that_is_wrong_says_why(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Preprocess.parse(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "must be a JSON object: "),
        ("[1, 2]", r"must be a JSON object; got '\[1, 2\]'"),
        ('{"mena": 1}', r"unknown preprocessing key 'mena'; did you mean 'mean'\?"),
        ('{"scale": true}', "scale must be a number; got True"),
        ('{"scale": "255"}', "scale must be a number; got '255'"),
        ('{"size": "28x28"}', "size must be"),
        ('{"layout": ["NCHW"]}', "unknown layout"),
        ('{"channels": null}', "channels must be a number; got None"),
    ],
)
def test_json_that_is_wrong_says_why(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Preprocess.from_json(text)


# ---- geometry


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


# ---- values


@given(
    p=preprocesses(),
    rows=st.integers(1, 3),
    shape=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    of=st.sampled_from([np.float32, np.float64]),
    seed=st.integers(0, 999),
)
def test_tensor_is_the_formula(
    p: Preprocess, rows: int, shape: tuple[int, int], of: type, seed: int
) -> None:
    dtype = "float32" if p.dtype in ("uint8", "float16") else p.dtype
    p = dataclasses.replace(p, size=None, fit="exact", dtype=dtype)
    images = np.random.default_rng(seed).random((rows, *shape, p.channels)).astype(of)
    expected = (images.astype(np.float64) * p.scale - np.asarray(p.mean)) / np.asarray(p.std)
    terms = (images * p.scale + np.abs(p.mean)) / np.asarray(p.std)
    if p.layout == "NCHW":
        expected, terms = expected.transpose(0, 3, 1, 2), terms.transpose(0, 3, 1, 2)
    tensor = p.tensor(images)
    assert tensor.dtype == dtype
    assert tensor.shape == expected.shape
    assert tensor.flags.c_contiguous
    assert (np.abs(tensor - expected) <= 4 * np.finfo(dtype).eps * terms).all()


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


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_input_shape_is_the_shape_of_the_tensor(layout: str) -> None:
    p = Preprocess((4, 6), layout=layout)
    assert p.tensor(np.zeros((2, 4, 6, 3))).shape == (2, *p.input_shape())
