"""Image files that attack whoever reads them: programs, bombs, mazes, files in disguise."""

from __future__ import annotations

import gzip
import io
import os
import struct
import threading
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

import cilens
from cilens.datasets.folder import expand
from support import attack
from support.attack import memory_below, refusal

READERS = {
    "image": cilens.read_image,
    "labels": lambda path: cilens.Labels(path)(np.zeros((4, 4, 3))),
    "picture": lambda path: cilens.Picture(path)(
        np.zeros((4, 4, 3)), np.zeros((4, 4), int), np.zeros((1, 1), bool)
    ),
}
readers = pytest.mark.parametrize("read", READERS.values(), ids=READERS)
MB = 1 << 20


def put(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def save(image: PIL.Image.Image, kind: str, **options: object) -> bytes:
    output = io.BytesIO()
    image.save(output, kind, **options)
    return output.getvalue()


# Programs


POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n(it ran) =\n%%EOF\n"


@readers
@pytest.mark.parametrize("name", ["picture.png", "picture.eps", "picture.jpg"])
def test_postscript_starts_no_interpreter(read, name, tmp_path, monkeypatch):
    mark = tmp_path / "ran"
    for program in ("gs", "gswin64c", "gswin32c"):
        put(tmp_path, program, f"#!/bin/sh\ntouch '{mark}'\necho 10.0\n".encode()).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    refusal(lambda: read(put(tmp_path, name, POSTSCRIPT)))
    assert not mark.exists()


@readers
@pytest.mark.parametrize("name", ["pickle.npy", "pickle.png", "pickle.tif"])
def test_pickles_are_not_read(read, name, tmp_path):
    mark = tmp_path / "unpickled"
    refusal(lambda: read(put(tmp_path, name, attack.pickled_npy(mark))))
    refusal(lambda: read(put(tmp_path, name, attack.pickle_of(mark))))
    assert not mark.exists()


@readers
def test_pickles_in_an_archive_are_not_read(read, tmp_path):
    mark, path = tmp_path / "unpickled", tmp_path / "arrays.npy"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("arr_0.npy", attack.pickled_npy(mark))
    refusal(lambda: read(path))
    assert not mark.exists()


# Formats nobody asked for


def fits_bomb() -> bytes:
    """Return a FITS file whose one tile is 64 MB of zeros, packed by gzip."""
    cards = {
        "SIMPLE": "T",
        "BITPIX": 8,
        "NAXIS": 0,
        "EXTEND": "T",
    }
    table = {
        "XTENSION": "'BINTABLE'",
        "BITPIX": 8,
        "NAXIS": 2,
        "NAXIS1": 8,
        "NAXIS2": 1,
        "PCOUNT": 1 << 16,
        "GCOUNT": 1,
        "TFIELDS": 1,
        "ZIMAGE": "T",
        "ZCMPTYPE": "'GZIP_1  '",
        "ZBITPIX": 8,
        "ZNAXIS": 2,
        "ZNAXIS1": 4,
        "ZNAXIS2": 4,
    }
    packed = gzip.compress(bytes(64 * MB))
    return b"".join(_block(part) for part in (cards, table)) + struct.pack(">II", 8, 8) + packed


def _block(cards: dict[str, object]) -> bytes:
    text = "".join(f"{key:8}= {value!s:>20}".ljust(80) for key, value in cards.items()) + "END"
    return text.ljust(-(-len(text) // 2880) * 2880).encode()


OTHERS = {
    "fits": fits_bomb(),
    "pdf": b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n",
    "windows metafile": b"\xd7\xcd\xc6\x9a\0\0"
    + struct.pack("<4hHIH", 0, 0, 9, 9, 96, 0, 0)
    + b"\1\0\t\0",
    "enhanced metafile": struct.pack("<II", 1, 108) + bytes(32) + b" EMF" + bytes(64),
    "photoshop": b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 4, 4, 8, 3) + bytes(12),
    "hdf5": b"\x89HDF\r\n\x1a\n" + bytes(64),
    "grib": b"GRIB\0\0\0\1" + bytes(64),
    "bufr": b"BUFR" + bytes(64),
    "flash pix": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1024),
    "font (bdf)": b"STARTFONT 2.1\nSIZE 16 75 75\n",
    "font (pcf)": b"\1fcp" + struct.pack("<I", 1 << 30),
    "gimp brush": struct.pack(">IIII", 28, 1, 1 << 15, 1 << 15) + bytes(16),
    "spider": np.array([1, 4, 1, 1, 1, *[0] * 17], ">f4").tobytes() + bytes(2000),
    "xpm": b'/* XPM */\nstatic char *a[] = {\n"9 9 1 1",\n"a c #000000",\n',
    "html": b"<!doctype html><script>alert(1)</script>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
    "zip": b"PK\3\4" + bytes(60),
    "program": b"\x7fELF\2\1\1" + bytes(64),
    "nothing": b"",
}


@readers
@pytest.mark.parametrize("kind", OTHERS)
def test_what_is_in_no_format_of_the_list_is_refused(read, kind, tmp_path):
    path = put(tmp_path, "picture.png", OTHERS[kind])
    with memory_below(32 * MB):
        assert str(path) in refusal(lambda: read(path))


# Bombs


LARGE = {
    "png": attack.png(60000, 60000, (b"IDAT", zlib.compress(b""))),
    "ppm": b"P6 60000 60000 255\n",
    "bmp": b"BM" + struct.pack("<IIIIiiHHIIiiII", 54, 0, 54, 40, 60000, 60000, 1, 24, *[0] * 6),
    "gif": b"GIF89a" + struct.pack("<HHBBB", 60000, 60000, 0, 0, 0)
    + b"," + struct.pack("<HHHHB", 0, 0, 60000, 60000, 0) + b"\2\0;",
    "tga": struct.pack("<BBBHHBHHHHBB", 0, 0, 2, 0, 0, 0, 0, 0, 60000, 60000, 24, 0),
    "npy": attack.npy("{'descr': '|u1', 'fortran_order': False, 'shape': (60000, 60000)}"),
}  # fmt: skip


@readers
@pytest.mark.parametrize("suffix", LARGE)
def test_a_size_is_judged_before_anything_is_read(read, suffix, tmp_path):
    path = put(tmp_path, f"large.{suffix}", LARGE[suffix])
    with memory_below(32 * MB):
        assert str(path) in refusal(lambda: read(path))


@pytest.mark.parametrize("suffix", [name for name in LARGE if name != "tga"])
def test_the_refusal_of_a_size_says_the_limit(suffix, tmp_path):
    text = refusal(lambda: cilens.read_image(put(tmp_path, f"large.{suffix}", LARGE[suffix])))
    assert "60000" in text.replace(",", "")
    assert "100,000,000" in text


def packed(width: int, height: int, channels: int) -> bytes:
    """Return a PNG of black, packed a thousand to one."""
    rows = attack.zeros(height * (1 + width * channels))
    return attack.png(width, height, (b"IDAT", rows), kind=2 if channels == 3 else 0)


@pytest.mark.parametrize("channels", [1, 3])
def test_what_is_within_the_limit_takes_few_copies(channels, tmp_path):
    path = put(tmp_path, "black.png", packed(3000, 3000, channels))
    assert path.stat().st_size < 60_000
    with memory_below(int(2.5 * 3000 * 3000 * channels * 4) + 16 * MB):
        assert cilens.read_image(path).max() == 0


def test_text_chunks_are_not_inflated(tmp_path):
    bomb = b"comment\0\0" + attack.zeros(256 * MB)
    profile = b"profile\0\0" + attack.zeros(256 * MB)
    pixels = (b"IDAT", zlib.compress(b"\0\7"))
    for chunk in ((b"zTXt", bomb), (b"iCCP", profile), (b"iTXt", b"c\0\1\0\0\0" + bomb[9:])):
        for chunks in ((chunk, pixels), (pixels, chunk)):
            path = put(tmp_path, "text.png", attack.png(1, 1, *chunks))
            with memory_below(64 * MB), suppress(cilens.CilensError):
                assert cilens.read_image(path).size == 1


def test_a_picture_in_a_picture_is_held_to_the_limit(tmp_path):
    inner = packed(200, 200, 1)
    entry = struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 8, len(inner), 22)
    path = put(tmp_path, "small.ico", struct.pack("<HHH", 0, 1, 1) + entry + inner)
    refusal(lambda: cilens.read_image(path, max_pixels=1000))


