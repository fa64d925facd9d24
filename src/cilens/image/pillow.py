"""What Pillow reads: pictures in files, and pictures in memory, by their mode."""

from __future__ import annotations

import io
from collections.abc import Callable
from importlib import import_module
from typing import Any, BinaryIO

import numpy as np
import PIL.Image
import PIL.ImageCms
from jaxtyping import Real, Shaped

from cilens.errors import FileError
from cilens.image.limits import MAX_FRAMES, Ask, check_size, choose_frame
from cilens.image.raster import Raster, dtype_range

_OPENERS = {
    "AVIF": "AvifImagePlugin:AvifImageFile",
    "BMP": "BmpImagePlugin:BmpImageFile",
    "GIF": "GifImagePlugin:GifImageFile",
    "JPEG": "JpegImagePlugin:jpeg_factory",
    "JPEG2000": "Jpeg2KImagePlugin:Jpeg2KImageFile",
    "PNG": "PngImagePlugin:PngImageFile",
    "PPM": "PpmImagePlugin:PpmImageFile",
    "TGA": "TgaImagePlugin:TgaImageFile",
    "TIFF": "TiffImagePlugin:TiffImageFile",
    "WEBP": "WebPImagePlugin:WebPImageFile",
}
"""One plugin a format. `PIL.Image.open` would try them all, and hold the picture against a limit
of the whole process, which no thread may move; ours is checked instead, before decoding."""

_DEEP = ("I;16", "I;16L", "I;16B", "I;16N", "I", "F")
_PLAIN = {"1": "L", "L": "L", "LA": "LA", "La": "LA", "RGBA": "RGBA", "RGBa": "RGBA", "PA": "RGBA"}
"""What a mode of 8 bits becomes; the others become RGB."""

_SHALLOW = {"L;2": 85, "L;4": 17}
"""What Pillow multiplies shallow grey by, but not the grey that is transparent."""

_ORIENTATION, _PHOTOMETRIC, _BITS, _SAMPLES, _SAMPLE_FORMAT = 274, 262, 258, 277, 339
"""Tags of EXIF and TIFF."""

_TURNS: dict[int, Callable[[Any], Any]] = {
    2: lambda array: array[:, ::-1],
    3: lambda array: array[::-1, ::-1],
    4: lambda array: array[::-1],
    5: lambda array: array.swapaxes(0, 1),
    6: lambda array: array[::-1].swapaxes(0, 1),
    7: lambda array: array[::-1, ::-1].swapaxes(0, 1),
    8: lambda array: array.swapaxes(0, 1)[::-1],
}
"""How to bring a picture upright, by the orientation that EXIF and TIFF state."""


def read(file: BinaryIO, ask: Ask) -> Raster:
    """Read one frame of a picture in a file."""
    return picture_raster(chosen_picture(file, ask))


def read_stored(file: BinaryIO, ask: Ask) -> Shaped[np.ndarray, "height width ..."]:
    """Read the numbers of a picture in a file as they are stored: a palette's indices."""
    return _array(chosen_picture(file, ask))


def chosen_picture(file: BinaryIO, ask: Ask) -> PIL.Image.Image:
    """Open the frame that is asked for, of a size within the limit; it is not decoded yet."""
    picture = open_picture(file, ask)
    frames = _gif_frames(file) if ask.form == "GIF" else int(getattr(picture, "n_frames", 1))
    if picture.format == "MPO" and ask.frame is None:
        return picture  # a photograph: its preview, its other eye or its gain map follow
    chosen = choose_frame(ask.frame, frames)
    if frames > 1:
        picture.seek(chosen)
        check_size(*picture.size, ask.max_pixels)
    return picture


def open_picture(file: BinaryIO, ask: Ask) -> PIL.Image.Image:
    """Open a picture at its first frame, of a size within the limit; it is not decoded yet."""
    module, name = _OPENERS[ask.form].split(":")
    file.seek(0)
    picture: PIL.Image.Image = getattr(import_module(f"PIL.{module}"), name)(file)
    check_size(*picture.size, ask.max_pixels)
    return picture


def _gif_frames(file: BinaryIO) -> int:
    """Count the frames of a GIF up to the limit; Pillow, which knows none, would go on."""
    back = file.tell()
    file.seek(10)
    _skip_palette(file, file.read(3)[0])
    frames = 0
    while frames < MAX_FRAMES and (block := file.read(1)) in {b"!", b","}:
        if block == b",":
            frames += 1
            _skip_palette(file, file.read(9)[8])
        file.read(1)  # of what kind an extension is, or how wide the codes of an image are
        while size := file.read(1):
            if size == b"\0":
                break
            file.seek(size[0], io.SEEK_CUR)
    file.seek(back)
    return max(frames, 1)


def _skip_palette(file: BinaryIO, flags: int) -> None:
    if flags & 0x80:
        file.seek(3 << (flags & 7) + 1, io.SEEK_CUR)


