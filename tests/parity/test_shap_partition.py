"""Partition gives what shap's PartitionExplainer gives when it hides the pixels itself."""

from __future__ import annotations

import numpy as np
import pytest

from cilens.perturbation import Constant
from cilens.segmentation import Grid, Labels

partition = pytest.importorskip("cilens.methods.partition")


def model(images):
    rng = np.random.default_rng(4)
    logits = images.reshape(len(images), -1) @ (0.3 * rng.normal(size=(images[0].size, 3)))
    exponents = np.exp(logits)
    return exponents / exponents.sum(axis=1, keepdims=True)


class Hiding:
    """A masker as shap wants one: it takes the whole picture and returns pictures."""

    def __init__(self, segments, fill, clustering):
        self.segments, self.fill, self.clustering = segments, fill, clustering
        self.shape = (1, len(clustering) + 1)

    def __call__(self, mask, picture):
        shown = np.asarray(mask)[self.segments][..., None]
        return (np.where(shown, picture, self.fill)[None],)

    def mask_shapes(self, picture):
        return [(self.shape[1],)]


@pytest.mark.parametrize("budget", [40, 200, 1000])
@pytest.mark.parametrize("fill", [0.0, 0.5])
def test_influence_is_the_owen_value_of_shap(budget, fill):
    image = np.random.default_rng(2).uniform(0, 1, (12, 10, 3))
    segments = Grid(4, 5)(image)
    masker = Hiding(segments, fill, partition._tree(segments))
    with partition._seeded(5):
        theirs = partition.PartitionExplainer(model, masker).explain_row(
            image, max_evals=budget, main_effects=False, error_bounds=False,
            batch_size=16, outputs=None, silent=True,
        )  # fmt: skip
    ours = partition.Partition(
        Labels(segments), Constant(fill), budget=budget, seed=5, batch_size=16
    )(model, image)
    assert np.abs(ours.influence).max() > 0.01
    np.testing.assert_allclose(ours.influence, theirs["values"], rtol=0, atol=1e-12)