# Mazes


def tiff(directories: int, *, loop: bool = False) -> bytes:
    """Return a TIFF of one pixel, behind as many directories as asked for, or in a circle."""
    entries = [
        (256, 4, 1, 1), (257, 4, 1, 1), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1),
        (273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, 1), (279, 4, 1, 1),
    ]  # fmt: skip
    size = 2 + 12 * len(entries) + 4
    body = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *e) for e in entries)
    offsets = [12 + size * (place + 1) for place in range(directories)]
    offsets[-1] = 12 if loop else 0
    return b"II*\0" + struct.pack("<I", 12) + b"\7\0\0\0" + b"".join(
        body + struct.pack("<I", offset) for offset in offsets
    )  # fmt: skip


@readers
@pytest.mark.parametrize("loop", [False, True], ids=["chain", "circle"])
def test_directories_are_not_walked_without_end(read, loop, tmp_path):
    path = put(tmp_path, "pages.tif", tiff(60_000, loop=loop))
    with memory_below(256 * MB):
        refusal(lambda: read(path))


@readers
def test_a_directory_that_follows_itself_ends(read, tmp_path):
    with suppress(cilens.CilensError):
        read(put(tmp_path, "circle.tif", tiff(1, loop=True)))


def test_frames_are_not_counted_without_end(tmp_path):
    frame = b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\2\2\x4c\1\0"
    head = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    refusal(lambda: cilens.read_image(put(tmp_path, "film.gif", head + frame * 60_000 + b";")))


