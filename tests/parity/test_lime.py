"""LIME on our loop gives the lime package's weights, from the same coalitions."""

from __future__ import annotations

import numpy as np
import pytest

from cilens.perturbation import Constant
from cilens.segmentation import Grid, Labels

lime_image = pytest.importorskip("lime.lime_image")
Lime = pytest.importorskip("cilens.methods.lime").Lime


def model(images):
    rng = np.random.default_rng(4)
    weights = 0.2 * rng.normal(size=(images[0].size, 4))
    logits = images.reshape(len(images), -1).astype(np.float64) @ weights
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponents / exponents.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("seed", [0, 7])
def test_weights_are_those_of_the_lime_package(seed, capsys):
    image = np.random.default_rng(2).uniform(0, 1, (12, 10, 3))
    segments = Grid(3, 4)(image)
    theirs = lime_image.LimeImageExplainer(random_state=seed).explain_instance(
        image, model, top_labels=4, hide_color=0, num_samples=300, random_seed=0,
        segmentation_fn=lambda picture: segments,
    )  # fmt: skip
    ours = Lime(Labels(segments), Constant(0.0), budget=300, seed=seed)(model, image)
    assert ours.model_rows == 300
    for target in range(4):
        expected = dict(theirs.local_exp[target])
        np.testing.assert_allclose(
            ours.influence[:, target], [expected[i] for i in range(12)], rtol=0, atol=1e-12
        )


def test_an_additive_model_gives_its_coefficients():
    rng = np.random.default_rng(3)
    segments = Grid(3, 3)(np.zeros((9, 9, 1)))
    coefficients = rng.dirichlet(np.ones(9))

    def additive(images):
        means = [images[:, segments == i].mean(axis=(1, 2)) for i in range(9)]
        return np.stack(means, axis=1) @ coefficients[:, None]

    e = Lime(Labels(segments), budget=3000)(additive, np.ones((9, 9, 1)))
    np.testing.assert_allclose(e.influence[:, 0], coefficients, atol=0.02)
    np.testing.assert_allclose(e.importance, np.abs(e.influence), atol=1e-12)
