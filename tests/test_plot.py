"""Figures say the API's numbers, no text lies over another, and the axes given are used."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from matplotlib.figure import Figure

import made
from cilens import plot, render
from cilens.errors import InputError
from cilens.table import percent
from drawn import drawn_texts

PANELS = [
    plot.plot_image,
    plot.plot_segments,
    plot.plot_influence,
    plot.plot_important,
    plot.plot_highlight,
    plot.plot_remainder,
    plot.plot_ranking,
]


def words(figure, monkeypatch) -> list[str]:
    return [text.get_text() for text in drawn_texts(figure, monkeypatch)]


# The numbers are the API's


def test_sheet_says_the_numbers(monkeypatch):
    explanation = made.explanation(made.spread(30), class_names=("cat", "dog"))
    check = made.check(alone=(0.8312, 1), without=(0.2341, 0))
    said = words(plot.explanation_figure(explanation, "dog", check), monkeypatch)
    area = percent(explanation.highlight("dog").mean())
    for expected in (
        "Seen as dog (90.0 %)",
        "contextual importance, 31 model rows + 3 for the check",
        "dog: 90.0 %",
        "30, numbered",
        "on dog",
        "dog: 83.1 %",
        "dog: 23.4 %, seen as cat",
        f"from 1 % on: {area} of the image",
        "influence on dog",
        explanation.method,
    ):
        assert expected in said


def test_sheet_of_a_class_that_was_not_predicted(monkeypatch):
    explanation = made.explanation(made.spread(9), scores=(0.7, 0.2), class_names=("cat", "dog"))
    said = words(plot.explanation_figure(explanation, "dog"), monkeypatch)
    assert said.count("dog (20.0 %); seen as cat (70.0 %)") == 1


def test_sheet_without_any_important_region(monkeypatch):
    explanation = made.explanation([0.0] * 9)
    check = made.check(alone=(0.1, 0), without=(0.9, 1), empty=True)
    said = words(plot.explanation_figure(explanation, None, check), monkeypatch)
    assert "Only the highlight: blank" in said
    assert "1: 10.0 %, seen as 0" in said
    assert "no region reaches 1 %" in said
    assert said.count("0.0 %") == 9


def test_blank_image_of_the_same_class_is_named(monkeypatch):
    explanation = made.explanation(made.spread(9))
    for blank, caption in (((0.75, 1), "1: 80.0 %; blank image 75.0 %"), ((0.4, 0), "1: 80.0 %")):
        figure = plot.plot_highlight(explanation, check=made.check(blank=blank))
        assert caption in words(figure, monkeypatch)


def test_plain_scores_are_no_percentages(monkeypatch):
    explanation = made.explanation([0.1], scores=(-3.0, 7.25), output_range=(-10, 10))
    assert "1: 7.25" in words(plot.plot_image(explanation), monkeypatch)


def test_a_check_of_another_question_is_refused():
    explanation = made.explanation(made.spread(9))
    for target, threshold in ((0, 0.01), (1, 0.05)):
        with pytest.raises(InputError, match="the check must be of the class and threshold shown"):
            plot.explanation_figure(explanation, target, made.check(), threshold)


def test_class_names_are_no_formulas(monkeypatch):
    name = "$\\frac$ bill"  # as a formula, this does not even parse
    explanation = made.explanation(made.spread(9), class_names=("cat", name))
    said = words(plot.explanation_figure(explanation), monkeypatch)
    assert f"{name}: 90.0 %" in said


# Pixels


def pixels(figure):
    (shown,) = figure.axes[0].get_images()
    return np.asarray(shown.get_array())


@pytest.mark.parametrize("shape", [(28, 28, 1), (1000, 900, 3)])
def test_small_images_are_enlarged_without_new_colours(shape):
    explanation = made.explanation(made.spread(9), shape=shape)
    large = pixels(plot.plot_image(explanation))
    factor = large.shape[0] // shape[0]
    assert large.shape[0] >= 900
    np.testing.assert_array_equal(
        large[factor // 2 :: factor, factor // 2 :: factor], render.to_rgb(explanation.image)
    )
    assert set(np.unique(large)) == set(np.unique(render.to_rgb(explanation.image)))


def test_panels_show_what_render_gives():
    explanation = made.explanation(made.spread(9))
    values, kept = explanation.saliency(), explanation.highlight()
    image = explanation.image
    for figure, expected in (
        (plot.plot_influence(explanation), render.signed_map(values)),
        (plot.plot_influence(explanation, limit=2.0), render.signed_map(values, 2.0)),
        (plot.plot_influence(explanation, over_image=True), render.overlay(image, values)),
        (plot.plot_important(explanation), render.paper_picture(image, kept)),
    ):
        np.testing.assert_array_equal(pixels(figure), render.enlarge(expected, 900))


def test_scale_is_absolute_and_its_ends_are_printed(monkeypatch):
    for high, limit in ((0.03, "+5 %"), (0.07, "+10 %"), (0.3, "+50 %"), (0.9, "+100 %")):
        said = words(plot.plot_influence(made.explanation([high, 0.0])), monkeypatch)
        assert limit in said
        assert limit.replace("+", "−") in said
        assert "0" in said
    with pytest.raises(InputError, match="must hold all values"):
        plot.plot_influence(made.explanation([0.3]), limit=0.1)


def test_numbers_stand_in_their_region(monkeypatch):
    explanation = made.explanation(made.spread(16), shape=(28, 28, 1))
    figure = plot.plot_segments(explanation)
    found = {
        int(text.get_text()): text.get_position()
        for text in drawn_texts(figure, monkeypatch)
        if text.get_text().isdecimal()
    }
    assert sorted(found) == list(range(16))
    for label, (column, row) in found.items():
        assert explanation.segments[round(row), round(column)] == label


def test_of_many_regions_those_that_matter_to_no_class_have_no_number(monkeypatch):
    values = np.where(np.arange(64) % 8 == 3, 0.2, 0.0)
    said = words(plot.plot_segments(made.explanation(values)), monkeypatch)
    assert "64, numbered where they matter" in said
    assert {text for text in said if text.isdigit()} == {str(n) for n in range(3, 64, 8)}
    assert "64, numbered" in words(plot.plot_segments(made.explanation(0 * values)), monkeypatch)


def test_bars_are_the_strongest_regions_in_their_colours(monkeypatch):
    explanation = made.explanation(made.spread(40))
    figure = plot.plot_ranking(explanation, top=7)
    bars = figure.axes[1].patches
    order, influence = explanation.ranked(1), explanation.influence[:, 1]
    assert [bar.get_width() for bar in bars] == influence[order[:7]].tolist()
    colours = render.signed_map(influence[order[:7]][None], 1.0)[0]
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
    said = words(plot.plot_ranking(explanation), monkeypatch)
    assert "0  upper loop" in said
    assert "1  stem" in said


# Axes


@pytest.mark.parametrize("panel", PANELS)
def test_axes_given_are_drawn_into_and_their_figure_returned(panel):
    figure = Figure(figsize=(9, 4))
    _, ax = figure.subplots(1, 2)
    before = len(figure.axes)
    assert panel(made.explanation(made.spread(9)), ax=ax) is figure
    assert len(figure.axes) == before
    assert ax.get_images() or ax.patches
    assert not figure.axes[0].has_data()


def test_axes_of_a_subfigure_give_the_whole_figure():
    figure = Figure(figsize=(8, 4))
    left, _ = figure.subfigures(1, 2)
    ax = left.subplots()
    assert plot.plot_segments(made.explanation(made.spread(9)), ax=ax) is figure


@pytest.mark.parametrize("panel", PANELS)
def test_every_call_makes_a_figure_of_its_own(panel):
    explanation = made.explanation(made.spread(9))
    assert panel(explanation) is not panel(explanation)


def test_pyplot_is_never_touched():
    program = (
        "import sys; sys.path.insert(0, 'tests'); import made, cilens.plot\n"
        "figure = cilens.plot.explanation_figure(made.explanation([0.3, -0.2]))\n"
        "figure.savefig(sys.stdout.buffer, format='png')\n"
        "assert 'matplotlib.figure' in sys.modules\n"
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert run.stdout.startswith(b"\x89PNG")
