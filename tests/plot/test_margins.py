"""Regions whose influence may be nothing: striped in the map, a line over their bar."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from rich.console import Console

import made
from cilens import plot, render
from cilens.table import as_records, regions_table
from cilens.text import about
from drawn import drawn_texts

VALUES = [0.5, -0.2, 0.04, 0.0]


def words(figure, monkeypatch) -> str:
    return "; ".join(text.get_text() for text in drawn_texts(figure, monkeypatch))


def with_margin(size=0.1):
    explanation = made.explanation(VALUES)
    return replace(explanation, margin=np.full_like(explanation.influence, size))


def test_what_is_not_sure_is_striped_and_nothing_else():
    explanation = with_margin()
    pictures = plot.plot_influence(about(explanation)).axes[0].images
    drawn = np.asarray(pictures[1].get_array())
    unsure = np.isin(explanation.segments, [2, 3])
    np.testing.assert_array_equal(drawn, render.stripes(unsure))
    assert len(plot.plot_influence(about(made.explanation(VALUES))).axes[0].images) == 1
    assert len(plot.plot_influence(about(with_margin(0.0))).axes[0].images) == 1  # 0 for sure


def test_the_map_says_what_stripes_mean(monkeypatch):
    assert "striped: may be 0" in words(plot.plot_influence(about(with_margin())), monkeypatch)
    plain = words(plot.plot_influence(about(made.explanation(VALUES))), monkeypatch)
    assert "striped" not in plain


def test_bars_have_their_intervals(monkeypatch):
    explanation = with_margin()
    figure = plot.plot_ranking(about(explanation))
    order = explanation.ranked(1)
    lines = [line for line in figure.axes[1].lines if np.ptp(line.get_ydata()) == 0]
    ends = [tuple(line.get_xdata()) for line in lines]
    expected = [(VALUES[row] - 0.1, VALUES[row] + 0.1) for row in order]
    np.testing.assert_allclose(ends, expected)
    assert "95 % intervals" in words(figure, monkeypatch)


def test_stripes_lie_on_the_place_alone():
    place = np.zeros((5, 7), dtype=bool)
    place[1:3, 2:5] = True
    drawn = render.stripes(place)
    scale = drawn.shape[0] // 5
    covered = drawn[..., 3].reshape(5, scale, 7, scale).any(axis=(1, 3))
    np.testing.assert_array_equal(covered, place)
    assert (drawn[..., 3] == 0)[scale : 3 * scale, 2 * scale : 5 * scale].any()


def test_table_and_records_have_the_margin():
    explanation = with_margin()
    console = Console(width=80, record=True, color_system=None)
    with console.capture() as shown:
        console.print(regions_table(about(explanation, 1)))
    assert "margin" in shown.get()
    assert "± 10.0 %" in shown.get()
    assert "utility" not in shown.get()
    records = as_records(about(explanation, 1))
    assert [record["sure"] for record in records] == [True, True, False, False]
    assert [record["important"] for record in records] == [
        bool(record["sure"] and record["influence"] >= 0.01) for record in records
    ]
    assert {record["margin"] for record in records} == {0.1}
    assert {record["margin"] for record in as_records(about(made.explanation(VALUES), 1))} == {None}
