"""The shape of an output tells which networks are no classifiers, and what works for them."""

from __future__ import annotations

import numpy as np
import pytest

from cilens.errors import InputError, ModelError
from cilens.models.kinds import kind_of
from cilens.models.scores import count_classes, to_scores


@pytest.mark.parametrize(
    ("shapes", "what", "way"),
    [
        ([("n", 21, 65, 65)], "maps, .* segmentation", "mean over all pixels"),
        ([(1, 3, None, None)], "maps, ", "each map's mean"),
        ([(1, 25200, 85)], "detectors such as YOLO", "cilens.detector"),
        ([("n", 84, 8400)], "detectors such as YOLO", "cilens.detector"),
        (
            [(1, 100, 4), (1, 100), (1, 100), (1,)],
            "several arrays, .* detectors",
            "cilens.detector",
        ),
    ],
)
def test_networks_that_are_no_classifiers(shapes, what, way):
    found = kind_of(shapes)
    assert what.partition(" .* ")[0] in found.what
    assert what.rpartition(" .* ")[2] in found.what
    assert way in found.way
    assert not found.explained


@pytest.mark.parametrize("shape", [("n", 1), (None,)])
def test_one_number_may_be_a_regression(shape):
    found = kind_of([shape])
    assert found.explained
    assert "a regression is explained as it is" in found.way


@pytest.mark.parametrize(
    "shapes", [[("n", 1000)], [("n", 10, 1, 1)], [("n", 1000), ("n", 5)], [("n", None)], []]
)
def test_classifiers_are_not_named(shapes):
    assert kind_of(shapes) is None


@pytest.mark.parametrize(
    ("shape", "way"), [((2, 3, 8, 8), "maps, (2, 3, 8, 8)"), ((2, 100, 85), "cilens.detector")]
)
def test_the_error_for_scores_says_it_too(shape, way):
    with pytest.raises(ModelError, match=r"one row of scores for each image, \(2, classes\)") as e:
        to_scores(np.zeros(shape, np.float32), 2, "none", ())
    assert way in str(e.value)


def test_a_class_for_the_background_is_named_in_the_error():
    names = ("background", *"abcdefghijklmnopqrst")
    with pytest.raises(InputError, match="20; got 21: leave the first out, 'background', which"):
        count_classes(20, "none", names)
    with pytest.raises(InputError, match="21; got 20: where the network's first class is the back"):
        count_classes(21, "none", names[1:])
    assert count_classes(21, "none", names) == 21
