"""TIFF by its tags: the same picture in every way of storing it, and what the tags do not say."""

from __future__ import annotations

import io
import struct
import time

import numpy as np
import PIL.Image
import pytest
import tifffile

from cilens.errors import FileError, InputError
from cilens.image import decode_image, decode_labels
from support.image_files import ramp, saved, tiff

GREY, COLOUR = ramp(20, 24), ramp(20, 24, 3)
DEEP, DEEP_COLOUR = GREY.astype(np.uint16) * 257, COLOUR.astype(np.uint16) * 257

WAYS = {
    "plain": {},
    "strips": {"rowsperstrip": 7},
    "deflated": {"compression": "zlib", "rowsperstrip": 7},
    "predicted": {"compression": "zlib", "predictor": True},
    "tiles": {"tile": (16, 16)},
    "deflated tiles": {"tile": (16, 16), "compression": "zlib"},
    "big-endian": {"byteorder": ">"},
    "BigTIFF": {"bigtiff": True},
}


def read(content: bytes, **options) -> np.ndarray:
    return decode_image(io.BytesIO(content), **options)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "pixels", [GREY, DEEP, COLOUR, DEEP_COLOUR], ids=["8", "16", "3x8", "3x16"]
)
def test_one_picture_in_every_way_of_storing_it(way, pixels):
    kind = "rgb" if pixels.ndim == 3 else "minisblack"
    expected = np.atleast_3d(pixels / np.float32(np.iinfo(pixels.dtype).max))
    np.testing.assert_array_equal(read(tiff(pixels, photometric=kind, **WAYS[way])), expected)


@pytest.mark.parametrize("pixels", [GREY, DEEP, DEEP.astype(np.float32) / np.float32(65535)])
@pytest.mark.parametrize("way", ["plain", "deflated tiles"])
def test_film_whose_white_is_zero(pixels, way):
    positive = read(tiff(pixels, photometric="minisblack", **WAYS[way]))
    negative = read(tiff(pixels, photometric="miniswhite", **WAYS[way]))
    np.testing.assert_allclose(negative, 1 - positive, atol=1e-6)
    assert negative[0, 0] == 1
    assert not np.signbit(negative).any()


def test_film_whose_white_is_zero_through_pillow():
    content = tiff(DEEP, photometric="miniswhite")
    with PIL.Image.open(io.BytesIO(content)) as lazy:
        np.testing.assert_array_equal(decode_image(lazy), read(content))


def test_planes_that_stand_apart():
    content = tiff(np.moveaxis(COLOUR, 2, 0), photometric="rgb", planarconfig="separate")
    np.testing.assert_array_equal(read(content), COLOUR / np.float32(255))


@pytest.mark.parametrize(
    ("kind", "share"), [("unassalpha", 0.4 * 0.2 + 0.6), ("assocalpha", 0.2 + 0.6)]
)
def test_both_kinds_of_transparency(kind, share):
    pixels = np.full((4, 5, 4), 13107, np.uint16)
    pixels[..., 3] = 26214
    image = read(tiff(pixels, photometric="rgb", extrasamples=[kind]))
    np.testing.assert_allclose(image, share, atol=1e-6)
    assert image.shape == (4, 5, 3)


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.uint32, np.float32, np.float64])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_numbers_of_no_known_range_need_a_window(dtype, compression):
    pixels = (GREY // 2).astype(dtype)
    content = tiff(pixels, photometric="minisblack", compression=compression)
    with pytest.raises(
        FileError, match=r"no known range: state .* black= and white= \(--black, --"
    ):
        read(content)
    np.testing.assert_allclose(read(content, white=127)[..., 0], pixels / 127, atol=1e-6)


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.uint32])
def test_lzw_that_pillow_reads_as_other_numbers_is_refused_or_right(dtype):
    pixels = (GREY // 2).astype(dtype)
    pixels[0, 0] = np.iinfo(dtype).max
    content = relabelled(tiff(pixels, photometric="minisblack"), 259, 5)
    with pytest.raises(FileError):
        read(content, white=127)


def relabelled(content: bytes, tag: int, value: int) -> bytes:
    """Change what a short tag of the first directory says."""
    start, (count,) = 10, struct.unpack_from("<H", content, 8)
    for at in range(start, start + 12 * count, 12):
        if struct.unpack_from("<H", content, at) == (tag,):
            return content[: at + 8] + struct.pack("<HH", value, 0) + content[at + 12 :]
    raise AssertionError(tag)


@pytest.mark.parametrize("form", ["tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg", None])
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "CMYK", "P", "1", "I;16", "I", "F"])
def test_pillows_own_files(mode, form):
    if form == "jpeg" and mode not in {"L", "RGB", "CMYK"}:
        pytest.skip("JPEG has no such pictures")
    deep = {"I;16": DEEP, "I": GREY.astype(np.int32), "F": GREY.astype(np.float32)}
    if mode in deep:
        picture = PIL.Image.fromarray(deep[mode])
    else:
        picture = PIL.Image.fromarray(COLOUR).convert(mode)
    content = saved(picture, "TIFF", compression=form)
    window = {"white": 255} if mode in {"I", "F"} else {}
    tolerance = 0.2 if form == "jpeg" else 1e-6
    np.testing.assert_allclose(
        read(content, **window), decode_image(picture, **window), atol=tolerance
    )


