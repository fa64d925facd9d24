"""Small image files, valid, one of each kind that is read: what tests damage, and begin from."""

from __future__ import annotations

import base64
import io

import numpy as np
import PIL.Image
import tifffile
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

HEIC = base64.b85decode(
    "0000SW^{RQXk}@500000ZE0pPXk}@5ZE0a<0004gZDn*}000000000XXk=`10000000000aA{+700000000000000000"
    "000B57=IV*mgE07O6l0RRC200001q5uH^00000002h-001LtX>Mi!000000RR916=`l}WdZ;I000310BCk&F#rGn01j|"
    "zbZr0t000010002~X>f9I0002qX>en20001YXm(>m0R#vD005pi000009`FGC|M>U-01pFT0096OKmiN^|NjIC00093o"
    ";Uyi0{{RXx&lC90096hLID8;2mk;B0G>Di00RI39*_hOAhO+6(_GvHG#C&700RM#000935P)I;0RRX@0l{+^Fc^>k000"
    "wXZ)|dIV{CW;0RRmE27mwn02FC+aAg1h0000006+i$06+i$04QT@VQ>Hd01yBG0096101yBG00IC1|Ih#c00RI2|Ih#c"
    "00IC201$9#cxeCt0009B2nYZG02pa-ZD9Za00000009621%Uzs1%v<q08edXVRQfh07EDNuLd$2F~)#hLHRwsT>t;*UG"
    "zS7DKE<1FJBLl^kx75MerSjFUHzEVTYh>f?sBPPkqp3GoG*W8OUE5!1U!wfB"
)
"""16 x 16 pixels, red above and blue below; pi-heif decodes only, so it is kept, not made."""


def ramp(height: int = 12, width: int = 16, channels: int = 1) -> np.ndarray:
    """Return every kind of 8-bit pixel: (height, width), or with channels that differ."""
    pixels = np.linspace(0, 255, height * width).astype(np.uint8).reshape(height, width)
    return pixels if channels == 1 else np.stack([np.roll(pixels, i) for i in range(channels)], -1)


def saved(picture: PIL.Image.Image, form: str, **options) -> bytes:
    """Save a picture with Pillow."""
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


def tiff(pixels: np.ndarray, **options) -> bytes:
    """Save one page, or several, with tifffile."""
    file = io.BytesIO()
    tifffile.imwrite(file, pixels, metadata=None, **options)
    return file.getvalue()


