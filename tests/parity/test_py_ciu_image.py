"""Importance and utility are what py-ciu-image reports, for both strategies."""

from __future__ import annotations

import numpy as np
import pytest

from cilens.methods import ContextualImportance
from cilens.perturbation import Constant
from cilens.segmentation import Labels

CIUimage = pytest.importorskip("CIUimage.CIUimage").CIUimage


def model(images):
    rng = np.random.default_rng(4)
    weights = 0.2 * rng.normal(size=(images[0].size, 4))
    logits = images.reshape(len(images), -1).astype(np.float64) @ weights
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponents / exponents.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(("strategy", "theirs"), [("one-out", "straight"), ("one-in", "inverse")])
@pytest.mark.parametrize("fill", [0, 190])
def test_importance_and_utility_are_theirs(strategy, theirs, fill):
    rng = np.random.default_rng(2)
    image = rng.uniform(0, 1, (12, 10, 3)).astype(np.float32)
    segments = rng.integers(0, 6, (12, 10))
    oracle = CIUimage(None, predict_function=model, background_color=(fill,) * 3,
                      strategy=theirs, segments=segments).explain(image)  # fmt: skip
    method = ContextualImportance(Labels(segments), (Constant(fill / 255),), strategy=strategy)
    explanation = method(model, image)
    np.testing.assert_allclose(explanation.scores, oracle["outvals"][0], atol=1e-12)
    for ours, name in (("importance", "CI"), ("utility", "CU"), ("low", "cmin"), ("high", "cmax")):
        np.testing.assert_allclose(getattr(explanation, ours).T, oracle[name], atol=1e-6)
    if strategy == "one-out":
        np.testing.assert_allclose(explanation.influence.T / 2, oracle["Cinfl"], atol=1e-6)
