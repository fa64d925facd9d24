"""A class has one name: as few of its synonyms as tell it from all others, cut where it is long."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

import made
from cilens.text import about, class_label, shortened

NAMES = st.lists(st.text("abc, ", min_size=1, max_size=6), min_size=1, max_size=6).map(tuple)


@given(st.text(min_size=1, max_size=80), st.integers(4, 40))
def test_short_names_are_short_and_say_where_they_were_cut(name, length):
    short = shortened(name, length)
    assert len(short) <= length
    assert name.startswith(short.removesuffix("…").rstrip()) or name.strip().startswith(short)


@given(NAMES)
def test_no_two_classes_are_called_the_same(names):
    labels = [class_label(names, index) for index in range(len(names))]
    assert len(set(labels)) == len(labels)


def test_synonyms_stay_where_they_tell_classes_apart():
    names = ("crane", "crane, lifting device", "tabby, tabby cat", "7")
    found = [class_label(names, index) for index in range(4)]
    assert found == ["crane (0)", "crane, lifting device", "tabby", "7"]


def test_a_class_without_a_name_is_called_by_its_number():
    topic = about(made.explanation([0.1]))
    assert (topic.name(0), topic.label(0)) == ("class 0", "class 0")
    digit = about(made.explanation([0.1], class_names=("0", "1")), kind="digit")
    assert (digit.name(1), about(digit.explanation).name(1)) == ("1", "“1”")
