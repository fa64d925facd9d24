"""The one look: what is sure is in colour, hidden pixels are the fill, a share has one colour."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

import cilens
import made
from cilens import plot, render
from cilens.followup.highlight import check_highlight
from cilens.plot.detail import within_reach
from cilens.text import about
from cilens.text.sentence import sentence
from drawn import drawn_texts


def topic_of(values, **named):
    explanation = made.explanation(values, **named)
    return about(explanation, check=made.checked(explanation))


def said_in(figure, monkeypatch) -> str:
    return " ".join(text.get_text() for text in drawn_texts(figure, monkeypatch))


def shown(figure):
    """Return the pixels of the large map: of the axes with most of them."""
    images = [ax.get_images()[0] for ax in figure.axes if ax.get_images()]
    return [np.asarray(image.get_array()) for image in images]


def middle(segments, label, pixels):
    """Return the colour in the middle of a segment, of a picture that is a multiple of it."""
    (row, column), _ = (
        part[0] for part in render.inside_points(segments, np.eye(9, dtype=bool)[[label]])
    )
    factor = pixels.shape[0] // segments.shape[0]
    return pixels[int((row + 0.5) * factor), int((column + 0.5) * factor)]


def test_the_sentence_is_the_title(monkeypatch):
    topic = topic_of(made.spread(9), class_names=("cat", "dog"))
    said = said_in(plot.finding_figure(topic), monkeypatch).replace("\u00a0", " ")
    for word in sentence(topic).split():
        assert word.strip(".") in said
    assert "10 model rows + 3 for the check" in said


def test_colour_is_where_it_is_sure_and_reaches_the_threshold():
    margin = np.where(np.arange(9) == 2, 0.5, 0.01)
    topic = topic_of([0.3, -0.2, 0.4, 0.005, -0.004, 0.0, 0.1, 0.0, 0.0], margin=margin)
    place = np.isin(topic.explanation.segments, [0, 1, 6])
    np.testing.assert_array_equal(topic.explanation.sure_pixels(), place)
    pixels = shown(plot.plot_shares(topic))[0].astype(int)
    for label in range(9):
        red, _, blue = middle(topic.explanation.segments, label, pixels)
        assert np.sign(red - blue) == {0: 1, 1: -1, 6: 1}.get(label, 0)


def test_a_share_has_one_colour_in_every_figure():
    weak = topic_of([0.04, 0.03, 0, 0, 0, 0, 0, 0, 0])
    strong = topic_of([0.04, -0.99, 0.99, 0, 0, 0, 0, 0, 0])
    segments = weak.explanation.segments
    one, other = (shown(plot.plot_shares(topic))[0] for topic in (weak, strong))
    np.testing.assert_array_equal(middle(segments, 0, one), middle(segments, 0, other))
    greys = other[..., 0].astype(int) - other[..., 2]
    colour = np.abs(greys[segments.repeat(33, 0).repeat(33, 1)[: len(greys), : len(greys)] == 0])
    assert colour.max() < abs(int(middle(segments, 2, other)[0]) - middle(segments, 2, other)[2])


def test_hidden_pixels_are_shown_as_the_model_saw_them():
    seen = []

    def model(images):
        seen.extend(images)
        return np.stack([images[:, :4].mean(axis=(1, 2, 3)), np.full(len(images), 0.2)], axis=1)

    image = np.random.default_rng(3).uniform(0.6, 1, (8, 8, 3))
    explanation = cilens.ContextualImportance(cilens.Grid(2, 2))(model, image)
    seen.clear()
    fill = cilens.Blur(2.0)
    topic = about(explanation, check=check_highlight(model, explanation, fill))
    for figure, asked in (
        (plot.plot_highlight(topic), seen[0]),
        (plot.plot_remainder(topic), seen[1]),
    ):
        (pixels,) = shown(figure)
        factor = pixels.shape[0] // 8
        np.testing.assert_array_equal(pixels[::factor, ::factor], render.to_rgb(asked))


def test_without_a_check_there_is_no_score_of_the_pair(monkeypatch):
    said = said_in(plot.finding_figure(about(made.explanation(made.spread(9)))), monkeypatch)
    assert "of the image" in said
    assert "for the check" not in said


def test_where_nothing_is_sure_that_is_said(monkeypatch):
    topic = topic_of(made.spread(9), margin=np.full(9, 0.9))
    figure = plot.plot_shares(topic)
    assert "Nothing is sure" in said_in(figure, monkeypatch)
    pixels = shown(figure)[0].astype(int)
    assert (np.ptp(pixels, axis=2) == 0).all()


def test_shares_are_written_inside_the_picture(monkeypatch):
    for shape in ((28, 28, 1), (28, 2000, 1), (2000, 28, 3)):
        figure = plot.finding_figure(topic_of(made.spread(4), shape=shape))
        ax, texts = figure.axes[1], drawn_texts(figure, monkeypatch)
        labels = [text for text in texts if re.fullmatch(r"[+−][0-9.]+ %", text.get_text())]
        labels = [text for text in labels if text in ax.texts]
        assert labels
        picture = ax.get_window_extent()
        for label in labels:
            box = label.get_window_extent()
            assert box.x0 >= picture.x0
            assert box.x1 <= picture.x1


def test_several_cuts_are_told_by_the_map(monkeypatch):
    explanation = made.explanation(made.spread(9))
    regions = np.concatenate([explanation.regions, explanation.regions[::-1]])
    twice = {
        name: np.concatenate([getattr(explanation, name)] * 2)
        for name in ("low", "high", "importance", "utility", "influence")
    }
    names = tuple(f"{cut}{row}" for cut in "ab" for row in range(9))
    several = replace(explanation, regions=regions, region_names=names, **twice)
    said = said_in(plot.detail_figure(about(several)), monkeypatch)
    assert "18 of several cuts" in said
    assert "Margin" in said
    assert "Strongest regions" not in said
    assert "a3" not in said


@pytest.mark.parametrize(
    ("scores", "shown"),
    [((0.01, 0.9, 0.09), [1]), ((0.3, 0.6, 0.1), [1, 0, 2]), ((0.08, 0.16, 0.02), [1, 0])],
)
def test_classes_within_reach_are_in_the_strip(scores, shown, monkeypatch):
    explanation = made.explanation(made.spread(9), scores=scores, class_names=("cat", "dog", "ox"))
    topic = about(explanation)
    assert within_reach(topic) == shown
    said = said_in(plot.detail_figure(topic), monkeypatch)
    for index in shown[1:]:
        assert f"{explanation.class_name(index)}: {scores[index]:.1%}".replace("%", " %") in said
