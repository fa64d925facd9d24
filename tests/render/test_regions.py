"""Lines run between segments only, and places for numbers lie inside their region."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cilens import render
from cilens.errors import InputError

label_maps = hnp.arrays(
    np.intp, hnp.array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=9), elements={
        "min_value": 0, "max_value": 3,
    },
)  # fmt: skip


def closed(labels):
    return np.unique(labels, return_inverse=True)[1].reshape(labels.shape)


@given(label_maps, st.integers(3, 6))
def test_lines_run_only_where_segments_meet(segments, factor):
    plain = np.full((*segments.shape, 3), 90, np.uint8).repeat(factor, 0).repeat(factor, 1)
    drawn = (render.boundaries(plain, segments, 1) != plain).any(axis=2)
    for row, column in np.argwhere(drawn):
        near = segments[
            max(row - 1, 0) // factor : (row + 1) // factor + 1,
            max(column - 1, 0) // factor : (column + 1) // factor + 1,
        ]
        assert len(np.unique(near)) > 1
    fine = segments.repeat(factor, 0).repeat(factor, 1)
    assert drawn[1:][fine[1:] != fine[:-1]].all()
    assert drawn[:, 1:][fine[:, 1:] != fine[:, :-1]].all()


def test_lines_grow_with_the_picture_and_leave_it_as_it_was():
    segments = np.array([[0, 1]])
    for side, width in ((100, 1), (1200, 3)):
        picture = np.full((side // 2, side, 3), 90, np.uint8)
        drawn = render.boundaries(picture, segments)
        assert (drawn == 255).all(axis=2).sum(axis=1).tolist() == [width] * (side // 2)
        assert (picture == 90).all()


def test_picture_must_be_an_enlargement():
    with pytest.raises(InputError, match="must be 2 x 2 pixels or a whole number of times"):
        render.boundaries(np.zeros((5, 4, 3), np.uint8), np.zeros((2, 2), np.intp))


@given(label_maps)
def test_points_lie_inside_their_region(labels):
    segments = closed(labels)
    points, radii = render.inside_points(segments)
    for label, (row, column) in enumerate(points):
        assert segments[int(np.floor(row + 0.5)), int(np.floor(column + 0.5))] == label
    assert (radii > 0).all()


def test_point_of_a_ring_is_not_its_centroid():
    row, column = np.mgrid[:21, :21]
    ring = (np.hypot(row - 10, column - 10) > 5).astype(np.intp)
    (_, (top, left)), (hole, _) = render.inside_points(ring)
    assert ring[round(top), round(left)] == 1
    assert hole == pytest.approx(5.5, abs=1)


@pytest.mark.parametrize("size", [1, 3, 4, 7, 28, 301])
def test_point_of_a_square_is_its_middle(size):
    points, radii = render.inside_points(np.zeros((size, size), np.intp))
    assert points[0] == pytest.approx([(size - 1) / 2] * 2, abs=0.51)
    assert radii[0] == pytest.approx(size / 2, abs=0.6)


def test_overlapping_regions_are_numbered_apart():
    segments = np.repeat(np.arange(3), 5)[None].repeat(9, axis=0)
    regions = np.array([[True, True, True], [False, True, False], [False, True, True]])
    points, _ = render.inside_points(segments, regions)
    assert [int(segments[int(row), int(column)]) for row, column in points] == [0, 1, 2]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("1", "22"), ("1", "22")),
        (("-1", "0"), ("-1", "0")),
        (("1", "stem"), ("0", "1")),
        (("12345",), ("0",)),
        (("",), ("0",)),
    ],
)
def test_marks(names, expected):
    assert render.marks(names) == expected
