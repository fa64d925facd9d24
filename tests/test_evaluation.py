"""Methods over many images, with intervals and paired differences."""

from __future__ import annotations

import numpy as np
import pytest

from cilens.errors import InputError
from cilens.evaluation import Judged, evaluate, summarize
from cilens.methods import ContextualImportance
from cilens.methods.random import RandomAttribution
from cilens.metrics.flipping import Flipping
from cilens.perturbation import Blur, Constant
from cilens.plot.evaluated import evaluation_figure
from cilens.segmentation import Grid
from drawn import drawn_texts, outside, overlaps

METHODS = {
    "contextual": ContextualImportance(Grid(4, 4)),
    "random": RandomAttribution(Grid(4, 4), seed=3),
}
JUDGES = {"black": Flipping(Constant(0.0), 8), "blur": Flipping(Blur(2.0), 8)}


@pytest.fixture
def judged(corner_model):
    rng = np.random.default_rng(0)
    images = [(str(n), rng.uniform(0.5, 1, (8, 8, 1))) for n in range(6)]
    done = []
    rows = list(evaluate(corner_model, images, METHODS, JUDGES, progress=done.append))
    assert sum(done) == 12
    for row in rows:
        image = dict(images)[row.image]
        explanation = METHODS[row.method](corner_model, image)
        curves = JUDGES[row.fill](
            corner_model, image, explanation.saliency(), explanation.predicted
        )
        assert (row.mif, row.lif, row.srg) == (curves.mif, curves.lif, curves.srg)
        assert row.model_rows == explanation.model_rows
    return rows


def test_means_differences_and_intervals(judged):
    found = summarize(judged)
    assert [(one.method, one.fill) for one in found] == [
        (method, fill) for method in METHODS for fill in JUDGES
    ]
    for one in found:
        gains = [row.srg for row in judged if (row.method, row.fill) == (one.method, one.fill)]
        base = [row.srg for row in judged if (row.method, row.fill) == ("contextual", one.fill)]
        assert one.images == 6
        assert one.srg == pytest.approx(np.mean(gains))
        assert one.low <= one.srg <= one.high
        assert one.difference == pytest.approx(np.mean(gains) - np.mean(base))
        assert one.difference_low <= one.difference <= one.difference_high
    assert found[2].difference_high < 0  # random is worse, surely


def test_the_target_is_the_callers():
    def sides(images):  # the left half, and the upper quarter of the right one
        return np.stack(
            [images[:, :, :4].mean((1, 2, 3)), images[:, :2, 4:].mean((1, 2, 3)) / 2], 1
        )

    method, image = {"contextual": METHODS["contextual"]}, np.ones((8, 8, 1))
    for target in (0, 1):
        (row,) = evaluate(sides, [("a", image)], method, {"black": JUDGES["black"]}, target=target)
        saliency = METHODS["contextual"](sides, image).saliency(target)
        curves = JUDGES["black"](sides, image, saliency, target)
        assert (row.mif, row.lif) == (curves.mif, curves.lif)
    assert row.srg < 0.5  # the second class never scores higher than a half


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(200):
        rows = [
            Judged(str(n), "one", "black", 9, 0.1, 0.0, 0.0, value)
            for n, value in enumerate(rng.normal(0.3, 0.2, 40))
        ]
        (one,) = summarize(rows)
        hits += one.low <= 0.3 <= one.high
    assert 180 <= hits <= 199


def test_methods_on_different_images_are_refused(judged):
    with pytest.raises(InputError, match="must be judged on the same images"):
        summarize(judged[:-1])


def test_the_figure_names_every_method_and_fill(judged, monkeypatch):
    figure = evaluation_figure(summarize(judged))
    texts = drawn_texts(figure, monkeypatch)
    words = [text.get_text() for text in texts]
    for word in (*METHODS, "fill: black, 6 images", "fill: blur, 6 images", "17 rows"):
        assert word in words
    assert overlaps(texts) == []
    assert outside(figure, texts) == []
