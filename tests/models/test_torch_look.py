"""The last grid of PyTorch's modules: found by asking, and believed where the scores confirm it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from cilens import Preprocess, SampledImportance, TorchModel
from cilens.errors import InputError
from cilens.perturbation import Constant
from cilens.proxy.head import linked
from cilens.segmentation import Grid

PLAIN = Preprocess((8, 8), scale=1.0, mean=0.0, std=1.0)


class Network(nn.Module):
    """Four channels on a grid of 2 x 2, and an end of one's own."""

    def __init__(self, end, classes=5):
        super().__init__()
        torch.manual_seed(0)
        self.grid = nn.Sequential(nn.Conv2d(3, 4, 4, stride=4), nn.Tanh())
        self.classify = nn.Linear(4, classes)
        self.end = end

    def forward(self, images):
        return self.end(self, self.grid(images))


def mean(module, grid):
    return module.classify(grid.mean(dim=(2, 3)))


def maximum(module, grid):
    return module.classify(grid.amax(dim=(2, 3)))


def twice(module, grid):
    return torch.relu(module.classify(grid.mean(dim=(2, 3))))


def model(end, **stated):
    return TorchModel(Network(end).eval(), PLAIN, **stated)


def images(n=3):
    return np.random.default_rng(0).random((n, 8, 8, 3), dtype=np.float32)


@pytest.mark.parametrize("activation", ["none", "softmax", "sigmoid"])
def test_the_mean_of_the_cells_is_the_logit(activation):
    asked = model(mean, activation=activation)
    head, seen = asked.head(), asked.cells(batch := images())
    assert head.where == "the mean over grid (4 x 2 x 2), then classify"
    np.testing.assert_allclose(seen.scores, asked(batch), atol=1e-6)
    cells = head.cells(seen.features, range(5))
    np.testing.assert_allclose(linked(cells.mean(axis=(2, 3)), head.link), seen.scores, atol=1e-5)


@pytest.mark.parametrize("end", [maximum, twice])
def test_a_module_with_another_end_shows_none(end):
    asked = model(end)
    assert asked.head() is None
    with pytest.raises(InputError, match="this Network does not show one: look from outside"):
        asked.cells(images())


def test_no_hook_stays_behind():
    asked = model(mean, activation="softmax")
    asked.cells(images())
    assert not any(layer._forward_hooks for layer in asked.module.modules())


def test_it_is_explained_from_inside():
    asked = model(mean, activation="softmax", batch=4)
    method = SampledImportance((Grid(2, 2),), (Constant(0.0),), budget=20, look="inside")
    found = method(asked, images(1)[0])
    assert found.proxy.look == "inside"
    assert found.proxy.trust.max() > 0.5
