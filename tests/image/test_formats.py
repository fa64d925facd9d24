"""What a file is, is told by its content; of what is no image, what it is and what to do."""

from __future__ import annotations

import io

import numpy as np
import pytest

from cilens.errors import FileError, InputError
from cilens.image import decode_image
from cilens.image.formats import recognise
from support.image_files import image_files, npy

FILES = image_files()
FORMATS = {
    ".png": "PNG", ".jpg": "JPEG", ".gif": "GIF", ".bmp": "BMP", ".webp": "WEBP", ".avif": "AVIF",
    ".jp2": "JPEG2000", ".tga": "TGA", ".pgm": "PPM", ".ppm": "PPM", ".tif": "TIFF",
    ".heic": "HEIF", ".npy": ".npy", ".dcm": "DICOM",
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_formats_are_told_by_content(name):
    assert recognise(FILES[name]).name == FORMATS["." + name.split(".")[1]]


def box(brand: bytes) -> bytes:
    return b"\0\0\0\x14ftyp" + brand + bytes(8)


def npz() -> bytes:
    file = io.BytesIO()
    np.savez(file, labels=np.ones(3))
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is empty"),
        (b"<!DOCTYPE html><html>", "an HTML page: the download brought a page"),
        (b"\n <HTML><body>", "an HTML page"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg">', "is an SVG drawing"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n", "git lfs pull"),
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "a PostScript program"),
        (npz(), "an archive of arrays (.npz)"),
        (b"PK\x03\x04\x14\0\0\0\0\0" + bytes(16) + b"\x09\0\0\0notes.txt", "a ZIP archive"),
        (b"\x1f\x8b\x08" + bytes(20), "an archive: unpack it"),
        (b"SIMPLE  =                    T", "is a FITS file"),
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
        (bytes(344) + b"n+1\0", "a NIfTI volume"),
        (b"\x08\x0a\x12\x07pytorch", "an ONNX network"),
        (b"\x1c\0\0\0TFL3", "a TFLite network"),
        (b"\x80\x04\x95\x10", "a Python pickle, which can run code"),
        (box(b"mp42"), "a video: save one frame"),
        (box(b"crx "), "a raw photograph of a Canon camera"),
        (b"RIFF\0\0\0\0AVI LIST", "a video"),
        (b"\xff\x0a\xfa\x0f", "is a JPEG XL image, which cilens does not read: save it as PNG"),
        (b"8BPS\0\1", "is a Photoshop document"),
        (b"DDS |\0\0\0", "is a DDS texture"),
        (b"label,name\n1,cat\n", "not an image but text"),
        ("Grüße, 世界".encode(), "not an image but text"),
        (b"\x07\x03\xfe\xfd\xfa\x00" * 9, "in a format that cilens reads (PNG, JPEG"),
        (bytes(5000), "in a format that cilens reads"),
    ],
)
def test_what_is_no_image_is_named(content, message):
    with pytest.raises(FileError) as error:
        decode_image(io.BytesIO(content))
    assert str(error.value).startswith("the stream is ")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_text_that_is_cut_within_a_letter_is_text():
    with pytest.raises(FileError, match="but text"):
        decode_image(io.BytesIO("ü".encode() * 4000 + b"a"))
    with pytest.raises(FileError, match="but text"):
        decode_image(io.BytesIO(b"a" + "ü".encode() * 4000))


def test_the_name_of_a_file_does_not_count(tmp_path):
    (tmp_path / "array.png").write_bytes(npy(np.ones((2, 3), np.float32)))
    assert decode_image(tmp_path / "array.png").shape == (2, 3, 1)


@pytest.mark.parametrize("source", [3, None, b"\x89PNG", np.ones((2, 2))])
def test_an_image_is_read_from_a_path_or_a_file(source):
    with pytest.raises(InputError, match="is read from a path or a binary file; got <class"):
        decode_image(source)


@pytest.mark.parametrize("name", ["a\0b.png", "a" * 5000, "none/../none.png"])
def test_paths_that_cannot_be_opened(name):
    with pytest.raises(FileError):
        decode_image(name)
