"""Every name of an image gives float32 in [0, 1]; what is no image is refused in one sentence."""

from __future__ import annotations

import inspect
import io
import os
import sys
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
import skimage.data
from hypothesis import given
from hypothesis import strategies as st

import cilens
from cilens.datasets import read_image
from cilens.datasets.folder import expand, mean_image
from cilens.datasets.mnist import mnist_image
from cilens.datasets.shipped import PHOTOGRAPHS, shown
from cilens.errors import FileError, InputError

RAMP = np.arange(12, dtype=np.uint8).reshape(3, 4) * 20


def save(path: Path, image: PIL.Image.Image | None = None) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    (image or PIL.Image.fromarray(RAMP)).save(path)
    return str(path)


@pytest.fixture
def standard_input(monkeypatch: pytest.MonkeyPatch):
    def give(data: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    return give


def test_public_name() -> None:
    assert inspect.unwrap(cilens.read_image) is inspect.unwrap(read_image)


def test_path_as_text_or_path(tmp_path: Path) -> None:
    name = save(tmp_path / "ramp.png")
    for source in (name, Path(name)):
        image = read_image(source)
        assert image.dtype == np.float32
        assert np.array_equal(image, RAMP[..., None] / np.float32(255))


def test_path_with_channels(tmp_path: Path) -> None:
    assert read_image(save(tmp_path / "ramp.png"), channels=3).shape == (3, 4, 3)


def test_digit() -> None:
    assert np.array_equal(read_image("mnist:4013"), mnist_image(4013))
    colour = read_image("mnist:4013", channels=3)
    assert colour.shape == (28, 28, 3)
    assert np.array_equal(colour[..., 2:], mnist_image(4013))


@pytest.mark.parametrize("index", ["", "x", "-1", "+1", "1_0", " 1", "٣", "1.0"])
def test_digit_without_number(index: str) -> None:
    with pytest.raises(InputError, match="needs an index from 0 to 9999"):
        read_image(f"mnist:{index}")


def test_digit_beyond_the_split() -> None:
    with pytest.raises(InputError, match="from 0 to 9999; got 10000"):
        read_image("mnist:10000")


@pytest.mark.parametrize("source", ["mnist:0", "skimage:moon"])
def test_names_refuse_other_channels(source: str) -> None:
    with pytest.raises(InputError, match="channels must be 1"):
        read_image(source, channels=2)


NAMES = {"motorcycle": lambda: skimage.data.stereo_motorcycle()[0]}


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_photograph_is_the_one_of_scikit_image(name: str) -> None:
    theirs = NAMES.get(name, getattr(skimage.data, name, None))()
    image = read_image(f"skimage:{name}")
    assert np.array_equal(np.rint(image * 255).reshape(theirs.shape), theirs)


def test_photograph_with_channels() -> None:
    assert read_image("skimage:camera", channels=3).shape == (512, 512, 3)
    assert read_image("skimage:chelsea", channels=1).shape == (300, 451, 1)


def test_unknown_photograph() -> None:
    with pytest.raises(InputError, match="did you mean 'chelsea'"):
        read_image("skimage:chelsae")


def test_a_path_is_never_taken_for_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for source in (Path("mnist:0"), "./mnist:0"):
        with pytest.raises(FileError, match="does not exist"):
            read_image(source)


def test_standard_input(tmp_path: Path, standard_input) -> None:
    standard_input(Path(save(tmp_path / "ramp.png")).read_bytes())
    assert read_image("-").shape == (3, 4, 1)


def test_empty_standard_input(standard_input) -> None:
    standard_input(b"")
    with pytest.raises(FileError, match="standard input is empty"):
        read_image("-")


def test_no_image_on_standard_input(standard_input) -> None:
    standard_input(b"hello")
    with pytest.raises(FileError, match="standard input is not an image"):
        read_image("-")


def test_limit(tmp_path: Path, standard_input) -> None:
    name = save(tmp_path / "ramp.png")
    standard_input(Path(name).read_bytes())
    for source in (name, "-"):
        with pytest.raises(InputError, match="the limit is 11"):
            read_image(source, max_pixels=11)


def test_directory_in_counting_order(tmp_path: Path) -> None:
    for name in ("img10.png", "img2.PNG", "img1.jpg", "Img3.png", ".hidden.png", "notes.txt"):
        save(tmp_path / name) if name != "notes.txt" else (tmp_path / name).write_text("")
    save(tmp_path / "below" / "deep.png")
    names = [Path(path).name for path in expand([str(tmp_path)])]
    assert names == ["img1.jpg", "img2.PNG", "Img3.png", "img10.png"]


def test_order_of_arguments_is_kept(tmp_path: Path) -> None:
    second, first = save(tmp_path / "b.png"), save(tmp_path / "a.png")
    assert expand([second, "mnist:0", first, "-"]) == [second, "mnist:0", first, "-"]


def test_patterns(tmp_path: Path) -> None:
    names = [save(tmp_path / "9.png"), save(tmp_path / "10.png"), save(tmp_path / "in" / "11.png")]
    assert expand([str(tmp_path / "*.png")]) == names[:2]
    assert sorted(expand([str(tmp_path / "**" / "*.png")])) == sorted(names)
    assert expand([str(tmp_path / "*")]) == names[:2]  # the directory is no image


def test_brackets_in_a_name_that_exists(tmp_path: Path) -> None:
    name = save(tmp_path / "seven[1].png")
    assert expand([name]) == [name]


def test_directory_without_images(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("")
    with pytest.raises(FileError, match="holds no image"):
        expand([str(tmp_path)])


def test_pattern_without_match(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no file matches"):
        expand([str(tmp_path / "*.png")])


def test_directory_that_cannot_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> None:
        raise PermissionError(13, os.strerror(13))

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(FileError, match="cannot be listed: Permission denied"):
        expand([str(tmp_path)])


def test_a_name_too_long_is_left_to_the_reader() -> None:
    name = "a" * 5000
    assert expand([name]) == [name]
    with pytest.raises(FileError, match="too long"):
        read_image(name)


@given(st.lists(st.integers(0, 10**6), min_size=2, unique=True))
def test_numbers_in_names_sort_as_numbers(tmp_path_factory, numbers: list[int]) -> None:
    folder = tmp_path_factory.mktemp("numbers")
    for number in numbers:
        (folder / f"image {number}.png").touch()
    found = [int(Path(path).stem.split()[1]) for path in expand([str(folder)])]
    assert found == sorted(numbers)


def test_mean_image() -> None:
    images = [np.full((2, 3), value, np.uint8) for value in (0, 255, 0, 255)]
    mean = mean_image(iter(images))
    assert mean.shape == (2, 3, 1)
    assert (mean == 0.5).all()


def test_mean_image_is_what_picture_takes(tmp_path: Path) -> None:
    np.save(tmp_path / "mean.npy", mean_image(mnist_image(index) for index in range(10)))
    image = mnist_image(0)
    hidden = cilens.Picture(str(tmp_path / "mean.npy"))(
        image, np.zeros((28, 28), int), np.array([[False]])
    )
    expected = np.mean([mnist_image(index) for index in range(10)], axis=0, dtype=float)
    assert np.allclose(hidden[0], expected, atol=1e-6)


def test_mean_image_leaves_images_as_they_are() -> None:
    image = np.ones((2, 2, 1))
    mean_image([image, image])
    assert (image == 1).all()


def test_mean_of_nothing_and_of_different_shapes() -> None:
    with pytest.raises(InputError, match="at least one image"):
        mean_image([])
    with pytest.raises(InputError, match=r"number 2 has \(3, 2, 1\)"):
        mean_image([np.ones((2, 2, 1)), np.ones((3, 2, 1))])


def test_all_of_a_collection_has_a_name() -> None:
    assert expand(["mnist:test"])[-1] == "mnist:9999"
    assert len(expand(["shapes:all"])) == 1000


@pytest.mark.parametrize(
    ("source", "name"),
    [("mnist:0", "7"), ("shapes:2", "triangle"), ("shapes:circle-with-tag", "circle")],
)
def test_what_an_image_of_a_collection_shows(source: str, name: str) -> None:
    assert shown(source) == name
