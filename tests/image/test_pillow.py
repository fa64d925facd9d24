"""Pictures of every mode, with every kind of transparency and every turn, against closed forms."""

from __future__ import annotations

import io
import zlib

import numpy as np
import PIL.Image
import PIL.ImageFile
import pytest

import cilens
from cilens.errors import FileError, InputError
from cilens.image import as_image, decode_image
from support.image_files import ramp, saved

RED, HALF_RED = (255, 0, 51), (255, 0, 51, 102)  # an alpha of 102 is 0.4


def over_white(colour, share: float) -> list[float]:
    return [value / 255 * share + 1 - share for value in colour]


def palette(*, alpha: bool = False, **info) -> PIL.Image.Image:
    picture = PIL.Image.new("P", (5, 4), 1)
    if alpha:
        picture.putpalette([9, 9, 9, 9, *HALF_RED], "RGBA")
    else:
        picture.putpalette([9, 9, 9, *RED])
    picture.info.update(info)
    return picture


def with_info(picture: PIL.Image.Image, **info) -> PIL.Image.Image:
    picture.info.update(info)
    return picture


def lab(lightness: int) -> PIL.Image.Image:
    return PIL.Image.new("LAB", (5, 4), (lightness, 128, 128))


MODES = {
    "1": (PIL.Image.new("1", (5, 4), 1), [1.0]),
    "L": (PIL.Image.new("L", (5, 4), 51), [0.2]),
    "L, key": (with_info(PIL.Image.new("L", (5, 4), 51), transparency=51), [1.0]),
    "L, other key": (with_info(PIL.Image.new("L", (5, 4), 51), transparency=50), [0.2]),
    "LA": (PIL.Image.new("LA", (5, 4), (51, 102)), over_white([51], 0.4)),
    "La": (PIL.Image.new("LA", (5, 4), (50, 102)).convert("La"), over_white([50], 0.4)),
    "P": (palette(), over_white(RED, 1)),
    "P, index": (palette(transparency=1), [1.0, 1.0, 1.0]),
    "P, bytes": (palette(transparency=b"\xff\x66"), over_white(RED, 0.4)),
    "P, alpha": (palette(alpha=True), over_white(RED, 0.4)),
    "PA": (palette().convert("PA"), over_white(RED, 1)),
    "RGB": (PIL.Image.new("RGB", (5, 4), RED), over_white(RED, 1)),
    "RGB, key": (with_info(PIL.Image.new("RGB", (5, 4), RED), transparency=RED), [1.0, 1.0, 1.0]),
    "RGBA": (PIL.Image.new("RGBA", (5, 4), HALF_RED), over_white(RED, 0.4)),
    "RGBa": (PIL.Image.new("RGBA", (5, 4), HALF_RED).convert("RGBa"), over_white(RED, 0.4)),
    "RGBX": (PIL.Image.new("RGB", (5, 4), RED).convert("RGBX"), over_white(RED, 1)),
    "CMYK": (PIL.Image.new("CMYK", (5, 4), (0, 255, 204, 0)), over_white(RED, 1)),
    "YCbCr": (PIL.Image.new("YCbCr", (5, 4), (51, 128, 128)), [0.2, 0.2, 0.2]),
    "HSV": (PIL.Image.new("HSV", (5, 4), (0, 0, 51)), [0.2, 0.2, 0.2]),
    "LAB, white": (lab(255), [1.0, 1.0, 1.0]),
    "LAB, black": (lab(0), [0.0, 0.0, 0.0]),
    "I;16": (PIL.Image.new("I;16", (5, 4), 13107), [0.2]),
    "I;16B": (PIL.Image.new("I;16B", (5, 4), 13107), [0.2]),
    "I;16, key": (with_info(PIL.Image.new("I;16", (5, 4), 13107), transparency=13107), [1.0]),
    "F": (PIL.Image.new("F", (5, 4), 0.25), [0.25]),
}


