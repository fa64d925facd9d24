"""The two sentence forms, on every kind of contrast."""

from __future__ import annotations

import pytest

from cilens.text import about, because, because_not
from reading import with_tables

CASES = [
    ([[0.4, 0.0], [0.4, 0.0]], "It is “a”, because regions 0 and 1 matter to “a” and not to “b”."),
    ([[0.4, 0.4], [0.0, 0.2]], "It is “a”, although no region matters to “a” and not to “b”."),
    ([[0.0, 0.4], [0.0, 0.0]], "It is “a”, although no region matters to “a”."),
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
