"""What a file is, by its first bytes: one of the formats that are read, or what to do about it."""

from __future__ import annotations

from typing import NamedTuple

from cilens.errors import FileError

HEAD = 4096
"""How many of a file's first bytes tell what it is."""

READABLE = "PNG, JPEG, TIFF, GIF, WebP, BMP, AVIF, JPEG 2000, HEIC, PBM/PGM/PPM, TGA, DICOM, .npy"


class Format(NamedTuple):
    """A format of images, its name in Pillow where Pillow reads it, and the file that reads it."""

    name: str
    reader: str = "pillow"


def recognise(head: bytes) -> Format:
    """Tell a file's format; the name it goes by does not count.

    Parameters
    ----------
    head : bytes
        The first `HEAD` bytes of the file, or all that there are.

    Returns
    -------
    Format

    Raises
    ------
    FileError
        If it is no format that is read; the message, which begins after the file's name, says
        what it is and what to do.

    Examples
    --------
    >>> recognise(b"GIF89a...").name
    'GIF'
    >>> recognise(b"%PDF-1.7 ...")
    Traceback (most recent call last):
    cilens.errors.FileError: is not an image but a PDF document: save the page as PNG
    """
    for found, offset, magics in _READ:
        if head.startswith(magics, offset):
            return found
    if head[4:8] == b"ftyp":
        return _boxes(head)
    if _portable(head):
        return Format("PPM")
    if head.startswith(b"PK\x03\x04") and head[30:].partition(b".npy")[0].isalnum():
        raise FileError(f"is not an image but an archive of arrays (.npz): {_ARRAYS}")
    for what, offset, magics in _OTHERS:
        if head.startswith(magics, offset):
            raise FileError(what)
    _refuse_text(head)
    if _targa(head):
        return Format("TGA")
    raise FileError(f"is not an image in a format that cilens reads ({READABLE})")


def _boxes(head: bytes) -> Format:
    """Tell apart what shares the container of MPEG-4: HEIC, AVIF, raw photographs, video."""
    brands = head[8 : max(12, int.from_bytes(head[:4], "big"))]
    listed = {brands[start : start + 4] for start in range(0, len(brands), 4)}
    if listed & {b"avif", b"avis"}:
        return Format("AVIF")
    if listed & {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}:
        return Format("HEIF", "heif")
    if b"crx " in listed:
        raise FileError(_unread("a raw photograph of a Canon camera"))
    raise FileError(_VIDEO)


def _portable(head: bytes) -> bool:
    """Whether it is one of PBM, PGM, PPM, PNM and PFM, whose magic is a letter and a digit."""
    return head[:2] in {b"P1", b"P2", b"P3", b"P4", b"P5", b"P6", b"Pf"} and head[2:3].isspace()


def _targa(head: bytes) -> bool:
    """Whether the header could be TGA's, which has no magic."""
    return (
        len(head) >= 18
        and head[1] in {0, 1}
        and head[2] in {1, 2, 3, 9, 10, 11}
        and head[16] in {1, 8, 16, 24, 32}
        and (head[1] == 1 or not any(head[3:8]))
    )


def _refuse_text(head: bytes) -> None:
    if not head:
        raise FileError("is not an image: it is empty")
    try:
        text = head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if len(head) < HEAD or error.start < len(head) - 4:
            return
        text = head[: error.start].decode("utf-8-sig")
    if any(ord(letter) < 32 and not letter.isspace() for letter in text):
        return
    folded = text.lstrip().casefold()
    if folded.startswith(("<!doctype html", "<html", "<head", "<body")):
        raise FileError(
            "is not an image but an HTML page: the download brought a page; save the image itself"
        )
    if "<svg" in folded:
        raise FileError("is an SVG drawing, which has no pixels of its own: save it as PNG")
    raise FileError("is not an image but text")


def _unread(what: str) -> str:
    return f"is {what}, which cilens does not read: save it as PNG or TIFF"


_VIDEO = "is not an image but a video: save one frame of it as PNG"
_ARCHIVE = "is not an image but an archive: unpack it"
_ARRAYS = "load it yourself and pass the array, or save that as .npy"