@pytest.mark.parametrize("name", MODES)
def test_every_mode_by_its_closed_form(name):
    picture, expected = MODES[name]
    image = decode_image(picture)
    assert (image.dtype, image.shape) == (np.float32, (4, 5, len(expected)))
    np.testing.assert_allclose(image, np.broadcast_to(expected, image.shape), atol=4e-3)


@pytest.mark.parametrize("name", MODES)
def test_a_picture_in_memory_is_an_image_in_its_own_dtype(name):
    picture, expected = MODES[name]
    image = as_image(picture)
    white = {"f": 1, "u": 255 if image.dtype.itemsize == 1 else 65535}[image.dtype.kind]
    np.testing.assert_allclose(image / white, np.broadcast_to(expected, image.shape), atol=4e-3)


def test_a_palette_is_explained_by_its_colours():
    colour = PIL.Image.fromarray(ramp(channels=3)).quantize(16)
    assert (as_image(colour) == np.asarray(colour.convert("RGB"))).all()


def test_numbers_of_an_unknown_range_need_a_window():
    wide = PIL.Image.fromarray(np.array([[-100, 300]], np.int32))
    with pytest.raises(FileError, match=r"the PIL image has 32-bit signed pixels, -100 to 300, of"):
        decode_image(wide)
    np.testing.assert_array_equal(decode_image(wide, black=-100, white=300)[..., 0], [[0, 1]])
    np.testing.assert_array_equal(decode_image(wide, black=100, white=200)[..., 0], [[0, 1]])
    np.testing.assert_array_equal(decode_image(wide, white=600)[..., 0], [[0, 0.5]])
    np.testing.assert_array_equal(decode_image(wide, black=300, white=-100)[..., 0], [[1, 0]])
    with pytest.raises(InputError, match="needs white="):
        decode_image(wide, black=0)


@pytest.mark.parametrize("window", [(1, 1), (np.nan, 1), (0, np.inf)])
def test_a_window_has_two_different_ends(window):
    with pytest.raises(InputError, match="two different numbers"):
        decode_image(PIL.Image.new("L", (2, 2)), black=window[0], white=window[1])


def test_twelve_bits_in_sixteen_are_not_taken_for_black():
    dark = saved(PIL.Image.fromarray(np.array([[0, 4095]], np.uint16)), "PNG")
    with pytest.raises(
        FileError, match=r"16-bit unsigned pixels, 0 to 4095, of no known range.*--w"
    ):
        decode_image(io.BytesIO(dark))
    assert decode_image(io.BytesIO(dark), white=4095).max() == 1
    assert decode_image(io.BytesIO(dark), white=65535).max() == np.float32(4095 / 65535)
    blank = saved(PIL.Image.fromarray(np.zeros((2, 2), np.uint16)), "PNG")
    assert decode_image(io.BytesIO(blank)).max() == 0


def test_all_pixels_of_8_and_16_bits_are_divided_exactly():
    for dtype in (np.uint8, np.uint16):
        most = np.iinfo(dtype).max
        pixels = np.arange(most + 1, dtype=dtype)[None]
        image = decode_image(io.BytesIO(saved(PIL.Image.fromarray(pixels), "PNG")))
        np.testing.assert_array_equal(image[..., 0], pixels / np.float32(most))


def test_grey_as_rgb_and_back_is_the_same_grey():
    grey = PIL.Image.fromarray(ramp())
    np.testing.assert_array_equal(decode_image(grey.convert("RGB"), channels=1), decode_image(grey))


