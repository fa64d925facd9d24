"""Arrays that `numpy.save` wrote."""

from __future__ import annotations

import math
from typing import BinaryIO

import numpy as np
from numpy.lib import format as npy_format

from cilens.errors import FileError
from cilens.image.limits import Ask, check_size, choose_frame
from cilens.image.raster import Raster, dtype_range
from cilens.types import Array


def read(file: BinaryIO, ask: Ask) -> Raster:
    """Read an array as an image: (height, width) or (height, width, channels), or a stack."""
    stored = read_stored(file, ask)
    if stored.ndim == 4:
        stored = stored[choose_frame(ask.frame, len(stored))]
    elif stored.ndim in {2, 3}:
        choose_frame(ask.frame, 1)
    pixels = stored[..., None] if stored.ndim == 2 else stored
    if pixels.ndim != 3 or pixels.dtype.kind not in "fiub":
        raise FileError(
            "must hold real numbers of shape (height, width) or (height, width, channels); "
            f"got shape {stored.shape}, dtype {stored.dtype}"
        )
    if pixels.dtype.kind == "b":
        return Raster(pixels.view(np.uint8), (0.0, 1.0))
    return Raster(pixels, dtype_range(pixels.dtype))


def read_stored(file: BinaryIO, ask: Ask) -> Array:
    """Read an array of any shape; one that holds Python objects is refused."""
    file.seek(0)
    version = npy_format.read_magic(file)
    header = (
        npy_format.read_array_header_1_0 if version == (1, 0) else npy_format.read_array_header_2_0
    )
    shape, _, dtype = header(file)
    if dtype.hasobject:
        raise FileError("cannot be read as an array: it holds Python objects, which can run code")
    if any(size < 1 for size in shape):
        raise FileError(f"declares an array of shape {shape}: nothing to see")
    *rows, width, channels = (1, 1, *shape, 1) if len(shape) < 3 else shape
    check_size(width, math.prod(rows), ask.max_pixels, channels)
    declared, start = math.prod(shape) * dtype.itemsize, file.tell()
    held = file.seek(0, 2) - start
    if held < declared:
        raise FileError(f"declares an array of {declared:,} bytes, and holds {held:,}")
    file.seek(0)
    array: Array = npy_format.read_array(file, allow_pickle=False)
    return array
