"""Methods over many images, with intervals and paired differences."""

from __future__ import annotations

import numpy as np
import pytest

from cilens.errors import InputError
from cilens.evaluation.evaluate import Judged, Summary, evaluate, summarize
from cilens.methods import ContextualImportance
from cilens.methods.occlusion import Occlusion
from cilens.methods.random import RandomAttribution
from cilens.metrics.flipping import Flipping
from cilens.metrics.stability import Stability
from cilens.perturbation import Blur, Constant
from cilens.plot.evaluation.evaluate import evaluation_figure
from cilens.segmentation import Grid
from drawn import drawn_texts, outside, overlaps

METHODS = {
    "contextual": ContextualImportance(Grid(4, 4)),
    "random": RandomAttribution(Grid(4, 4), seed=3),
}
METRICS = {"black": Flipping(Constant(0.0), 8), "blur": Flipping(Blur(2.0), 8)}


IMAGES = 6


@pytest.fixture
def judged(corner_model):
    rng = np.random.default_rng(0)
    images = [(str(n), rng.uniform(0.5, 1, (8, 8, 1))) for n in range(IMAGES)]
    done = []
    rows = list(evaluate(corner_model, images, METHODS, METRICS, progress=done.append))
    assert sum(done) == IMAGES * len(METHODS)
    assert len(rows) == IMAGES * len(METHODS) * 2 * 3
    for row in rows:
        explanation = METHODS[row.method](corner_model, dict(images)[row.image])
        metric = METRICS[row.metric]
        assert row.value == metric(corner_model, explanation)[row.number]
        assert row.better == metric.better[row.number]
        assert row.model_rows == explanation.model_rows
        assert row.seconds > 0
    return rows


def row(image, method, value, number="srg", rows=9) -> Judged:
    return Judged(image, method, "black", number, value, "higher", rows, 0.1)


def test_means_differences_and_intervals(judged):
    found = summarize(judged)
    assert [(one.metric, one.number, one.method) for one in found] == [
        (metric, number, method)
        for metric in METRICS
        for number in ("srg", "lif", "mif")
        for method in METHODS
    ]
    values = {(r.metric, r.number, r.method, r.image): r.value for r in judged}
    for one in found:
        key, images = (one.metric, one.number), [str(n) for n in range(IMAGES)]
        gains, base = (
            np.array([values[*key, method, image] for image in images])
            for method in (one.method, "contextual")
        )
        assert (one.images, one.pairs) == (IMAGES, IMAGES)
        assert one.mean == pytest.approx(gains.mean())
        assert one.low <= one.mean <= one.high
        assert one.difference == pytest.approx((gains - base).mean())
        assert one.difference_low <= one.difference <= one.difference_high
    assert found[1].difference_high < 0  # random is worse, surely


def test_numbers_that_are_not_there_are_left_aside():
    rows = [row("a", "one", 0.8), row("a", "two", None, rows=3)]
    rows += [row("b", "one", None), row("b", "two", 0.4, rows=5)]
    rows += [row("c", "one", 0.6), row("c", "two", 0.5, rows=6)]
    one, two = summarize(rows)
    assert (one.images, one.pairs, one.mean) == (2, 2, pytest.approx(0.7))
    assert (two.images, two.pairs, two.mean) == (2, 1, pytest.approx(0.45))
    assert (two.difference, two.difference_low) == (pytest.approx(-0.1), None)
    assert two.model_rows == 5.5
    (nothing,) = summarize([row("a", "one", None)])
    assert nothing == Summary("one", "black", "srg", "higher", 0, 9.0, *[None] * 3, 0, *[None] * 3)


def test_one_image_has_no_interval():
    (one,) = summarize([row("a", "one", 0.8)])
    assert (one.mean, one.low, one.high) == (0.8, None, None)
    assert (one.difference, one.difference_low, one.difference_high) == (0.0, None, None)


def test_a_metric_that_asks_the_method_again_is_given_it(corner_model):
    methods = {"contextual": METHODS["contextual"], "occlusion": Occlusion(4, 2)}
    images = [("a", np.random.default_rng(0).uniform(size=(8, 8, 1)))]
    rows = list(evaluate(corner_model, images, methods, {"stable": Stability(runs=1)}))
    assert [(one.method, one.number, one.value is None) for one in rows] == [
        ("contextual", "rank_correlation", False),
        ("contextual", "max_difference", False),
        ("occlusion", "rank_correlation", True),
        ("occlusion", "max_difference", True),
    ]