def png(depth: int, kind: int, row: bytes, *chunks: tuple[bytes, bytes]) -> io.BytesIO:
    """Write a PNG of one row by hand: what Pillow does not write, people's programs do."""

    def chunk(name: bytes, data: bytes) -> bytes:
        check = zlib.crc32(name + data).to_bytes(4, "big")
        return len(data).to_bytes(4, "big") + name + data + check

    width = 2
    head = width.to_bytes(4, "big") + (1).to_bytes(4, "big") + bytes([depth, kind, 0, 0, 0])
    parts = [chunk(b"IHDR", head), *(chunk(*extra) for extra in chunks)]
    parts += [chunk(b"IDAT", zlib.compress(b"\0" + row)), chunk(b"IEND", b"")]
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + b"".join(parts))


@pytest.mark.parametrize(
    ("depth", "row", "key", "expected"),
    [
        (1, b"\x40", 0, [1.0, 1.0]),
        (2, b"\x10", 1, [0.0, 1.0]),
        (4, b"\x30", 3, [1.0, 0.0]),
        (8, b"\x33\x00", 51, [1.0, 0.0]),
        (16, b"\x33\x33\xff\xfe", 0xFFFE, [0.2, 1.0]),
    ],
)
def test_the_transparent_grey_of_a_png_at_every_depth(depth, row, key, expected):
    file = png(depth, 0, row, (b"tRNS", key.to_bytes(2, "big")))
    np.testing.assert_allclose(decode_image(file)[0, :, 0], expected, atol=1e-6)


def test_deep_grey_with_transparency_stays_grey():
    file = png(16, 4, b"\x33\x33\xff\xff\x33\x33\x00\x00")
    np.testing.assert_allclose(decode_image(file)[0], [[0.2], [1.0]], atol=1e-6)


def test_deep_colour_whose_transparent_one_cannot_be_told_is_refused():
    file = png(16, 2, b"\x33\x33\0\0\0\0" * 2, (b"tRNS", b"\x33\x33\0\0\0\0"))
    with pytest.raises(FileError, match="save it with an alpha channel"):
        decode_image(file)


CORNER = np.zeros((2, 3), np.uint8)
CORNER[0, 0] = 255
TURNS = {  # EXIF: where the first row and the first column of the stored picture belong
    1: CORNER,
    2: CORNER[:, ::-1],
    3: CORNER[::-1, ::-1],
    4: CORNER[::-1],
    5: CORNER.T,
    6: np.rot90(CORNER, -1),
    7: np.rot90(CORNER, 2).T,
    8: np.rot90(CORNER, 1),
}


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_pictures_are_brought_upright(turn, form):
    exif = PIL.Image.Exif()
    exif[0x0112] = turn
    large = PIL.Image.fromarray(np.kron(CORNER, np.ones((16, 16), np.uint8)))
    file = io.BytesIO(saved(large, form, exif=exif))
    image = decode_image(file)[8::16, 8::16].mean(axis=2)
    np.testing.assert_allclose(image, TURNS[turn] / 255, atol=0.02)
    with PIL.Image.open(file) as lazy:
        np.testing.assert_array_equal(decode_image(lazy), decode_image(file))


def test_photographs_are_read_and_what_is_inside_them_is_chosen():
    first, second = PIL.Image.new("L", (16, 16), 51), PIL.Image.new("L", (8, 8), 204)
    file = io.BytesIO(saved(first, "MPO", save_all=True, append_images=[second]))
    assert decode_image(file).mean() == pytest.approx(0.2)
    assert decode_image(file, frame=1).shape == (8, 8, 1)
    with pytest.raises(InputError, match="holds 2 frames, from 0 to 1; got frame=2"):
        decode_image(file, frame=2)


