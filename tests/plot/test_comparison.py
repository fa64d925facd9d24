"""Methods side by side: the numbers are the comparison's, and no text touches another."""

from __future__ import annotations

import numpy as np
import pytest

import cilens
from cilens.evaluation.compare import compare
from cilens.methods.occlusion import Occlusion
from cilens.methods.random import RandomAttribution
from cilens.plot import comparison_figure
from drawn import drawn_texts, outside, overlaps


def case(name):
    cut = cilens.Grid(4, 4)
    methods = {
        "Contextual importance": cilens.ContextualImportance(cut),
        "Occlusion": Occlusion(size=9, stride=9),
        "Random": RandomAttribution(cut),
    }
    if name == "digit":
        model, image = cilens.load_model("digits"), cilens.read_image("mnist:18")
    else:
        image = np.random.default_rng(0).uniform(size=(40, 60, 3))
        model = lambda images: images[:, :20].mean(axis=(1, 2))  # noqa: E731
    return list(compare(model, image, methods))


@pytest.mark.parametrize("name", ["digit", "wide"])
def test_every_number_is_there_and_nothing_overlaps(name, monkeypatch):
    compared = case(name)
    figure = comparison_figure(compared, "Judged by hiding pixels.")
    texts = drawn_texts(figure, monkeypatch)
    words = [text.get_text() for text in texts]
    for one in compared:
        assert one.name in words
        assert f"{one.curves.srg:.3f}".replace("-", "−") in words
        assert f"{one.explanation.model_rows:,}" in words
    assert ("Influence on ink" in words) == (name == "digit")
    assert "Judged by hiding pixels." in words
    assert overlaps(texts) == []
    assert outside(figure, texts) == []
