"""A segmentation of one's own comes in whatever holds labels or masks, and through the view."""

from __future__ import annotations

import numpy as np
import PIL.Image
import pytest
import torch

import cilens
from cilens.errors import InputError
from cilens.models.preprocess.record import Preprocess
from cilens.pixels import whole
from cilens.segmentation import Labels, segment

MAP = np.array([[3, 3, 5], [5, 9, -1]])
EMPTY = np.zeros((2, 3, 1))


@pytest.mark.parametrize(
    "source", [MAP, MAP.tolist(), torch.tensor(MAP), tuple(map(tuple, MAP)), MAP.astype(np.int8)]
)
def test_labels_come_in_anything_that_holds_integers(source):
    np.testing.assert_array_equal(Labels(source)(EMPTY), MAP)
    assert Labels(source) == Labels(source)
    assert hash(Labels(source)) == hash(Labels(source))


def test_pictures_of_labels_are_read_without_conversion():
    picture = PIL.Image.fromarray(np.array([[3, 7]], np.uint8))
    palette = picture.copy()
    palette.putpalette([0] * 768)
    for source in (picture, palette):
        assert Labels(source)(EMPTY).tolist() == [[3, 7]]


def test_a_mask_is_two_segments(tmp_path):
    mask = np.array([[True, False, True], [False, False, False]])
    for source in (mask, mask.tolist(), torch.tensor(mask)):
        assert Labels(source)(EMPTY).tolist() == mask.astype(int).tolist()
    PIL.Image.fromarray(mask).save(tmp_path / "mask.png")
    assert Labels(str(tmp_path / "mask.png"))(EMPTY).tolist() == mask.astype(int).tolist()


def test_masks_are_segments_with_smaller_ones_on_top(tmp_path):
    large, small, apart = (np.zeros((4, 4), bool) for _ in range(3))
    large[:3, :3] = small[1, 1] = apart[3, 3] = True
    expected = np.zeros((4, 4), int)
    expected[:3, :3], expected[1, 1], expected[3, 3] = 2, 1, 3
    masks = np.stack([small, large, apart])
    np.save(tmp_path / "masks.npy", masks)
    found_by_sam = [{"segmentation": mask, "area": mask.sum()} for mask in masks]
    for source in (masks, masks[:, None], torch.tensor(masks), found_by_sam, masks.tolist()):
        np.testing.assert_array_equal(Labels(source)(EMPTY), expected)
    np.testing.assert_array_equal(Labels(tmp_path / "masks.npy")(EMPTY), expected)


@pytest.mark.parametrize(
    "source",
    [
        np.zeros((2, 3)),
        np.zeros((2, 3, 3), np.uint8),
        np.zeros(6, bool),
        [[1, 2], [3]],
        [],
        [{"mask": np.zeros((2, 3), bool)}],
        torch.zeros(2, 3).requires_grad_(),
        object(),
    ],
)
def test_what_holds_no_labels_is_refused(source):
    with pytest.raises(InputError, match="labels must be"):
        Labels(source)


@pytest.mark.parametrize(("fit", "crop"), [("crop", 0.875), ("stretch", 1.0), ("crop", 1.0)])
def test_labels_of_the_photograph_go_through_the_networks_geometry(fit, crop):
    rows, columns = np.indices((60, 90))
    labels = (rows // 7) * 100 + columns // 11
    photograph = np.stack([rows / 100, columns / 100, rows * 0.0], axis=2).astype(np.float32)
    view = Preprocess((30, 30), fit=fit, crop=crop, resample="nearest").view(photograph)
    found, own = segment(Labels(labels), view._replace(size=(60, 90)))
    seen = np.rint(view.image * 100).astype(int)  # where each pixel comes from
    expected = (seen[..., 0] // 7) * 100 + seen[..., 1] // 11
    np.testing.assert_array_equal(own[found], expected)


def test_a_network_that_crops_takes_labels_of_the_photograph():
    class Cropping:
        class_names = ()

        def view(self, image):
            return Preprocess((8, 8), 1, fit="crop").view(image)

        def __call__(self, images):
            return images.mean(axis=(1, 2))

    photograph = np.full((32, 48, 1), 0.5, np.float32)
    labels = np.zeros((32, 48), int)
    labels[:, 24:] = 1
    found = cilens.ContextualImportance(Labels(labels))(Cropping(), photograph)
    assert found.segments.tolist() == [[0] * 4 + [1] * 4] * 8
    small = cilens.ContextualImportance(Labels(labels[:8, :8]))(Cropping(), photograph)
    assert small.segments.shape == (8, 8)
    with pytest.raises(InputError, match=r"image's shape \(8, 8\), or that of the image given"):
        cilens.ContextualImportance(Labels(labels[:20]))(Cropping(), photograph)


def test_what_a_view_shows_beyond_the_image_is_a_segment_of_its_own():
    view = whole(np.zeros((4, 4, 1)))._replace(box=(-1.0, -1.0, 3.0, 3.0), size=(3, 3))
    found, own = segment(Labels(np.arange(9).reshape(3, 3)), view)
    assert own[found].tolist() == [[9, 9, 9, 9], [9, 0, 1, 2], [9, 3, 4, 5], [9, 6, 7, 8]]