def test_bands_are_never_dropped():
    bands = np.stack([GREY] * 5, axis=-1)
    content = tiff(bands, photometric="rgb", extrasamples=[0, 0])
    with pytest.raises(
        FileError, match=r"has 5 channels, .* channels=5 \(--channels 5\) reads them"
    ):
        read(content)
    np.testing.assert_array_equal(read(content, channels=5), bands / np.float32(255))
    with pytest.raises(InputError, match="or 5; got 4"):
        read(content, channels=4)
    with (
        PIL.Image.open(io.BytesIO(content)) as lazy,
        pytest.raises(FileError, match="has 5 channels"),
    ):
        decode_image(lazy)


def test_pages_are_chosen_and_thumbnails_are_none():
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        for level, kind in ((1, 1), (51, 0), (102, 1), (204, 2)):
            page = np.full((8, 9), level, np.uint8)
            writer.write(page, subfiletype=kind, photometric="minisblack", metadata=None)
    with pytest.raises(FileError, match="holds 2 frames"):
        decode_image(file)
    assert [decode_image(file, frame=n).mean() for n in (0, 1)] == pytest.approx([0.2, 0.8])


def test_a_stack_of_imagej_in_one_page_is_no_single_image():
    file = io.BytesIO()
    with tifffile.TiffWriter(file, imagej=True) as writer:
        writer.write(np.zeros((3, 8, 9), np.uint8))
    content = bytearray(file.getvalue())
    (count,) = struct.unpack_from("<H", content, 8)
    content[10 + 12 * count : 14 + 12 * count] = bytes(4)  # as ImageJ writes large ones
    with pytest.raises(FileError, match="holds 3 images of ImageJ"):
        read(bytes(content))


def test_a_long_chain_of_directories_takes_no_minute():
    content = bytearray(tiff(GREY, photometric="minisblack"))
    (count,) = struct.unpack_from("<H", content, 8)
    directory = bytes(content[8 : 10 + 12 * count])
    start, chain = len(content), bytearray()
    for _ in range(60_000):
        chain += directory + struct.pack("<I", start + len(chain) + len(directory) + 4)
    chain[-4:] = bytes(4)
    content[10 + 12 * count : 14 + 12 * count] = struct.pack("<I", start)
    began = time.process_time()
    with pytest.raises(FileError, match="holds 10,000 frames or more"):
        read(bytes(content + chain))
    assert time.process_time() - began < 2


def test_a_circle_of_directories_is_refused():
    content = bytearray(tiff(GREY, photometric="minisblack"))
    (count,) = struct.unpack_from("<H", content, 8)
    content[10 + 12 * count : 14 + 12 * count] = struct.pack("<I", 8)
    with pytest.raises(FileError, match="in a circle"):
        read(bytes(content))


@pytest.mark.parametrize("way", ["plain", "strips", "deflated", "tiles"])
@pytest.mark.parametrize("cut", [1, 100, 250])
def test_data_that_is_cut_off_is_never_read_as_black(way, cut):
    content = tiff(GREY, photometric="minisblack", **WAYS[way])
    with pytest.raises(FileError):
        read(content[:-cut])


def test_a_deflated_strip_that_unpacks_without_end_is_refused():
    content = tiff(np.zeros((4000, 4000), np.uint8), photometric="minisblack", compression="zlib")
    content = relabelled(relabelled(relabelled(content, 256, 8), 257, 8), 278, 8)
    with pytest.raises(FileError, match="needs 64 bytes"):
        read(content)


@pytest.mark.parametrize("size", [65_000, 20_000])
def test_declared_sizes_are_checked_first(size):
    content = relabelled(relabelled(tiff(GREY, photometric="minisblack"), 256, size), 257, size)
    with pytest.raises(InputError, match=rf"{size} x {size} = .* the limit is 100,000,000"):
        read(content)


def test_what_is_not_said_is_not_guessed():
    content = relabelled(tiff(GREY, photometric="minisblack"), 262, 9_999)
    with pytest.raises(FileError):
        read(content)


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.uint16])
def test_labels_are_the_stored_numbers(tmp_path, dtype):
    labels = np.array([[0, 120], [7, 7]], dtype)
    (tmp_path / "labels.tif").write_bytes(tiff(labels, photometric="miniswhite"))
    assert decode_labels(tmp_path / "labels.tif").tolist() == labels.tolist()


def test_nothing_is_written_to_standard_error(capfd):
    content = tiff(GREY, photometric="minisblack")
    for value in set(range(256, 290)) - {259}:  # compression: libtiff, in Pillow, tells its own
        for wrong in (0, 3, 9_999):
            try:
                read(relabelled(content, value, wrong))
            except (FileError, InputError, AssertionError):
                continue
    assert capfd.readouterr().err == ""
