"""The two sentence forms, on every kind of contrast."""

from __future__ import annotations

import re

import hypothesis.strategies as st
import pytest
from hypothesis import given

from cilens.text import about, because, because_not, why
from reading import with_tables

CASES = [
    ([[0.4, 0.0], [0.4, 0.0]], "It is “a”, because regions 0 and 1 matter to “a” and not to “b”."),
    ([[0.4, 0.4], [0.0, 0.2]], ""),
    ([[0.0, 0.4], [0.0, 0.0]], ""),
    ([[0.1, 0.0], [0.3, -0.2]], "It is “a”, because regions 1 and 0 matter to “a” and not to “b”."),
]


@pytest.mark.parametrize(("influence", "said"), CASES)
def test_it_is(influence, said):
    e = with_tables(influence, (0.7, 0.3), class_names=("a", "b"))
    assert because(about(e)) == said
    assert because(about(e, "b", "a")) == said  # what it is is settled by the scores


CASES_NOT = [
    ([[0.4, 0.0], [0.4, 0.0]], "no region matters to it."),
    (
        [[0.4, -0.1], [0.4, -0.2]],
        "no region matters to it and regions 1 and 0 speak against it (by up to 20 %).",
    ),
    (
        [[0.4, 0.3], [0.4, -0.2]],
        (
            "region 1 speaks against it (by 20 %) and region 0 matters more to “a” (40 %) than to "
            "“b” (30 %)."
        ),
    ),
    ([[0.4, 0.3], [0.4, 0.1]], "regions 1 and 0 matter more to “a” than to “b”."),
    ([[0.4, 0.395], [0.0, 0.1]], "“a” gets more (70.0 %), although regions 0 and 1 matter to it."),
    (
        [[-0.4, 0.3], [0.4, -0.01]],
        (
            "region 1 speaks against it (by 1.0 %), although region 0 matters to it and speaks "
            "against “a”."
        ),
    ),
]


@pytest.mark.parametrize(("influence", "said"), CASES_NOT)
def test_it_is_not(influence, said):
    e = with_tables(influence, (0.7, 0.3), class_names=("a", "b"))
    assert because_not(about(e)) == f"It is not “b” (runner-up, 30.0 %), because {said}"


def test_neither_is_the_predicted_class():
    e = with_tables([[0.5, 0.2, 0.0]], (0.5, 0.3, 0.2), class_names=("a", "b", "c"))
    assert because(about(e, "c", "b")) == (
        "It is more “b” than “c”, because region 0 matters to “b” and not to “c”."
    )
    assert because_not(about(e, "c", "b")) == (
        "It is less “c” (20.0 %) than “b”, because no region matters to it."
    )


SHARES = st.sampled_from([-0.4, -0.2, -0.01, 0.0, 0.009, 0.01, 0.2, 0.395, 0.4])


@given(st.lists(st.tuples(SHARES, SHARES), min_size=1, max_size=4), st.booleans())
def test_no_sentence_takes_back_what_another_says(influence, turned):
    e = with_tables([list(pair) for pair in influence], (0.7, 0.3), class_names=("a", "b"))
    said = why(about(e, *("b", "a")[:: 1 if turned else -1]))
    assert contradictions(said) == []
    assert "because" in said


def contradictions(said: str) -> list[str]:
    """Return what a text both says and denies: that regions matter to a class, or more to one."""
    denied = ["no region matters to it"] if "no region matters to it" in said else []
    matters = re.findall(r"although regions? (.*?) matters? to it", said)
    more = re.findall(r"regions? ([\d, and]*?) matters? more", said)
    only = re.findall(r"because regions? (.*?) matters? to \S+ and not", said)
    named = [set(re.findall(r"\d+", " ".join(found))) for found in (matters, more, only)]
    twice = [one & other for one, other in zip(named, (*named[1:], named[0]), strict=True)]
    wrong = [f"{names} twice" for names in twice if names]
    wrong += denied if matters or more else []
    return wrong + re.findall("although no .*", said)


def test_a_text_that_takes_something_back_is_found():
    found = contradictions(
        "It is 4, although no region matters to 4 and not to 9. It is not 9, because region 3 "
        "matters more to 4 than to 9, although regions 3 and 5 matter to it."
    )
    assert len(found) == 2
    denied = "It is not 9, because no region matters to it, although region 5 matters to it."
    assert contradictions(denied) == ["no region matters to it"]
