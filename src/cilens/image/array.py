"""Images: from a file to an array, and onto another grid.

One rule for pixels: a file becomes float32 in [0, 1], shape (height, width, channels) with one
channel for grey and three for colour. An array given by the caller keeps its dtype and range.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader, BytesIO
from pathlib import Path

import numpy as np
import PIL.Image
import PIL.ImageOps
from jaxtyping import Float, Integer, Real, Shaped
from PIL.Image import Resampling

from cilens.errors import FileError, InputError
from cilens.types import Image

MAX_PIXELS = 100_000_000
"""Images with more pixels are refused before they are decoded, unless the caller raises it."""

_GREY_16 = {"I;16", "I;16L", "I;16B", "I;16N"}
_FILTERS = {
    "nearest": Resampling.NEAREST,
    "bilinear": Resampling.BILINEAR,
    "bicubic": Resampling.BICUBIC,
    "lanczos": Resampling.LANCZOS,
}


def as_image(image: object, *, channels_first: bool = False) -> Image:
    """Check an array as an image; a grey (height, width) array gains its channel axis.

    Parameters
    ----------
    image : array, PIL image or tensor
        Anything that numpy makes an array of: (height, width) or (height, width, channels), real
        numbers, floating or integer, with one or three channels.
    channels_first : bool
        The array is (channels, height, width), as PyTorch has it.

    Returns
    -------
    (height, width, channels) array
        A view of the same pixels: dtype and range stay as given.

    Raises
    ------
    InputError
        If it is no array, or the shape, the dtype or a pixel (NaN, infinite) does not fit.

    Examples
    --------
    >>> as_image(np.zeros((28, 28))).shape, as_image(np.ones((3, 4, 5)), channels_first=True).shape
    ((28, 28, 1), (4, 5, 3))
    """
    array = _array(image)
    pixels = array[..., None] if array.ndim == 2 else array
    if channels_first and array.ndim == 3:
        pixels = np.moveaxis(array, 0, 2)
    if pixels.ndim != 3 or pixels.shape[2] not in (1, 3) or 0 in pixels.shape:
        axes = "{}, height, width" if channels_first else "height, width, {}"
        hint = ": where channels come first, say as_image(image, channels_first=True)"
        turned = not channels_first and array.ndim == 3 and array.shape[0] in (1, 3)
        raise InputError(
            f"an image must be (height, width), ({axes.format(1)}) or ({axes.format(3)}) "
            f"with at least one pixel; got shape {array.shape}{hint if turned else ''}"
        )
    if pixels.dtype.kind not in "fiu":
        raise InputError(f"pixels must be real numbers; got dtype {pixels.dtype}")
    if pixels.dtype.kind == "f" and not np.isfinite(pixels).all():
        bad = int(pixels.size - np.isfinite(pixels).sum())
        raise InputError(f"pixels must be finite; {bad} of {pixels.size} are NaN or infinite")
    return pixels


def _array(image: object) -> Shaped[np.ndarray, "..."]:
    if isinstance(image, str | Path):
        raise InputError(f"an image must be an array; got {image!r}: cilens.read_image reads files")
    try:
        return np.asarray(image)
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(f"an image must be an array; {type(image)} is none: {error}") from error


def decode_image(
    source: str | Path | BytesIO | BufferedReader | PIL.Image.Image,
    *,
    channels: int | None = None,
    max_pixels: int = MAX_PIXELS,
) -> Float[np.ndarray, "height width channels"]:
    """Decode an image file to float32 pixels in [0, 1].

    Rotation stated in EXIF is applied; palettes and CMYK become RGB; 16-bit grey is divided by
    65535; transparent pixels are laid over white. Grey files give one channel, all others three.

    Parameters
    ----------
    source : path, binary file or PIL image
        Any format that Pillow reads.
    channels : {1, 3}, optional
        Convert to grey (ITU-R 601-2 luma) or to RGB; by default as the file has it.
    max_pixels : int
        A larger image is refused before it is decoded.

    Returns
    -------
    (height, width, channels) float32 array
        In [0, 1].

    Raises
    ------
    FileError
        If the file cannot be read, is not an image, is damaged, or holds several frames.
    InputError
        If the image has more than `max_pixels` pixels, or `channels` is neither 1 nor 3.

    Examples
    --------
    >>> import io, PIL.Image
    >>> file = io.BytesIO()
    >>> PIL.Image.new("L", (4, 3), 51).save(file, "png")
    >>> image = decode_image(file)
    >>> image.shape, float(image[0, 0, 0])
    ((3, 4, 1), 0.20000000298023224)
    """
    if channels not in (None, 1, 3):
        raise InputError(f"channels must be 1 (grey) or 3 (RGB); got {channels}")
    if isinstance(source, PIL.Image.Image):
        return _pixels(PIL.ImageOps.exif_transpose(source), channels)
    name = str(source) if isinstance(source, str | Path) else getattr(source, "name", "the stream")
    try:
        return _decode(source, name, channels, max_pixels)
    except PIL.UnidentifiedImageError:
        raise FileError(f"{name} is not an image in a format that Pillow reads") from None
    except FileNotFoundError:
        raise FileError(f"{name} does not exist") from None
    except IsADirectoryError:
        raise FileError(f"{name} is a directory, not an image") from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        if isinstance(error, FileError | InputError):
            raise
        raise FileError(f"{name} cannot be read as an image: {error}") from error


def resample(
    image: Real[np.ndarray, "height width channels"],
    box: tuple[float, float, float, float],
    size: tuple[int, int],
    method: str = "bicubic",
) -> Real[np.ndarray, "new_height new_width channels"]:
    """Cut a box out of an image and bring it to another size, in one antialiased step.

    Parameters
    ----------
    image : (height, width, channels) float or uint8 array
        Any range. Of uint8, whole numbers are computed with, as Pillow does for files.
    box : (top, left, bottom, right)
        Edges in pixels of `image`; fractions are allowed.
    size : (height, width)
        Of the result.
    method : {"nearest", "bilinear", "bicubic", "lanczos"}
        Bicubic and lanczos can leave the range of `image` by a little.

    Returns
    -------
    (new_height, new_width, channels) float32 array
        Or uint8, where `image` is.

    Examples
    --------
    >>> resample(np.ones((8, 6, 3), np.float32), (1, 0, 7, 6), (3, 3)).shape
    (3, 3, 3)
    """
    if method not in _FILTERS:
        raise InputError(f"resampling must be one of {', '.join(_FILTERS)}; got {method!r}")
    top, left, bottom, right = box
    planes = np.moveaxis(image, 2, 0).astype("u1" if image.dtype == np.uint8 else "f4", order="C")
    resized = [
        PIL.Image.fromarray(plane).resize(size[::-1], _FILTERS[method], (left, top, right, bottom))
        for plane in planes
    ]
    return np.stack([np.asarray(plane) for plane in resized], axis=2)


def decode_labels(path: str | Path) -> Integer[np.ndarray, "height width"]:
    """Read a label map: a .npy file, or an image of one integer channel or a palette.

    Parameters
    ----------
    path : path
        Labels are taken as they are stored, without conversion.

    Returns
    -------
    (height, width) int array

    Raises
    ------
    FileError
        If the file cannot be read or does not hold one integer for each pixel.

    Examples
    --------
    >>> import tempfile
    >>> path = tempfile.mkdtemp() + "/labels.png"
    >>> PIL.Image.fromarray(np.array([[1, 7]], np.uint8)).save(path)
    >>> decode_labels(path).tolist()
    [[1, 7]]
    """
    labels = decode_array(path)
    if labels.ndim != 2 or labels.dtype.kind not in "iu":
        raise FileError(
            f"{path} must hold one integer label for each pixel; "
            f"got shape {labels.shape}, dtype {labels.dtype}"
        )
    return labels


def decode_array(path: str | Path) -> Shaped[np.ndarray, "..."]:
    """Read an array from a .npy file, or the stored numbers of an image file.

    Raises
    ------
    FileError
        If the file cannot be read.
    """
    try:
        if Path(path).suffix == ".npy":
            array: Shaped[np.ndarray, "..."] = np.load(path, allow_pickle=False)
            return array
        with PIL.Image.open(path) as file:
            return np.asarray(file)
    except (OSError, ValueError, EOFError, SyntaxError) as error:
        raise FileError(f"{path} cannot be read as an array: {error}") from error


def _decode(
    source: str | Path | BytesIO | BufferedReader, name: str, channels: int | None, max_pixels: int
) -> Float[np.ndarray, "height width channels"]:
    with _no_limit_of_its_own():
        file = PIL.Image.open(source)
    with file:
        width, height = file.size
        if width * height > max_pixels:
            raise InputError(
                f"{name} has {width} x {height} = {width * height:,} pixels; the limit is "
                f"{max_pixels:,}: raise it with max_pixels= (--max-pixels) if you trust the file"
            )
        frames = getattr(file, "n_frames", 1)
        if frames != 1:
            raise FileError(f"{name} holds {frames} frames; give one frame as a file of its own")
        file.load()
        return _pixels(PIL.ImageOps.exif_transpose(file), channels)


def array_key(source: Shaped[np.ndarray, "..."] | str | Path) -> tuple[object, ...]:
    """Return what two parts compare and hash by: an array's content, or a file's path."""
    if isinstance(source, np.ndarray):
        return source.shape, source.dtype.str, source.tobytes()
    return (str(source),)


@contextmanager
def _no_limit_of_its_own() -> Iterator[None]:
    """Lift Pillow's limit on pixels while it reads a header: ours stands in its place."""
    limit = PIL.Image.MAX_IMAGE_PIXELS
    PIL.Image.MAX_IMAGE_PIXELS = None
    try:
        yield
    finally:
        PIL.Image.MAX_IMAGE_PIXELS = limit


def _pixels(
    file: PIL.Image.Image, channels: int | None
) -> Float[np.ndarray, "height width channels"]:
    """Convert a decoded file of any mode; see `decode_image` for the rules."""
    if file.mode in _GREY_16 or file.mode == "I":
        grey = (np.asarray(file, dtype=np.float64) / 65535.0).astype(np.float32)[..., None]
        if grey.min() < 0 or grey.max() > 1:
            raise FileError("32-bit integer pixels beyond 65535 have no known range")
        return grey if channels != 3 else np.repeat(grey, 3, axis=2)
    if file.mode == "F":
        raise FileError(
            "floating-point pixels have no known range: load the file yourself and pass an array"
        )
    if file.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in file.info:
        over = file.convert("RGBA")
        white = PIL.Image.new("RGBA", over.size, "white")
        grey_file = file.mode in ("LA", "La", "L", "1")
        file = PIL.Image.alpha_composite(white, over).convert("L" if grey_file else "RGB")
    wanted = {1: "L", 3: "RGB", None: "L" if file.mode in ("L", "1") else "RGB"}[channels]
    array: Float[np.ndarray, "..."] = np.asarray(file.convert(wanted), dtype=np.float32)
    return np.atleast_3d(array / np.float32(255))
