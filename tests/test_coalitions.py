"""Coalitions and regions are boolean rows over the segments."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cilens.coalitions import (
    named_regions,
    one_in,
    one_out,
    refine,
    region_neighbours,
    single_regions,
)
from cilens.errors import InputError
from cilens.segmentation import Labels, segment

maps = hnp.arrays(np.int64, (5, 4), elements=st.integers(-3, 3))


def closed(labels):
    return segment(Labels(labels), np.zeros((*labels.shape, 1)))[0]


@given(st.integers(1, 30))
def test_one_out_and_one_in_are_each_others_complement(n_segments):
    regions = single_regions(n_segments)
    assert (one_out(regions).sum(axis=1) == n_segments - 1).all()
    np.testing.assert_array_equal(one_out(regions), ~one_in(regions))


@given(maps, maps)
def test_refinement_has_every_segment_as_a_union_of_atoms(first, second):
    first, second = closed(first), closed(second)
    atoms, regions = refine([first, second])
    assert sorted(np.unique(atoms)) == list(range(regions.shape[1]))
    painted = [region[atoms] for region in regions]
    wanted = [first == label for label in range(first.max() + 1)]
    wanted += [second == label for label in range(second.max() + 1)]
    np.testing.assert_array_equal(painted, wanted)


def test_named_regions_speak_the_callers_labels():
    regions = named_regions({"a": [-5, 40], "b": [40]}, np.array([-5, 7, 40]))
    np.testing.assert_array_equal(regions, [[True, False, True], [False, False, True]])


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ({"loop": [1, 9]}, r"region 'loop' .*\(1, 2, 3\); it names labels \[9\]"),
        ({"loop": []}, "it names no label"),
    ],
)
def test_regions_that_are_not_there_are_refused(names, message):
    with pytest.raises(InputError, match=message):
        named_regions(names, np.array([1, 2, 3]))


def test_regions_are_neighbours_where_they_share_a_border_or_a_segment():
    segments = np.array([[0, 1], [2, 3]])
    regions = np.array([[1, 0, 0, 0], [0, 0, 0, 1], [1, 1, 0, 0], [0, 0, 1, 0]], dtype=bool)
    near = region_neighbours(segments, regions)
    wanted = [[0, 0, 1, 1], [0, 0, 1, 1], [1, 1, 0, 1], [1, 1, 1, 0]]  # corners do not count
    assert near.astype(int).tolist() == wanted
