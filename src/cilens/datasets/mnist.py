"""MNIST from its own files: 28 x 28 grey digits, raw bytes, in the IDX format.

The test split ships with cilens, so ``mnist:4013`` works with no download. The training split
is read from a directory the user names.

Source: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, *Gradient-Based Learning Applied to Document
Recognition*, 1998, https://doi.org/10.1109/5.726791.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import math
import struct
import zlib
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from jaxtyping import Float32, Int64, Integer, UInt8

from cilens.errors import FileError, InputError, unknown

Split: TypeAlias = Literal["train", "test"]
"""The two halves of MNIST: 60,000 training and 10,000 test images."""

Digits: TypeAlias = UInt8[np.ndarray, "images 28 28"]
"""Raw digits, 0 (paper) to 255 (ink)."""

DigitLabels: TypeAlias = UInt8[np.ndarray, "images"]
"""The digit that each image shows, 0 to 9."""

CLASSES = 10
"""The digits 0 to 9."""

_SHIPPED = Path(__file__).parent / "data"
_GZIP_MAGIC = b"\x1f\x8b"
_IDX_UINT8 = b"\x00\x00\x08"


class _File(NamedTuple):
    name: str
    md5: str  # of the unpacked file, as its authors published it


_FILES: dict[Split, tuple[_File, _File]] = {
    "train": (
        _File("train-images-idx3-ubyte", "6bbc9ace898e44ae57da46a324031adb"),
        _File("train-labels-idx1-ubyte", "a25bea736e30d166cdddb491f175f624"),
    ),
    "test": (
        _File("t10k-images-idx3-ubyte", "2646ac647ad5339dbf082846283269ea"),
        _File("t10k-labels-idx1-ubyte", "27ae3e4e09519cfbb04c329615203637"),
    ),
}


def parse_idx(data: bytes, name: str = "IDX data") -> UInt8[np.ndarray, "..."]:
    """Return the array of bytes that an IDX file holds.

    Parameters
    ----------
    data : bytes
        The whole unpacked file: two zero bytes, the type (8 for unsigned bytes), the number of
        axes, the length of each axis (big-endian, 32 bits), then the values, last axis fastest.
    name : str, default "IDX data"
        What to call the data in an error.

    Returns
    -------
    uint8 array, read-only
        In the shape that the file states.

    Raises
    ------
    FileError
        Where the data does not start like an IDX file of unsigned bytes, or is shorter or longer
        than its header promises.

    Examples
    --------
    >>> from cilens.datasets.mnist import parse_idx
    >>> parse_idx(bytes([0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 3, 5, 6, 7]))
    array([[5, 6, 7]], dtype=uint8)
    """
    axes = data[3] if len(data) > 3 else 0
    if data[:3] != _IDX_UINT8 or axes not in (1, 2, 3):
        raise FileError(
            f"{name} must be an IDX file of unsigned bytes with 1 to 3 axes, which starts with "
            f"00 00 08 01, 02 or 03; got {data[:4].hex(' ') or 'an empty file'}"
        )
    start = 4 + 4 * axes
    if len(data) < start:
        raise FileError(f"{name} ends inside its header, after {len(data)} bytes: get it anew")
    shape = struct.unpack(f">{axes}I", data[4:start])
    size = start + math.prod(shape)
    if len(data) != size:
        raise FileError(
            f"{name} must have {size} bytes to hold {shape} values; got {len(data)}: get it anew"
        )
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)


def read_idx(path: str | Path) -> UInt8[np.ndarray, "..."]:
    """Read an IDX file of unsigned bytes, packed with gzip or not.

    Whether it is packed is seen from its first bytes, not from its name.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    uint8 array, read-only
        In the shape that the file states.

    Raises
    ------
    FileError
        Where the file cannot be read, is not an IDX file of unsigned bytes, or is damaged.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from cilens.datasets.mnist import read_idx
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     path = Path(directory) / "three"
    ...     _ = path.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 3, 5, 6, 7]))
    ...     read_idx(path)
    array([5, 6, 7], dtype=uint8)
    """
    return parse_idx(_unpacked(Path(path)), str(path))


def load_mnist(
    split: str = "test", directory: str | Path | None = None
) -> tuple[Digits, DigitLabels]:
    """Return one split of MNIST, raw.

    Parameters
    ----------
    split : {"test", "train"}, default "test"
        10,000 test images or 60,000 training images.
    directory : str or Path, optional
        Where the IDX files are, packed with gzip (``.gz``) or not. Without it, the test split
        that ships with cilens; the training split does not ship.

    Returns
    -------
    images : (N, 28, 28) uint8 array, read-only
        0 (paper) to 255 (ink).
    labels : (N,) uint8 array, read-only
        The digits, 0 to 9.

    Raises
    ------
    InputError
        For a split that does not exist, or for the training split without a directory.
    FileError
        Where a file is missing, damaged, or not MNIST's by its MD5.

    Examples
    --------
    >>> from cilens.datasets.mnist import load_mnist
    >>> images, labels = load_mnist()
    >>> images.shape, labels[4013]
    ((10000, 28, 28), np.uint8(1))
    """
    if split not in _FILES:
        raise unknown("split of MNIST", split, _FILES)
    if directory is not None:
        return _read_split(split, Path(directory))
    if split != "test":
        raise InputError(
            "the training split of MNIST does not ship with cilens: pass the directory that holds "
            + _wanted(split)
        )
    return _shipped_test()


def mnist_image(index: int) -> Float32[np.ndarray, "28 28 1"]:
    """Return one image of the MNIST test split, as `cilens.read_image` would.

    Parameters
    ----------
    index : int
        0 to 9,999, the position in the test split.

    Returns
    -------
    (28, 28, 1) float32 array
        0 (paper) to 1 (ink); a copy, free to be changed.

    Raises
    ------
    InputError
        Where there is no such image.

    Examples
    --------
    >>> from cilens.datasets.mnist import mnist_image
    >>> image = mnist_image(4013)
    >>> image.shape, image.dtype.name, float(image.max())
    ((28, 28, 1), 'float32', 1.0)
    """
    images, _ = load_mnist("test")
    if not 0 <= index < len(images):
        raise InputError(
            f"the index of an MNIST test image must be from 0 to {len(images) - 1}; got {index}"
        )
    return images[index, :, :, np.newaxis].astype(np.float32) / np.float32(255)


def class_counts(labels: Integer[np.ndarray, "images"]) -> Int64[np.ndarray, "10"]:
    """Return how many images there are of each digit.

    Parameters
    ----------
    labels : (N,) integer array
        The digits, 0 to 9.

    Returns
    -------
    (10,) int64 array
        The number of zeros, of ones, … of nines.

    Raises
    ------
    InputError
        For a label outside 0 to 9.

    Examples
    --------
    >>> from cilens.datasets.mnist import class_counts, load_mnist
    >>> class_counts(load_mnist("test")[1]).tolist()
    [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    """
    if labels.size and not (labels.min() >= 0 and labels.max() < CLASSES):
        raise InputError(f"labels must be digits from 0 to 9; got {labels.min()} to {labels.max()}")
    return np.bincount(labels, minlength=CLASSES)


@functools.cache
def _shipped_test() -> tuple[Digits, DigitLabels]:
    return _read_split("test", _SHIPPED)


def _read_split(split: Split, directory: Path) -> tuple[Digits, DigitLabels]:
    images, labels = (_read_checked(file, split, directory) for file in _FILES[split])
    return images, labels


def _read_checked(file: _File, split: Split, directory: Path) -> UInt8[np.ndarray, "..."]:
    paths = [directory / file.name, directory / f"{file.name}.gz"]
    path = next((path for path in paths if path.is_file()), None)
    if path is None:
        raise FileError(f"{directory} must hold {_wanted(split)}; {file.name} is missing")
    data = _unpacked(path)
    array = parse_idx(data, str(path))  # first: it says more of a damaged file than an MD5 does
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
    if md5 != file.md5:
        raise FileError(f"{path} is not MNIST's: its MD5, unpacked, must be {file.md5}; got {md5}")
    return array


def _wanted(split: Split) -> str:
    return " and ".join(file.name for file in _FILES[split]) + ", packed with gzip (.gz) or not"


def _unpacked(path: Path) -> bytes:
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if data.startswith(_GZIP_MAGIC) else data
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FileError(f"{path} is a damaged gzip file ({error}): get it anew") from error
    except OSError as error:
        raise FileError(f"cannot read {path}: {error.strerror or error}") from error
