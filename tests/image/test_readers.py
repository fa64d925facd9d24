""".npy, DICOM and HEIC, by closed forms; what is missing or out of place is said in one line."""

from __future__ import annotations

import io
import sys
import zlib

import numpy as np
import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian, JPEG2000Lossless

from cilens.errors import FileError, InputError, MissingDependencyError
from cilens.image import decode_array, decode_image
from support.image_files import HEIC, dicom, npy, ramp

GREY, COLOUR = ramp(), ramp(channels=3)
CT = (GREY.astype(np.int16) * 8) - 512


def read(content: bytes, **options) -> np.ndarray:
    return decode_image(io.BytesIO(content), **options)


@pytest.mark.parametrize("order", ["<", ">", "="])
@pytest.mark.parametrize("kind", ["u1", "u2", "u4", "f2", "f4", "f8"])
def test_an_array_of_every_dtype_is_one_picture(kind, order):
    dtype = np.dtype(order + kind)
    most = np.iinfo(dtype).max if dtype.kind == "u" else 1
    array = (COLOUR / 255 * most).astype(dtype)
    image = read(npy(array))
    np.testing.assert_allclose(image, COLOUR / 255, atol=1e-3)
    assert (image.dtype, image.flags.c_contiguous) == (np.float32, True)
    np.testing.assert_array_equal(read(npy(np.asfortranarray(array))), image)


def test_arrays_of_grey_of_yes_and_no_and_of_many_channels():
    assert read(npy(GREY)).shape == (*GREY.shape, 1)
    np.testing.assert_array_equal(read(npy(GREY > 99))[..., 0], GREY > 99)
    many = npy(np.stack([GREY] * 7, axis=-1))
    with pytest.raises(FileError, match=r"has 7 channels, .* \(--channels 7\) reads them all"):
        read(many)
    assert read(many, channels=7).shape == (*GREY.shape, 7)


