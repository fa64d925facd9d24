"""Pictures of a few pixels in every format and mode that a reader may meet, and label maps."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import PIL.Image
import pydicom
import tifffile

from support.image_files import HEIC

SIZE = (13, 10)
Files = Iterator[tuple[str, bytes]]

_MODES = {
    "png": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"),
    "jpg": ("L", "RGB", "CMYK"),
    "gif": ("1", "L", "P", "RGB"),
    "tif": ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "LAB", "I;16", "I", "F"),
    "bmp": ("1", "L", "P", "RGB", "RGBA"),
    "webp": ("RGB", "RGBA"),
    "ppm": ("1", "L", "RGB", "I;16"),
    "pfm": ("F",),
    "tga": ("L", "LA", "P", "RGB", "RGBA"),
    "ico": ("RGBA",),
    "icns": ("RGBA",),
    "avif": ("L", "RGB", "RGBA"),
    "jp2": ("L", "LA", "RGB", "RGBA"),
    "dds": ("L", "LA", "RGB", "RGBA"),
    "pcx": ("1", "L", "P", "RGB"),
    "sgi": ("L", "RGB"),
    "msp": ("1",),
    "xbm": ("1",),
    "eps": ("L", "RGB"),
    "pdf": ("RGB",),
    "spider": ("F",),
}
_OPTIONS = (
    ("RGB", "jpg", {"progressive": True, "quality": 40}),
    ("RGB", "webp", {"lossless": True}),
    ("RGB", "tga", {"compression": "tga_rle"}),
    ("RGBA", "dds", {"pixel_format": "DXT1"}),
    ("RGBA", "dds", {"pixel_format": "DXT5"}),
    *(("RGB", "tif", {"compression": f"tiff_{name}"}) for name in ("lzw", "adobe_deflate", "jpeg")),
    ("1", "tif", {"compression": "group4"}),
    ("L", "tif", {"compression": "packbits"}),
)


def images() -> Files:
    """Give every format and mode, animated ones, tagged ones, and arrays."""
    for suffix, modes in _MODES.items():
        for mode in modes:
            yield from _saved(picture(mode), suffix)
    for mode, suffix, options in _OPTIONS:
        yield from _saved(picture(mode), suffix, options)
    frames = [picture("RGB"), picture("RGB").rotate(180)]
    for suffix in ("gif", "png", "webp", "tif", "avif", "mpo"):
        yield from _saved(frames[0], suffix, {"save_all": True, "append_images": frames[1:]})
    tags = PIL.Image.Exif()
    tags.update({0x0112: 6, 0x010F: "maker", 0x011A: 72.0})
    tags.get_ifd(0x8769).update({0x9003: "2026:01:01", 0xA405: 35})
    for suffix in ("jpg", "png", "tif", "webp", "avif"):
        yield from _saved(picture("RGB"), suffix, {"exif": tags})
    yield from _clear_colours()
    yield from _tiffs()
    yield from _dicom()
    yield "phone.heic", HEIC
    yield from arrays()
    yield "page.html.png", b"<!doctype html><html><body>not here</body></html>"


def labels() -> Files:
    """Give label maps and pictures to fill with: images of whole numbers, and arrays."""
    for suffix in ("png", "gif", "tif", "bmp"):
        for mode in ("L", "P"):
            yield from _saved(picture(mode), suffix)
    yield from _saved(picture("I;16"), "png")
    yield from _saved(picture("RGB"), "png")
    yield from _saved(picture("I"), "tif")
    yield from _tiffs()
    yield from arrays()


def arrays() -> Files:
    """Give .npy files: of every kind of number, of two orders, and one that is a pickle."""
    grey = np.arange(SIZE[0] * SIZE[1]).reshape(SIZE[::-1]) % 7
    for kind in ("u1", "<u2", ">u2", "<i4", ">i8", "<f2", "<f4", ">f8", "?", "<c8", "S3", "<U2"):
        yield f"{kind.strip('<>?')}.npy", _npy(grey.astype(kind))
    yield "colour.npy", _npy(np.asarray(picture("RGB")))
    yield "floats.npy", _npy(np.asarray(picture("RGB"), np.float32) / 255)
    yield "columns.npy", _npy(np.asfortranarray(grey))
    yield "times.npy", _npy(grey.astype("M8[s]"))
    yield "record.npy", _npy(np.zeros((10, 13), [("a", "u1"), ("b", "f4")]))
    yield "pickle.npy", _npy(np.array([{"a": 1}], dtype=object), allow_pickle=True)


def picture(mode: str) -> PIL.Image.Image:
    """Return a gradient with a square in it."""
    across, down = np.meshgrid(np.linspace(0, 255, SIZE[0]), np.linspace(0, 255, SIZE[1]))
    pixels = np.stack([across, down, 255 - across], axis=2).astype(np.uint8)
    pixels[3:6, 4:9] = (250, 120, 10)
    colour = PIL.Image.fromarray(pixels)
    if mode == "I;16":
        return PIL.Image.fromarray(across.astype(np.uint16) * 257)
    return colour if mode == "RGB" else colour.convert(mode)


def _saved(image: PIL.Image.Image, suffix: str, options: dict[str, object] | None = None) -> Files:
    """Give the file, unless this Pillow was built without what writes it."""
    output = io.BytesIO()
    kind = {"jpg": "jpeg", "tif": "tiff", "jp2": "jpeg2000", "pfm": "ppm"}.get(suffix, suffix)
    try:
        image.save(output, kind, **(options or {}))
    except (OSError, KeyError):
        return
    yield f"{image.mode.replace(';', '')}.{suffix}", output.getvalue()


def _clear_colours() -> Files:
    """Give transparency by a chunk or a colour, of 8 and of 16 bits, and of a palette."""
    for mode in ("1", "L", "RGB", "P", "I;16"):
        yield from _saved(picture(mode), "png", {"transparency": (0, 0, 0) if mode == "RGB" else 0})
    yield from _saved(picture("P"), "gif", {"transparency": 1})


def _tiffs() -> Files:
    grey = np.asarray(picture("L"))
    colour = np.asarray(picture("RGB"))
    made = {
        "tiles": (np.tile(colour, (4, 4, 1)), {"tile": (16, 16), "photometric": "rgb"}),
        "planes": (colour.transpose(2, 0, 1), {"planarconfig": "separate", "photometric": "rgb"}),
        "white-is-zero": (grey.astype(np.uint16) * 257, {"photometric": "miniswhite"}),
        "signed": (grey.astype(np.int16) - 100, {}),
        "half": (grey.astype(np.float16) / 255, {}),
        "bands": (np.dstack([colour, grey, grey]), {"photometric": "rgb", "extrasamples": (0, 0)}),
        "stack": (np.stack([grey, grey.T.reshape(grey.shape)]), {"photometric": "minisblack"}),
        "deep": (colour.astype(np.uint16) * 257, {"photometric": "rgb"}),
        "deflate": (grey, {"compression": "zlib", "predictor": True}),
        "imagej": (grey, {"metadata": {"axes": "YX", "unit": "um"}, "resolution": (3, 3)}),
    }
    for name, (array, options) in made.items():
        for order in ("<", ">"):
            for big in (False, True):
                output = io.BytesIO()
                with tifffile.TiffWriter(output, bigtiff=big, byteorder=order) as writer:
                    writer.write(array, **options)
                yield f"{name}.tif", output.getvalue()


def _dicom() -> Files:
    """Give CT slices, film and a colour picture."""
    meta = pydicom.dataset.FileMetaDataset()
    meta.MediaStorageSOPClassUID = pydicom.uid.CTImageStorage
    meta.MediaStorageSOPInstanceUID = "1.2.3"
    for name, array, stated in _slices():
        for syntax in (pydicom.uid.ExplicitVRLittleEndian, pydicom.uid.ImplicitVRLittleEndian):
            meta.TransferSyntaxUID = syntax
            content = pydicom.dataset.Dataset()
            content.file_meta = meta
            content.SOPClassUID, content.SOPInstanceUID = pydicom.uid.CTImageStorage, "1.2.3"
            content.Rows, content.Columns = array.shape[:2]
            content.BitsAllocated = content.BitsStored = 8 * array.dtype.itemsize
            content.HighBit = content.BitsStored - 1
            content.PixelRepresentation = int(array.dtype.kind == "i")
            content.SamplesPerPixel = 1 if array.ndim == 2 else 3
            content.PhotometricInterpretation = "MONOCHROME2" if array.ndim == 2 else "RGB"
            for key, value in stated.items():
                setattr(content, key, value)
            content.PixelData = array.tobytes()
            output = io.BytesIO()
            pydicom.dcmwrite(output, content, enforce_file_format=True)
            yield f"{name}.dcm", output.getvalue()


def _slices() -> Iterator[tuple[str, np.ndarray, dict[str, object]]]:
    grey = np.asarray(picture("L"))
    window = {"WindowCenter": 40, "WindowWidth": 400}
    yield (
        "ct",
        grey.astype(np.int16) * 8 - 1000,
        window | {"RescaleSlope": 1, "RescaleIntercept": 0},
    )
    yield "film", grey.astype(np.uint16), window | {"PhotometricInterpretation": "MONOCHROME1"}
    yield "colour", np.asarray(picture("RGB")), {"PlanarConfiguration": 0}


def _npy(array: np.ndarray, *, allow_pickle: bool = False) -> bytes:
    output = io.BytesIO()
    np.save(output, array, allow_pickle=allow_pickle)
    return output.getvalue()
