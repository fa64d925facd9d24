"""Where Quantus has the same metric, it gives the same numbers.

Its sufficiency, its sensitivities and its insertion are other metrics under like names.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch

import cilens
from cilens.explanation import Explanation
from cilens.methods import ContextualImportance
from cilens.metrics.flipping import Flipping
from cilens.metrics.irof import Irof
from cilens.metrics.localization import pointing
from cilens.metrics.sparsity import gini
from cilens.segmentation import Grid, Labels

quantus = pytest.importorskip("quantus")
QUIET = {"disable_warnings": True, "normalise": False, "abs": False}
TARGET = 2


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Conv2d(1, 4, 3, padding=1),
        torch.nn.ReLU(),
        torch.nn.AdaptiveAvgPool2d(4),
        torch.nn.Flatten(),
        torch.nn.Linear(64, 5),
        torch.nn.Softmax(dim=1),
    ).eval()


@pytest.fixture
def model(network):
    def asked(images):
        with torch.inference_mode():
            batch = torch.from_numpy(images.transpose(0, 3, 1, 2).astype(np.float32))
            return network(batch).numpy()

    return asked


IMAGE = np.random.default_rng(1).uniform(0.1, 1, (16, 16, 1)).astype(np.float32)


def theirs(metric, network, saliency, places=None):
    """Ask Quantus about one image."""
    return metric(
        model=network,
        x_batch=IMAGE.transpose(2, 0, 1)[None],
        y_batch=np.array([TARGET]),
        a_batch=saliency[None, None],
        s_batch=None if places is None else places[None, None],
        device="cpu",
    )


@pytest.fixture
def explanation(model) -> Explanation:
    return ContextualImportance(Grid(4, 4))(model, IMAGE)


def test_pixel_flipping(network, model):
    saliency = np.random.default_rng(2).permutation(256).reshape(16, 16) / 256.0
    curves = Flipping(cilens.Constant(0.0), steps=32).curves(model, IMAGE, saliency, TARGET)
    for sign, ours in ((1, curves.most_first), (-1, curves.least_first)):
        flipping = quantus.PixelFlipping(features_in_step=8, perturb_baseline=0.0, **QUIET)
        (found,) = theirs(flipping, network, sign * saliency)
        np.testing.assert_allclose(ours[1:], np.ravel(found), rtol=0, atol=1e-6)


def test_irof(network, model, explanation, monkeypatch):
    monkeypatch.setattr(np, "trapz", np.trapezoid, raising=False)  # it has another name by now
    segments = Grid(3, 5)(IMAGE)
    monkeypatch.setattr(quantus.helpers.utils, "slic", lambda image, start_label: segments)
    metric = quantus.IROF(perturb_baseline=0.0, return_aggregate=False, **QUIET)
    (found,) = theirs(metric, network, explanation.saliency(TARGET))
    irof = Irof(Labels(segments), cilens.Constant(0.0))
    curve = irof.curve(model, explanation, TARGET)
    shares = curve / curve[0]
    # Quantus leaves the whole image out of its curve, and counts in segments.
    assert len(curve) - 1 - np.trapezoid(shares[1:]) == pytest.approx(found, abs=1e-5)
    ours = irof(model, explanation, TARGET)["irof"]
    assert ours * 15 == pytest.approx(found - (1 + shares[1]) / 2, abs=1e-5)


@pytest.mark.parametrize("seed", [0, 1])
def test_sparsity(network, seed):
    saliency = np.random.default_rng(seed).normal(size=(16, 16)) ** 3
    metric = quantus.Sparseness(disable_warnings=True, normalise=False, abs=True)
    (found,) = theirs(metric, network, saliency)
    assert gini(saliency) == pytest.approx(found, abs=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_localization(network, explanation, seed):
    random = np.random.default_rng(seed)
    place = np.zeros((16, 16), dtype=bool)
    top, left = random.integers(0, 8, 2)
    place[top : top + 7, left : left + 6] = True
    found = pointing(explanation, place, TARGET)
    saliency = np.maximum(explanation.saliency(TARGET), 0)
    # All regions have sixteen pixels: a share of influence is a share of saliency.
    (mass,) = theirs(quantus.RelevanceMassAccuracy(**QUIET), network, saliency, place)
    assert found.share == pytest.approx(mass)
    (hit,) = theirs(quantus.PointingGame(**QUIET), network, saliency, place)
    assert (found.hit > 0) == bool(hit)
