"""One image from wherever it is: a file, standard input, or those that come with cilens."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from cilens.datasets.shipped import check_path, named, read
from cilens.errors import FileError, InputError
from cilens.image import MAX_PIXELS, decode_image

if TYPE_CHECKING:
    import PIL.Image


def read_image(
    source: str | Path | PIL.Image.Image,
    *,
    channels: int | None = None,
    frame: int | None = None,
    black: float | None = None,
    white: float | None = None,
    max_pixels: int = MAX_PIXELS,
) -> Float[np.ndarray, "height width channels"]:
    """Read one image as float32 pixels in [0, 1].

    Files are converted as `cilens.image.decode_image` says: EXIF rotation applied, palettes and
    CMYK to RGB, integers divided by the largest of their kind, transparent pixels laid over
    white. What a file's numbers mean is taken from the file, or stated here; never guessed.

    Parameters
    ----------
    source : str, Path or PIL image
        A path; ``"-"`` for standard input; ``"mnist:4013"`` for an image of the MNIST test split,
        0 to 9999; ``"shapes:circle-with-tag"`` or ``"shapes:7"`` for a picture of a circle, square
        or triangle; ``"skimage:chelsea"`` for a photograph that comes with scikit-image. None of
        these needs a download. A file whose own name starts that way is ``"./mnist:4013"``.
    channels : int, optional
        1 to convert to grey (ITU-R 601-2 luma), 3 to RGB; by default as the image has it. A
        file's own number of channels, where it is another, reads them all as they are.
    frame : int, optional
        Which page of a TIFF file or frame of an animation, from 0; needed where there are
        several. Of a photograph with a second picture inside, the first is read by default.
    black, white : float, optional
        The file's own numbers that become 0 and 1: a window; what lies beyond is cut off. Needed
        where the file does not say, as for signed integers and for floats beyond [0, 1].
    max_pixels : int
        A larger image is refused before it is decoded.

    Returns
    -------
    (height, width, channels) float32 array
        In [0, 1]; one channel for grey, three for colour.

    Raises
    ------
    FileError
        If the file cannot be read, is not an image, is damaged, holds several frames, or does
        not say which of its numbers is white.
    InputError
        If there is no image of that name, it has more than `max_pixels` pixels, or an argument
        does not fit it.
    MissingDependencyError
        If it is DICOM or HEIC, and the package that reads it is not installed.

    Examples
    --------
    >>> import cilens
    >>> cilens.read_image("mnist:4013").shape
    (28, 28, 1)
    >>> cilens.read_image("skimage:chelsea", channels=1).shape
    (300, 451, 1)
    """
    if isinstance(source, str) and (name := named(source)) is not None:
        if (frame, black, white) != (None, None, None):
            raise InputError(f"{source} is one image whose range is known: no frame, black, white")
        return read(name, channels)
    if isinstance(source, str) and not os.path.exists(source):  # noqa: PTH110 (of long names too)
        check_path(source)
    return decode_image(
        _standard_input() if source == "-" else source,
        channels=channels,
        frame=frame,
        black=black,
        white=white,
        max_pixels=max_pixels,
    )


def _standard_input() -> io.BytesIO:
    """Return all of standard input: a pipe cannot go back, as reading an image must."""
    data = sys.stdin.buffer.read()
    if not data:
        raise FileError("standard input is empty; an image was to come from it")
    file = io.BytesIO(data)
    file.name = "standard input"  # what an error will call it
    return file
