"""Classes whose scores left a stated range: told of, passed over, and refused by name."""

from __future__ import annotations

import numpy as np
import pytest

import cilens
from cilens.errors import ModelError
from cilens.followup.highlight import check_highlight
from cilens.plot import finding_figure
from cilens.plot.detail import detail_figure, within_reach
from cilens.text import about, describe, sentence


def logits(images):
    """Give class 1 a score that leaves 0 … 10, and class 0 one that keeps to it."""
    bright = images.mean(axis=(1, 2, 3))
    return np.stack([9 * bright, 40 * bright - 32, 4 * bright], axis=1)


@pytest.fixture
def explanation():
    method = cilens.ContextualImportance(cilens.Grid(2, 2), (cilens.Constant(0.0),))
    model = cilens.StatedModel(logits, (0, 10))
    return method(model, np.ones((4, 4, 1), np.float32))


def test_it_is_no_foil_and_no_part_of_a_figure_or_a_sentence(explanation) -> None:
    assert explanation.predicted == 0
    assert [index for index, _ in explanation.outside] == [1]
    assert explanation.runner_up == 1
    check = check_highlight(cilens.StatedModel(logits, (0, 10)), explanation)
    topic = about(explanation, check=check)
    assert topic.foil == 2
    assert 1 not in within_reach(topic)
    assert "class 0" in sentence(topic)
    assert describe(topic)
    assert finding_figure(topic)
    assert detail_figure(topic)
    assert cilens.find_objects(explanation, above=0.0).classes == (0, 2)


def test_it_is_refused_where_it_is_asked_for(explanation) -> None:
    for ask in (explanation.saliency, lambda at: explanation.foil(0, at)):
        with pytest.raises(ModelError, match=r"class 1 reached .*--margin"):
            ask(1)
    with pytest.raises(ModelError, match="class 1 reached"):
        explanation.foil(0, "runner-up")
