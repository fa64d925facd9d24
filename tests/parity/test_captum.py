"""Influence is what captum's FeatureAblation reports, for every class."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from captum.attr import FeatureAblation

from cilens.methods import ContextualImportance
from cilens.perturbation import Constant
from cilens.segmentation import Felzenszwalb, Grid, Labels, Slic, segment


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3, padding=1),
        torch.nn.ReLU(),
        torch.nn.AdaptiveAvgPool2d(4),
        torch.nn.Flatten(),
        torch.nn.Linear(64, 5),
        torch.nn.Softmax(dim=1),
    ).eval()


def asked(network):
    def model(images):
        with torch.inference_mode():
            return network(torch.from_numpy(images.transpose(0, 3, 1, 2).copy())).numpy()

    return model


@pytest.mark.parametrize("segmenter", [Slic(20), Grid(3, 5), Felzenszwalb(20.0)], ids=repr)
@pytest.mark.parametrize("fill", [0.0, 0.5])
def test_influence_is_feature_ablation(network, segmenter, fill):
    image = np.random.default_rng(1).uniform(0, 1, (32, 40, 3)).astype(np.float32)
    segments, _ = segment(segmenter, image)
    explanation = ContextualImportance(Labels(segments), (Constant(fill),))(asked(network), image)
    tensor = torch.from_numpy(image.transpose(2, 0, 1)[None].copy())
    for target in range(5):
        oracle = FeatureAblation(network).attribute(
            tensor,
            baselines=fill,
            target=target,
            feature_mask=torch.from_numpy(segments)[None, None],
        )
        np.testing.assert_allclose(
            explanation.saliency(target), oracle[0, 0].detach().numpy(), rtol=0, atol=1e-6
        )
