"""No text of a figure lies over another, at any size and shape of image."""

from __future__ import annotations

import itertools
import re

import pytest
from matplotlib.figure import Figure

import made
from cilens import plot
from cilens.plot.style import fitted, joined, text_width
from drawn import drawn_texts, outside, overlaps

PANELS = [
    plot.plot_image,
    plot.plot_segments,
    plot.plot_influence,
    plot.plot_important,
    plot.plot_highlight,
    plot.plot_remainder,
    plot.plot_ranking,
]
LONG = "American Staffordshire terrier, Staffordshire terrier, American pit bull terrier"


SHEETS = [
    *itertools.product([(28, 28, 1), (1000, 1000, 3)], [9, 100], [LONG], [True]),
    *itertools.product([(60, 300, 3), (300, 60, 1)], [1, 60], [LONG], [True]),
    ((28, 28, 1), 9, "7", False),
    ((5, 5, 3), 1, LONG, True),
]


@pytest.mark.parametrize(("shape", "n", "name", "checked"), SHEETS)
def test_no_text_lies_over_another(shape, n, name, checked, monkeypatch):
    other = name.replace("American", "English").replace("7", "1")
    explanation = made.explanation(made.spread(n), shape=shape, class_names=(other, name))
    check = made.check(alone=(0.4, 0)) if checked else None
    figure = plot.explanation_figure(explanation, 1, check)
    texts = drawn_texts(figure, monkeypatch)
    assert len(texts) > 15
    assert overlaps(texts) == []
    assert outside(figure, texts) == []


@pytest.mark.parametrize("panel", PANELS)
@pytest.mark.parametrize("shape", [(28, 28, 1), (60, 300, 3), (300, 60, 1)])
def test_no_text_lies_over_another_where_a_panel_stands_alone(panel, shape, monkeypatch):
    figure = panel(made.explanation(made.spread(60), shape=shape, class_names=("cat", LONG)))
    texts = drawn_texts(figure, monkeypatch)
    assert overlaps(texts) == []
    assert outside(figure, texts) == []


def test_overlaps_are_found(monkeypatch):
    figure = Figure()
    figure.text(0.5, 0.5, "here")
    figure.text(0.51, 0.5, "there")
    figure.text(0.99, 0.1, "leaving")
    texts = drawn_texts(figure, monkeypatch)
    assert overlaps(texts) == [("here", "there")]
    assert outside(figure, texts) == ["leaving"]


def test_pictures_lie_apart():
    figure = plot.explanation_figure(made.explanation(made.spread(9)))
    places = [ax.get_position().get_points() for ax in figure.axes]
    assert len(places) == 7
    for (low, high), (other_low, other_high) in itertools.combinations(places, 2):
        assert (high < other_low).any() or (other_high < low).any()


def test_names_are_cut_and_numbers_are_not():
    line = joined((LONG, ": 99.8 %, seen as ", "Egyptian cat"), 200, 8.5)
    assert text_width(line, 8.5) <= 200
    assert re.fullmatch(r"American .*…: 99\.8 %, seen as Egyptian.*", line)
    assert joined(("tabby, tabby cat", ": 9 %"), 60, 8.5) == "tabby: 9 %"
    assert joined(("7", ": 99.8 %"), 1, 8.5) == "7: 99.8 %"


def test_fitted_text_ends_with_an_ellipsis():
    short = fitted(LONG, 100, 8.5)
    assert text_width(short, 8.5) <= 100
    assert short.endswith("…")
    assert LONG.startswith(short[:-1])
    assert fitted("7", 100, 8.5) == "7"
