"""Figures say the API's numbers, no text lies over another, and the axes given are used."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from matplotlib.figure import Figure

import made
from cilens import plot, render
from cilens.text import about
from cilens.text.numbers import percent
from drawn import drawn_texts

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


def words(figure, monkeypatch) -> list[str]:
    return [text.get_text() for text in drawn_texts(figure, monkeypatch)]


# The numbers are the API's


def test_blank_image_of_the_same_class_is_named(monkeypatch):
    explanation = made.explanation(made.spread(9))
    for blank, caption in (
        ((0.75, 1), "class 1: 80.0 %; blank image 75.0 %"),
        ((0.4, 0), "class 1: 80.0 %"),
    ):
        check = made.checked(explanation, blank=blank)
        figure = plot.plot_highlight(about(explanation, check=check))
        assert caption in words(figure, monkeypatch)


def test_another_class_that_wins_is_named_first(monkeypatch):
    explanation = made.explanation(made.spread(9), class_names=("cat", "dog"))
    topic = about(explanation, check=made.checked(explanation, without=(0.021, 0)))
    assert "cat (dog: 2.1 %)" in words(plot.plot_remainder(topic), monkeypatch)


def test_plain_scores_are_no_percentages(monkeypatch):
    explanation = made.explanation([0.1], scores=(-3.0, 7.25), output_range=(-10, 10))
    assert "class 1: 7.25" in words(plot.plot_image(about(explanation)), monkeypatch)


def test_class_names_are_no_formulas(monkeypatch):
    name = "$\\frac$ bill"  # as a formula, this does not even parse
    explanation = made.explanation(made.spread(9), class_names=("cat", name))
    said = words(plot.finding_figure(about(explanation)), monkeypatch)
    assert f"{name}: 90.0 %" in said


# Pixels


def pixels(figure):
    (shown,) = figure.axes[0].get_images()
    return np.asarray(shown.get_array())


@pytest.mark.parametrize("shape", [(28, 28, 1), (90, 40, 3), (1000, 900, 3)])
def test_small_images_are_enlarged_without_new_colours(shape):
    explanation = made.explanation(made.spread(9), shape=shape)
    large = pixels(plot.plot_image(about(explanation)))
    factor = large.shape[0] // shape[0]
    assert large.shape[0] >= 900
    np.testing.assert_array_equal(
        large[factor // 2 :: factor, factor // 2 :: factor], render.to_rgb(explanation.image)
    )
    assert set(np.unique(large)) == set(np.unique(render.to_rgb(explanation.image)))


def test_the_map_is_the_one_of_render():
    explanation = made.explanation(made.spread(9))
    expected = render.overlay(explanation.image, explanation.saliency())
    figure = plot.plot_influence(about(explanation))
    np.testing.assert_array_equal(pixels(figure), render.enlarge(expected, 900))


@pytest.mark.parametrize("panel", [plot.plot_influence, plot.plot_shares, plot.plot_difference])
@pytest.mark.parametrize("shape", [(28, 28, 1), (60, 300, 3), (300, 20, 1)])
def test_every_map_has_the_whole_scale_below(panel, shape, monkeypatch):
    for high in (0.03, 0.9):
        said = words(panel(about(made.explanation([high, 0.0], shape=shape))), monkeypatch)
        assert {"−100 %", "0", "+100 %"} <= set(said)
        assert any(line.startswith("share of the") for line in said)


def test_numbers_stand_in_their_region(monkeypatch):
    explanation = made.explanation(made.spread(16), shape=(28, 28, 1))
    figure = plot.plot_segments(about(explanation))
    found = {
        int(text.get_text()): text.xy
        for text in drawn_texts(figure, monkeypatch)
        if text.get_text().isdecimal()
    }
    assert sorted(found) == list(range(16))
    for label, (column, row) in found.items():
        assert explanation.segments[round(row), round(column)] == label


def test_of_many_regions_the_strongest_are_numbered(monkeypatch):
    values = np.where(np.arange(64) % 8 == 3, 0.2, 0.0)
    said = words(plot.plot_segments(about(made.explanation(values))), monkeypatch)
    assert "64, the strongest numbered" in said
    assert {str(n) for n in range(3, 64, 8)} <= {text for text in said if text.isdigit()}


def test_bars_are_the_strongest_regions_in_their_colours(monkeypatch):
    explanation = made.explanation(made.spread(40))
    figure = plot.plot_ranking(about(explanation), top=7)
    bars = figure.axes[1].patches
    order, influence = explanation.ranked(1), explanation.influence[:, 1]
    assert [bar.get_width() for bar in bars] == influence[order[:7]].tolist()
    colours = render.signed_map(influence[order[:7]][None])[0]
    np.testing.assert_allclose([bar.get_facecolor()[:3] for bar in bars], colours / 255)
    said = words(figure, monkeypatch)
    for row in order[:7]:
        assert percent(influence[row], signed=True) in said
    rest = influence[order[7:]]
    assert (
        f"and 33 more, up to {percent(np.abs(rest).max())}; "
        f"their sum: {percent(rest.sum(), signed=True)}"
    ) in said


def test_regions_with_names_have_them_beside_their_bars(monkeypatch):
    explanation = made.explanation([0.5, 0.2], region_names=("upper loop", "stem"))
    said = words(plot.plot_ranking(about(explanation)), monkeypatch)
    assert "0  upper loop" in said
    assert "1  stem" in said


# Axes


@pytest.mark.parametrize("panel", PANELS)
def test_axes_given_are_drawn_into_and_their_figure_returned(panel):
    figure = Figure(figsize=(9, 4))
    _, ax = figure.subplots(1, 2)
    before = len(figure.axes)
    assert panel(about(made.explanation(made.spread(9))), ax=ax) is figure
    assert len(figure.axes) == before
    assert ax.get_images() or ax.patches
    assert not figure.axes[0].has_data()


def test_axes_of_a_subfigure_give_the_whole_figure():
    figure = Figure(figsize=(8, 4))
    left, _ = figure.subfigures(1, 2)
    ax = left.subplots()
    assert plot.plot_segments(about(made.explanation(made.spread(9))), ax=ax) is figure


@pytest.mark.parametrize("panel", PANELS)
def test_every_call_makes_a_figure_of_its_own(panel):
    topic = about(made.explanation(made.spread(9)))
    assert panel(topic) is not panel(topic)


def test_pyplot_is_never_touched():
    program = (
        "import sys; sys.path.insert(0, 'tests'); import made, cilens.plot\n"
        "from cilens.text import about\n"
        "figure = cilens.plot.finding_figure(about(made.explanation([0.3, -0.2])))\n"
        "figure.savefig(sys.stdout.buffer, format='png')\n"
        "assert 'matplotlib.figure' in sys.modules\n"
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert run.stdout.startswith(b"\x89PNG")
