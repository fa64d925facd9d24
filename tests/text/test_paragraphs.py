"""What a paragraph says once, and what it leaves out."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import made
from cilens.text import about
from cilens.text.cautions import cautions
from reading import with_tables

SCORES = (0.7, 0.3)


def checked(**changes):
    """Return a check of an empty highlight whose blank image is the other class."""
    return made.check(0, alone=(0.1, 1), without=(0.7, 0), blank=(0.1, 1), empty=True)._replace(
        **changes
    )


def test_what_speaks_against_the_target_is_said_once():
    both = with_tables([[0.4, 0.0], [-0.2, 0.3]], SCORES).describe()
    assert "although region 1 matters to it and speaks against class 0." in both
    assert both.count("speak") == 1
    apart = with_tables([[0.4, 0.0], [-0.2, 0.0]], SCORES).describe()
    assert "Region 1 speaks against class 0 (by 20 %)." in apart
    only = with_tables([[0.4], [-0.2]], (0.7,)).describe()
    assert "Region 1 lowers the score (by 20 %)." in only


def test_the_first_form_stands_where_it_says_more():
    said = "because region 0 matters to class 0 and not to class 1."
    assert said in with_tables([[0.4, 0.0], [0.4, 0.3]], SCORES).describe()
    assert said not in with_tables([[0.4, 0.0], [0.0, 0.0]], SCORES).describe()
    assert "although" not in with_tables([[0.4, 0.3], [0.4, 0.3]], SCORES).describe()


def limits(high):
    return np.array([[0.0, 0.0], [high, 10.0]])


def test_saturation_is_a_share_of_the_range():
    wide = with_tables([[0.001, 0.0]], SCORES)
    near = dataclasses.replace(wide, scores=wide.scores * 10, output_range=limits(7.001))
    far = dataclasses.replace(near, output_range=limits(7.1))
    said = "a score this near its limit hides small effects"
    assert said in cautions(about(near))
    assert said not in cautions(about(far))
    strong = dataclasses.replace(near, influence=near.influence + 0.1)
    assert said not in cautions(about(strong))  # nothing is hidden there


@pytest.mark.parametrize(
    ("influence", "asked", "changes", "hint"),
    [
        (0.2, None, {}, True),
        (0.31, None, {}, False),  # more than half of the 60 % they take together
        (0.0, None, {"blank_score": 0.5}, False),  # they take little
        (0.2, "other", {}, False),  # nothing was hidden one at a time
        (0.2, None, {"blank_predicted": 0}, False),  # the blank image is the target anyway
    ],
)
def test_regions_that_stand_in_for_one_another(influence, asked, changes, hint):
    e = with_tables([[influence, 0.0]], SCORES)
    e = dataclasses.replace(e, asked=asked or e.asked)
    found = cautions(about(e, check=checked(empty=influence < 0.01, **changes)))
    assert any("stand in for one another: hiding" in caution for caution in found) == hint
