"""Every pixel has one label; gaps are closed in one place; the caller's labels are kept."""

from __future__ import annotations

import numpy as np
import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from skimage.measure import label as components

from cilens.errors import FileError, InputError
from cilens.segmentation import Felzenszwalb, Grid, Labels, Quickshift, Slic, Watershed, segment

SEGMENTERS = [Slic(), Slic(9), Felzenszwalb(), Quickshift(), Watershed(), Watershed(9), Grid()]


@given(
    hnp.arrays(
        st.sampled_from([np.uint8, np.int8, np.int64, np.uint16]),
        hnp.array_shapes(min_dims=2, max_dims=2, max_side=6),
        elements=st.integers(0, 100),
    ),
    st.integers(-100, 0),
)
def test_gaps_are_closed_and_labels_kept(labels, shift):
    labels = labels + np.asarray(shift, labels.dtype) if labels.dtype.kind == "i" else labels
    segments, own = segment(Labels(labels), np.zeros((*labels.shape, 1)))
    np.testing.assert_array_equal(own[segments], labels)
    assert np.unique(segments).tolist() == list(range(len(own)))


@pytest.mark.parametrize("segmenter", SEGMENTERS, ids=repr)
@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 1, 3), (1, 9, 1), (5, 2, 3), (28, 28, 1)])
@pytest.mark.parametrize("dtype", ["f4", "f8", "u1"])
def test_any_image_is_split_the_same_way_twice(segmenter, shape, dtype):
    pixels = np.random.default_rng(3).uniform(0, 1, shape)
    image = (pixels * 255 if dtype == "u1" else pixels).astype(dtype)
    before = image.copy()
    segments, own = segment(segmenter, image)
    assert segments.shape == shape[:2]
    assert len(own) == segments.max() + 1
    np.testing.assert_array_equal(segment(segmenter, image)[0], segments)
    np.testing.assert_array_equal(image, before)


def test_slic_and_grid_are_connected_on_500_digits():
    from cilens.datasets.mnist import load_mnist

    digits = load_mnist()[0][:500]
    counts = []
    for digit in digits:
        image = (digit / np.float32(255))[..., None]
        segments, own = segment(Slic(9), image)
        counts.append(len(own))
        parts = components(segments, background=-1, connectivity=2)
        assert parts.max() == len(own)
    assert min(counts) >= 5
    assert max(counts) <= 10


def test_slic_follows_the_digit_where_a_large_compactness_does_not():
    image = np.zeros((28, 28, 1), np.float32)
    image[4:24, 12:16] = 1
    ink = image[..., 0] > 0

    def mixed(compactness):
        segments, own = segment(Slic(9, compactness=compactness), image)
        return sum(0 < ink[segments == label].mean() < 1 for label in range(len(own)))

    assert mixed(0.3) == 0
    assert mixed(10.0) == 3


def test_grid_is_even():
    segments = Grid(rows=3, columns=4)(np.zeros((10, 11, 1)))
    sides = {(np.ptp(rows) + 1, np.ptp(columns) + 1) for rows, columns in
             (np.nonzero(segments == label) for label in range(12))}  # fmt: skip
    assert sides == {(3, 2), (3, 3), (4, 2), (4, 3)}
    assert Grid(rows=9, columns=9)(np.zeros((2, 3, 1))).tolist() == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (np.zeros((28, 27), int), r"shape \(28, 28\); got \(28, 27\)"),
        (np.zeros((28, 28)), "must be integers; got dtype float64"),
        (np.zeros((28, 28, 1), int), r"got \(28, 28, 1\)"),
    ],
)
def test_an_answer_that_is_no_segmentation_is_refused(answer, message):
    with pytest.raises(InputError, match=message):
        segment(lambda image: answer, np.zeros((28, 28, 1)))


def test_labels_from_files_compare_and_hash(tmp_path):
    labels = np.array([[3, 3], [5, 9]], np.uint8)
    np.save(tmp_path / "a.npy", labels)
    PIL.Image.fromarray(labels).save(tmp_path / "a.png")
    for name in ("a.npy", "a.png"):
        found = Labels(str(tmp_path / name))(np.zeros((2, 2, 1)))
        np.testing.assert_array_equal(found, labels)
    assert Labels(labels) == Labels(labels.copy())
    assert hash(Labels(labels)) == hash(Labels(labels.copy()))
    assert Labels(labels) != Labels(labels.astype(int))
    assert Labels("a.png") != Labels("b.png")
    with pytest.raises(FileError, match=r"none\.npy does not exist"):
        Labels(tmp_path / "none.npy")(np.zeros((2, 2, 1)))


@pytest.mark.parametrize(
    "make",
    [
        lambda: Slic(n_segments=0),
        lambda: Slic(compactness=-1.0),
        lambda: Felzenszwalb(scale=0.0),
        lambda: Quickshift(max_dist=0.0),
        lambda: Watershed(n_segments=0),
        lambda: Grid(columns=-1),
    ],
)
def test_settings_below_their_bounds_are_refused(make):
    with pytest.raises(InputError, match="must be above 0"):
        make()
