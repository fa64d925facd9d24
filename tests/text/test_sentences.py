"""Sentences about explanations one can write down."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest

from cilens.errors import InputError
from cilens.followup.highlight import check_highlight
from cilens.followup.missing import Missing
from cilens.methods import ContextualImportance
from cilens.methods.lime import Lime
from cilens.perturbation import Constant
from cilens.scoring.statement import StatedModel
from cilens.segmentation import Grid
from cilens.text import about, because, because_not, describe, paragraph
from cilens.text.cautions import cautions
from cilens.text.sentence import outcome
from reading import with_tables

HALVES, QUARTERS = Grid(rows=1, columns=2), Grid(rows=2, columns=2)
NAMES = ("tabby, tabby cat", "crane", "crane")


def left_and_right(images):
    """Score the brightness of the left half, of the right half, and of neither."""
    means = images.mean(axis=(1, 3))
    width = means.shape[1] // 2
    left, right = means[:, :width].mean(axis=1), means[:, width:].mean(axis=1)
    return np.stack([left, right, 1 - np.maximum(left, right)], axis=1)


def halves(left=0.8, right=0.4):
    image = np.repeat([[[left], [right]]], 4, axis=0).repeat(4, axis=1)
    return ContextualImportance(HALVES)(left_and_right, image)


def test_a_whole_paragraph():
    e = halves()
    check = check_highlight(left_and_right, e)
    assert e.describe(check) == (
        "The model calls this image class 0 and is fairly sure (80.0 %). Hidden one at a time, one "
        "of its two regions lowers the score by 1 % or more: region 0 down the left side is highly "
        "important (80 %). Hide it and the answer is class 2 (class 0 falls to 0 %). Shown alone, "
        "it still gives class 0 (80.0 %). It is more class 0 than class 1, because region 0 "
        "matters to class 0 and not to class 1. It is less class 1 (runner-up, 40.0 %) than class "
        "0, because class 0 gets more (80.0 %), although region 1 matters to it. All scores add up "
        "to 140 %, so several classes may be present."
    )


def test_classes_that_do_not_exclude_each_other_are_said_to_be_more_or_less():
    several, one = (with_tables([[0.5, 0.0], [0.0, 0.3]], scores) for scores in (SUM, (0.6, 0.4)))
    assert because(about(several)).startswith("It is more class 0 than class 1, because")
    assert because_not(about(several)).startswith(
        "It is less class 1 (runner-up, 80.0 %) than class"
    )
    said = "all scores add up to 170 %, so several classes may be present"
    assert said in cautions(about(several))
    assert because(about(one)).startswith("It is class 0, because")
    assert because_not(about(one)).startswith("It is not class 1 (runner-up, 40.0 %)")
    assert not any("add up" in caution for caution in cautions(about(one)))
    logits = with_tables([[0.5, 0.2]], SUM, output_range=np.array([[0.0, 0.0], [5.0, 5.0]]))
    assert not any("add up" in caution for caution in cautions(about(logits)))


SUM = (0.9, 0.8)


def test_long_lists_are_counted():
    e = with_tables([[0.1 - 0.01 * row, 0.0] for row in range(9)], (0.7, 0.3))
    said = "regions 0, 1, 2, 3 and five more matter to class 0"
    assert said in because(about(e))
    assert paragraph.regions(about(e, threshold=0.025)).endswith("; five more follow.")
    assert "eight of its nine regions lower" in paragraph.regions(about(e, threshold=0.025))
    assert "all of its nine regions lower" in paragraph.regions(about(e))
    assert "both of its regions lower" in paragraph.regions(about(with_tables([[0.4], [0.3]], [1])))


def test_names_and_lists_of_names():
    e = dataclasses.replace(halves(), class_names=NAMES, region_names=("upper loop", "stem"))
    text = e.describe()
    assert "calls this image “tabby” and" in text
    assert "region “upper loop” down the left side is" in text
    assert "“crane (1)”" in text  # two classes have this name
    numbered = dataclasses.replace(halves(), class_names=("5", "6", "7"))
    assert "as 5 and" in numbered.describe(kind="digit")
    assert "image “5” and" in numbered.describe()


def test_a_region_placed_before_is_not_placed_again():
    e = halves()
    gain = np.array([0.1, 0.3])
    missing = Missing(1, gain, e.scores[1] + gain, np.array([0, 1]), np.ones((4, 8, 1)), 2)
    assert paragraph.lacking(about(e), missing) == (
        "For class 1, region 1 down the right side would have to look different; with that of a "
        "prototype, class 1 rises from 40.0 % to 70.0 % and wins."
    )
    first = missing._replace(gain=gain[::-1], predicted=np.array([2, 0]))
    assert "region 0 down the left side lacks" in paragraph.lacking(about(e, kind="digit"), first)
    assert paragraph.lacking(about(e, kind="digit"), first, 1) == (
        "For 1, region 0 lacks ink; with that of a prototype, 1 rises from 40.0 % to 50.0 %, and 2 "
        "wins."
    )
    none = missing._replace(gain=np.array([-0.1, 0.009]))
    assert paragraph.lacking(about(e), none) == (
        "No region of a prototype of class 1, put in alone, adds 1 % to class 1."
    )


def test_ink_can_be_too_much():
    e = halves()
    gain = np.array([0.3, 0.0])
    for prototype, words in (
        (np.zeros((4, 8, 1)), "has too much ink"),
        (np.tile(np.array([[1.0], [0.6]]), (4, 4, 1)), "would have to look different"),
    ):
        missing = Missing(1, gain, gain, np.array([0, 0]), prototype, 2)
        assert words in paragraph.lacking(about(e, kind="digit"), missing)


def test_scores_that_are_no_probability():
    method = ContextualImportance(HALVES)

    def logits(images):
        return 10 * left_and_right(images) - 3

    e = method(StatedModel(logits, (-5.0, 10.0)), halves().image)
    text = e.describe(check_highlight(logits, e))
    assert text.startswith(
        "The model calls this image class 0, with a score of 5 on a scale of −5 to 10. Hidden one "
        "at a time, one of its two regions lowers the score by 1 % of its range or more: region 0 "
        "down the left side is very important (53 %). Hide it and the answer is class 2 (class 0 "
        "falls to −3). Shown alone, it still gives class 0 (5)."
    )


def test_one_class_and_one_region():
    e = ContextualImportance(Grid(1, 1))(lambda images: images.mean(axis=(1, 2)), np.ones((4, 4)))
    assert e.describe() == (
        "The model gives this image a score of 100 %. Hidden, its only region lowers the score by "
        "1 % or more: region 0 across most of the image is highly important (100 %)."
    )
    dark = dataclasses.replace(e, influence=0 * e.influence)
    assert "Hidden, not even its only region lowers the score by 1 % or more." in dark.describe()
    assert "A score this near its limit hides small effects." in dark.describe()
    for form in (because, because_not):
        with pytest.raises(InputError, match="needs two classes"):
            form(about(e))


def test_several_perturbations_say_how_typical_a_region_looks():
    fills = (Constant(0.0), Constant(1.0))
    e = ContextualImportance(HALVES, fills)(left_and_right, halves().image)
    assert e.utility[0, 0] == pytest.approx(0.8)
    text = e.describe()
    assert "lowers the score by 1 % or more on average: region 0" in text
    assert "As it looks, region 0 is very typical of class 0 (utility 80 %)." in text
    assert paragraph.look(about(halves())) == ""
    assert paragraph.look(about(e, 2, threshold=0.9)) == ""


def test_methods_that_hide_nothing_one_at_a_time_are_not_said_to():
    e = halves()
    one_in = ContextualImportance(HALVES, strategy="one-in")(left_and_right, e.image)
    lime = Lime(HALVES, budget=50)(left_and_right, e.image)
    for other in (one_in, lime):
        text = other.describe()
        assert "idden" not in text
        assert "of its two regions speaks for it, by 1 % or more: region 0" in text
        assert "important" not in text  # the paper's words are for what was hidden one at a time
        assert re.search(r"region 0 down the left side \(\+[\d.]+ %\)", text)


def test_redundancy_is_seen():
    def either(images):
        bright = images.reshape(len(images), -1, 2).min(axis=1)
        score = bright.max(axis=1)
        return np.stack([score, 1 - score], axis=1)

    image = np.ones((4, 2, 1))
    e = ContextualImportance(HALVES)(either, image)
    check = check_highlight(either, e)
    assert "none of its two regions lowers the score by 1 % or more." in paragraph.regions(about(e))
    topic = about(e, check=check)
    said = "regions stand in for one another: hiding them takes 100 % together, 0 % one at a time"
    assert cautions(topic)[0] == said
    assert outcome(topic) == ""


def test_cautions_of_a_check():
    e = halves()
    check = check_highlight(left_and_right, e)
    changed = about(e, check=check._replace(predicted=1))
    assert cautions(changed)[0] == "what speaks for class 0 does not suffice for it alone"
    assert outcome(changed).endswith("Shown alone, it gives class 1 (class 0 at 80.0 %).")
    spare = about(e, check=check._replace(remainder_predicted=0, remainder_score=0.79))
    assert cautions(spare)[0].startswith("the rest suffices too")
    assert outcome(spare).startswith("Hide it and the answer is still class 0 (79.0 %).")
    blank = check._replace(blank_predicted=0, blank_score=0.75, blank_lead=0.5)
    assert cautions(about(e, check=blank))[0] == (
        "a blank image is class 0 too (75.0 %), so keeping class 0 proves little"
    )
    assert len(cautions(about(e))) == 1  # nothing but that the scores add up to more


def test_digits_without_ink_have_no_share_of_it(constant_model):
    e = ContextualImportance(QUARTERS)(constant_model, np.zeros((8, 8, 1)))
    moved = dataclasses.replace(e, influence=e.influence + 0.3, importance=e.importance + 0.3)
    assert "ink" not in moved.describe(kind="digit")
    dot = np.zeros((8, 8, 1))
    dot[0, 0] = 1
    text = dataclasses.replace(moved, image=dot).describe(kind="digit")
    assert "region 0 with 100 % of the ink (30 %)" in text
    assert "region 1 in the upper right without ink (30 %)" in text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"foil": 0}, "a class cannot be its own foil; got '0' for both"),
        ({"foil": 9}, "class index must be in 0 … 2; got 9"),
        ({"kind": "picture"}, "unknown kind of image 'picture'"),
        ({"threshold": 0.0}, "threshold must be above 0; got 0"),
    ],
)
def test_what_makes_no_sense_is_refused(options, message):
    with pytest.raises(InputError) as error:
        halves().describe(**options)
    assert message in str(error.value)


def test_parts_must_be_of_the_same_explanation():
    e = halves()
    check = check_highlight(left_and_right, e)
    with pytest.raises(InputError, match="class '0' was checked; the words are about '1'"):
        e.describe(check, target=1)
    with pytest.raises(InputError, match=r"checked at threshold 0\.01; the words are about 0\.05"):
        e.describe(check, threshold=0.05)
    assert e.describe(check) == e.describe(check, target=0, threshold=0.01)
    short = Missing(1, np.zeros(3), np.zeros(3), np.zeros(3, int), e.image, 3)
    with pytest.raises(InputError, match="a gain for each of the 2 regions; got 3"):
        describe(about(e, check=check), short)


@pytest.mark.parametrize(
    ("score", "said"),
    [
        (0.8996, "fairly sure (89.96 %)"),
        (0.9, "sure (90.0 %)"),
        (0.9899999, "sure (just under 99 %)"),
    ],
)
def test_no_number_contradicts_its_word(score, said):
    names = {"class_names": ("a",)}
    assert f"and is {said}." in with_tables([[0.2496]], (score,), **names).describe()
    assert "is not important (24.96 %)" in with_tables([[0.2496]], (score,)).describe()
    e = with_tables([[0.0099999]], (score,))
    assert "The strongest is region 0 across most of the image (just under 1 %)" in e.describe()