@pytest.mark.parametrize("count", [1 << 20, (1 << 31) - 1, (1 << 32) - 1])
def test_a_tag_that_counts_more_than_there_is_takes_no_memory(count, tmp_path):
    content = tiff(1).replace(struct.pack("<HHI", 273, 4, 1), struct.pack("<HHI", 273, 4, count))
    with memory_below(64 * MB):
        refusal(lambda: cilens.read_image(put(tmp_path, "count.tif", content)))


# What others rely on


def test_the_limit_of_pillow_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(PIL.Image, "MAX_IMAGE_PIXELS", 12_345)
    path = put(tmp_path, "one.png", save(PIL.Image.new("RGB", (200, 200)), "png"))
    seen, start = set(), threading.Barrier(5)

    def read() -> None:
        start.wait()
        for _ in range(20):
            cilens.read_image(path)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    start.wait()
    while any(thread.is_alive() for thread in threads):
        seen.add(PIL.Image.MAX_IMAGE_PIXELS)
    assert seen <= {12_345}
    assert PIL.Image.MAX_IMAGE_PIXELS == 12_345


def test_a_bomb_for_others_is_a_picture_for_us(tmp_path, monkeypatch):
    """Our own limit stands in the place of Pillow's, which is not even asked."""
    monkeypatch.setattr(PIL.Image, "MAX_IMAGE_PIXELS", 10)
    path = put(tmp_path, "one.png", save(PIL.Image.new("L", (20, 20)), "png"))
    assert cilens.read_image(path).shape == (20, 20, 1)


# Other files in disguise, and paths


def test_what_follows_a_picture_is_not_looked_at(tmp_path):
    mark = tmp_path / "unpickled"
    content = save(PIL.Image.new("L", (3, 2), 51), "png")
    archive = io.BytesIO(content)
    with zipfile.ZipFile(archive, "a") as file:
        file.writestr("data.pkl", attack.pickle_of(mark))
    path = put(tmp_path, "both.png", archive.getvalue() + POSTSCRIPT)
    assert cilens.read_image(path).shape == (2, 3, 1)
    assert not mark.exists()


def test_a_name_does_not_choose_the_reader(tmp_path):
    content = save(PIL.Image.new("L", (3, 2), 51), "png")
    for name in ("picture.eps", "picture.npy", "picture.dcm", "picture.jpg", "picture"):
        assert cilens.read_image(put(tmp_path, name, content)).shape == (2, 3, 1)


def test_a_folder_is_asked_for_files_only(tmp_path):
    put(tmp_path, "one.png", save(PIL.Image.new("L", (3, 2)), "png"))
    (tmp_path / "zero.png").symlink_to("/dev/zero")
    (tmp_path / "gone.png").symlink_to("nowhere")
    (tmp_path / "itself.png").symlink_to("itself.png")
    (tmp_path / "folder.png").mkdir()
    os.mkfifo(tmp_path / "pipe.png")
    assert expand([str(tmp_path)]) == [str(tmp_path / "one.png")]
