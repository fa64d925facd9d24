"""Files become float32 in [0, 1]; arrays keep what they are."""

from __future__ import annotations

import io

import numpy as np
import PIL.Image
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import cilens
from cilens.errors import FileError, InputError
from cilens.image import as_image, decode_image, decode_labels, resample


def encoded(picture: PIL.Image.Image, form: str = "png", **options) -> io.BytesIO:
    file = io.BytesIO()
    picture.save(file, form, **options)
    file.seek(0)
    return file


@given(st.integers(1, 6), st.integers(1, 6), st.sampled_from(["f4", "f8", "u1", "i8"]))
def test_arrays_keep_dtype_range_and_pixels(height, width, dtype):
    array = (np.arange(height * width).reshape(height, width) * 3).astype(dtype)
    image = as_image(array)
    assert image.shape == (height, width, 1)
    assert image.dtype == array.dtype
    assert np.shares_memory(image, array)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((4, 4, 2)), "(4, 4, 2)"),
        (np.zeros((4,)), "(4,)"),
        (np.zeros((0, 4)), "(0, 4)"),
        (np.zeros((1, 4, 4, 3)), "(1, 4, 4, 3)"),
        (np.zeros((4, 4), complex), "complex128"),
        (np.zeros((4, 4), bool), "bool"),
        (np.array([[np.nan, np.inf, 0.0]]), "2 of 3 are NaN or infinite"),
    ],
)
def test_what_is_no_image_is_refused(array, message):
    with pytest.raises(InputError) as error:
        as_image(array)
    assert message in str(error.value)


@pytest.mark.parametrize("kind", [np.asarray, torch.from_numpy, list])
def test_channels_come_first_where_that_is_told(kind):
    array = np.arange(60, dtype=np.uint8).reshape(3, 4, 5)
    image = as_image(kind(array), channels_first=True)
    assert image.dtype.kind in "iu"
    np.testing.assert_array_equal(image, array.transpose(1, 2, 0))
    np.testing.assert_array_equal(as_image(array[0], channels_first=True), array[0][..., None])


def test_whatever_numpy_makes_an_array_of_is_an_image():
    picture = PIL.Image.new("RGB", (5, 4), (255, 0, 51))
    assert as_image(picture)[0, 0].tolist() == [255, 0, 51]
    tensor = torch.rand(4, 5)
    assert np.shares_memory(as_image(tensor), tensor.numpy())


@pytest.mark.parametrize(
    ("image", "first", "message"),
    [
        (np.zeros((3, 8, 8)), False, "where channels come first, say as_image(image, channels_fi"),
        (np.zeros((8, 8, 3)), True, "(1, height, width) or (3, height, width) with at least one"),
        (torch.zeros(4, 4).requires_grad_(), False, "tensor.detach().numpy()"),
        (torch.zeros(4, 4).bfloat16(), False, "'torch.Tensor'> is none: Got unsupported"),
        (object(), False, "got shape ()"),
        ("cat.png", False, "got 'cat.png': cilens.read_image reads files"),
        ([["a"]], False, "must be real numbers; got dtype <U1"),
    ],
)
def test_what_is_told_must_hold(image, first, message):
    with pytest.raises(InputError) as error:
        as_image(image, channels_first=first)
    assert message in str(error.value)


def test_a_picture_at_hand_is_read_as_its_file_would_be():
    for mode, colour in (("L", 51), ("RGBA", (255, 0, 0, 128)), ("P", 3), ("CMYK", (9, 8, 7, 6))):
        picture = PIL.Image.new(mode, (5, 4), colour)
        form = "tiff" if mode == "CMYK" else "png"
        for channels in (None, 1, 3):
            expected = decode_image(encoded(picture, form), channels=channels)
            np.testing.assert_array_equal(cilens.read_image(picture, channels=channels), expected)


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        ("L", 51, [0.2]),
        ("1", 1, [1.0]),
        ("RGB", (255, 0, 51), [1.0, 0.0, 0.2]),
        ("RGBA", (255, 0, 0, 0), [1.0, 1.0, 1.0]),
        ("RGBA", (255, 0, 0, 255), [1.0, 0.0, 0.0]),
        ("LA", (0, 0), [1.0]),
        ("LA", (51, 255), [0.2]),
        ("I;16", 13107, [0.2]),
    ],
)
def test_every_mode_becomes_grey_or_rgb(mode, colour, expected):
    image = decode_image(encoded(PIL.Image.new(mode, (5, 4), colour)))
    assert image.dtype == np.float32
    assert image.shape == (4, 5, len(expected))
    np.testing.assert_allclose(image, np.broadcast_to(expected, image.shape), atol=1e-7)


def test_palette_and_cmyk_become_rgb():
    palette = PIL.Image.new("P", (2, 2), 1)
    palette.putpalette([0, 0, 0, 255, 0, 51])
    np.testing.assert_allclose(decode_image(encoded(palette))[0, 0], [1.0, 0.0, 0.2], atol=1e-7)
    cmyk = PIL.Image.new("CMYK", (8, 8), (0, 0, 0, 255))
    assert decode_image(encoded(cmyk, "tiff")).shape == (8, 8, 3)
    assert decode_image(encoded(cmyk, "tiff")).max() == 0.0


