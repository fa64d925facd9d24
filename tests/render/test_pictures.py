"""Pictures as arrays: one colour scale, pixels as they are, the way back to the original."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import PIL.Image
import pytest
import skimage.color
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cilens import render
from cilens.errors import InputError
from golden.pictures import pictures

GOLDEN = Path(__file__).parents[1] / "golden"
LIMITS = st.sampled_from(render.LIMITS)
shares = st.floats(-1, 1)


@pytest.mark.parametrize("name", pictures())
def test_golden(name):
    stored = np.asarray(PIL.Image.open(GOLDEN / f"{name}.png"))
    np.testing.assert_array_equal(pictures()[name], stored)


def test_every_golden_picture_is_made():
    assert {path.stem for path in GOLDEN.glob("*.png")} == set(pictures())


# The colour scale


@given(LIMITS)
def test_zero_is_neutral_on_every_scale(limit):
    assert render.signed_map(np.zeros((2, 3)), limit).tolist() == [[list(render.NEUTRAL)] * 3] * 2


@given(shares, LIMITS)
def test_sign_decides_between_red_and_blue(share, limit):
    red, _, blue = render.signed_map(np.array([[share * limit]]), limit)[0, 0].astype(int)
    expected = 0 if (red, blue) == (247, 247) else np.sign(share)
    assert np.sign(red - blue) == expected


def test_both_signs_look_equally_strong():
    values = np.linspace(0, 1, 101)[None]
    lightness = [
        skimage.color.rgb2lab(render.signed_map(sign * values, 1.0))[0, :, 0] for sign in (1, -1)
    ]
    assert np.abs(lightness[0] - lightness[1]).max() < 3
    for arm in lightness:
        assert (np.diff(arm) < 0).all()


@given(hnp.arrays(float, 5, elements=shares))
def test_limit_is_the_smallest_that_holds_all_values(values):
    limit = render.scale_limit(values)
    assert np.abs(values).max() <= limit
    assert all(step < np.abs(values).max() for step in render.LIMITS if step < limit)


@pytest.mark.parametrize("limit", render.LIMITS)
def test_a_limit_holds_itself(limit):
    assert render.scale_limit(np.array([-limit])) == limit


@pytest.mark.parametrize("value", [2.1, -3.0, np.nan, np.inf])
def test_values_that_are_no_shares_are_refused(value):
    with pytest.raises(InputError, match="shares of the output range"):
        render.scale_limit(np.array([0.1, value]))


def test_nothing_is_cut_off_quietly():
    with pytest.raises(InputError, match=r"must hold all values, up to 0.3; it ends at 0.25"):
        render.signed_map(np.array([[0.3]]), 0.25)
    with pytest.raises(InputError, match="must end above 0"):
        render.signed_map(np.array([[0.0]]), 0.0)


@given(shares, st.lists(shares))
def test_a_share_has_one_colour_whatever_else_there_is(share, others):
    alone, among = np.array([[share]]), np.array([[share, *others]])
    assert (render.signed_map(alone)[0, 0] == render.signed_map(among)[0, 0]).all()
    image = np.full((1, len(others) + 1, 1), 0.4)
    one, other = render.overlay(image[:, :1], alone), render.overlay(image, among)
    assert (one[0, 0] == other[0, 0]).all()


def test_four_percent_look_weak_beside_all_of_it():
    weak, strong = skimage.color.rgb2lab(render.signed_map(np.array([[0.04, 0.99]])))[0]
    assert weak[0] > strong[0] + 40
    assert render.depth(np.array([-1.7, 0.01])).tolist() == [-1.0, 0.1]
    with pytest.raises(InputError, match="shares of the output range"):
        render.signed_map(np.array([[2.5]]))


def test_colours_stay_apart_for_colour_blind_eyes():
    """Simulated as in Machado, Oliveira and Fernandes, 2009, at full severity."""
    deuteranopia = [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                    [-0.011820, 0.042940, 0.968881]]  # fmt: skip
    protanopia = [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                  [-0.003882, -0.048116, 1.051998]]  # fmt: skip
    shares = np.linspace(0.02, 1, 50)[None]
    for image in (np.zeros((1, 50, 1)), np.ones((1, 50, 1))):
        signs = [render.overlay(image, sign * shares) / 255 for sign in (1, -1)]
        grey = render.overlay(image, 0 * shares) / 255
        for matrix in (deuteranopia, protanopia):
            lab = []
            for pixels in (*signs, grey):
                linear = np.where(
                    pixels <= 0.04045, pixels / 12.92, ((pixels + 0.055) / 1.055) ** 2.4
                )
                seen = (linear @ np.transpose(matrix)).clip(0, 1)
                gamma = np.where(seen <= 0.0031308, 12.92 * seen, 1.055 * seen ** (1 / 2.4) - 0.055)
                lab.append(skimage.color.rgb2lab(gamma))
            for one, other in ((0, 1), (0, 2), (1, 2)):
                assert np.linalg.norm(lab[one] - lab[other], axis=-1).min() > 12


def test_same_value_and_limit_have_the_same_colour_in_any_image():
    one, other = np.array([[0.2, 0.01]]), np.array([[0.2, -0.24]])
    first, second = (render.signed_map(values, 0.25)[0, 0].tolist() for values in (one, other))
    assert first == second


# From an image to pixels


def test_known_ranges_are_shown_as_they_are():
    image = np.array([[[0.25], [0.5]]], dtype=np.float32)
    assert render.to_rgb(image)[0].tolist() == [[64] * 3, [128] * 3]
    assert render.to_rgb(np.array([[[3], [9]]], np.uint8))[0].tolist() == [[3] * 3, [9] * 3]


@pytest.mark.parametrize("low", [-4.0, 0.0, 250.0])
def test_other_ranges_are_stretched(low):
    image = low + np.array([[[0.0], [1.0], [4.0]]])
    assert render.to_rgb(image)[0, :, 0].tolist() == [0, 64, 255]
    assert render.to_rgb(np.full((1, 1, 3), low - 1)).tolist() == [[[0, 0, 0]]]


def test_what_is_no_image_is_refused(unchecked):
    with pytest.raises(InputError, match="an image must be"):
        render.to_rgb(np.zeros((2, 2, 4)))


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 200))
def test_enlarging_repeats_pixels_just_often_enough(height, width, side):
    picture = np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)
    large = render.enlarge(picture, side)
    factor = large.shape[0] // height
    assert max(large.shape) >= side
    assert factor == 1 or (factor - 1) * max(height, width) < side
    np.testing.assert_array_equal(large[::factor, ::factor], picture)
    np.testing.assert_array_equal(large[factor - 1 :: factor, factor - 1 :: factor], picture)


def test_one_scale_of_brightness_for_colour():
    assert render.intensity(np.array([[[0.0, 1.0, 0.0]]])).tolist() == [[0.587]]
    assert render.intensity(np.array([[[0.5, 0.5, 0.5]]])).item() == pytest.approx(0.5)


# Pictures


@pytest.mark.parametrize(
    "paint",
    [render.overlay, render.paper_picture, render.highlight],
)
def test_maps_must_lie_on_the_image(paint, unchecked):
    with pytest.raises(InputError, match=r"must have the image's shape \(2, 3\); got \(3, 2\)"):
        paint(np.zeros((2, 3, 1)), np.zeros((3, 2), dtype=bool))


def test_paper_picture_is_brightness_times_two_colours():
    image = np.linspace(0, 1, 8).reshape(2, 4, 1)
    kept = np.array([[True] * 4, [False] * 4])
    colour = np.where(kept[..., None], [0.9, 0.25, 0.1], 1.0)
    expected = np.rint(255 * colour * image)
    np.testing.assert_array_equal(render.paper_picture(image, kept), expected)


@given(hnp.arrays(bool, (3, 4)))
def test_a_highlight_and_the_rest_share_the_pixels(kept):
    image = np.random.default_rng(3).integers(1, 256, (3, 4, 3), dtype=np.uint8)
    parts = [render.highlight(image, part, fill=(0, 0, 0)) for part in (kept, ~kept)]
    np.testing.assert_array_equal(parts[0] + parts[1], image)
    np.testing.assert_array_equal(render.highlight(image, kept)[kept], image[kept])


@given(hnp.arrays(float, (4, 5), elements=shares))
def test_a_whole_view_goes_back_as_it_is(values):
    back, seen = render.to_original(values, (0, 0, 4, 5), (4, 5))
    np.testing.assert_array_equal(back, values)
    assert seen.all()


def test_a_cut_and_resized_view_goes_back_to_its_place():
    values = np.array([[1, 2], [3, 4]])
    back, seen = render.to_original(values, (1.0, 0.5, 3.0, 4.5), (4, 6))
    assert back.tolist() == [[0] * 6, [1, 1, 2, 2, 0, 0], [3, 3, 4, 4, 0, 0], [0] * 6]
    np.testing.assert_array_equal(seen, back > 0)


def test_what_the_model_did_not_see_is_faded():
    original = np.ones((6, 6, 3))
    painted = render.on_original(original, (1, 1, 5, 5), np.full((2, 2), 0.25))
    expected = render.overlay(original[:1, :1], np.array([[0.25]]))
    np.testing.assert_array_equal(painted[2, 2], expected[0, 0])
    assert len(np.unique(painted[0], axis=0)) == 1
    assert painted[0, 0, 0] < 247
