"""Distortions are seeded, leave their input alone, and say which pixels are theirs."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cilens.datasets.distort import (
    DISTORTIONS,
    Bar,
    Dot,
    Gaussian,
    Line,
    Neighbour,
    Patch,
    Rotation,
    SaltAndPepper,
    Shift,
    figure_7a,
    figure_7b,
    figure_7c,
)
from cilens.datasets.mnist import mnist_image
from cilens.errors import InputError
from cilens.testing import check_part

MOVING = ("shift", "rotation")
BLANK = np.zeros((28, 28, 1), np.float32)


def colour() -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 1, (31, 40, 3))


@pytest.mark.parametrize("name", DISTORTIONS)
@pytest.mark.parametrize("image", [mnist_image(3), colour(), BLANK], ids=["digit", "rgb", "blank"])
def test_every_distortion_keeps_its_promises(name, image) -> None:
    distort, given = DISTORTIONS[name](), image.copy()
    given.setflags(write=False)
    after, noise = distort(given)
    assert (after.shape, after.dtype) == (image.shape, image.dtype)
    assert after.min() >= 0
    assert after.max() <= 1
    assert (noise.shape, noise.dtype) == (image.shape[:2], bool)
    if name in MOVING:
        assert not noise.any()
    else:
        np.testing.assert_array_equal(noise, (after != image).any(axis=2))
    if image.any() or name not in MOVING:
        assert not np.array_equal(after, image)
    again = distort(given)
    assert again.image.tobytes() == after.tobytes()
    check_part(distort)


@pytest.mark.parametrize("name", DISTORTIONS)
def test_another_seed_is_another_distortion(name) -> None:
    distort, image = DISTORTIONS[name](), mnist_image(3)
    seen = {replace(distort, seed=seed)(image).image.tobytes() for seed in range(20)}
    assert len(seen) >= 18
    with pytest.raises(FrozenInstanceError):
        distort.seed = 1


@pytest.mark.parametrize("name", DISTORTIONS)
def test_pixels_must_be_floats_between_0_and_1(name) -> None:
    for wrong in (np.zeros((28, 28), np.uint8), np.full((28, 28), 1.5), np.full((28, 28), -0.1)):
        with pytest.raises(InputError, match=r"floating-point pixels in \[0, 1\], as cilens"):
            DISTORTIONS[name]()(wrong)


def test_a_grey_image_may_lack_its_channel_axis() -> None:
    assert Bar()(np.zeros((28, 28))).image.shape == (28, 28, 1)


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 50))
def test_a_bar_is_a_whole_rectangle(height, width, seed) -> None:
    image, noise = Bar(height, width, value=0.5, seed=seed)(BLANK)
    rows, columns = noise.any(axis=1).nonzero()[0], noise.any(axis=0).nonzero()[0]
    assert (rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1) == (height, width)
    assert noise.sum() == height * width
    assert (image[noise] == 0.5).all()


def test_a_patch_covers_ink_and_paper_alike() -> None:
    image, noise = Patch(size=28, value=0.25)(mnist_image(0))
    assert (image == 0.25).all()
    assert noise.all()


@given(st.floats(1, 28), st.floats(1, 5), st.integers(0, 200))
def test_a_line_has_its_length_and_width(length, width, seed) -> None:
    image, _ = Line(length, width, value=1.0, seed=seed)(np.zeros((60, 60, 1)))
    assert image.sum() == pytest.approx(length * width, rel=0.2, abs=1.0)
    rows, columns = (image[..., 0] > 0.5).nonzero()
    longest = np.hypot(np.ptp(rows), np.ptp(columns)) if len(rows) else 0.0
    assert longest <= length + width + 1


def test_lines_lie_wholly_on_the_image() -> None:
    drawn = [Line(length=28.0, value=1.0, seed=seed)(BLANK).image.sum() for seed in range(50)]
    np.testing.assert_allclose(drawn, 28.0, rtol=0.15)


def test_a_dot_lies_beside_the_ink() -> None:
    for seed in range(30):
        digit = mnist_image(seed)
        image, noise = Dot(seed=seed)(digit)
        assert not digit[noise].any()
        assert image.sum() - digit.sum() == pytest.approx(np.pi * 1.5**2, rel=0.15)


def test_a_dot_falls_anywhere_where_nothing_is_empty() -> None:
    places = [Dot(seed=seed)(colour()).noise.nonzero()[0].mean() for seed in range(20)]
    assert np.ptp(places) > 10


def test_a_neighbour_shows_at_one_edge_and_is_the_brighter() -> None:
    sides = set()
    for seed in range(30):
        digit = mnist_image(seed)
        image, noise = Neighbour(width=6, seed=seed)(digit)
        columns = noise.any(axis=0).nonzero()[0]
        assert columns.max() < 6 or columns.min() >= 22
        assert (image >= digit).all()
        sides.add(bool(columns.min() >= 22))
    assert sides == {True, False}


def test_a_neighbour_of_a_larger_image_stands_in_the_middle_of_its_height() -> None:
    noise = Neighbour(width=40, seed=1)(np.zeros((100, 60))).noise
    rows = noise.any(axis=1).nonzero()[0]
    assert 36 <= rows.min() <= rows.max() < 64


def test_gaussian_noise_has_its_deviation_and_stays_in_range() -> None:
    grey = np.full((200, 200, 3), 0.5)
    assert (Gaussian(0.05)(grey).image - grey).std() == pytest.approx(0.05, rel=0.02)
    wild = Gaussian(5.0)(grey).image
    assert (wild.min(), wild.max()) == (0.0, 1.0)


@given(st.floats(0.01, 1.0))
def test_salt_and_pepper_are_halves(share) -> None:
    grey = np.full((20, 21), 0.5)
    image, noise = SaltAndPepper(share)(grey)
    count = round(share * grey.size)
    assert noise.sum() == count
    assert ((image == 1).sum(), (image == 0).sum()) == ((count + 1) // 2, count // 2)


def test_salt_and_pepper_treat_all_channels_alike() -> None:
    image, noise = SaltAndPepper(0.5)(colour())
    assert set(np.unique(image[noise])) == {0.0, 1.0}
    assert (np.ptp(image[noise], axis=1) == 0).all()


@given(st.integers(1, 10), st.integers(0, 200))
def test_a_shift_moves_every_pixel_by_the_same_step(most, seed) -> None:
    source = np.zeros((41, 41))
    source[20, 20] = 1.0
    ((row, column),) = np.argwhere(Shift(most, seed)(source).image[..., 0])
    assert 0 < max(abs(row - 20), abs(column - 20)) <= most
    ramp = np.arange(41 * 41).reshape(41, 41) / 41**2 + 1e-9
    moved = Shift(most, seed)(ramp).image[..., 0]
    down, across = row - 20, column - 20
    expected = np.zeros_like(ramp)
    inside = [
        (r, c) for r in range(41) for c in range(41) if 0 <= r - down < 41 and 0 <= c - across < 41
    ]
    for r, c in inside:
        expected[r, c] = ramp[r - down, c - across]
    np.testing.assert_array_equal(moved, expected)


def test_a_rotation_turns_about_the_centre_in_both_directions() -> None:
    image = np.zeros((41, 41))
    image[5, 20] = 1.0
    turned = [Rotation(30.0, seed)(image).image[..., 0] for seed in range(40)]
    places = np.array([np.unravel_index(t.argmax(), t.shape) for t in turned])
    radii = np.hypot(*(places - 20).T)
    np.testing.assert_allclose(radii, 15, atol=0.8)
    assert places[:, 1].min() < 16
    assert places[:, 1].max() > 24


@pytest.mark.parametrize(
    ("distort", "message"),
    [
        (Bar(height=29), "at least 29 x 3 pixels; got 28 x 28"),
        (Patch(size=30), "at least 30 x 30 pixels"),
        (Line(length=28.5), "at least 28.5 x 28.5 pixels"),
        (Dot(radius=15), "at least 30 x 30 pixels"),
        (Neighbour(width=29), "at least 28 x 29 pixels"),
        (Shift(most=28), "would move an image of 28 x 28 out of sight"),
    ],
)
def test_what_does_not_fit_is_refused(distort, message) -> None:
    with pytest.raises(InputError, match=message):
        distort(BLANK)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Bar(width=0), "Bar.width must be above 0; got 0"),
        (lambda: Patch(size=-1), "Patch.size must be above 0"),
        (lambda: Line(width=0.0), "Line.width must be above 0"),
        (lambda: Dot(radius=0.0), "Dot.radius must be above 0"),
        (lambda: Neighbour(width=0), "Neighbour.width must be above 0"),
        (lambda: Gaussian(sigma=0.0), "Gaussian.sigma must be above 0"),
        (lambda: SaltAndPepper(share=0.0), "SaltAndPepper.share must be above 0"),
        (lambda: SaltAndPepper(share=1.5), "SaltAndPepper.share must be at most 1; got 1.5"),
        (lambda: Shift(most=0), "Shift.most must be above 0"),
        (lambda: Rotation(most=0.0), "Rotation.most must be above 0"),
        (lambda: Bar(value=1.1), r"Bar.value must be in \[0, 1\]; got 1.1"),
        (lambda: Dot(value=-0.1), r"Dot.value must be in \[0, 1\]; got -0.1"),
    ],
)
def test_settings_without_sense_are_refused(make, message) -> None:
    with pytest.raises(InputError, match=message):
        make()


def test_figure_7_is_edited_where_the_paper_says() -> None:
    a, b, c = figure_7a(), figure_7b(), figure_7c()
    rows, columns = a.noise.nonzero()
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (20, 27, 22, 24)
    assert (a.image[a.noise] == 1).all()
    np.testing.assert_array_equal(b.image, mnist_image(9750))
    assert b.noise.nonzero()[1].min() == 20
    assert (c.image[13, 9:14] == np.float32(226 / 255)).all()
    assert c.image[13, 8] == np.float32(113 / 255)
    assert c.noise.nonzero()[1].tolist() == [8, 9, 10, 11, 12, 13, 14, 15]
