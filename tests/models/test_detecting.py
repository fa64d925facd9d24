"""A detector becomes a model of its detections; the detectors here can be written down."""

from __future__ import annotations

import dataclasses
import pickle

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

import cilens
from cilens import detector, plot
from cilens.errors import InputError, ModelError
from cilens.followup.highlight import check_highlight
from cilens.followup.minimal import MinimalSearch
from cilens.metrics.localization import outside_share
from cilens.testing import check_model
from drawn import drawn_texts

HIDE = cilens.Constant(0.0)
CELLS = cilens.ContextualImportance(cilens.Grid(4, 6), (HIDE,))
"""Cells of 2 x 2 pixels in images of 8 x 12."""


def blobs(image):
    """Detect what hangs together and is brighter than a half: wide or tall, its mean the score."""
    marked, _ = ndimage.label(image[..., 0] > 0.5)
    boxes, labels, scores = [], [], []
    for index, (rows, columns) in enumerate(ndimage.find_objects(marked), start=1):
        boxes.append((columns.start, rows.start, columns.stop, rows.stop))
        wide = columns.stop - columns.start >= rows.stop - rows.start
        labels.append("bar" if wide else "post")
        scores.append(float(image[..., 0][marked == index].mean()))
    return boxes, labels, scores


def two_things():
    """Return a bar of two cells at the upper left, and a post of two at the lower right."""
    image = np.zeros((8, 12, 1))
    image[0:2, 2:6] = 0.8
    image[4:8, 8:10] = 1.0
    return image


def boat(image):
    """Detect one bright thing, surer of it the brighter the water at the bottom is."""
    thing = image[2:4, 4:8].mean()
    if thing <= 0.5:
        return [], [], []
    return [(4, 2, 8, 4)], [8], [0.4 + 0.6 * float(image[6:8].mean())]


def test_each_detection_is_a_class():
    image = two_things()
    model = detector(blobs, image)
    assert model.class_names == ("post at (8 4 10 8)", "bar at (2 0 6 2)")
    assert model(image[None])[0].tolist() == pytest.approx([1.0, 0.8])
    check_model(model, image)


def test_the_regions_of_an_object_are_those_that_it_is_made_of():
    image = two_things()
    explanation = CELLS(detector(blobs, image), image)
    post, bar = explanation.importance.T.reshape(2, 4, 6)
    # Half of the post is a square: a bar, no post at all. Half of the bar is still a bar, at half.
    assert np.flatnonzero(post).tolist() == [16, 22]
    np.testing.assert_allclose(post[[2, 3], [4, 4]], 1.0)
    assert np.flatnonzero(bar).tolist() == [1, 2]
    np.testing.assert_allclose(bar[0, 1:3], 0.4)
    for index, box in enumerate(detector(blobs, image).boxes):
        assert outside_share(explanation, box, index) == 0.0


def test_two_objects_own_their_regions():
    image = two_things()
    explanation = CELLS(detector(blobs, image), image)
    found = cilens.find_objects(explanation)
    assert found.classes == (0, 1)
    assert found.own.tolist() == [1.0, 1.0]
    assert np.flatnonzero(found.owner == 0).tolist() == [16, 22]
    assert np.flatnonzero(found.owner == 1).tolist() == [1, 2]


def test_an_object_that_depends_on_its_context():
    image = np.full((8, 12, 1), 0.0)
    image[2:4, 4:8], image[6:8] = 1.0, 0.5
    model = detector(boat, image, label_names=("",) * 8 + ("boat",))
    assert model.class_names == ("boat at (4 2 8 4)",)
    explanation = CELLS(model, image)
    np.testing.assert_allclose(explanation.scores, 0.7)
    influence = explanation.influence[:, 0].reshape(4, 6)
    # Either half alone is as bright as a half: nothing is detected. Each cell of water adds 0.05.
    np.testing.assert_allclose(influence[1, 2:4], 0.7)
    np.testing.assert_allclose(influence[3], 0.05)
    context = outside_share(explanation, model.boxes[0])
    assert context == pytest.approx(0.3 / (1.4 + 0.3))
    assert outside_share(explanation, model.boxes[0], threshold=0.06) == pytest.approx(0)
    assert outside_share(explanation, model.boxes[0], threshold=0.9) is None


def test_what_may_be_noise_is_no_context():
    image = np.full((8, 12, 1), 0.0)
    image[2:4, 4:8], image[6:8] = 1.0, 0.5
    model = detector(boat, image)
    explanation = CELLS(model, image)
    unsure = dataclasses.replace(explanation, margin=np.full_like(explanation.influence, 0.06))
    assert outside_share(explanation, model.boxes[0]) > 0.1
    assert outside_share(unsure, model.boxes[0]) == pytest.approx(0)


