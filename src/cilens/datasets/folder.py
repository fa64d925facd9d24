"""Which images are meant: files, patterns and directories, in the order a person would count."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float64

from cilens.datasets.shipped import named, spread
from cilens.errors import FileError, InputError
from cilens.pixels import as_shares
from cilens.types import Image

SUFFIXES = (
    ".avif", ".bmp", ".dcm", ".gif", ".heic", ".heif", ".jfif", ".jp2", ".jpeg", ".jpg", ".pbm",
    ".pgm", ".png", ".pnm", ".ppm", ".tga", ".tif", ".tiff", ".webp",
)  # fmt: skip
"""What counts as an image in a directory, in upper or lower case."""


def expand(sources: Sequence[str]) -> list[str]:
    """Return the images that paths, patterns and directories mean.

    Parameters
    ----------
    sources : sequence of str
        Each one a file, a pattern (``"photos/*.jpg"``, ``"photos/**/*.jpg"``), a directory (its
        images, not those of its subdirectories, nor hidden ones), a range (``"mnist:0-3"``) or all
        of a collection (``"mnist:test"``, ``"shapes:all"``), or any other name that
        `cilens.read_image` knows.

    Returns
    -------
    list of str
        Sources for `cilens.read_image`, in the order given; within a pattern or a directory
        sorted as people count, so that ``img2`` stands before ``img10``.

    Raises
    ------
    FileError
        If a directory holds no image, or a pattern matches no file.
    InputError
        If a range goes down, or beyond what there is.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("img10.png", "img2.png", "notes.txt"):
    ...         _ = Path(folder, name).write_bytes(b"")
    ...     [Path(path).name for path in expand([folder])]
    ['img2.png', 'img10.png']
    """
    return [image for source in sources for image in _meant(source)]


def mean_image(images: Iterable[Image]) -> Float64[np.ndarray, "height width channels"]:
    """Return the mean of images of one shape, as `cilens.Picture` takes it.

    Parameters
    ----------
    images : iterable of (height, width, channels) arrays
        Taken one at a time: a data set need not fit into memory.

    Returns
    -------
    (height, width, channels) float64 array
        In shares of the pixel range: 0 is black, 1 is white. Save it with `numpy.save`.

    Raises
    ------
    InputError
        If there are no images, or their shapes differ.

    Examples
    --------
    >>> import numpy as np
    >>> mean_image([np.zeros((1, 2, 1)), np.ones((1, 2, 1))]).ravel().tolist()
    [0.5, 0.5]
    """
    total: Float64[np.ndarray, "height width channels"] | None = None
    count = 0
    for image in images:
        pixels = as_shares(image)
        if total is None:
            total = np.zeros(pixels.shape)
        if pixels.shape != total.shape:
            raise InputError(
                f"a mean needs images of one shape; the first has {total.shape}, "
                f"number {count + 1} has {pixels.shape}"
            )
        total += pixels
        count += 1
    if total is None:
        raise InputError("a mean needs at least one image; got none")
    return total / count


def _meant(source: str) -> list[str]:
    if (name := named(source)) is not None:
        return spread(name)
    path = Path(source)
    try:
        directory, there = path.is_dir(), path.exists()
    except OSError:  # a name no file can have, too long perhaps: reading it says what is wrong
        return [source]
    if directory:
        return _in_directory(path)
    if there or not glob.has_magic(source):
        return [source]
    matches = glob.glob(source, recursive=True)  # noqa: PTH207 (Path's takes no absolute pattern)
    found = [match for match in matches if not Path(match).is_dir()]
    if not found:
        raise FileError(f"no file matches {source}")
    return sorted(found, key=_as_people_count)


def _in_directory(directory: Path) -> list[str]:
    try:
        names = [path.name for path in directory.iterdir() if path.is_file()]
    except OSError as error:
        raise FileError(f"{directory} cannot be listed: {error.strerror}") from error
    images = [
        name for name in names if name.lower().endswith(SUFFIXES) and not name.startswith(".")
    ]
    if not images:
        raise FileError(f"{directory} holds no image: no name in it ends in {', '.join(SUFFIXES)}")
    return [str(directory / name) for name in sorted(images, key=_as_people_count)]


def _as_people_count(name: str) -> tuple[list[tuple[bool, int, str]], str]:
    """Compare runs of digits as numbers, and those that are equal so, as 7 and 07, as text."""
    runs = re.findall(r"\d+|\D+", name)
    return [
        (False, int(run), "") if run.isdecimal() else (True, 0, run.casefold()) for run in runs
    ], name
