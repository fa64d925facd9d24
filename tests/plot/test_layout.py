"""No text of a figure lies over another, at any size and shape of image."""

from __future__ import annotations

import itertools
import re

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

import made
from cilens import plot
from cilens.plot.style import fitted, joined, text_width, wrapped
from cilens.text import about
from drawn import drawn_texts, outside, overlaps

pytestmark = pytest.mark.slow

PANELS = [
    plot.plot_image,
    plot.plot_segments,
    plot.plot_influence,
    plot.plot_shares,
    plot.plot_margin,
    plot.plot_highlight,
    plot.plot_remainder,
    plot.plot_ranking,
]
LONG = "American Staffordshire terrier, Staffordshire terrier, American pit bull terrier"


SHEETS = [
    *itertools.product([(28, 28, 1), (1000, 1000, 3)], [9, 500], [LONG], [True]),
    *itertools.product([(28, 2000, 1), (2000, 28, 3), (60, 110, 1)], [1, 60], [LONG], [True]),
    ((28, 28, 1), 9, "7", False),
    ((5, 5, 3), 1, LONG, True),
]


@pytest.mark.parametrize("sheet", [plot.finding_figure, plot.detail_figure])
@pytest.mark.parametrize(("shape", "n", "name", "checked"), SHEETS)
def test_no_text_lies_over_another(sheet, shape, n, name, checked, monkeypatch):
    other = name.replace("American", "English").replace("7", "1")
    explanation = made.explanation(made.spread(n), shape=shape, class_names=(other, name))
    check = made.checked(explanation, alone=(0.4, 0)) if checked else None
    figure = sheet(about(explanation, 1, check=check))
    texts = drawn_texts(figure, monkeypatch)
    assert len(texts) > 10
    assert overlaps(texts) == []
    assert outside(figure, texts) == []


@pytest.mark.parametrize("panel", PANELS)
@pytest.mark.parametrize("shape", [(28, 28, 1), (60, 300, 3), (300, 60, 1)])
def test_no_text_lies_over_another_where_a_panel_stands_alone(panel, shape, monkeypatch):
    explanation = made.explanation(made.spread(60), shape=shape, class_names=("cat", LONG))
    figure = panel(about(explanation))
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


@pytest.mark.parametrize("shape", [(28, 28, 1), (60, 300, 3), (300, 60, 1), (28, 2000, 1)])
@pytest.mark.parametrize("sheet", [plot.finding_figure, plot.detail_figure])
def test_pictures_lie_apart_and_inside(sheet, shape):
    figure = sheet(about(made.explanation(made.spread(9), shape=shape)))
    FigureCanvasAgg(figure).draw()
    places = [ax.get_window_extent().get_points() for ax in figure.axes]
    assert len(places) >= 3
    for (low, high), (other_low, other_high) in itertools.combinations(places, 2):
        assert (high <= other_low + 1e-6).any() or (other_high <= low + 1e-6).any()
    for low, high in places:
        assert (low >= figure.bbox.min).all()
        assert (high <= figure.bbox.max).all()


def test_names_are_cut_and_numbers_are_not():
    line = joined((LONG, ": 99.8 %, seen as ", "Egyptian cat"), 200, 8.5)
    assert text_width(line, 8.5) <= 200
    assert re.fullmatch(r"American .*…: 99\.8 %, seen as Egyptian.*", line)
    assert joined(("tabby, tabby cat", ": 9 %"), 60, 8.5) == "tabby: 9 %"
    assert joined(("7", ": 99.8 %"), 1, 8.5) == "7: 99.8 %"


def test_wrapped_lines_fit_and_lose_nothing():
    for text in (LONG, "W" * 90, "a 16.3 % b 9 %"):
        lines = wrapped(text, 100, 10.0, most=99)
        assert all(text_width(line, 10.0) <= 100 for line in lines)
        assert "".join(lines).replace("\u00a0", "").replace(" ", "") == text.replace(" ", "")
        assert not any(line.startswith("%") for line in lines)
    assert len(wrapped(LONG, 100, 10.0, most=2)) == 2
    assert wrapped(LONG, 100, 10.0, most=2)[1].endswith("…")


def test_fitted_text_ends_with_an_ellipsis():
    short = fitted(LONG, 100, 8.5)
    assert text_width(short, 8.5) <= 100
    assert short.endswith("…")
    assert LONG.startswith(short[:-1])
    assert fitted("7", 100, 8.5) == "7"