def test_the_figure_draws_the_box_and_tells_the_context(monkeypatch):
    image = np.full((8, 12, 1), 0.0)
    image[2:4, 4:8], image[6:8] = 1.0, 0.5
    model = detector(boat, image)
    explanation = CELLS(model, image)
    figure = plot.objects_figure(explanation, cilens.find_objects(explanation), model.boxes)
    texts = [text.get_text() for text in drawn_texts(figure, monkeypatch)]
    assert "8 at (4 2 8 4)" in texts
    assert "70.0 %; 8 regions, 18 % outside" in texts
    assert [len(ax.patches) for ax in figure.axes] == [1, 0, 1]


def test_words_checks_and_searches_take_it_as_any_model():
    image = two_things()
    model = detector(blobs, image)
    explanation = CELLS(model, image)
    check = check_highlight(model, explanation, HIDE, target=1)
    assert (check.score, check.remainder_score) == (pytest.approx(0.8), 0.0)
    assert "bar at (2 0 6 2)" in explanation.describe(check, target=1)
    sets = MinimalSearch(HIDE)(model, explanation, 1)
    assert np.flatnonzero(sets.sufficient.regions).tolist() == [1, 2]


def test_score_vectors_are_compared_by_the_angle_between_them():
    def detect(image):
        sure = float(image[0, 0, 0])
        return [(0, 0, 2, 2)], [[sure, 1 - sure]], [0.5]

    model = detector(detect, np.ones((2, 2, 1)), label_names=("cat", "dog"))
    assert model.class_names == ("cat at (0 0 2 2)",)
    ones, half, none = np.ones((2, 2, 1)), np.full((2, 2, 1), 0.5), np.zeros((2, 2, 1))
    scores = model(np.stack([ones, half, none])).ravel()
    np.testing.assert_allclose(scores, [0.5, 0.5 / np.sqrt(2), 0.0])


def test_the_best_match_counts_and_other_labels_do_not():
    found = [(0, 0, 4, 4), (0, 0, 4, 2), (0, 0, 4, 4)], ["cat", "cat", "dog"], [0.4, 0.9, 0.8]
    model = detector(lambda _: found, np.zeros((4, 4, 1)), least=0.3)
    assert model.class_names == (
        "cat at (0 0 4 2)",
        "dog at (0 0 4 4)",
        "cat at (0 0 4 4)",
    )
    # The large cat matches itself at 0.4, and the small one at half of 0.9.
    np.testing.assert_allclose(model(np.zeros((1, 4, 4, 1)))[0], [0.9, 0.8, 0.45])


boxes = st.tuples(*[st.integers(0, 6)] * 4).map(
    lambda box: (min(box[::2]), min(box[1::2]), max(box[::2]) + 1, max(box[1::2]) + 1)
)


@given(boxes, boxes)
def test_overlap_is_that_of_the_pixels(one, other):
    def pixels(box):
        return {(x, y) for x in range(box[0], box[2]) for y in range(box[1], box[3])}

    model = cilens.Detector(lambda _: ([other], ["a"], [1.0]), (8, 8, 1), (one,), ("a",), ("a",))
    expected = len(pixels(one) & pixels(other)) / len(pixels(one) | pixels(other))
    assert model(np.zeros((1, 8, 8, 1))).item() == pytest.approx(expected)


def test_an_image_of_another_size_needs_a_detector_of_its_own():
    model = detector(blobs, two_things())
    with pytest.raises(InputError, match=r"in an image of \(8, 12, 1\); got one of \(8, 10, 1\)"):
        cilens.explain(model, np.zeros((8, 10, 1)))


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (([], [], []), "a detection to explain, from a score of 0.5 on; got no box"),
        (([(0, 0, 1, 1)], ["a"], [0.2]), "got the best score is 0.2: lower least="),
        (([(9, 0, 10, 1)], ["a"], [1.0]), "lie in the image, 4 high and 4 wide; got (9, 0, 10, 1)"),
        (
            ([(3, 0, 1, 1)], ["a"], [1.0]),
            "no edge beyond its opposite; got (3, 0, 1, 1)",
        ),
        (([(0, 0, 1, 1)], ["a"], [1.5]), "scores must be in [0, 1]; got 1.5 … 1.5"),
        (([(0, 0, 1, 1)], ["a", "b"], [1.0]), "got shapes (1, 4), (2,) and (1,)"),
        (([(0, 0, 1)], ["a"], [1.0]), "got shapes (1, 3), (1,) and (1,)"),
        (([(0, 0, 1, 1)], ["a"]), "must return (boxes, labels, scores); got 2"),
        ({"boxes": []}, "must return (boxes, labels, scores); got dict"),
        (
            ([(0, 0, 2, 2)], [3], [1.0]),
            "must have a name for each label; got none for 3",
        ),
    ],
)
def test_what_does_not_fit_is_refused(answer, message, unchecked):
    with pytest.raises((InputError, ModelError)) as error:
        detector(lambda _: answer, np.zeros((4, 4, 1)), label_names=("a",))
    for part in message.split(".* "):
        assert part in str(error.value)