def test_a_stack_of_images_in_an_array():
    stack = npy(np.stack([COLOUR, COLOUR // 2]))
    with pytest.raises(FileError, match="holds 2 frames"):
        read(stack)
    np.testing.assert_array_equal(read(stack, frame=1), COLOUR // 2 / np.float32(255))


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (GREY.astype(np.int64), "64-bit signed pixels, 0 to 255, of no known range"),
        (GREY.astype(np.float32), "32-bit floating-point pixels, 0 to 255, of no known range"),
        (np.full((2, 2), np.nan), "NaN or infinite"),
        (GREY.astype(np.uint16), "16-bit unsigned pixels, 0 to 255, of no known range"),
        (GREY.astype(complex), "complex128"),
        (np.zeros((2, 2), "U3"), "must hold real numbers"),
        (np.zeros((2, 2), "i2,f4"), "must hold real numbers"),
        (np.zeros(4), r"got shape \(4,\)"),
        (np.zeros((2, 0)), "nothing to see"),
        (np.zeros((1, 1, 1, 1, 1)), "got shape"),
        (np.array([[{}]], object), "Python objects"),
    ],
)
def test_arrays_that_are_no_image(array, message):
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    with pytest.raises(FileError, match=message):
        decode_image(file)


@pytest.mark.parametrize(
    ("shape", "error", "message"),
    [
        ("(99999999, 99999999)", InputError, "limit is 100,000,000"),
        ("(9000, 9000)", FileError, "declares an array of 81,000,000 bytes, and holds 192"),
        ("(-1, 4)", FileError, "nothing to see"),
        ("(10000, 9000, 999)", InputError, "of 999 channels; the limit is"),
        ("(2,", FileError, "cannot be read"),
    ],
)
def test_what_the_header_of_an_array_declares_is_checked_first(shape, error, message):
    content = npy(GREY)
    head = content[10:128].replace(b"(12, 16)", shape.encode())
    content = content[:8] + len(head).to_bytes(2, "little") + head + content[128:]
    with pytest.raises(error, match=message):
        read(content)


def test_the_window_of_a_file_is_that_of_dicom():
    content = dicom(
        CT, RescaleSlope=2, RescaleIntercept=-100, WindowCenter=[40, 7], WindowWidth=[400, 9]
    )
    values = CT * 2.0 - 100
    expected = np.clip((values - 39.5) / 399 + 0.5, 0, 1)  # PS3.3, C.11.2.1.2
    np.testing.assert_allclose(read(content)[..., 0], expected, atol=1e-6)
    inverted = dicom(
        CT, "MONOCHROME1", RescaleSlope=2, RescaleIntercept=-100, WindowCenter=40, WindowWidth=400
    )
    np.testing.assert_allclose(read(inverted)[..., 0], 1 - expected, atol=1e-6)
    stated = np.clip((values + 160) / 400, 0, 1)
    for file in (content, inverted):
        np.testing.assert_allclose(read(file, black=-160, white=240)[..., 0], stated, atol=1e-6)
    exact = dicom(CT, WindowCenter=40, WindowWidth=400, VOILUTFunction="LINEAR_EXACT")
    np.testing.assert_allclose(read(exact)[..., 0], np.clip((CT + 160) / 400, 0, 1), atol=1e-6)


@pytest.mark.parametrize(
    "elements",
    [
        {},
        {"WindowCenter": 40, "WindowWidth": 400, "VOILUTFunction": "SIGMOID"},
        {"WindowCenter": 40, "WindowWidth": 0},
    ],
)
def test_signed_pixels_without_a_window_need_one(elements):
    with pytest.raises(FileError, match="of no known range"):
        read(dicom(CT, **elements))
    assert read(dicom(CT, **elements), black=-512, white=1528).max() == 1


def test_the_number_of_bits_that_dicom_states_is_the_range():
    deep = GREY.astype(np.uint16) * 16
    np.testing.assert_allclose(read(dicom(deep, bits=12))[..., 0], deep / 4095, atol=1e-6)
    inverted = read(dicom(deep, "MONOCHROME1", bits=12))
    np.testing.assert_allclose(inverted[..., 0], 1 - deep / 4095, atol=1e-6)
    np.testing.assert_array_equal(read(dicom(COLOUR, "RGB")), COLOUR / np.float32(255))


def test_frames_of_dicom():
    film = dicom(np.stack([GREY, GREY // 2]))
    with pytest.raises(FileError, match="holds 2 frames"):
        read(film)
    np.testing.assert_array_equal(read(film, frame=1)[..., 0], GREY // 2 / np.float32(255))


def test_compressed_dicom_is_refused_before_it_is_unpacked():
    for syntax in (DeflatedExplicitVRLittleEndian, JPEG2000Lossless):
        content = dicom(GREY)
        start = content.index(b"1.2.840.10008.1.2.1\0")
        uid = syntax.encode() + b"\0" * (len(syntax) % 2)
        size = len(uid).to_bytes(2, "little")
        group = int.from_bytes(content[140:144], "little") + len(uid) - 20
        head = content[:140] + group.to_bytes(4, "little") + content[144 : start - 2]
        bomb = zlib.compress(bytes(50_000_000))[2:]
        with pytest.raises(FileError, match=r"is compressed DICOM \(.*decompress it first"):
            read(head + size + uid + bomb)


@pytest.mark.parametrize(
    ("elements", "error", "message"),
    [
        ({"Rows": 65_000, "Columns": 65_000}, InputError, "limit is 100,000,000"),
        ({"Rows": 13}, FileError, "cannot be read"),
        ({"NumberOfFrames": 9}, FileError, "holds 9 frames"),
        ({"PhotometricInterpretation": "HSV"}, FileError, "pixels of the kind HSV"),
    ],
)
def test_what_dicom_declares_is_checked(elements, error, message):
    with pytest.raises(error, match=message):
        read(dicom(GREY, **elements))


def test_dicom_without_a_picture():
    content = dicom(GREY)
    with pytest.raises(FileError, match="is DICOM without a picture"):
        read(content[: content.index(b"\x28\x00\x02\x00")])


def test_photographs_of_telephones():
    image = read(HEIC)
    assert image.shape == (16, 16, 3)
    np.testing.assert_allclose(image[3, 3], [1, 0, 0], atol=0.02)
    np.testing.assert_allclose(image[12, 3], [0, 0, 1], atol=0.02)
    np.testing.assert_array_equal(read(HEIC, frame=0), image)
    with pytest.raises(InputError, match="limit is 99"):
        read(HEIC, max_pixels=99)


@pytest.mark.parametrize(
    ("module", "content", "message"),
    [
        ("pydicom", dicom(GREY), r'is a DICOM file.*needs pydicom: pip install "cilens\[dicom\]"'),
        ("pi_heif", HEIC, r'is a HEIF file.*needs pi-heif: pip install "cilens\[heif\]"'),
    ],
)
def test_what_reads_a_format_may_not_be_there(monkeypatch, module, content, message):
    for name in [name for name in sys.modules if name.split(".")[0] == module]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("dicom", "heif"):
        monkeypatch.delitem(sys.modules, f"cilens.image.{name}", raising=False)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingDependencyError, match=message):
        read(content)


@pytest.mark.parametrize("content", [npy(GREY), dicom(GREY)])
def test_stored_numbers(tmp_path, content):
    (tmp_path / "stored").write_bytes(content)
    np.testing.assert_array_equal(decode_array(tmp_path / "stored"), GREY)
    (tmp_path / "stored").write_bytes(HEIC)
    assert decode_array(tmp_path / "stored").dtype == np.uint8