def test_the_target_is_the_callers():
    def sides(images):  # the left half, and the upper quarter of the right one
        return np.stack(
            [images[:, :, :4].mean((1, 2, 3)), images[:, :2, 4:].mean((1, 2, 3)) / 2], 1
        )

    method, image = {"contextual": METHODS["contextual"]}, np.ones((8, 8, 1))
    for target in (0, 1):
        metrics = {"black": METRICS["black"]}
        found = {
            r.number: r.value
            for r in evaluate(sides, [("a", image)], method, metrics, target=target)
        }
        assert found == METRICS["black"](sides, METHODS["contextual"](sides, image), target)
    assert found["srg"] < 0.5  # the second class never scores higher than a half


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(200):
        values = enumerate(rng.normal(0.3, 0.2, 40))
        (one,) = summarize([row(str(n), "one", float(value)) for n, value in values])
        hits += one.low <= 0.3 <= one.high
    assert 180 <= hits <= 199


def test_methods_on_different_images_are_refused(judged):
    for incomplete in (judged[:-1], judged[3:]):
        with pytest.raises(InputError, match="must be judged on the same images"):
            summarize(incomplete)
    with pytest.raises(InputError, match="got nothing"):
        summarize([])


def test_the_figure_names_every_method_and_metric(judged, monkeypatch):
    figure = evaluation_figure(summarize(judged))
    texts = drawn_texts(figure, monkeypatch)
    words = [text.get_text() for text in texts]
    captions = [f"{metric}, 6 images, 95 % intervals" for metric in METRICS]
    for word in (*METHODS, *captions, "srg, higher is better", "17 rows", "1 row", "to contextual"):
        assert word in words
    assert words.count("1") >= 2 * len(METRICS)
    assert overlaps(texts) == []
    assert outside(figure, texts) == []


def summary(method, rows, mean, half=0.02, apart=0.0) -> Summary:
    interval = (mean, mean - half, mean + half)
    difference = (apart, apart - half, apart + half)
    return Summary(method, "flipping", "srg", "higher", 60, rows, *interval, 60, *difference)


def test_discs_of_like_methods_stand_side_by_side(monkeypatch):
    crowd = [summary(f"method {n}", 1000.0, 0.5 + n / 1000, apart=n / 1000) for n in range(9)]
    figure = evaluation_figure([*crowd, summary("random", 1.0, 0.0, apart=-0.5)])
    texts = drawn_texts(figure, monkeypatch)
    assert overlaps(texts) == []
    assert outside(figure, texts) == []
    costs = figure.axes[0]
    assert "stand side by side" in costs.get_xlabel()
    discs = [line for line in costs.lines if line.get_marker() == "o"]
    places = np.array([costs.transData.transform(disc.get_xydata()[0]) for disc in discs])
    apart = np.linalg.norm(places[:, None] - places, axis=2)[~np.eye(10, dtype=bool)]
    assert apart.min() >= 11.5 / 72 * figure.dpi


def test_the_figure_has_what_there_is(monkeypatch):
    rows = [row("a", "one", None), row("a", "a very long name, " * 9, -0.25)]
    figure = evaluation_figure(summarize(rows))
    texts = drawn_texts(figure, monkeypatch)
    words = [text.get_text() for text in texts]
    assert "–" in words
    assert "−0.250" in words
    assert overlaps(texts) == []
    assert outside(figure, texts) == []
    assert evaluation_figure(summarize([row("a", "one", None)])).axes


def test_discs_with_room_stand_where_they_belong():
    apart = [summary("a", 10.0, 0.5), summary("b", 10.0, 0.9), summary("c", 1000.0, 0.5)]
    costs = evaluation_figure(apart).axes[0]
    assert costs.get_xlabel() == "model rows for each image"
    discs = [line.get_xydata()[0] for line in costs.lines if line.get_marker() == "o"]
    np.testing.assert_allclose(discs, [(10, 0.5), (10, 0.9), (1000, 0.5)])


def test_filled_is_what_differs_for_sure():
    found = [summary("a", 10.0, 0.5), summary("b", 20.0, 0.6, apart=0.1), summary("c", 30.0, 0.4)]
    differences = evaluation_figure(found).axes[2]
    faces = [line.get_markerfacecolor() for line in differences.lines if line.get_marker() == "o"]
    assert faces == ["#1f1f1f", "#0365cf", "white"]  # b is best, a is the first, c cannot be told