def test_labels_stay_of_one_kind():
    def detect(image):
        labels = ["a"] if image.any() else [[0.1, 0.9]]
        return [(0, 0, 1, 1)], labels, [1.0]

    model = detector(detect, np.ones((2, 2, 1)))
    with pytest.raises(ModelError, match="labels must be of one kind in every image"):
        model(np.zeros((1, 2, 2, 1)))


LAMP = np.full((40, 60, 1), 0.5)
LAMP[10:20, 10:30] = 1.0


@pytest.mark.parametrize(
    ("box_format", "box_unit", "box"),
    [
        ("xyxy", "pixels", (10, 10, 30, 20)),
        ("xyxy", "shares", (10 / 60, 10 / 40, 30 / 60, 20 / 40)),
        ("yxyx", "shares", (10 / 40, 10 / 60, 20 / 40, 30 / 60)),
        ("xywh", "pixels", (10, 10, 20, 10)),
        ("cxcywh", "shares", (20 / 60, 15 / 40, 20 / 60, 10 / 40)),
    ],
)
def test_the_same_detection_however_its_box_is_written(box_format, box_unit, box):
    def detect(image):
        return [box], ["lamp"], [float(image[10:20, 10:30].mean())]

    model = detector(detect, LAMP, box_format=box_format, box_unit=box_unit)
    assert model.class_names == ("lamp at (10 10 30 20)",)
    np.testing.assert_allclose(model.boxes[0], (10, 10, 30, 20))
    explanation = CELLS(model, LAMP)
    assert outside_share(explanation, model.boxes[0], 0) == 0.0
    assert pickle.loads(pickle.dumps(dataclasses.replace(model, detect=blobs))).box_unit == box_unit


@pytest.mark.parametrize(
    ("box", "message"),
    [
        ((10 / 60, 10 / 40, 30 / 60, 20 / 40), "be in pixels of an image of 40 x 60; .* shares"),
        (
            (40, 10, 20, 20),
            "have no edge beyond its opposite; .*box_format: xyxy, yxyx, xyw",
        ),
        ((10, 10, 30, 10), "have an area"),
        ((10, 10, 300, 20), "lie in the image, 40 high and 60 wide; .* or clip them"),
    ],
)
def test_a_convention_that_cannot_be_right_is_refused(box, message):
    with pytest.raises(ModelError, match=f"a detector's boxes must {message}"):
        detector(lambda _: ([box], ["lamp"], [1.0]), LAMP)


def test_a_convention_is_known_or_refused():
    with pytest.raises(InputError, match="unknown box_format 'ltrb'"):
        detector(blobs, LAMP, box_format="ltrb")


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("listed", [False, True])
def test_tensors_with_a_gradient_are_taken(dtype, listed):
    def detect(image):
        boxes = torch.tensor([[10.0, 10, 30, 20]], requires_grad=True, dtype=dtype)
        scores = torch.tensor([float(image[10:20, 10:30].mean())], requires_grad=True, dtype=dtype)
        labels = torch.tensor([1])
        return ([*boxes], [*labels], [*scores]) if listed else (boxes, labels, scores)

    model = detector(detect, LAMP, label_names={1: "lamp"})
    assert model.class_names == ("lamp at (10 10 30 20)",)
    np.testing.assert_allclose(model(np.stack([LAMP, LAMP * 0.75])).ravel(), [1.0, 0.75])


def test_what_a_detector_returns_must_be_numbers(unchecked):
    with pytest.raises(ModelError, match="a detector's boxes must be numbers in an array; got str"):
        detector(lambda _: ("boxes", ["lamp"], [1.0]), LAMP)
    with pytest.raises(ModelError, match="a detector's labels must be one for each box"):
        detector(lambda _: ([(1, 1, 5, 5)] * 2, [[1], [1, 2]], [1.0, 1.0]), LAMP)


@pytest.mark.parametrize("box", [(0.1, 0.1, 0.5, 0.5), (10, 10, 10, 20), (10, 10, 90, 20)])
def test_the_share_outside_is_of_a_box_in_pixels(box):
    explanation = CELLS(lambda images: images.mean(axis=(1, 2)), LAMP)
    with pytest.raises(InputError, match=r"a box must .*: give the edges, in pixels"):
        outside_share(explanation, box)