_READ: tuple[tuple[Format, int, tuple[bytes, ...]], ...] = (
    (Format("PNG"), 0, (b"\x89PNG\r\n\x1a\n",)),
    (Format("JPEG"), 0, (b"\xff\xd8\xff",)),
    (Format("GIF"), 0, (b"GIF87a", b"GIF89a")),
    (Format("TIFF", "tiff"), 0, (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")),
    (Format("WEBP"), 8, (b"WEBP",)),
    (Format("BMP"), 0, (b"BM",)),
    (Format("JPEG2000"), 0, (b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51")),
    (Format(".npy", "npy"), 0, (b"\x93NUMPY",)),
    (Format("DICOM", "dicom"), 128, (b"DICM",)),
)
"""What is read, where its magic stands, and the first bytes that it can have there."""

_ONNX = tuple(
    bytes([8, version, tag]) for version in range(3, 16) for tag in b"\x12\x1a\x22\x3a\x42"
)
_OTHERS: tuple[tuple[str, int, tuple[bytes, ...]], ...] = (
    ("is not an image but a PDF document: save the page as PNG", 0, (b"%PDF",)),
    (
        "is not an image but a PostScript program: save what it draws as PNG",
        0,
        (b"%!PS", b"\xc5\xd0\xd3\xc6"),
    ),
    (
        "is not an image but a pointer of Git LFS to it: fetch it with `git lfs pull`",
        0,
        (b"version https://git-lfs",),
    ),
    (f"is a FITS file: its numbers need a reader that scales them; {_ARRAYS}", 0, (b"SIMPLE  =",)),
    (f"is not an image but an HDF5 file: {_ARRAYS}", 0, (b"\x89HDF",)),
    (f"is not an image but a MATLAB file: {_ARRAYS}", 0, (b"MATLAB 5.0",)),
    (f"is not an image but a NIfTI volume: {_ARRAYS}", 344, (b"n+1\0",)),
    ("is not an image but a ZIP archive (.zip, .docx, .keras, …): unpack it", 0, (b"PK\x03\x04",)),
    (
        _ARCHIVE,
        0,
        (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf\x27\x1c", b"Rar!"),
    ),
    (_ARCHIVE, 257, (b"ustar",)),
    (_VIDEO, 8, (b"AVI ",)),
    (_VIDEO, 0, (b"\x1a\x45\xdf\xa3", b"\0\0\x01\xba", b"\0\0\x01\xb3")),
    ("is not an image but a sound", 8, (b"WAVE",)),
    ("is not an image but a sound or a video", 0, (b"OggS",)),
    ("is not an image but a sound", 0, (b"ID3",)),
    ("is not an image but a TFLite network: a network goes to --model", 4, (b"TFL3",)),
    (
        f"is not an image but a Python pickle, which can run code: {_ARRAYS}",
        0,
        (b"\x80\x02", b"\x80\x03", b"\x80\x04\x95", b"\x80\x05\x95"),
    ),
    (_unread("a JPEG XL image"), 0, (b"\xff\x0a", b"\0\0\0\x0cJXL ")),
    (_unread("a Photoshop document"), 0, (b"8BPS",)),
    (_unread("a GIMP document"), 0, (b"gimp xcf",)),
    (_unread("an OpenEXR image"), 0, (b"\x76\x2f\x31\x01",)),
    (_unread("a Radiance HDR image"), 0, (b"#?RADIANCE", b"#?RGBE")),
    (_unread("a DDS texture"), 0, (b"DDS ",)),
    (_unread("a QOI image"), 0, (b"qoif",)),
    (_unread("an icon"), 0, (b"icns", b"\0\0\x01\0")),
    (_unread("a raw photograph of a Fujifilm camera"), 0, (b"FUJIFILM",)),
    (_unread("a raw photograph of an Olympus camera"), 0, (b"IIRO",)),
    (_unread("a raw photograph of a Panasonic camera"), 0, (b"IIU\0",)),
    (_unread("an EMF drawing"), 0, (b"\x01\0\0\0",)),
    (_unread("a WMF drawing"), 0, (b"\xd7\xcd\xc6\x9a",)),
    ("is not an image but an ONNX network: a network goes to --model", 0, _ONNX),
)
"""What to say of what is not read, and the same of that."""
