"""The shipped test split is MNIST's, and no damaged or foreign file passes for it."""

from __future__ import annotations

import gzip
import shutil
import struct
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cilens.datasets import mnist
from cilens.errors import FileError, InputError

TEST_COUNTS = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
TRAIN_COUNTS = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
SHIPPED = Path(str(resources.files("cilens.datasets"))) / "data"
IMAGES, LABELS = "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"


def idx(array: np.ndarray) -> bytes:
    """Return an IDX file that holds the array of bytes."""
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.tobytes()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a directory with a copy of the shipped files, free to be damaged."""
    for name in (IMAGES, LABELS):
        shutil.copy(SHIPPED / f"{name}.gz", tmp_path)
    return tmp_path


def test_shipped_split_is_mnist() -> None:
    images, labels = mnist.load_mnist()
    assert images.shape == (10000, 28, 28)
    assert images.dtype == labels.dtype == np.uint8
    assert (images.min(), images.max()) == (0, 255)
    assert mnist.class_counts(labels).tolist() == TEST_COUNTS


def test_shipped_split_is_read_once_and_cannot_be_changed() -> None:
    images, labels = mnist.load_mnist("test")
    assert mnist.load_mnist()[0] is images
    for array in (images, labels):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_shipped_files_are_small() -> None:
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 1_700_000


def test_training_split_from_directory(shared_data: Path) -> None:
    images, labels = mnist.load_mnist("train", shared_data / "mnist")
    assert images.shape == (60000, 28, 28)
    assert mnist.class_counts(labels).tolist() == TRAIN_COUNTS


@pytest.mark.parametrize("packed", [True, False])
def test_directory_holds_packed_or_plain_files(copy: Path, packed: bool) -> None:
    if not packed:
        for path in list(copy.iterdir()):
            path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
            path.unlink()
    images, labels = mnist.load_mnist("test", copy)
    assert np.array_equal(images, mnist.load_mnist()[0])
    assert np.array_equal(labels, mnist.load_mnist()[1])


def test_training_split_without_directory_names_the_files() -> None:
    with pytest.raises(InputError, match="train-images-idx3-ubyte and train-labels-idx1-ubyte"):
        mnist.load_mnist("train")


def test_unknown_split() -> None:
    with pytest.raises(InputError, match="did you mean 'train'"):
        mnist.load_mnist("trains")


def test_missing_file_is_named(copy: Path) -> None:
    (copy / f"{LABELS}.gz").unlink()
    with pytest.raises(FileError, match=f"{LABELS} is missing"):
        mnist.load_mnist("test", copy)


def test_missing_directory(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="must hold train-images"):
        mnist.load_mnist("train", tmp_path / "absent")


def test_another_dataset_in_mnist_files_is_refused(copy: Path) -> None:
    (copy / f"{IMAGES}.gz").write_bytes(gzip.compress(idx(np.zeros((10000, 28, 28), np.uint8))))
    with pytest.raises(FileError, match="MD5, unpacked, must be 2646ac"):
        mnist.load_mnist("test", copy)


@pytest.mark.parametrize("share", [0.0005, 0.5, 0.9999])
def test_truncated_gzip(copy: Path, share: float) -> None:
    path = copy / f"{IMAGES}.gz"
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    with pytest.raises(FileError, match="damaged gzip file"):
        mnist.load_mnist("test", copy)


@pytest.mark.parametrize("start", [60, 800_000])
def test_damaged_bytes_in_gzip(copy: Path, start: int) -> None:
    path = copy / f"{IMAGES}.gz"
    data = bytearray(path.read_bytes())
    data[start : start + 100] = b"\xff" * 100
    path.write_bytes(data)
    with pytest.raises(FileError, match="damaged gzip file"):
        mnist.load_mnist("test", copy)


def test_unreadable_path(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot read"):
        mnist.read_idx(tmp_path)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "an empty file"),
        (b"\0\0", "got 00 00"),
        (b"\x89PNG\r\n", "got 89 50 4e 47"),
        (b"\0\0\x0d\x01\0\0\0\x01\0\0\0\0", "unsigned bytes"),
        (b"\0\0\x08\x00", "1 to 3 axes"),
        (b"\0\0\x08\xff", "1 to 3 axes"),
        (b"\0\0\x08\x03\0\0\0\x01", "inside its header, after 8 bytes"),
        (b"\0\0\x08\x01\0\0\0\x03ab", "must have 11 bytes"),
        (b"\0\0\x08\x01\0\0\0\x03abcd", "must have 11 bytes"),
        (b"\0\0\x08\x03" + b"\xff" * 12, "get it anew"),
    ],
)
def test_what_is_not_idx(data: bytes, message: str) -> None:
    with pytest.raises(FileError, match=message):
        mnist.parse_idx(data)


@given(hnp.arrays(np.uint8, hnp.array_shapes(min_dims=1, max_dims=3, min_side=0)), st.booleans())
def test_idx_round_trip(
    tmp_path_factory: pytest.TempPathFactory, array: np.ndarray, packed: bool
) -> None:
    path = tmp_path_factory.mktemp("idx") / "array"
    path.write_bytes(gzip.compress(idx(array)) if packed else idx(array))
    read = mnist.read_idx(path)
    assert read.shape == array.shape
    assert np.array_equal(read, array)


@pytest.mark.parametrize("index", [0, 4013, 9999])
def test_image_is_the_raw_one_on_the_unit_range(index: int) -> None:
    image = mnist.mnist_image(index)
    assert image.shape == (28, 28, 1)
    assert image.dtype == np.float32
    raw = mnist.load_mnist()[0][index]
    assert np.array_equal(np.rint(image[..., 0] * 255), raw)
    assert image.max() == np.float32(raw.max() / 255)


def test_image_is_a_copy() -> None:
    mnist.mnist_image(7)[:] = 0
    assert mnist.mnist_image(7).max() > 0


@pytest.mark.parametrize("index", [-1, 10000])
def test_image_outside_the_split(index: int) -> None:
    with pytest.raises(InputError, match=f"from 0 to 9999; got {index}"):
        mnist.mnist_image(index)


def test_class_counts_of_nothing_and_of_what_is_no_digit() -> None:
    assert mnist.class_counts(np.zeros(0, np.uint8)).tolist() == [0] * 10
    for label in (-1, 10):
        with pytest.raises(InputError, match="digits from 0 to 9"):
            mnist.class_counts(np.array([3, label]))
