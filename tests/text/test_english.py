"""Plurals and lists."""

from __future__ import annotations

import pytest

from cilens.text.english import agree, count, length, listed, sentence


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        (["a", "b", "c", "d"], "a, b, c and one more"),
        (list("abcdefghijklmnopq"), "a, b, c and 14 more"),
    ],
)
def test_long_lists_end_in_a_count(words, text):
    assert listed(words, most=3) == text


def test_small_counts_are_words():
    assert [count(number) for number in (0, 1, 12, 13)] == ["no", "one", "twelve", "13"]


def test_verbs_agree():
    assert [agree(number, "is", "are") for number in (1, 2, 7)] == ["is", "are", "are"]


def test_words_have_letters_or_digits():
    assert length("It is 7 (99 %) – or … not.") == 6
    assert sentence("“a” is b") == "“a” is b."