def picture_raster(picture: PIL.Image.Image) -> Raster:
    """Return the pixels of a picture of any mode, upright.

    Parameters
    ----------
    picture : PIL image
        Of a file that Pillow opened, or in memory. A palette becomes its colours; CMYK, YCbCr,
        HSV and LAB become RGB.

    Returns
    -------
    Raster
    """
    raw = _raw_mode(picture)
    picture.load()  # which turns a TIFF, and forgets that it stood otherwise
    orientation = picture.getexif().get(_ORIENTATION, 1)
    if picture.mode in _DEEP:
        pixels = _array(picture)
        pixels = pixels.astype(pixels.dtype.newbyteorder("="), copy=False)
        alpha, known = False, dtype_range(pixels.dtype)
        if picture.mode == "I" and picture.format == "PPM":
            known = (0.0, 65535.0)  # what Pillow scales it to
    else:
        plain = _plain(picture, raw)
        pixels, alpha, known = _array(plain), plain.mode in {"LA", "RGBA"}, (0.0, 255.0)
    pixels = pixels[..., None] if pixels.ndim == 2 else pixels
    key = picture.info.get("transparency")
    if key is not None and not alpha:
        pixels, alpha = _keyed(pixels, key, raw), True
    if picture.format == "TIFF":
        known = _by_tags(picture, known)
    return Raster(turned(pixels, orientation), known, "straight" if alpha else None)


def turned(
    pixels: Shaped[np.ndarray, "height width channels"], orientation: object
) -> Shaped[np.ndarray, "new_height new_width channels"]:
    """Bring a picture upright, by the orientation 1 to 8 that EXIF or TIFF state."""
    turn = _TURNS.get(orientation) if isinstance(orientation, int) else None
    return pixels if turn is None else turn(pixels)


def _by_tags(
    picture: PIL.Image.Image, known: tuple[float, float] | None
) -> tuple[float, float] | None:
    """Return black and white as the tags of a TIFF state them; Pillow heeds those of 8 bits."""
    tags = picture.tag_v2  # type: ignore[attr-defined]
    bits, forms = tags.get(_BITS, (1,))[0], tags.get(_SAMPLE_FORMAT, (1,))
    if tags.get(_SAMPLES, 1) > len(picture.getbands()):
        raise FileError(
            f"has {tags[_SAMPLES]} channels, of which Pillow reads {len(picture.getbands())}: "
            "save the ones you mean as a file of their own, or all of them uncompressed"
        )
    if (bits == 8 and 2 in forms) or (bits == 32 and 1 in forms):
        raise FileError("has compressed integers that Pillow reads as others: save it uncompressed")
    if picture.mode not in _DEEP or known is None:
        return known
    known = (0.0, 2.0**bits - 1) if picture.mode != "F" else known
    return known[::-1] if tags.get(_PHOTOMETRIC) == 0 else known


def _plain(picture: PIL.Image.Image, raw: str) -> PIL.Image.Image:
    """Convert what has 8 bits to grey or RGB, transparent where the picture is."""
    if picture.mode == "LAB":
        return _lab_to_rgb(picture)
    if picture.mode == "P":
        return picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    mode = "LA" if raw == "LA;16B" else _PLAIN.get(picture.mode, "RGB")
    return picture if picture.mode == mode else picture.convert(mode)


def _lab_to_rgb(picture: PIL.Image.Image) -> PIL.Image.Image:
    profiles = PIL.ImageCms.createProfile("LAB"), PIL.ImageCms.createProfile("sRGB")
    converted = PIL.ImageCms.profileToProfile(picture, *profiles, outputMode="RGB")
    assert converted is not None  # it is not done in place
    return converted


def _keyed(
    pixels: Real[np.ndarray, "height width colours"], key: object, raw: str
) -> Real[np.ndarray, "height width channels"]:
    """Add a channel in which one colour is transparent."""
    if raw == "RGB;16B":
        raise FileError(
            "has 16 bits a colour, of which 8 are read, too few to tell the transparent one: "
            "save it with an alpha channel"
        )
    colour = np.array(key, dtype=np.int64).reshape(-1) * _SHALLOW.get(raw, 1)
    if colour.size != pixels.shape[2]:
        raise FileError(f"says that {key!r} is transparent, which is none of its colours")
    opaque = np.any(pixels != colour, axis=2, keepdims=True)
    most = np.iinfo(pixels.dtype).max if pixels.dtype.kind != "f" else 1
    return np.concatenate([pixels, opaque.astype(pixels.dtype) * most], axis=2)


def _raw_mode(picture: PIL.Image.Image) -> str:
    """Return how the file packs its pixels; nothing, where they are in memory already."""
    for tile in getattr(picture, "tile", ()):
        args = tile[3] if isinstance(tile[3], tuple) else (tile[3],)
        return str(args[0]) if args else ""
    return ""


def _array(picture: PIL.Image.Image) -> Shaped[np.ndarray, "height width ..."]:
    return np.asarray(picture)