def test_a_transparent_palette_colour_lies_over_white():
    palette = PIL.Image.new("P", (2, 2), 0)
    palette.putpalette([0, 0, 0, 255, 0, 51])
    np.testing.assert_array_equal(decode_image(encoded(palette, transparency=0)), 1.0)


def test_exif_rotation_is_applied():
    picture = PIL.Image.new("L", (4, 2), 0)
    picture.putpixel((0, 0), 255)
    exif = PIL.Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rotate by 90 degrees clockwise to see it upright
    image = decode_image(encoded(picture, exif=exif))
    assert image.shape == (4, 2, 1)
    assert np.argwhere(image[..., 0] == 1).tolist() == [[0, 1]]


def test_channels_are_converted_only_when_told():
    grey = encoded(PIL.Image.new("L", (2, 2), 51))
    assert decode_image(grey, channels=3).shape == (2, 2, 3)
    wide = encoded(PIL.Image.new("I;16", (2, 2), 13107))
    assert decode_image(wide, channels=3).shape == (2, 2, 3)
    green = encoded(PIL.Image.new("RGB", (2, 2), (0, 255, 0)))
    np.testing.assert_allclose(decode_image(green, channels=1), 0.587, atol=2e-3)
    with pytest.raises(InputError, match="channels must be 1"):
        decode_image(green, channels=4)


def frames() -> io.BytesIO:
    first, second = PIL.Image.new("L", (2, 2), 0), PIL.Image.new("L", (2, 2), 255)
    return encoded(first, "gif", save_all=True, append_images=[second])


def half(file: io.BytesIO) -> io.BytesIO:
    return io.BytesIO(file.getvalue()[: len(file.getvalue()) // 2])


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (io.BytesIO(b""), "not an image"),
        (io.BytesIO(b"plain text, no image"), "not an image"),
        (half(encoded(PIL.Image.radial_gradient("L"), "jpeg")), "truncated"),
        (half(encoded(PIL.Image.radial_gradient("L"), "png")), "cannot be read"),
        (frames(), "holds 2 frames"),
        (encoded(PIL.Image.new("F", (2, 2), 2.5), "tiff"), "no known range"),
    ],
)
def test_what_cannot_be_decoded_is_a_file_error(file, message):
    with pytest.raises(FileError) as error:
        decode_image(file)
    assert message in str(error.value)


def test_paths_are_named_in_errors(tmp_path):
    with pytest.raises(FileError, match=r"none\.png does not exist"):
        decode_image(tmp_path / "none.png")
    with pytest.raises(FileError, match="is a directory"):
        decode_image(tmp_path)


def test_a_large_image_is_refused_before_it_is_decoded(tmp_path):
    path = tmp_path / "large.png"
    PIL.Image.new("1", (20_000, 20_000)).save(path)
    path.write_bytes(path.read_bytes()[:200])  # only the header is there: nothing can be decoded
    with pytest.raises(InputError, match="max_pixels"):
        decode_image(path)
    small = encoded(PIL.Image.new("L", (10, 10)))
    with pytest.raises(InputError, match="limit is 99"):
        decode_image(small, max_pixels=99)
    assert decode_image(small, max_pixels=100).shape == (10, 10, 1)


def test_pillows_own_limit_gives_way_to_ours(monkeypatch):
    monkeypatch.setattr(PIL.Image, "MAX_IMAGE_PIXELS", 10)  # Pillow refuses above twice as many
    large = encoded(PIL.Image.new("1", (10, 10)))
    assert decode_image(large, max_pixels=100).shape == (10, 10, 1)
    assert PIL.Image.MAX_IMAGE_PIXELS == 10


def test_labels_are_read_as_stored(tmp_path):
    labels = np.array([[0, 300], [7, 7]], np.int32)
    np.save(tmp_path / "labels.npy", labels)
    np.testing.assert_array_equal(decode_labels(tmp_path / "labels.npy"), labels)
    palette = PIL.Image.fromarray(np.array([[1, 0]], np.uint8))
    palette.putpalette([0, 0, 0, 255, 0, 51])
    palette.save(tmp_path / "labels.png")
    assert decode_labels(tmp_path / "labels.png").tolist() == [[1, 0]]


@pytest.mark.parametrize("content", [np.zeros((2, 2)), np.zeros((2, 2, 3), int)])
def test_labels_must_be_one_integer_for_each_pixel(tmp_path, content):
    np.save(tmp_path / "labels.npy", content)
    with pytest.raises(FileError, match="one integer label"):
        decode_labels(tmp_path / "labels.npy")


def test_pickled_arrays_are_never_loaded(tmp_path):
    np.save(tmp_path / "labels.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(FileError, match="cannot be read as an array"):
        decode_labels(tmp_path / "labels.npy")


def test_resample_cuts_and_scales_in_one_step():
    image = np.zeros((8, 8, 3), np.float32)
    image[:, 4:] = (0.25, 0.5, 1.0)
    right = resample(image, (0, 6, 8, 8), (2, 2), "bilinear")
    np.testing.assert_allclose(right, np.broadcast_to([0.25, 0.5, 1.0], (2, 2, 3)), atol=1e-6)
    np.testing.assert_array_equal(resample(image, (0, 0, 8, 8), (8, 8), "nearest"), image)
    with pytest.raises(InputError, match="resampling must be one of"):
        resample(image, (0, 0, 8, 8), (2, 2), "cubic")
