"""KernelShap and ShapleySampling are captum's own, asked about pictures, for every class."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from captum.attr import KernelShap as CaptumKernelShap
from captum.attr import ShapleyValueSampling

from cilens.methods.shapley import KernelShap, ShapleySampling
from cilens.perturbation import Constant
from cilens.segmentation import Grid, Labels, Watershed, segment


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    last = torch.nn.Linear(64, 5)
    last.weight.data *= 20  # clear answers: scores move by tenths
    return torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3, padding=1), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(4),
        torch.nn.Flatten(), last, torch.nn.Softmax(dim=1),
    ).eval()  # fmt: skip


def asked(network):
    def model(images):
        with torch.inference_mode():
            return network(torch.from_numpy(images.transpose(0, 3, 1, 2).copy())).numpy()

    return model


def image():
    pixels = np.random.default_rng(1).uniform(0, 1, (32, 40, 3))
    pixels[8:24, 10:30] *= np.array([0.2, 0.9, 0.4])
    return pixels.astype(np.float32)


CASES = [
    (KernelShap, CaptumKernelShap, 300),
    (KernelShap, CaptumKernelShap, 60),
    (ShapleySampling, ShapleyValueSampling, 9),
]


@pytest.mark.parametrize(("ours", "theirs", "samples"), CASES)
@pytest.mark.parametrize("segmenter", [Watershed(20), Grid(4, 5)], ids=repr)
@pytest.mark.parametrize("fill", [0.0, 0.5])
def test_influence_is_captums_attribution(network, ours, theirs, samples, segmenter, fill):
    segments, labels = segment(segmenter, image())
    assert len(labels) > 15
    rows = samples if ours is KernelShap else 2 + samples * len(labels)
    found = ours(Labels(segments), Constant(fill), rows, seed=3)(asked(network), image())
    tensor = torch.from_numpy(image().transpose(2, 0, 1)[None].copy())
    assert np.abs(found.influence).max() > 0.02
    for target in range(5):
        torch.manual_seed(3)
        oracle = theirs(network).attribute(
            tensor,
            baselines=fill,
            target=target,
            feature_mask=torch.from_numpy(segments)[None, None],
            n_samples=samples,
            perturbations_per_eval=16,
        )
        np.testing.assert_allclose(
            found.saliency(target), oracle[0, 0].detach().numpy(), rtol=0, atol=1e-6
        )
