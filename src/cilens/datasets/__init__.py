"""Images to explain and to measure with: files, MNIST's test split, scikit-image's photographs."""

from __future__ import annotations

import io
import sys
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from cilens.datasets.mnist import mnist_image
from cilens.errors import FileError, InputError, unknown
from cilens.image import MAX_PIXELS, decode_image

if TYPE_CHECKING:
    import PIL.Image

PHOTOGRAPHS = {
    "astronaut": "astronaut.png",
    "brick": "brick.png",
    "camera": "camera.png",
    "chelsea": "chelsea.png",
    "coffee": "coffee.png",
    "coins": "coins.png",
    "grass": "grass.png",
    "gravel": "gravel.png",
    "hubble_deep_field": "hubble_deep_field.jpg",
    "immunohistochemistry": "ihc.png",
    "moon": "moon.png",
    "motorcycle": "motorcycle_left.png",
    "retina": "retina.jpg",
    "rocket": "rocket.jpg",
}
"""Photographs that come with scikit-image's own files: as ``skimage:NAME``, without a download."""


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
        0 to 9999; ``"skimage:chelsea"`` for a photograph that comes with scikit-image. The last
        two need no download. A file whose own name starts that way is ``"./mnist:4013"``.
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
    scheme, colon, name = str(source).partition(":")
    if isinstance(source, str) and colon and scheme in ("mnist", "skimage"):
        if (frame, black, white) != (None, None, None):
            raise InputError(f"{source} is one image whose range is known: no frame, black, white")
        return _digit(name, channels) if scheme == "mnist" else _photograph(name, channels)
    return decode_image(
        _standard_input() if source == "-" else source,
        channels=channels,
        frame=frame,
        black=black,
        white=white,
        max_pixels=max_pixels,
    )


def _digit(index: str, channels: int | None) -> Float[np.ndarray, "28 28 channels"]:
    if channels not in (None, 1, 3):
        raise InputError(f"channels must be 1 (grey) or 3 (RGB); got {channels}")
    if not (index.isascii() and index.isdecimal()):
        raise InputError(f"mnist:N needs an index from 0 to 9999; got {index!r}")
    return np.repeat(mnist_image(int(index)), channels or 1, axis=2)


def _photograph(name: str, channels: int | None) -> Float[np.ndarray, "height width channels"]:
    if name not in PHOTOGRAPHS:
        raise unknown("photograph of scikit-image", name, PHOTOGRAPHS)
    # The file itself, and not skimage.data, which would download what it does not find.
    file = resources.files("skimage") / "data" / PHOTOGRAPHS[name]
    with resources.as_file(file) as path:
        return decode_image(path, channels=channels)


def _standard_input() -> io.BytesIO:
    """Return all of standard input: a pipe cannot go back, as reading an image must."""
    data = sys.stdin.buffer.read()
    if not data:
        raise FileError("standard input is empty; an image was to come from it")
    file = io.BytesIO(data)
    file.name = "standard input"  # what an error will call it
    return file
