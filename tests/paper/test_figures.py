"""The figures say what was found, also where there is nothing to show."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import cilens
import made
from cilens.datasets.distort import figure_7c
from cilens.followup.highlight import Highlight
from cilens.methods import ContextualImportance
from cilens.metrics import robustness
from cilens.paper.figures.cells import alone_text, mattering, score_text
from cilens.paper.figures.fig1_network import figure_1, network_figure, network_of
from cilens.paper.figures.fig3_explanation import figure_2, figure_3, process_figure
from cilens.paper.figures.fig4_comparison import COLUMNS, figure_4
from cilens.paper.figures.fig5_contrast import (
    contrasted,
    figure_5,
    figure_6,
    told_apart,
)
from cilens.paper.figures.fig7_change import BeforeAfter, draw, figure_7
from cilens.paper.figures.fig8_mistakes import figure_8
from cilens.paper.figures.layout import new_sheet
from cilens.paper.figures.scales import missing_map
from cilens.paper.onnx_file import Layer, Network, read_network
from cilens.paper.study import LIME, PAPER
from drawn import drawn_texts, outside, overlaps
from reading import with_tables


def texts(figure) -> list[str]:
    inside = [text.get_text() for ax in figure.axes for text in ax.texts]
    return inside + [text.get_text() for text in figure.texts]


FIGURES = (figure_1, figure_2, figure_3, figure_4, figure_5, figure_6, figure_7, figure_8)


@pytest.mark.slow
@pytest.mark.parametrize("draw_figure", FIGURES)
def test_no_text_lies_over_another_or_leaves_the_sheet(study, draw_figure, monkeypatch):
    figure = draw_figure(study)
    shown = drawn_texts(figure, monkeypatch)
    assert len(shown) > 15
    assert overlaps(shown) == []
    assert outside(figure, shown) == []


def test_a_network_that_cannot_be_read_is_drawn_as_such(study):
    image = study.images[0]
    tensor = image.transpose(2, 0, 1)
    for network in (None, Network((Layer("LSTM", ("a",), ("b",), {}),), {})):
        figure = network_figure(network, image, tensor, "mine")
        assert any("cannot be read" in text for text in texts(figure))
    assert network_of(replace_file(study, Path("none.onnx"))) is None


def test_a_network_is_drawn_as_far_as_it_is_known(study):
    network = read_network(study.file)
    (tensor,) = study.model.preprocess.tensor(study.images[0][None])
    half = Network(network.layers[:6], network.weights)
    shown = texts(network_figure(half, study.images[0], tensor, "half"))
    assert "16 maps" in shown
    assert "32 maps" not in shown
    assert "10 scores" not in shown


def replace_file(study, file):
    return type(study)(study.model, "mine", file, study.count)


def test_fig_2_has_a_sample_for_each_segment(study, monkeypatch):
    explanation = ContextualImportance(cilens.Grid(3, 4))(study.model, study.images[0])
    check = Highlight().check(study.model, explanation)
    figure = process_figure(explanation, check, "mnist:0")
    assert [text for text in texts(figure) if text.startswith("without ")] == [
        f"without {name}" for name in range(12)
    ]
    assert overlaps(drawn_texts(figure, monkeypatch)) == []


def test_what_is_alone_is_said_truly():
    explanation = made.explanation([0.5, 0.0, -0.5, 0.25])
    assert alone_text(explanation, made.check()) == "1: 80.00 %"
    assert alone_text(explanation, made.check(alone=(0.2, 0))) == "1: 20.00 %, seen as 0"
    assert alone_text(explanation, made.check(empty=True)) == "nothing reaches 1 %"


def test_fig_7_says_how_far_both_agree(study):
    method = ContextualImportance.paper()
    noise = figure_7c().noise
    pictures = (cilens.read_image("mnist:178"), figure_7c().image)
    before, after = (method(study.model, image) for image in pictures)
    found = robustness.compare(before, after, noise=noise)
    shown = texts(figure_7(study))
    assert f"of the noise, highlighted: {100 * found.noise_highlighted:.0f} %" in shown
    assert f"highlighted ink in common: {100 * found.ink_overlap:.0f} %" in shown


def test_a_class_that_changes_and_an_empty_highlight_are_said(study):
    before = made.explanation([0.5, 0.0, 0.0, 0.0], scores=(0.1, 0.9))
    after = made.explanation([0.0, 0.0, 0.0, 0.0], scores=(0.7, 0.3))
    noise = np.zeros((28, 28), bool)
    case = BeforeAfter(
        (before, made.check()),
        (after, made.check(empty=True)),
        noise,
        robustness.compare(before, after, target=1, noise=noise),
    )
    sheet = new_sheet(5.0, 8.0, "toy")
    draw(sheet, 0.35, case)
    shown = texts(sheet.figure)
    assert "1: 30.00 %, seen as 0" in shown
    assert "nothing reaches 1 %" in shown
    assert "of the noise, highlighted: –" in shown


@pytest.mark.parametrize(
    ("score", "text"),
    [(1.0, "100.00 %"), (0.99996, "> 99.99 %"), (0.9999, "99.99 %"), (4e-5, "< 0.01 %")],
)
def test_a_score_is_never_certain_if_it_is_not(score, text):
    assert score_text(score) == text


def test_what_is_missing_has_a_colour_of_its_own():
    colours = missing_map(np.array([[-0.5, 0.0, 0.5, 1.0]]))[0]
    assert colours[0].tolist() == colours[1].tolist() == [247, 247, 247]
    assert (np.diff(colours[1:].astype(int).sum(axis=1)) < 0).all()


def test_the_example_falls_back_where_nothing_is_unsure(study):
    sure = replace(study, count=3)
    scores = np.eye(10)[study.test[1]]
    vars(sure)["scores"] = scores
    assert sure.example == sure.even_example == 18
    shown = texts(figure_8(sure))  # no errors at all, and nothing else is shown
    assert "No digit of the test split is misclassified." in shown
    assert not any(text.startswith("mnist:") for text in shown)
    assert any("mnist:8322, is right here: 9" in text for text in shown)


def test_fig_4_has_a_column_for_each_method(study):
    shown = texts(figure_4(study))
    assert [text for text in shown if text in COLUMNS.values()] == list(COLUMNS.values())
    assert shown.count("rows asked") == 4 * len(COLUMNS)


def test_fig_6_shows_a_digit_that_lime_alone_tells_nothing_apart_for(study):
    shown = texts(figure_6(study))
    title = "Fig. 6   LIME gives 9 and 4 the same regions; contextual importance does not"
    assert title in shown
    image = cilens.read_image("mnist:264")
    lime, ours = (method(study.model, image) for method in (LIME, PAPER))
    assert mattering(lime, 9) == mattering(lime, 4) == mattering(ours, 9) == "region 3"
    assert mattering(ours, 4) == "regions 1, 3, 6"
    assert shown.count("regions 1, 3, 6") == 1
    assert shown.count("mnist:264") == 3


def test_fig_6_makes_no_point_where_there_is_none(study):
    sure = replace(study)
    vars(sure)["scores"] = np.eye(10)[study.test[1]]
    assert "Fig. 6   The same 3, held against three other digits" in texts(figure_6(sure))


def test_both_methods_are_said_to_tell_classes_apart_or_not(study):
    one = contrasted(study, 300, 9)
    same = [[0.5, 0.3], [0.0, 0.0]]
    alike, apart = with_tables(same, (0.7, 0.3)), with_tables([[0.5, 0.0], [0, 0.3]], (0.7, 0.3))
    said = {
        (ours is alike, theirs is alike): told_apart(
            one._replace(explanation=ours, lime=theirs, foil=1)
        )
        for ours in (alike, apart)
        for theirs in (alike, apart)
    }
    assert said == {
        (True, True): "LIME and contextual importance both give 0 and 1 the same regions.",
        (True, False): "Contextual importance gives 0 and 1 the same regions; LIME does not.",
        (False, True): "LIME gives 0 and 1 the same regions; contextual importance does not.",
        (False, False): "LIME and contextual importance both give 0 and 1 different regions.",
    }


def test_fig_8_shows_errors_only(study):
    shown = [text for text in texts(figure_8(study)) if text.startswith("mnist:")]
    assert len(shown) == 3
    for source in shown:
        index = int(source.removeprefix("mnist:"))
        assert study.scores[index].argmax() != study.test[1][index]