def test_each_frame_is_held_against_the_limit():
    first, second = PIL.Image.new("L", (8, 8), 51), PIL.Image.new("L", (16, 16), 204)
    file = io.BytesIO(saved(first, "MPO", save_all=True, append_images=[second]))
    assert decode_image(file, max_pixels=64).shape == (8, 8, 1)
    with pytest.raises(InputError, match="16 x 16 = 256 pixels"):
        decode_image(file, frame=1, max_pixels=64)


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP", "TIFF"])
def test_a_frame_is_chosen_where_there_are_several(form):
    levels = (0, 51, 255)
    first, *others = (PIL.Image.new("RGB", (16, 16), (level,) * 3) for level in levels)
    options = {"lossless": True} if form == "WEBP" else {}
    file = io.BytesIO(saved(first, form, save_all=True, append_images=others, **options))
    with pytest.raises(FileError, match=r"holds 3 frames: frame=N \(--frame N\) .* from 0 to 2"):
        decode_image(file)
    for frame, level in enumerate(levels):
        assert decode_image(file, frame=frame).mean() == pytest.approx(level / 255)
    with pytest.raises(InputError, match="got frame=-1"):
        decode_image(file, frame=-1)


def test_frames_are_counted_only_so_far():
    frames = [PIL.Image.new("L", (1, 1), level) for level in range(3)]
    content = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    last = content[content.rindex(b"!\xf9") : -1]
    many = content[:-1] + last * 60_000 + b";"
    with pytest.raises(FileError, match="holds 10,000 frames or more"):
        decode_image(io.BytesIO(many))


def test_a_picture_in_memory_is_at_the_frame_it_is():
    with pytest.raises(InputError, match="PIL image is at the frame of its seek"):
        decode_image(PIL.Image.new("L", (2, 2)), frame=0)


def test_the_limit_of_pillow_is_left_alone(monkeypatch):
    monkeypatch.setattr(PIL.Image, "MAX_IMAGE_PIXELS", 10)  # it warns above 10, raises above 20
    file = io.BytesIO(saved(PIL.Image.new("L", (10, 10)), "PNG"))
    limits = set()

    def load(picture, load=PIL.ImageFile.ImageFile.load):
        limits.add(PIL.Image.MAX_IMAGE_PIXELS)
        return load(picture)

    monkeypatch.setattr(PIL.ImageFile.ImageFile, "load", load)
    assert decode_image(file).shape == (10, 10, 1)
    assert limits == {10}


def test_no_plugin_but_that_of_the_format_is_asked(monkeypatch):
    def refuse(*_):
        raise AssertionError("every plugin was tried")

    monkeypatch.setattr(PIL.Image, "open", refuse)
    assert decode_image(io.BytesIO(saved(PIL.Image.new("L", (2, 2)), "PNG"))).shape == (2, 2, 1)
    program = io.BytesIO(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n")
    program.name = "pic.png"
    with pytest.raises(FileError, match=r"pic\.png is not an image but a PostScript program"):
        decode_image(program)


def test_a_text_that_unpacks_without_end_is_refused():
    bomb = b"Comment\0\0" + zlib.compress(bytes(100_000_000), 9)
    with pytest.raises(FileError, match="cannot be read as an image"):
        decode_image(png(8, 0, b"\x33\x33", (b"zTXt", bomb)))


def test_whatever_a_decoder_raises_is_a_file_error(monkeypatch):
    file = io.BytesIO(saved(PIL.Image.new("L", (2, 2)), "PNG"))
    for error in (RuntimeError("odd"), MemoryError(), RecursionError("deep"), KeyError(7)):
        monkeypatch.setattr(
            PIL.ImageFile.ImageFile, "load", lambda _, error=error: (_ for _ in ()).throw(error)
        )
        with pytest.raises(FileError, match="the stream cannot be read as an image") as caught:
            decode_image(file)
        assert str(caught.value).count("\n") == 0
        assert str(error) in str(caught.value) or type(error).__name__ in str(caught.value)
    monkeypatch.setattr(
        PIL.ImageFile.ImageFile, "load", lambda _: (_ for _ in ()).throw(KeyboardInterrupt)
    )
    with pytest.raises(KeyboardInterrupt):
        decode_image(file)


def test_names_of_images_take_no_window():
    with pytest.raises(InputError, match="no frame, black, white"):
        cilens.read_image("mnist:0", white=255)
