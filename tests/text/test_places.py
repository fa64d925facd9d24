"""Places and ink, on regions one can draw."""

from __future__ import annotations

import numpy as np
import pytest

from cilens.methods import ContextualImportance
from cilens.segmentation import Grid
from cilens.text.places import ink, place


def drawn(rows, columns, size=30):
    mask = np.zeros((size, size), bool)
    mask[rows, columns] = True
    return mask


THIRDS = [slice(0, 10), slice(10, 20), slice(20, 30)]
NINE = [
    "in the upper left", "at the top", "in the upper right",
    "on the left", "in the centre", "on the right",
    "in the lower left", "at the bottom", "in the lower right",
]  # fmt: skip


@pytest.mark.parametrize("cell", range(9))
def test_the_nine_thirds(cell):
    assert place(drawn(THIRDS[cell // 3], THIRDS[cell % 3])) == NINE[cell]


@pytest.mark.parametrize(
    ("rows", "columns", "where"),
    [
        (slice(0, 4), slice(12, 18), "at the upper edge"),
        (slice(27, 30), slice(12, 18), "at the lower edge"),
        (slice(12, 18), slice(0, 4), "at the left edge"),
        (slice(12, 18), slice(26, 30), "at the right edge"),
        (slice(0, 3), slice(0, 3), "in the upper left corner"),
        (slice(27, 30), slice(27, 30), "in the lower right corner"),
        (slice(0, 3), slice(3, 9), "in the upper left"),
        (slice(0, 30), slice(0, 8), "down the left side"),
        (slice(0, 30), slice(10, 20), "down the middle"),
        (slice(2, 28), slice(24, 30), "down the right side"),
        (slice(0, 8), slice(0, 30), "along the top"),
        (slice(11, 19), slice(0, 30), "across the middle"),
        (slice(22, 30), slice(0, 30), "along the bottom"),
        (slice(0, 30), slice(0, 30), "across most of the image"),
        (slice(0, 15), slice(0, 15), "in the upper left"),
    ],
)
def test_edges_corners_and_long_regions(rows, columns, where):
    assert place(drawn(rows, columns)) == where


def test_one_stray_pixel_makes_no_region_long():
    mask = drawn(slice(0, 10), slice(0, 10))
    mask[29, 0] = True
    assert place(mask) == "in the upper left"


def test_places_need_no_square():
    mask = np.zeros((10, 60), bool)
    mask[:3, 50:] = True
    assert place(mask) == "in the upper right"
    assert place(np.ones((1, 1), bool)) == "across most of the image"


def test_ink_is_the_share_of_the_brightness(constant_model):
    image = np.zeros((4, 4, 1), np.uint8)
    image[:2, :2] = 150
    image[3, 3] = 200
    method = ContextualImportance(Grid(2, 2), regions={"top": [0, 1], "left": [0, 2], "end": [3]})
    e = method(constant_model, image)
    np.testing.assert_allclose(ink(e), [0.75, 0.75, 0.25], rtol=1e-6)
    assert not ink(method(constant_model, np.zeros((4, 4, 3)))).any()
