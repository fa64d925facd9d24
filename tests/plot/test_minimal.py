"""The figure of minimal sets and redundant pairs: its words, its pairs, and nothing overlapping."""

from __future__ import annotations

import numpy as np
import pytest

import cilens
import made
from cilens import plot
from cilens.followup.minimal import MinimalSet, MinimalSets
from cilens.followup.redundancy import Redundancy
from cilens.table import redundancy_records
from cilens.text import about, minimal_lines
from drawn import drawn_texts, outside, overlaps

LONG = "American Staffordshire terrier, Staffordshire terrier, American pit bull terrier"


def some(chosen, n=9, *, score=0.9, predicted=1, reason="", minimal=True) -> MinimalSet:
    regions = np.isin(np.arange(n), chosen)
    return MinimalSet(regions, regions, len(chosen) / n, score, predicted, True, minimal, reason)


def sets(sufficient, necessary) -> MinimalSets:
    return MinimalSets(1, 0.01, sufficient, necessary, 0.3, 0, 40, cilens.Constant(0.0))


def redundancy(pairs=(), n=9) -> Redundancy:
    drop = np.where(np.arange(n) < n - 2, 0.001, 0.2)
    partner, joint = np.full(n, -1), np.full(n, np.nan)
    for one, other in pairs:
        partner[[one, other]], joint[[one, other]] = (other, one), 0.25
    return Redundancy(1, 0.01, drop, drop < 0.01, partner, joint, 30)


def texts_of(figure, monkeypatch) -> list[str]:
    return [text.get_text() for text in drawn_texts(figure, monkeypatch)]


def test_the_panels_say_what_was_found(monkeypatch):
    explanation = made.explanation(made.spread(9))
    found = sets(some([3, 4]), some([3], score=0.2, predicted=0))
    texts = texts_of(plot.minimal_figure(explanation, found, redundancy([(0, 5)])), monkeypatch)
    for words in (
        "What is enough for class 1, and what it needs",
        "Enough: 2 regions, 22 %",
        "class 1: 90.0 %",
        "Without 1 region, 11 %",
        "class 1: 20.0 %, seen as class 0",
        "Hidden alone, 2 of 9 matter",
        "0 and 5 cost 25 % together",
    ):
        assert words in texts
    assert {"0", "5"} <= set(texts)


def test_what_was_not_found_is_said(monkeypatch):
    explanation = made.explanation(made.spread(9))
    found = sets(some([], reason="the blank image has the score too"), some([]))
    texts = texts_of(plot.minimal_figure(explanation, found, redundancy()), monkeypatch)
    assert "Enough: the blank image" in texts
    assert "Needed: none found" in texts
    assert "even the blank image has 30.0 %" in texts
    assert "no two stand in for each other" in texts
    ended = plot.plot_necessary(explanation, sets(some([1]), some([], minimal=False)))
    assert "the rows came to an end" in texts_of(ended, monkeypatch)


def test_pairs_are_joined_in_the_image_s_pixels():
    explanation = made.explanation(made.spread(9))
    (ax,) = plot.plot_redundant(explanation, redundancy([(0, 8), (2, 6)])).axes
    assert len(ax.lines) == 2
    segments = explanation.segments
    for line, pair in zip(ax.lines, [(0, 8), (2, 6)], strict=True):
        ends = zip(line.get_ydata(), line.get_xdata(), strict=True)
        assert tuple(segments[round(row), round(column)] for row, column in ends) == pair
    assert ax.get_xlim() == (-0.5, 27.5)


@pytest.mark.parametrize("shape", [(28, 28, 1), (60, 300, 3), (300, 60, 1)])
@pytest.mark.parametrize("name", ["7", LONG])
def test_no_text_lies_over_another(shape, name, monkeypatch):
    other = name.replace("American", "English").replace("7", "1")
    explanation = made.explanation(made.spread(60), shape=shape, class_names=(other, name))
    found = sets(some(range(20), 60), some(range(30), 60, predicted=0))
    pairs = redundancy([(0, 59), (7, 8), (30, 31)], 60)
    figure = plot.minimal_figure(explanation, found, pairs)
    texts = drawn_texts(figure, monkeypatch)
    assert overlaps(texts) == []
    assert outside(figure, texts) == []


def test_lines_say_why_a_set_is_not_what_one_expects():
    explanation = made.explanation(made.spread(9))
    stopped = sets(
        some(range(9), reason="it takes every region: none can be dropped"),
        some([], reason="the blank image is the target too"),
    )
    enough, needed, pairs = minimal_lines(about(explanation), stopped, redundancy())
    assert enough.endswith(
        "alone give class 1 (90.0 %); it takes every region: none can be dropped."
    )
    assert needed == ("Needed: no region was found; the blank image is the target too (30.0 %).")
    assert pairs == "Redundant: no two regions were found that stand in for each other."
    blank = sets(some([], score=0.3, reason="the blank image has the score too"), some([1]))
    assert minimal_lines(about(explanation), blank, redundancy())[0] == (
        "Enough: nothing, for the blank image has the score too: it gives class 1 (30.0 %)."
    )


def test_drops_that_were_not_asked_are_null():
    found = redundancy()
    drop = found.drop.copy()
    drop[3] = np.nan
    assert redundancy_records(found._replace(drop=drop))["drops"][2:4] == [0.001, None]
