"""Numbers in words: right to the last digit, and never across a bound."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import made
from cilens.text.numbers import (
    IMPORTANCE,
    SURENESS,
    UTILITY,
    bounds,
    degree,
    percent,
    plain,
    round_percent,
    score_text,
    sureness,
    typicality,
)
from reading import share_is

MARKS = (0.01, *bounds(IMPORTANCE))


@given(st.floats(0, 1))
@example(0.0)
@example(1.0)
@example(0.00996)
@example(0.0099999)
@example(0.2499999)
@example(0.7450001)
@example(0.999949)
@example(0.9999999)
@example(5e-324)
def test_a_share_is_right_to_its_last_digit(share):
    assert share_is(percent(share), share)
    text = percent(share, MARKS)
    assert share_is(text, share)
    shown = float(text.removesuffix(" %").split()[-1]) / 100
    for mark in MARKS:
        if text.startswith("just under"):
            assert share < shown
        elif not text.startswith(("under", "over")):
            assert (shown >= mark) == (share >= mark)
    assert (text == "0 %") == (share == 0)
    assert (text == "100 %") == (share == 1)


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0996, "10.0 %"),
        (0.1, "10 %"),
        (0.126, "13 %"),
        (0.01, "1.0 %"),
        (0.00004, "under 0.01 %"),
        (0.9996, "99.96 %"),
        (0.995, "99.5 %"),
        (0.994, "99 %"),
    ],
)
def test_digits_are_few(share, text):
    assert percent(share) == text


@given(st.floats(0, 1))
@example(0.25)
@example(0.5)
@example(0.75)
def test_degree_words_are_those_of_the_paper(value):
    quarter = min(int(4 * value), 3)
    words = ("not important", "important", "very important", "highly important")
    assert degree(value) == words[quarter]
    assert typicality(value) == ("not typical", "unlikely", "typical", "very typical")[quarter]
    assert bounds(IMPORTANCE) == bounds(UTILITY) == (0.75, 0.5, 0.25)


def test_rounding_noise_below_zero_has_a_word():
    assert degree(-1e-17) == "not important"
    assert sureness(0.0) == SURENESS[-1][1] == "unsure"


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.0, "0"), (-0.0, "0"), (1234567.0, "1234567"), (-1.5, "−1.5"), (2e-7, "0.0000002")],
)
def test_scores_that_are_no_probability_have_three_digits_or_all_before_the_point(number, text):
    assert plain(number) == text


@given(st.floats(-1, 1))
def test_a_column_of_percents_is_the_share_rounded(share):
    text = percent(share, None, signed=True)
    value = float(text.removesuffix(" %").replace("−", "-"))
    assert value == pytest.approx(100 * share, abs=0.05001)
    assert text[0] in "+−" or text == "0.0 %"


def test_a_sign_stands_before_the_number():
    assert percent(0.0099, (0.01,), signed=True) == "+0.99 %"
    assert percent(0.009999, (0.01,), signed=True) == "just under +1 %"
    assert percent(-1e-9, signed=True) == "under −0.01 %"
    assert percent(0.5, decimals=1) == "50.0 %"


def test_scores_are_percentages_where_they_are_probabilities():
    logits = made.explanation([0.1], output_range=(-20.0, 20.0))
    assert score_text(logits, -7.25, 1) == "−7.25"
    assert score_text(made.explanation([0.1]), 0.9999, 1) == "99.99 %"


def test_thresholds_are_round():
    assert [round_percent(share) for share in (0.01, 0.005, 0.1)] == ["1 %", "0.5 %", "10 %"]
