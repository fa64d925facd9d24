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
    for magic, offset, found in _READ:
        if head.startswith(magic, offset):
            return found
    if head[4:8] == b"ftyp":
        return _boxes(head)
    if _portable(head):
        return Format("PPM")
    if head.startswith(b"PK\x03\x04") and head[30:].partition(b".npy")[0].isalnum():
        raise FileError(f"is not an image but an archive of arrays (.npz): {_ARRAYS}")
    for magic, offset, what in _OTHERS:
        if head.startswith(magic, offset):
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

_READ = (
    (b"\x89PNG\r\n\x1a\n", 0, Format("PNG")),
    (b"\xff\xd8\xff", 0, Format("JPEG")),
    (b"GIF87a", 0, Format("GIF")),
    (b"GIF89a", 0, Format("GIF")),
    (b"II*\0", 0, Format("TIFF", "tiff")),
    (b"MM\0*", 0, Format("TIFF", "tiff")),
    (b"II+\0", 0, Format("TIFF", "tiff")),
    (b"MM\0+", 0, Format("TIFF", "tiff")),
    (b"WEBP", 8, Format("WEBP")),
    (b"BM", 0, Format("BMP")),
    (b"\0\0\0\x0cjP  \r\n\x87\n", 0, Format("JPEG2000")),
    (b"\xff\x4f\xff\x51", 0, Format("JPEG2000")),
    (b"\x93NUMPY", 0, Format(".npy", "npy")),
    (b"DICM", 128, Format("DICOM", "dicom")),
)
"""First bytes, and where they stand, of what is read."""

_OTHERS = (
    (b"%PDF", 0, "is not an image but a PDF document: save the page as PNG"),
    (b"%!PS", 0, "is not an image but a PostScript program: save what it draws as PNG"),
    (b"\xc5\xd0\xd3\xc6", 0, "is not an image but a PostScript program: save what it draws as PNG"),
    (
        b"version https://git-lfs",
        0,
        "is not an image but a pointer of Git LFS to it: fetch it with `git lfs pull`",
    ),
    (b"SIMPLE  =", 0, f"is a FITS file: its numbers need a reader that scales them; {_ARRAYS}"),
    (b"\x89HDF", 0, f"is not an image but an HDF5 file: {_ARRAYS}"),
    (b"MATLAB 5.0", 0, f"is not an image but a MATLAB file: {_ARRAYS}"),
    (b"n+1\0", 344, f"is not an image but a NIfTI volume: {_ARRAYS}"),
    (b"PK\x03\x04", 0, "is not an image but a ZIP archive (.zip, .docx, .keras, …): unpack it"),
    (b"\x1f\x8b", 0, _ARCHIVE),
    (b"BZh", 0, _ARCHIVE),
    (b"\xfd7zXZ", 0, _ARCHIVE),
    (b"\x28\xb5\x2f\xfd", 0, _ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", 0, _ARCHIVE),
    (b"Rar!", 0, _ARCHIVE),
    (b"ustar", 257, _ARCHIVE),
    (b"AVI ", 8, _VIDEO),
    (b"\x1a\x45\xdf\xa3", 0, _VIDEO),
    (b"\0\0\x01\xba", 0, _VIDEO),
    (b"\0\0\x01\xb3", 0, _VIDEO),
    (b"WAVE", 8, "is not an image but a sound"),
    (b"OggS", 0, "is not an image but a sound or a video"),
    (b"ID3", 0, "is not an image but a sound"),
    (b"TFL3", 4, "is not an image but a TFLite network: a network goes to --model"),
    (b"\x80\x02", 0, f"is not an image but a Python pickle, which can run code: {_ARRAYS}"),
    (b"\x80\x03", 0, f"is not an image but a Python pickle, which can run code: {_ARRAYS}"),
    (b"\x80\x04\x95", 0, f"is not an image but a Python pickle, which can run code: {_ARRAYS}"),
    (b"\x80\x05\x95", 0, f"is not an image but a Python pickle, which can run code: {_ARRAYS}"),
    (b"\xff\x0a", 0, _unread("a JPEG XL image")),
    (b"\0\0\0\x0cJXL ", 0, _unread("a JPEG XL image")),
    (b"8BPS", 0, _unread("a Photoshop document")),
    (b"gimp xcf", 0, _unread("a GIMP document")),
    (b"\x76\x2f\x31\x01", 0, _unread("an OpenEXR image")),
    (b"#?RADIANCE", 0, _unread("a Radiance HDR image")),
    (b"#?RGBE", 0, _unread("a Radiance HDR image")),
    (b"DDS ", 0, _unread("a DDS texture")),
    (b"qoif", 0, _unread("a QOI image")),
    (b"icns", 0, _unread("an icon")),
    (b"\0\0\x01\0", 0, _unread("an icon")),
    (b"FUJIFILM", 0, _unread("a raw photograph of a Fujifilm camera")),
    (b"IIRO", 0, _unread("a raw photograph of an Olympus camera")),
    (b"IIU\0", 0, _unread("a raw photograph of a Panasonic camera")),
    (b"\x01\0\0\0", 0, _unread("an EMF drawing")),
    (b"\xd7\xcd\xc6\x9a", 0, _unread("a WMF drawing")),
    *(
        (
            bytes([8, version, tag]),
            0,
            "is not an image but an ONNX network: a network goes to --model",
        )
        for version in range(3, 16)
        for tag in (0x12, 0x1A, 0x22, 0x3A, 0x42)
    ),
)
"""First bytes, where they stand, and what to say of what is not read."""
