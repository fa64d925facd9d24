"""Tables, records and sentences say what the explanation's arrays hold."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

import made
from cilens.errors import InputError
from cilens.followup.highlight import check_highlight
from cilens.methods import ContextualImportance
from cilens.segmentation import Grid
from cilens.table import as_records, percent, place, regions_table, sentence, short_name
from cilens.text.names import score_words
from cilens.text.english import listed


def printed(table, width=80) -> list[str]:
    console = Console(file=io.StringIO(), width=width)
    console.print(table)
    return [line.rstrip() for line in console.file.getvalue().splitlines() if line.strip()]


# Words


@given(st.floats(-1, 1))
def test_percent_is_the_share_rounded(share):
    text = percent(share, signed=True)
    value = float(text.removesuffix(" %").replace("−", "-"))
    assert value == pytest.approx(100 * share, abs=0.05001)
    assert text[0] in "+−" or text == "0.0 %"


@pytest.mark.parametrize("height", [1, 28, 1000])
def test_place_of_corners(height):
    shape = (height, height)
    last = height - 1
    assert place((0, 0), shape) == ("upper left" if height > 1 else "centre")
    assert place((last, last), shape) == ("lower right" if height > 1 else "centre")
    assert place((last / 2, last / 2), shape) == "centre"


@given(st.text(min_size=1, max_size=80), st.integers(4, 40))
def test_short_names_are_short_and_say_where_they_were_cut(name, length):
    short = short_name(name, length)
    assert len(short) <= length
    assert name.startswith(short.removesuffix("…").rstrip()) or name.strip().startswith(short)


def test_scores_outside_probability_are_plain_numbers():
    logits = made.explanation([0.1], output_range=(-20.0, 20.0))
    assert score_words(logits, -7.25) == "−7.25"
    assert score_words(made.explanation([0.1]), 0.9999) == "100.0 %"


@given(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=9), st.integers(1, 9))
def test_lists_name_all_or_count_the_rest(words, most):
    text = listed(words, most)
    named = text.replace(" and ", ", ").split(", ")
    assert named[: min(most, len(words))] == words[:most]
    assert ("more" in text) == (len(words) > most)


# Records


def test_records_hold_the_arrays_numbers_strongest_first(corner_model):
    image = np.linspace(0.2, 0.9, 64).reshape(8, 8, 1)
    explanation = ContextualImportance(Grid(rows=2, columns=2))(corner_model, image)
    records = as_records(explanation, 1)
    assert [record["id"] for record in records] == explanation.ranked(1).tolist()
    assert records[0]["id"] == 0
    for record in records:
        row = record["id"]
        assert record["influence"] == explanation.influence[row, 1]
        assert record["importance"] == explanation.importance[row, 1]
        assert record["utility"] == explanation.utility[row, 1]
        assert record["area"] == explanation.areas()[row]
        assert record["centroid"] == explanation.centroids()[row].tolist()
    assert json.loads(json.dumps(records)) == records


def test_size_ranks_whatever_the_sign_and_equals_keep_their_order():
    explanation = made.explanation([0.1, -0.4, 0.0, 0.3, 0.1])
    assert explanation.ranked(1).tolist() == [1, 3, 0, 4, 2]
    assert explanation.ranked(0).tolist() == [0, 1, 2, 3, 4]


# The table


@pytest.mark.parametrize("shape", [(28, 28, 1), (1000, 1000, 3)])
def test_table_fits_a_terminal_and_holds_the_numbers(shape):
    explanation = made.explanation(np.linspace(-0.9, 0.8, 100), shape=shape)
    lines = printed(regions_table(explanation))
    assert "…" not in "".join(lines)
    records = as_records(explanation)
    for line, record in zip(lines[2:12], records, strict=False):
        assert record["name"] in line.split()
        assert percent(record["influence"], signed=True) in line
        assert percent(record["importance"]) in line
        assert percent(record["area"]) in line
    assert lines[12] == "and 90 more, up to 76.6 %"
    assert len(lines) == 13


def test_rest_below_the_threshold_is_said_so():
    explanation = made.explanation([0.5] + [0.004] * 14)
    assert printed(regions_table(explanation))[-1] == "and 5 more below 1 %"
    assert printed(regions_table(explanation, threshold=0.05))[-1] == "and 5 more below 5 %"
    assert printed(regions_table(explanation, top=15))[-1].split()[0] == "15"


def test_bars_are_on_the_scale_their_head_states():
    lines = printed(regions_table(made.explanation([0.25, 0.125, 0.0])))
    assert lines[0].endswith("25 %")
    assert "±" not in lines[0]
    assert [line.count("█") for line in lines[2:]] == [12, 6, 0]
    lines = printed(regions_table(made.explanation([0.25, -0.125])))
    assert lines[0].endswith("±25 %")
    assert [(line.count("█"), line.count("▐")) for line in lines[2:]] == [(6, 0), (3, 0)]
    zero = lines[2].index("█")
    assert lines[3].rindex("█") == zero - 1


def test_important_regions_stand_out():
    table = regions_table(made.explanation([0.2, 0.01, 0.0099, -0.5]))
    assert [row.style for row in table.rows] == ["dim", "bold", "bold", "dim"]


def test_named_regions_have_number_and_name():
    names = ("upper loop", "a name that is far too long to fit", "[bold]stem")
    lines = printed(regions_table(made.explanation([0.3, 0.2, -0.1], region_names=names)))
    assert "0 upper loop" in lines[2]
    assert "1 a name that is …" in lines[3]
    assert "2 [bold]stem" in lines[4]
    assert lines[2].split()[4:] == ["25.0", "%", "30.0", "%", "1.00", "+30.0", "%", "███▌"]


# The sentence


def test_sentence_of_a_real_check(corner_model):
    image = np.full((8, 8, 1), 0.75)
    explanation = ContextualImportance(Grid(rows=2, columns=2))(corner_model, image)
    assert sentence(explanation, check_highlight(corner_model, explanation)) == (
        "1 (75.0 %): region 0 carries it; alone it still gives 1 (75.0 %); "
        "without it the image is 0 (1 at 0.0 %)."
    )


@pytest.mark.parametrize(
    ("influence", "check", "expected"),
    [
        pytest.param(
            [0.3, 0.0, 0.2], made.check(alone=(0.8, 1), without=(0.2, 0)),
            "1 (90.0 %): regions 0 and 2 carry it; alone they still give 1 (80.0 %); "
            "without them the image is 0 (1 at 20.0 %).", id="two"),
        pytest.param(
            [0.3], made.check(alone=(0.8, 1), without=(0.6, 1)),
            "1 (90.0 %): region 0 carries it; alone it still gives 1 (80.0 %); "
            "without it the image is still 1 (60.0 %).", id="not necessary"),
        pytest.param(
            [0.3], made.check(alone=(0.4, 0)),
            "1 (90.0 %): region 0 carries it; alone it gives 0 (1 at 40.0 %); "
            "without it the image is 0 (1 at 20.0 %).", id="highlight changes the class"),
        pytest.param(
            [0.0, 0.009], made.check(alone=(0.1, 0), without=(0.9, 1), empty=True),
            "1 (90.0 %): no region alone carries 1 % of the output range; "
            "the blank image is 0 (1 at 10.0 %).", id="empty"),
        pytest.param(
            [0.0], made.check(alone=(0.99, 1), without=(0.9, 1), blank=(0.99, 1), empty=True),
            "1 (90.0 %): no region alone carries 1 % of the output range; "
            "even the blank image gives 1 (99.0 %).", id="empty, of the blank image's class"),
        pytest.param(
            [0.3], made.check(blank=(0.7, 1)),
            "1 (90.0 %): region 0 carries it; alone it still gives 1 (80.0 %); without it the "
            "image is 0 (1 at 20.0 %); even the blank image gives 1 (70.0 %).", id="blank"),
        pytest.param(
            [0.3, -0.01, -0.2], made.check(),
            "1 (90.0 %): region 0 carries it; alone it still gives 1 (80.0 %); without it the "
            "image is 0 (1 at 20.0 %); regions 2 and 1 speak against it.", id="against"),
        pytest.param(
            [-0.4], made.check(threshold=0.05, alone=(0.1, 0), without=(0.9, 1), empty=True),
            "1 (90.0 %): no region alone carries 5 % of the output range; the blank image is 0 "
            "(1 at 10.0 %); region 0 speaks against it.", id="only against"),
        pytest.param(
            [0.01 * n for n in range(8, 0, -1)], made.check(),
            "1 (90.0 %): regions 0, 1, 2, 3, 4 and three more carry it; alone they still give 1 "
            "(80.0 %); without them the image is 0 (1 at 20.0 %).", id="many"),
    ],
)  # fmt: skip
def test_sentence(influence, check, expected):
    assert sentence(made.explanation(influence), check) == expected


def test_sentence_of_a_class_that_was_not_predicted():
    explanation = made.explanation([0.3], scores=(0.7, 0.2, 0.1), class_names=("cat", "dog", "cup"))
    check = made.check(alone=(0.6, 1), without=(0.05, 0))
    assert sentence(explanation, check, "dog") == (
        "dog (20.0 %), where the image is cat (70.0 %): region 0 carries it; alone it gives dog "
        "(60.0 %); without it the image is still cat (dog at 5.0 %)."
    )
    with pytest.raises(InputError, match="class 'dog' was checked; asked for 'cup'"):
        sentence(explanation, check, "cup")


def test_sentence_names_named_regions_and_shortens_classes():
    name = "American Staffordshire terrier, Staffordshire terrier, American pit bull terrier"
    explanation = made.explanation(
        [0.3, 0.1], class_names=("cat", name), region_names=("stem", "loop")
    )
    text = sentence(explanation, made.check())
    assert text.startswith("American Staffordshire terrier (90.0 %): regions “stem” and “loop” ")
    assert "pit bull" not in text
