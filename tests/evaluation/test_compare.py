"""Several methods on one image, judged alike."""

from __future__ import annotations

import numpy as np
import pytest

import cilens
from cilens.evaluation.compare import compare, ink_precision
from cilens.methods import ContextualImportance
from cilens.methods.occlusion import Occlusion
from cilens.methods.random import RandomAttribution
from cilens.metrics.flipping import Flipping
from cilens.segmentation import Grid

METHODS = {
    "contextual": ContextualImportance(Grid(4, 4)),
    "occlusion": Occlusion(size=4, stride=2, value=0.0),
    "random": RandomAttribution(Grid(4, 4), seed=3),
}


def test_each_is_judged_by_the_same_judges(corner_model):
    image = np.ones((8, 8, 1))
    rows = []
    found = {one.name: one for one in compare(corner_model, image, METHODS, progress=rows.append)}
    assert list(found) == list(METHODS)
    assert sum(rows) == 17 + 10 + 1 == sum(one.explanation.model_rows for one in found.values())
    for name, one in found.items():
        assert one.seconds > 0
        again = METHODS[name](corner_model, image)
        np.testing.assert_array_equal(one.explanation.influence, again.influence)
        curves = Flipping().curves(corner_model, image, again.saliency(1), 1)
        assert one.curves.srg == curves.srg
        assert one.check.target == 1
    assert found["contextual"].curves.srg > 0.5 > found["random"].curves.srg


def test_the_target_is_the_callers(corner_model):
    (one,) = compare(corner_model, np.ones((8, 8, 1)), {"a": METHODS["contextual"]}, target=0)
    assert one.check.target == 0
    assert one.check.empty


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (np.ones((8, 8, 1)), 1.0),
        (np.ones((8, 8, 3)), None),
        (np.zeros((8, 8, 1)), None),
    ],
)
def test_ink_is_what_a_grey_image_has_above_black(corner_model, image, expected):
    explanation = ContextualImportance(Grid(4, 4))(corner_model, image)
    assert ink_precision(explanation, image, 1) == expected


def test_a_region_that_is_half_ink_has_half_its_influence_there(corner_model):
    image = np.zeros((8, 8, 1))
    image[:, ::2] = 1.0
    explanation = ContextualImportance(Grid(2, 2))(corner_model, image)
    assert ink_precision(explanation, image, 1) == 0.5


def test_on_a_digit_the_drawn_region_is_mostly_ink():
    model, image = cilens.load_model("digits"), cilens.read_image("mnist:0")
    explanation = ContextualImportance.paper()(model, image)
    share = ink_precision(explanation, image, 7)
    assert 0.8 < share <= 1
