"""Boxes are read by the convention that is stated, and refused where they cannot be meant."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cilens.boxes import check_box, check_convention, fault, to_edges
from cilens.errors import InputError

EDGES = (10.0, 20.0, 30.0, 60.0)
"""Left, top, right, bottom, in an image of 80 x 40."""


@pytest.mark.parametrize(
    ("box_format", "box"),
    [
        ("xyxy", (10, 20, 30, 60)),
        ("yxyx", (20, 10, 60, 30)),
        ("xywh", (10, 20, 20, 40)),
        ("cxcywh", (20, 40, 20, 40)),
    ],
)
def test_each_way_to_write_a_box(box_format: str, box: tuple[float, ...]) -> None:
    boxes = np.array([box], dtype=np.float64)
    assert to_edges(boxes, box_format, "pixels", (80, 40)).tolist() == [list(EDGES)]
    wide, high = (80, 40) if box_format == "yxyx" else (40, 80)
    shares = boxes / [wide, high, wide, high]
    np.testing.assert_allclose(to_edges(shares, box_format, "shares", (80, 40)), [EDGES])
    assert boxes.tolist() == [list(box)]


@given(
    corner=st.tuples(st.floats(0, 30), st.floats(0, 70)),
    sides=st.tuples(st.floats(1, 10), st.floats(1, 10)),
)
def test_what_lies_in_the_image_is_right(
    corner: tuple[float, float], sides: tuple[float, float]
) -> None:
    box = np.array([[*corner, *np.add(corner, sides)]])
    shares_like = box.max() <= 1
    assert (fault(box, (80, 40)) == "") != shares_like


@pytest.mark.parametrize(
    ("box", "message"),
    [
        ((0.1, 0.2, 0.5, 0.9), "be in pixels of an image of 80 x 40; got .* shares of it"),
        ((0, 0, 1, 1), "be in pixels .* shares of it"),
        ((30, 20, 10, 60), "have no edge beyond its opposite"),
        ((10, 20, 10, 60), "have an area; got"),
        ((10, 20, 30, 20), "have an area; got"),
        ((10, 20, 45, 60), "lie in the image, 80 high and 40 wide; got"),
        ((-5, 20, 30, 60), "lie in the image"),
        ((10, 20, 30, 89), "lie in the image"),
        ((41, 20, 43, 60), "lie in the image"),
        ((20, 10, 60, 30), "lie in the image"),  # y, x, y, x
        ((float("nan"), 20, 30, 60), "be finite"),
    ],
)
def test_what_cannot_be_meant(box: tuple[float, float, float, float], message: str) -> None:
    with pytest.raises(InputError, match=f"a box must {message}"):
        check_box(box, (80, 40))


@pytest.mark.parametrize("box", [(-3, 20, 30, 60), (10, 20, 43, 86), EDGES])
def test_a_little_beyond_the_edge_is_what_detectors_do(
    box: tuple[float, float, float, float],
) -> None:
    check_box(box, (80, 40))


def test_in_an_image_of_a_pixel_or_two_a_box_may_be_small() -> None:
    check_box((0, 0, 1, 1), (2, 2))


def test_conventions_that_are_none() -> None:
    with pytest.raises(InputError, match=r"unknown box_format 'xywhx'; did you mean 'xywh'"):
        check_convention("xywhx", "pixels")
    with pytest.raises(InputError, match=r"unknown box_unit 'share'; did you mean 'shares'"):
        check_convention("xyxy", "share")
