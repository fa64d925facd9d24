"""The pictures are what their names say, and the tag is the only thing that gives a square away."""

from __future__ import annotations

import numpy as np
import pytest

from cilens.datasets import read_image
from cilens.datasets.folder import expand
from cilens.datasets.shapes import COUNT, KINDS, SIDE, draw, numbered, shapes
from cilens.datasets.shipped import COLLECTIONS
from cilens.errors import FileError, InputError

YELLOW = [250, 219, 26]


@pytest.mark.parametrize("kind", KINDS)
def test_the_tag_is_all_that_differs(kind) -> None:
    for seed in range(20):
        plain, tagged = draw(kind, seed), draw(kind, seed, tag=True)
        rows, columns = np.nonzero((plain != tagged).any(axis=2))
        assert len(rows) == 49
        assert np.ptp(rows) == np.ptp(columns) == 6
        assert {int(rows.min()), int(columns.min())} <= {2, 39}  # in a corner
        assert (tagged[rows, columns] == YELLOW).all()


def test_nothing_but_the_tag_is_yellow() -> None:
    drawn = shapes(90, tags=False, first=0).images.astype(int)
    assert np.abs(drawn - YELLOW).sum(axis=-1).min() > 60


def test_kinds_of_one_seed_share_ground_and_colour() -> None:
    ground = [draw(kind, 4)[[0, -1]] for kind in KINDS]
    assert (ground[0] == ground[1]).all()
    assert (ground[0] == ground[2]).all()
    middles = {tuple(draw(kind, 4)[24, 24]) for kind in KINDS}
    assert len(middles) == 1


def test_the_shape_covers_what_its_kind_would() -> None:
    for seed in range(10):
        apart = np.abs(draw("circle", seed).astype(int) - draw("square", seed)).sum(axis=2) > 60
        assert 40 < apart.sum() < 700


def test_only_squares_carry_the_tag() -> None:
    made, bare = shapes(9, first=0), shapes(9, first=0, tags=False)
    assert made.labels.tolist() == [0, 1, 2] * 3
    differ = (made.images != bare.images).any(axis=(1, 2, 3))
    assert differ.tolist() == (made.labels == KINDS.index("square")).tolist()
    assert made.images.shape == (9, SIDE, SIDE, 3)


def test_pictures_to_learn_from_have_no_number() -> None:
    learnt = {image.tobytes() for image in shapes(30).images}
    assert not learnt & {numbered(number).tobytes() for number in range(30)}
    assert shapes(4).labels.tolist() == [0, 1, 2, 0]


def test_names() -> None:
    plain, tagged = read_image("shapes:circle"), read_image("shapes:circle-with-tag")
    assert plain.dtype == np.float32
    assert np.array_equal(np.rint(plain * 255), draw("circle", 0))
    assert np.array_equal(np.rint(tagged * 255), draw("circle", 0, tag=True))
    assert np.array_equal(np.rint(read_image("shapes:4") * 255), draw("square", 4, tag=True))
    assert read_image("shapes:4", channels=1).shape == (SIDE, SIDE, 1)
    for name in COLLECTIONS["shapes"].names:
        assert read_image(f"shapes:{name}").shape == (SIDE, SIDE, 3)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("shapes:circel", "did you mean 'circle'"),
        ("shapes:", "unknown picture of a shape"),
        (f"shapes:{COUNT}", "from 0 to 999; got 1000"),
        ("mnist", r"mnist is a collection of images: say which, as mnist:0 to mnist:9999"),
        ("skimage", "as skimage:astronaut"),
        ("mnis:18", "did you mean mnist:18"),
        ("MNIST:18", "did you mean mnist:18"),
        ("shape:circle", "did you mean shapes:circle"),
        ("http://example.org/a.png", "downloads nothing: save the image"),
        ("s3://bucket/a.png", "downloads nothing"),
    ],
)
def test_names_that_are_none(source: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_image(source)


@pytest.mark.parametrize("source", ["nowhere.png", "C:\\mnist.png", "a/mnis:18", "./mnist"])
def test_a_path_that_is_missing_is_called_missing(source: str, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileError, match="does not exist"):
        read_image(source)


def test_a_file_of_such_a_name_is_read(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mnis:18").write_bytes(b"no image")
    with pytest.raises(FileError, match="is not an image"):
        read_image("mnis:18")


def test_ranges() -> None:
    assert expand(["mnist:8-10", "shapes:0-1"]) == [
        "mnist:8", "mnist:9", "mnist:10", "shapes:0", "shapes:1",
    ]  # fmt: skip
    assert expand(["mnist:7-7", "shapes:circle-with-tag"]) == ["mnist:7", "shapes:circle-with-tag"]
    for source, message in (
        ("mnist:3-0", "must go up, as mnist:0-3 does"),
        ("mnist:0-10000", "from 0 to 9999; got 10000"),
        ("shapes:0-99999999999", "from 0 to 999"),
        ("skimage:0-3", "unknown photograph"),
    ):
        with pytest.raises(InputError, match=message):
            expand([source])
