"""HEIC, the photographs of telephones, through pi-heif; imported only when such a file comes."""

from __future__ import annotations

from typing import BinaryIO

import numpy as np
from jaxtyping import Shaped
from pi_heif import HeifImageFile

from cilens.image.limits import Ask, check_size, choose_frame
from cilens.image.pillow import picture_raster
from cilens.image.raster import Raster


def read(file: BinaryIO, ask: Ask) -> Raster:
    """Read the primary picture of a photograph, or the one that is asked for."""
    return picture_raster(_opened(file, ask))


def read_stored(file: BinaryIO, ask: Ask) -> Shaped[np.ndarray, "height width ..."]:
    """Read the numbers as they are stored."""
    return np.asarray(_opened(file, ask))


def _opened(file: BinaryIO, ask: Ask) -> HeifImageFile:
    file.seek(0)
    picture = HeifImageFile(file)
    if ask.frame is not None:
        picture.seek(choose_frame(ask.frame, picture.n_frames))
    width, height = picture.size
    check_size(width, height, ask.max_pixels)
    return picture
