"""The figures say what was found, also where there is nothing to show."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import cilens
import made
from cilens.datasets.distort import figure_7c
from cilens.evaluation.compare import compare
from cilens.followup.highlight import Highlight
from cilens.methods import ContextualImportance
from cilens.metrics import robustness
from cilens.paper import gallery
from cilens.paper.figures.fig1_network import network_figure
from cilens.paper.figures.fig3_explanation import alone_text, process_figure
from cilens.paper.figures.fig4_comparison import comparison_figure
from cilens.paper.figures.fig7_change import BeforeAfter, Explained, distortion_figure
from cilens.paper.figures.scales import missing_map, score_text
from cilens.paper.onnx_file import Layer, Network, read_network
from drawn import drawn_texts, outside, overlaps


def texts(figure) -> list[str]:
    inside = [text.get_text() for ax in figure.axes for text in ax.texts]
    return inside + [text.get_text() for text in figure.texts]


@pytest.mark.parametrize("number", [1, 2, 3, 5, 6, 7, 8])
def test_no_text_lies_over_another_or_leaves_the_sheet(study, number, monkeypatch):
    figure = getattr(gallery, f"figure_{number}")(study)
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
    assert gallery.network_of(replace_file(study, Path("none.onnx"))) is None


def test_a_network_is_drawn_as_far_as_it_is_known(study):
    network = read_network(study.file)
    (tensor,) = study.model.preprocess.tensor(study.images[:1])
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
    shown = texts(gallery.figure_7(study))
    assert f"of the noise, highlighted: {100 * found.noise_highlighted:.0f} %" in shown
    assert f"highlighted ink in common: {100 * found.ink_overlap:.0f} %" in shown


def test_a_class_that_changes_and_an_empty_highlight_are_said(study):
    before = made.explanation([0.5, 0.0, 0.0, 0.0], scores=(0.1, 0.9))
    after = made.explanation([0.0, 0.0, 0.0, 0.0], scores=(0.7, 0.3))
    noise = np.zeros((28, 28), bool)
    case = BeforeAfter(
        "a   something",
        Explained(before, made.check()),
        Explained(after, made.check(empty=True)),
        noise,
        robustness.compare(before, after, target=1, noise=noise),
    )
    shown = texts(distortion_figure([case], "toy"))
    assert "1: 30.00 %, seen as 0" in shown
    assert "nothing reaches 1 %" in shown
    assert "of the noise, highlighted: –" in shown


def test_a_method_that_is_not_there_leaves_room_for_the_reason(study, monkeypatch):
    methods = {"paper": ContextualImportance.paper()}
    (one,) = compare(study.model, study.images[0], methods)
    figure = comparison_figure([("a", [None, None, one, None])], "toy", "needs something")
    assert texts(figure).count("needs something") == 3
    assert overlaps(drawn_texts(figure, monkeypatch)) == []


@pytest.mark.parametrize(
    ("score", "text"),
    [(1.0, "100.00 %"), (0.99996, "> 99.99 %"), (0.9999, "99.99 %"), (4e-5, "< 0.01 %")],
)
def test_a_score_is_never_certain_if_it_is_not(score, text):
    assert score_text(score) == text


def test_what_is_missing_has_a_colour_of_its_own():
    colours = missing_map(np.array([[-0.5, 0.0, 0.25, 0.5]]), 0.5)[0]
    assert colours[0].tolist() == colours[1].tolist() == [247, 247, 247]
    assert (np.diff(colours[1:].astype(int).sum(axis=1)) < 0).all()


def test_the_example_falls_back_where_nothing_is_unsure(study):
    sure = replace(study, count=3)
    scores = np.eye(10)[study.test[1]]
    vars(sure)["scores"] = scores
    assert sure.example == sure.even_example == 18
    figure = gallery.figure_8(sure)  # no errors at all: only the paper's own image is shown
    assert "mnist:8322" in texts(figure)
