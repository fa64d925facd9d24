"""The figure of several objects: its colours, its words, and nothing overlapping."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest

import made
from cilens import find_objects, plot, render
from cilens.errors import InputError
from cilens.plot.style import text_width
from drawn import drawn_texts, outside, overlaps

LONG = "American Staffordshire terrier, Staffordshire terrier, American pit bull terrier"


def several(n=9, classes=3, *, shape=(28, 28, 1), names=()):
    """Return an explanation whose regions speak for its classes by turns, every fourth for two."""
    scores = tuple(0.9 - 0.1 * place for place in range(classes))
    plain = made.explanation(made.spread(n), scores=scores, shape=shape, class_names=names)
    influence = np.zeros((n, classes))
    rows = np.arange(n)
    influence[rows, rows % classes] = 0.3
    influence[rows[::4], (rows[::4] + 1) % classes] = 0.2
    return dataclasses.replace(plain, influence=influence, importance=influence)


def texts_of(figure, monkeypatch) -> list[str]:
    return [text.get_text() for text in drawn_texts(figure, monkeypatch)]


def test_the_panels_say_what_was_found(monkeypatch):
    explanation = several()
    texts = texts_of(plot.objects_figure(explanation, find_objects(explanation)), monkeypatch)
    for words in (
        "What speaks for class 0, class 1 and class 2",
        "10 model rows for all classes",
        "9 of 9 speak, 3 for several",
        "90.0 %; 4 regions, 55 % its own",
        "80.0 %; 4 regions, 55 % its own",
        "70.0 %; 4 regions, 55 % its own",
    ):
        assert words in texts
    assert any("Full colour: 50\u00a0%." in text for text in texts)


def test_a_class_for_which_nothing_speaks_says_so(monkeypatch):
    explanation = several()
    found = find_objects(explanation, threshold=0.25)
    quiet = found._replace(speaks=found.speaks & [[True], [False], [True]])
    texts = texts_of(plot.objects_figure(explanation, quiet), monkeypatch)
    assert "80.0 %; no region is sure from 25 % on" in texts


@pytest.mark.parametrize("shape", [(28, 28, 1), (60, 300, 3), (300, 60, 1)])
@pytest.mark.parametrize("classes", [2, 4, 5, 10])
def test_no_text_lies_over_another(shape, classes, monkeypatch):
    names = tuple(f"{LONG} {place}" for place in range(classes))
    explanation = several(120, classes, shape=shape, names=names)
    found = find_objects(explanation, list(range(classes)))
    boxes = ((1.0, 1.0, 20.0, 20.0),) * classes
    figure = plot.objects_figure(explanation, found, boxes)
    texts = drawn_texts(figure, monkeypatch)
    assert overlaps(texts) == []
    assert outside(figure, texts) == []
    places = [ax.get_position().get_points() for ax in figure.axes]
    assert len(places) == classes + 2
    for (low, high), (other_low, other_high) in itertools.combinations(places, 2):
        assert (high < other_low).any() or (other_high < low).any()


def test_titles_name_as_many_classes_as_fit(monkeypatch):
    for names, title in (
        ((LONG,) * 3, "What speaks for three classes"),
        (("cat", LONG, "dog"), "What speaks for cat and two more"),
    ):
        explanation = several(names=names)
        found = find_objects(explanation, [0, 1, 2])
        narrow = plot.objects.objects_title(explanation, found, text_width(title, 15, bold=True))
        assert narrow == title


def test_boxes_are_drawn_and_what_speaks_from_outside_is_told(monkeypatch):
    explanation = several(4, 2, shape=(8, 8, 1))  # regions 0 and 2 speak for 0, in 8 x 8 pixels
    found = find_objects(explanation, [0, 1])
    whole, left = (0.0, 0.0, 8.0, 8.0), (0.0, 0.0, 4.0, 8.0)
    figure = plot.objects_figure(explanation, found, (whole, left))
    assert [len(ax.patches) for ax in figure.axes] == [2, 0, 1, 1]
    texts = texts_of(figure, monkeypatch)
    assert "90.0 %; 2 regions, 0 % outside" in texts
    # Of class 1's influence 0.2 is in region 0, to the left, and 0.6 in regions 1 and 3.
    assert "80.0 %; 3 regions, 75 % outside" in texts


def test_there_is_a_box_for_each_class_or_none():
    explanation = several(4, 2)
    with pytest.raises(InputError, match="a box for each of 2 classes; got 1"):
        plot.objects_figure(explanation, find_objects(explanation), ((0.0, 0.0, 1.0, 1.0),))


def test_colours_are_those_of_the_classes_and_stripes_have_all_of_them():
    image, segments = np.ones((2, 300, 1)), np.repeat([[0, 1, 2]], 2, axis=0).repeat(100, axis=1)
    strengths = np.array([[1.0, 0.0, 1.0], [0.0, 0.0, 1.0]])
    painted = render.class_picture(image, segments, strengths)
    assert painted.shape == (6, 900, 3)
    first, none, both = (
        np.unique(painted[:, part].reshape(-1, 3), axis=0)
        for part in (slice(0, 300), slice(300, 600), slice(600, 900))
    )
    assert len(first) == len(none) == 1
    assert len(both) == 2
    assert first[0].tolist() in both.tolist()
    assert np.ptp(none[0].astype(int)) == 0  # grey
    nearest = [np.abs(np.array(render.CLASS_COLOURS) - one).sum(axis=1).argmin() for one in both]
    assert sorted(nearest) == [0, 1]


def test_fuller_colours_are_stronger():
    image, segments = np.ones((1, 2, 1)), np.array([[0, 1]])
    weak, strong = render.class_picture(image, segments, np.array([[0.1, 1.0]]))[0, [0, -1]]
    colour = np.array(render.class_colour(0))
    assert np.abs(strong - colour.astype(int)).sum() < np.abs(weak - colour.astype(int)).sum()


@pytest.mark.parametrize(
    ("segments", "strengths", "message"),
    [
        (np.array([[0, 0]]), np.array([[1.5]]), r"strengths must be in \[0, 1\]; got 1.5"),
        (np.array([[0, 1]]), np.array([[1.0]]), "got .* and 1 columns"),
        (np.array([[0, 0, 0]]), np.array([[1.0]]), "segments must have the image's shape"),
    ],
)
def test_what_cannot_be_painted_is_refused(segments, strengths, message, unchecked):
    with pytest.raises(InputError, match=message):
        render.class_picture(np.ones((1, 2, 1)), segments, strengths)
