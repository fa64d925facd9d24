"""Files become images: one way in, whatever reads them, and whatever goes wrong in there."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import BinaryIO

import numpy as np
import PIL.Image
from jaxtyping import Float

from cilens.errors import InputError, needs
from cilens.image.failure import errors_named
from cilens.image.formats import HEAD, Format, recognise
from cilens.image.limits import MAX_PIXELS, Ask, check_size
from cilens.image.pillow import picture_raster
from cilens.image.raster import to_unit
from cilens.types import Array

Source = str | Path | io.BytesIO | io.BufferedReader
"""A path, or a binary file that is open."""

_EXTRAS = {"dicom": ("pydicom", "dicom"), "heif": ("pi-heif", "heif", "pi_heif")}
"""The package that a reader needs, the extra that brings it, and what it is imported as."""


def decode_image(
    source: Source | PIL.Image.Image,
    *,
    channels: int | None = None,
    frame: int | None = None,
    black: float | None = None,
    white: float | None = None,
    max_pixels: int = MAX_PIXELS,
) -> Float[np.ndarray, "height width channels"]:
    """Decode an image file to float32 pixels in [0, 1].

    Rotation stated in EXIF is applied; palettes and CMYK become RGB; integers are divided by the
    largest of their kind; transparent pixels are laid over white. Grey files give one channel,
    all others three.

    Parameters
    ----------
    source : path, binary file or PIL image
        What it is, is told by its first bytes; see `cilens.image.formats`.
    channels : int, optional
        1 to convert to grey (ITU-R 601-2 luma), 3 to RGB; by default as the file has it. The
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
        In [0, 1].

    Raises
    ------
    FileError
        If the file cannot be read, is not an image, is damaged, holds several frames, or does
        not say which of its numbers is white.
    InputError
        If the image has more than `max_pixels` pixels, or an argument does not fit it.
    MissingDependencyError
        If it is DICOM or HEIC, and the package that reads it is not installed.

    Examples
    --------
    >>> import io, PIL.Image
    >>> file = io.BytesIO()
    >>> PIL.Image.new("L", (4, 3), 51).save(file, "png")
    >>> image = decode_image(file)
    >>> image.shape, float(image[0, 0, 0])
    ((3, 4, 1), 0.20000000298023224)
    """
    if isinstance(source, PIL.Image.Image):
        if frame is not None:
            raise InputError("frame= chooses in a file; a PIL image is at the frame of its seek()")
        with errors_named("the PIL image", "an image"):
            check_size(*source.size, max_pixels)
            return to_unit(picture_raster(source), channels, black, white)
    with opened(source, "an image") as (file, form):
        ask = Ask(form.name, frame, max_pixels, channels)
        return to_unit(reader(form).read(file, ask), channels, black, white)


def decode_array(path: str | Path) -> Array:
    """Read an array from a .npy file, or the stored numbers of an image file.

    Raises
    ------
    FileError
        If the file cannot be read.
    InputError
        If it holds more than `MAX_PIXELS` pixels.
    """
    with opened(path, "an array") as (file, form):
        array: Array = reader(form).read_stored(file, Ask(form.name))
        return array


@contextmanager
def opened(source: Source, what: str) -> Iterator[tuple[BinaryIO, Format]]:
    """Open a file and tell its format; all that goes wrong meanwhile is an error with its name."""
    if not isinstance(source, str | Path | io.IOBase):
        raise InputError(f"{what} is read from a path or a binary file; got {type(source)}")
    name = str(source) if isinstance(source, str | Path) else getattr(source, "name", "the stream")
    with errors_named(name, what):
        if isinstance(source, str | Path):
            with Path(source).open("rb") as file:
                yield file, recognise(file.read(HEAD))
        else:
            source.seek(0)
            yield source, recognise(source.read(HEAD))


def reader(form: Format) -> ModuleType:
    """Import what reads a format: heavy packages only when such a file comes."""
    told = f"is a {form.name} file, and reading it"
    with needs(told, *_EXTRAS.get(form.reader, ("", ""))):
        return import_module(f"cilens.image.{form.reader}")
