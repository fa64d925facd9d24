"""One line says what was predicted, because of what, and what it hangs on."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import cilens
import made
from cilens.followup.highlight import check_highlight
from cilens.methods import ContextualImportance, SampledImportance
from cilens.perturbation import Constant
from cilens.segmentation import Grid
from cilens.text import about, sentence
from cilens.text.cautions import advice, blank_warning

QUARTER = "the upper left (region 0: +30 %)"
GONE = "Hide it and the answer is class 0 (class 1 falls to 20.0 %)."
ALONE = "Shown alone, it still gives class 1 (80.0 %)."
SPREAD = (
    "Predicted class 1 (90.0 %): no single region carries it; the evidence is spread. "
    "To learn more, try another cut."
)


def test_sentence_of_a_real_check(corner_model):
    image = np.full((8, 8, 1), 0.75)
    explanation = ContextualImportance(Grid(rows=2, columns=2))(corner_model, image)
    check = check_highlight(corner_model, explanation)
    assert sentence(about(explanation, check=check)) == (
        "Predicted class 1 (75.0 %), because of the upper left (region 0: +75 %). Hide it and the "
        "answer is class 0 (class 1 falls to 0 %). Shown alone, it still gives class 1 (75.0 %)."
    )


@pytest.mark.parametrize(
    ("influence", "check", "expected"),
    [
        pytest.param(
            [0.3, 0.0, 0.2, 0.0], made.check(),
            "Predicted class 1 (90.0 %), because of the upper left (region 0: +30 %) and the lower "
            "left (region 2: +20 %). Hide them and the answer is class 0 (class 1 falls to "
            "20.0 %). Shown alone, they still give class 1 (80.0 %).", id="two"),
        pytest.param(
            [0.3, 0, 0, 0], made.check(without=(0.6, 1)),
            f"Predicted class 1 (90.0 %), because of {QUARTER}. Hide it and the answer is still "
            f"class 1 (60.0 %). {ALONE}", id="not necessary"),
        pytest.param(
            [0.3, 0, 0, 0], made.check(alone=(0.4, 0)),
            f"Predicted class 1 (90.0 %), because of {QUARTER}. {GONE} Shown alone, it gives "
            "class 0 (class 1 at 40.0 %).", id="highlight changes the class"),
        pytest.param([0.0, 0.009, 0, 0], made.check(empty=True), SPREAD, id="spread"),
        pytest.param(
            [0.0] * 4, made.check(empty=True),
            "Predicted class 1 (90.0 %): nothing that was hidden changes it. To learn more, try "
            "another cut.", id="nothing"),
        pytest.param(
            [0.3, 0, 0, 0], made.check(blank=(0.7, 1)),
            f"Predicted class 1 (90.0 %), because of {QUARTER}. {GONE} {ALONE} A blank image is "
            "class 1 too (70.0 %), so keeping class 1 proves little.", id="blank"),
        pytest.param(
            [0.3, 0, -0.01, -0.2], made.check(),
            f"Predicted class 1 (90.0 %), because of {QUARTER}. {GONE} {ALONE} The lower right "
            "(region 3: −20 %) and the lower left (region 2: −1.0 %) speak against it.",
            id="against"),
        pytest.param(
            [-0.4, 0, 0, 0], made.check(empty=True),
            "Predicted class 1 (90.0 %): no single region carries it; the evidence is spread. The "
            "upper left (region 0: −40 %) speaks against it. To learn more, try another cut.",
            id="only against"),
        pytest.param(
            [0.3, 0.009, 0.008, 0], made.check(added=2, alone=(0.6, 1)),
            f"Predicted class 1 (90.0 %), mostly because of {QUARTER}. Alone it does not suffice; "
            "with the next two, it gives class 1 (60.0 %). Hide all of these and the "
            "answer is class 0 (class 1 falls to 20.0 %).", id="added"),
        pytest.param(
            [0.009, 0.009, 0.008, 0], made.check(added=3, alone=(0.6, 1)),
            "Predicted class 1 (90.0 %): no single region carries it; the evidence is spread. "
            "The three strongest together still give class 1 (60.0 %). Hide all of these and the "
            "answer is class 0 (class 1 falls to 20.0 %). To learn more, try another cut.",
            id="spread over three"),
    ],
)  # fmt: skip
def test_sentence(influence, check, expected):
    assert sentence(about(made.explanation(influence), check=check)) == expected


def test_many_regions_are_counted_and_those_of_one_place_named_together():
    values = np.full(36, 0.004)
    values[[14, 15, 0, 35, 5, 30]] = 0.2, 0.1, 0.05, 0.04, 0.03, 0.02
    said = sentence(about(made.explanation(values)))
    assert said == (
        "Predicted class 1 (90.0 %), mostly because of the centre (regions 14 and 15: +20 % and "
        "+10 %), the upper left corner (region 0: +5.0 %) and three more regions."
    )
    partly = values.copy()
    partly[[14, 15]] = 0.05
    assert ", partly because of the upper left corner" not in said
    assert ", partly because of " in sentence(about(made.explanation(partly)))


def test_a_class_that_was_not_predicted():
    explanation = made.explanation([0.3, 0, 0, 0], scores=(0.7, 0.2), class_names=("cat", "dog"))
    check = made.check(alone=(0.6, 1), without=(0.05, 0))
    assert sentence(about(explanation, "dog", check=check)) == (
        "“dog” gets 20.0 % (predicted: “cat”, 70.0 %), because of the upper left (region 0: "
        "+30 %). Hide it and the answer is still “cat” (“dog” falls to 5.0 %). Shown alone, it "
        "gives “dog” (60.0 %)."
    )


def test_a_digit_is_read_and_its_strokes_are_named():
    explanation = made.explanation([0.3, 0.2, 0.1, 0], class_names=("0", "1"))
    image = np.zeros((28, 28, 1), np.float32)
    image[:14, :14], image[-1, -1] = 1, 40
    half = dataclasses.replace(explanation, image=image)
    said = sentence(about(half, kind="digit", check=made.check()))
    assert said == (
        "Predicted 1 (90.0 %), because of most of the stroke (region 0: +30 %), the empty space in "
        "the upper right (region 1: +20 %) and the empty space in the lower left (region 2: "
        "+10 %). Hide them and it reads 0 (1 falls to 20.0 %). Shown alone, they still read 1 "
        "(80.0 %)."
    )


def test_named_regions_need_no_place():
    name = "American Staffordshire terrier, Staffordshire terrier, American pit bull terrier"
    explanation = made.explanation(
        [0.3, 0.1], class_names=("cat", name), region_names=("stem", "loop")
    )
    text = sentence(about(explanation, check=made.check()))
    assert text.startswith(
        "Predicted “American Staffordshire terrier” (90.0 %), because of region “stem” (+30 %) and "
        "region “loop” (+10 %). Hide them "
    )


def regression(images):
    """Return a number from 0 to 10: ten times the brightness of the left half."""
    return 10 * images[:, :, : images.shape[2] // 2].mean(axis=(1, 2))


def test_a_number_is_told_as_a_number():
    method, image = ContextualImportance(Grid(1, 2)), np.full((4, 8, 1), 0.5)
    explanation = cilens.explain(regression, image, method=method, output_range=(0.0, 10.0))
    topic = about(explanation, check=check_highlight(regression, explanation))
    assert sentence(topic) == (
        "The score is 5, on a scale of 0 to 10, raised by the left side (region 0: +50 %). Hide "
        "it and the score falls to 0. Shown alone, it gives 5."
    )
    assert explanation.describe(topic.check).startswith(
        "The model gives this image a score of 5, on a scale of 0 to 10. Hidden one at a time, "
    )
    assert "class 0" not in explanation.describe(topic.check) + sentence(topic)


def test_a_number_is_told_with_the_unit_in_its_name():
    class Age:
        class_names = ("age in years",)
        output_range = (0.0, 100.0)

        def __call__(self, images):
            return 40 + 20 * images[:, :, :4].mean(axis=(1, 2)) - 10 * images[:, :, 4:].mean((1, 2))

    method, image = ContextualImportance(Grid(1, 2)), np.ones((4, 8, 1))
    explanation = method(Age(), image)
    assert sentence(about(explanation)) == (
        "The age in years is 50, on a scale of 0 to 100, raised by the left side (region 0: "
        "+20 %). The right side (region 1: −10 %) lowers it."
    )
    assert explanation.describe().startswith(
        "The age in years is 50, on a scale of 0 to 100. Hidden one at a time, one of its two "
        "regions lowers the age in years by 1 % of its range or more"
    )


def test_one_named_class_is_not_predicted_but_gets_its_score():
    explanation = made.explanation([0.3, 0.1])
    one = {
        name: getattr(explanation, name)[..., 1:]
        for name in ("scores", "low", "high", "importance", "utility", "influence", "output_range")
    }
    dog = dataclasses.replace(explanation, class_names=("dog",), **one)
    check = made.check(target=0, without=(0.95, 0), alone=(0.9, 0))
    assert sentence(about(dog, check=check)).startswith("“dog” gets 90.0 %, because of ")
    assert sentence(about(dog, check=check)).endswith(
        "Hide them and “dog” rises to 95.0 %. Shown alone, they give 90.0 %."
    )


@pytest.mark.parametrize(
    ("blank", "lead", "warns"),
    [
        ((0.7, 1), 0.4, True),
        ((0.49, 1), 0.4, False),
        ((0.7, 1), 0.09, False),
        ((0.7, 0), 0.4, False),
    ],
)
def test_a_blank_image_is_warned_of_where_it_clearly_has_the_class(blank, lead, warns):
    check = made.check(blank=blank, blank_lead=lead)
    assert bool(blank_warning(about(made.explanation([0.3]), check=check))) == warns


def test_what_may_be_noise_is_not_told_as_a_finding():
    unsure = made.explanation([0.3, -0.2], margin=[0.31, 0.21], asked="contexts")
    said = sentence(about(unsure))
    assert said == (
        "Predicted class 1 (90.0 %): no single region carries it; the evidence is spread. "
        "To learn more, try a larger budget or another cut."
    )
    assert "is spread" in unsure.describe()
    assert "speak" not in said
    sure = made.explanation([0.3, -0.2], margin=[0.29, 0.19], asked="contexts")
    assert "+30 %" in sentence(about(sure))
    assert "speaks against it" in sentence(about(sure))


def test_a_group_is_suggested_where_its_members_share_the_score():
    unsure = about(made.explanation([0.3], margin=[0.31], asked="contexts"))
    grouped = dataclasses.replace(unsure, group="any cat")
    assert advice(grouped) == (
        "to learn more, try a larger budget, another cut or the target “any cat”, whose members "
        "share the score"
    )
    sure = dataclasses.replace(about(made.explanation([0.3])), group="any cat")
    assert advice(sure) == "the target “any cat” adds up what its members share"
    assert advice(about(made.explanation([0.3]))) == ""


def test_a_constant_model_is_said_to_ignore_what_was_hidden(constant_model):
    method = SampledImportance((Grid(2, 2),), (Constant(0.0),), budget=9)
    explanation = method(constant_model, np.ones((8, 8, 1)))
    check = check_highlight(constant_model, explanation)
    assert (check.added, check.model_rows, check.empty) == (0, 3, True)
    assert "nothing that was hidden changes it" in sentence(about(explanation, check=check))
