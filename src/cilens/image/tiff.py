"""TIFF: its tags say what the numbers mean; tifffile reads plain grey and RGB, Pillow the rest.

Pillow alone reads signed numbers as unsigned, deep colour in 8 bits, the first three bands of five
and deep film, whose white is zero, inverted. tifffile alone has neither LZW nor JPEG.
"""

from __future__ import annotations

import io
import logging
import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import numpy as np
import tifffile
from jaxtyping import Real, Shaped

from cilens.errors import FileError
from cilens.image.limits import MAX_FRAMES, Ask, check_size, choose_frame
from cilens.image.pillow import open_picture, picture_raster, turned
from cilens.image.raster import Alpha, Raster, dtype_range

logging.getLogger("tifffile").addHandler(logging.NullHandler())  # else it writes to standard error

_WHITE_IS_ZERO = 0
_COLOURS = {_WHITE_IS_ZERO: 1, 1: 1, 2: 3}
"""How many samples a pixel has beside the extra ones: two kinds of grey, and RGB."""

_NONE, _DEFLATE, _OLD_DEFLATE = 1, 8, 32946
_ALPHA: dict[int, Alpha] = {1: "premultiplied", 2: "straight"}
_KIND, _REDUCED_OR_MASK = 254, 0b101
_CLASSIC, _BIG = ("H", "HHII", "I"), ("Q", "HHQQ", "Q")
"""How many tags there are, a tag, and where the next directory stands."""

_MOST_TAGS = 4096
_ORIENTATION, _PHOTOMETRIC = 274, 262


def read(file: BinaryIO, ask: Ask) -> Raster:
    """Read one page of a TIFF file."""
    with _opened(file, ask) as (page, position):
        pixels = _samples(page)
        if pixels is None:
            picture = open_picture(file, ask)
            picture.seek(position)
            return picture_raster(picture)
        colours, extra = _COLOURS[int(page.photometric)], tuple(page.extrasamples)
        alpha = _ALPHA.get(int(extra[0])) if len(extra) == 1 else None
        known = dtype_range(pixels.dtype)
        if page.photometric == _WHITE_IS_ZERO and known is not None:
            known = known[::-1]
        orientation = page.tags.valueof(_ORIENTATION, 1)
    return Raster(
        turned(pixels, orientation), known, alpha if pixels.shape[2] == colours + 1 else None
    )


def read_stored(file: BinaryIO, ask: Ask) -> Shaped[np.ndarray, "height width ..."]:
    """Read the numbers of a page as they are stored."""
    with _opened(file, ask) as (page, position):
        pixels = _samples(page)
        if pixels is not None:
            return pixels[..., 0] if pixels.shape[2] == 1 else pixels
        picture = open_picture(file, ask)
        picture.seek(position)
        return np.asarray(picture)


@contextmanager
def _opened(file: BinaryIO, ask: Ask) -> Iterator[tuple[tifffile.TiffPage, int]]:
    """Find the page that is asked for, of a size within the limit, and where it stands."""
    positions = _pages(file)
    position = positions[choose_frame(ask.frame, len(positions))]
    file.seek(0)
    with tifffile.TiffFile(file, name="", is_lsm=False, is_ndpi=False, is_scanimage=False) as tiff:
        page = tiff.pages[position]
        assert isinstance(page, tifffile.TiffPage)
        check_size(page.imagewidth, page.imagelength, ask.max_pixels, page.samplesperpixel)
        stack = re.search(r"^ImageJ=.*^images=(\d+)", page.description, re.DOTALL | re.MULTILINE)
        if stack and int(stack[1]) > len(positions):
            raise FileError(f"holds {stack[1]} images of ImageJ in one page: save one, or a stack")
        yield page, position


def _samples(page: tifffile.TiffPage) -> Real[np.ndarray, "height width samples"] | None:
    """Decode grey and RGB of whole bytes, plain or deflated; None where that is for Pillow."""
    if _PHOTOMETRIC not in page.tags:
        raise FileError("does not say whether its white is zero (no PhotometricInterpretation)")
    if (
        page.compression not in {_NONE, _DEFLATE, _OLD_DEFLATE}
        or page.photometric not in _COLOURS
        or page.bitspersample not in {8, 16, 32, 64}
        or page.fillorder != 1
    ):
        return None
    if page.dtype is None or page.dtype.kind not in "uif" or page.axes not in {"YX", "YXS", "SYX"}:
        raise FileError(f"holds samples of kind {page.dtype} along the axes {page.axes}")
    _check_segments(page)
    pixels = page.asarray(squeeze=False, maxworkers=1)
    separate, depth, height, width, contiguous = pixels.shape
    assert depth == 1
    return np.moveaxis(pixels[:, 0], 0, 2).reshape(height, width, separate * contiguous)


def _check_segments(page: tifffile.TiffPage) -> None:
    """Refuse strips and tiles that are missing, beyond the file, or not of the declared size."""
    handle = page.parent.filehandle
    planes, _, height, width, samples = page.shaped
    tall = page.tilelength if page.is_tiled else min(page.rowsperstrip, height)
    wide = page.tilewidth if page.is_tiled else width
    if tall < 1 or wide < 1:
        raise FileError(f"declares strips or tiles of {tall} x {wide} pixels")
    down, across = -(-height // tall), -(-width // wide)
    needed = planes * down * across
    if not len(page.dataoffsets) == len(page.databytecounts) == needed:
        raise FileError(f"declares {len(page.dataoffsets)} strips or tiles; it needs {needed}")
    assert page.dtype is not None
    row = wide * samples * page.dtype.itemsize
    for index, (start, size) in enumerate(zip(page.dataoffsets, page.databytecounts, strict=True)):
        if start < 1 or size < 1 or start + size > handle.size:
            raise FileError(f"lacks the data of strip or tile {index}: the file is cut off")
        rows = tall if page.is_tiled else min(tall, height - index % down * tall)
        held = size
        if page.compression != _NONE:
            handle.seek(start)
            held = len(zlib.decompressobj().decompress(handle.read(size), tall * row + 1))
        if held < rows * row or (page.compression != _NONE and held > tall * row):
            raise FileError(f"needs {rows * row:,} bytes of strip or tile {index}; it has {held:,}")


def _pages(file: BinaryIO) -> list[int]:
    """Return where in the chain of directories pages stand: all but thumbnails and masks."""
    end = file.seek(0, io.SEEK_END)
    file.seek(0)
    head = file.read(16)
    order, big = "<" if head[:2] == b"II" else ">", b"+" in head[2:4]
    count, entry, link = (order + form for form in (_BIG if big else _CLASSIC))
    (offset,) = struct.unpack_from(link, head, 8 if big else 4)
    seen: set[int] = set()
    pages: list[int] = []
    while offset and len(seen) < MAX_FRAMES:
        if offset in seen:
            raise FileError("has directories that point at each other in a circle")
        if offset + struct.calcsize(count) > end:
            raise FileError("has a directory beyond its end: it is damaged, or cut off")
        file.seek(offset)
        (entries,) = struct.unpack(count, file.read(struct.calcsize(count)))
        if entries > _MOST_TAGS:
            raise FileError(f"declares {entries:,} tags in one directory")
        table = struct.iter_unpack(entry, file.read(entries * struct.calcsize(entry)))
        kind = next((value for code, _, _, value in table if code == _KIND), 0)
        if not kind & _REDUCED_OR_MASK:
            pages.append(len(seen))
        seen.add(offset)
        (offset,) = struct.unpack(link, file.read(struct.calcsize(link)))
    if not pages:
        raise FileError("holds thumbnails and masks alone")
    return pages