def npy(array: np.ndarray) -> bytes:
    """Save an array with numpy."""
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def dicom(pixels: np.ndarray, kind: str = "MONOCHROME2", bits: int = 0, **elements) -> bytes:
    """Save (frames, height, width) or (height, width) or RGB pixels, with the elements given."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=["cilens"])
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    colour = kind in {"RGB", "YBR_FULL"}
    data.SamplesPerPixel = 3 if colour else 1
    if colour:
        data.PlanarConfiguration = 0
    data.PhotometricInterpretation = kind
    frames, shape = (
        (pixels.shape[0], pixels.shape[1:]) if pixels.ndim > 2 + colour else (1, pixels.shape)
    )
    data.NumberOfFrames = frames
    data.Rows, data.Columns = shape[:2]
    data.BitsAllocated = 8 * pixels.dtype.itemsize
    data.BitsStored = bits or data.BitsAllocated
    data.HighBit = data.BitsStored - 1
    data.PixelRepresentation = int(pixels.dtype.kind == "i")
    data.PixelData = pixels.tobytes()
    for name, value in elements.items():
        setattr(data, name, value)
    file = io.BytesIO()
    data.save_as(file, enforce_file_format=True)
    return file.getvalue()


def image_files() -> dict[str, bytes]:
    """Return a valid file of each format, and of the kinds within it that are read differently.

    Returns
    -------
    dict of str to bytes
        By a name that says what it is, with the suffix of its format.
    """
    return {**_png_and_jpeg(), **_other_pictures(), **_tiff(), **_arrays_and_scans()}


def _pictures() -> dict[str, PIL.Image.Image]:
    grey, colour = PIL.Image.fromarray(ramp()), PIL.Image.fromarray(ramp(channels=3))
    clear = colour.convert("RGBA")
    clear.putalpha(grey)
    deep = PIL.Image.fromarray(ramp().astype(np.uint16) * 257)
    return {
        "grey": grey,
        "colour": colour,
        "clear": clear,
        "deep": deep,
        "palette": colour.quantize(16),
    }


def _png_and_jpeg() -> dict[str, bytes]:
    grey, colour, clear, deep, palette = _pictures().values()
    turned = PIL.Image.Exif()
    turned[0x0112] = 6
    return {
        "grey.png": saved(grey, "PNG"),
        "bits.png": saved(grey.convert("1"), "PNG"),
        "colour.png": saved(colour, "PNG", exif=turned),
        "clear.png": saved(clear, "PNG"),
        "deep.png": saved(deep, "PNG"),
        "key.png": saved(grey, "PNG", transparency=0),
        "palette.png": saved(palette, "PNG", transparency=b"\0\x80\xff"),
        "animated.png": saved(colour, "PNG", save_all=True, append_images=[grey.convert("RGB")]),
        "colour.jpg": saved(colour, "JPEG", exif=turned),
        "cmyk.jpg": saved(colour.convert("CMYK"), "JPEG"),
        "phone.jpg": saved(colour, "MPO", save_all=True, append_images=[colour.resize((8, 6))]),
    }


def _other_pictures() -> dict[str, bytes]:
    grey, colour, clear, deep, palette = _pictures().values()
    return {
        "palette.gif": saved(palette, "GIF", transparency=0),
        "animated.gif": saved(palette, "GIF", save_all=True, append_images=[clear]),
        "colour.bmp": saved(colour, "BMP"),
        "colour.webp": saved(colour, "WEBP"),
        "clear.webp": saved(clear, "WEBP", lossless=True),
        "animated.webp": saved(colour, "WEBP", save_all=True, append_images=[clear]),
        "colour.avif": saved(colour, "AVIF"),
        "colour.heic": HEIC,
        "colour.jp2": saved(colour, "JPEG2000"),
        "deep.jp2": saved(deep, "JPEG2000"),
        "colour.tga": saved(colour, "TGA", compression="tga_rle"),
        "grey.pgm": saved(grey, "PPM"),
        "colour.ppm": saved(colour, "PPM"),
        "deep.pgm": saved(deep, "PPM"),
    }


def _tiff() -> dict[str, bytes]:
    colour = PIL.Image.fromarray(ramp(channels=3))
    deep = ramp(channels=3).astype(np.uint16) * 257
    return {
        "grey.tif": tiff(ramp(), photometric="miniswhite"),
        "deep.tif": tiff(deep, photometric="rgb", rowsperstrip=4),
        "deflated.tif": tiff(deep, photometric="rgb", compression="zlib", predictor=True),
        "tiled.tif": tiff(deep, photometric="rgb", tile=(16, 16), byteorder=">"),
        "floats.tif": tiff(_floats(), photometric="minisblack", bigtiff=True),
        "stack.tif": tiff(np.stack([ramp(), ramp()]), photometric="minisblack"),
        "lzw.tif": saved(colour, "TIFF", compression="tiff_lzw"),
        "cmyk.tif": saved(colour.convert("CMYK"), "TIFF"),
    }


def _arrays_and_scans() -> dict[str, bytes]:
    scan = ramp().astype(np.int16) * 8
    window = {"WindowCenter": 40, "WindowWidth": 400}
    return {
        "floats.npy": npy(_floats()),
        "colour.npy": npy(ramp(channels=3)),
        "grey.dcm": dicom(ramp()),
        "ct.dcm": dicom(scan, RescaleSlope=1, RescaleIntercept=-1024, **window),
        "frames.dcm": dicom(np.stack([ramp(), ramp()])),
        "colour.dcm": dicom(ramp(channels=3), "RGB"),
    }


def _floats() -> np.ndarray:
    return ramp().astype(np.float32) / np.float32(255)
