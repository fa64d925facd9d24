"""Networks of torchvision, timm and Hugging Face: the same weights, the same explanation.

By hand means without cilens: the library prepares the photograph, regions are filled in what it
made of it, and the network is asked. Explanations agree with that within 1e-5 of the output range.
"""

from __future__ import annotations

import numpy as np
import PIL.Image
import pytest
import torch

import cilens
from cilens.testing import check_model
from networks import NAMES, STATS, Network, hugging_face_network, small

TOLERANCE = 1e-5
SMALL = [
    ("torchvision", "resnet18"),
    ("torchvision", "vit"),
    ("timm", "test_resnet"),
    ("timm", "test_vit"),
    ("hugging face", "ViT"),
    ("hugging face", "ConvNext"),
]
PAPER = cilens.ContextualImportance(cilens.Grid(4, 4), (cilens.Constant(0.5),))


def model_of(network: Network, preprocess: cilens.Preprocess | None = None) -> cilens.TorchModel:
    return cilens.TorchModel(
        network.module,
        preprocess or cilens.preprocess_of(network.transform),
        NAMES,
        activation="softmax",
        output=network.output,
    )


def by_hand(network: Network, photograph: PIL.Image.Image, segments: np.ndarray) -> np.ndarray:
    """Return what each class's score loses where a region is filled with grey, without cilens."""
    rows = network.prepare(photograph)
    mean, std = (torch.tensor(one)[:, None, None] for one in (network.mean, network.std))
    filled = [
        torch.where(torch.from_numpy(segments == region), (0.5 - mean) / std, rows[0])
        for region in range(segments.max() + 1)
    ]
    scores = network.logits(torch.cat([rows, torch.stack(filled)])).softmax(dim=1)
    return (scores[:1] - scores[1:]).numpy()


@pytest.mark.parametrize(("library", "name"), SMALL)
def test_the_same_weights_give_the_same_explanation(library, name, cat):
    network = small(library, name)
    explanation = PAPER(model_of(network), cilens.read_image(cat))
    wanted = by_hand(network, cat, explanation.segments)
    assert np.abs(wanted).max() > 100 * TOLERANCE
    np.testing.assert_allclose(explanation.influence, wanted, atol=TOLERANCE)


@pytest.mark.parametrize(("library", "name"), SMALL)
def test_models_keep_their_contract(library, name, cat):
    check_model(model_of(small(library, name)), cilens.read_image(cat))


@pytest.mark.parametrize(("library", "name"), SMALL)
def test_they_are_explained(library, name, cat):
    network = small(library, name)
    explanation = cilens.explain(model_of(network), cilens.read_image(cat))
    assert explanation.class_names == NAMES
    assert np.isfinite(explanation.influence).all()
    assert np.abs(explanation.influence).max() > 0


def test_another_preprocessing_is_another_explanation(cat):
    """What the comparison above would say of a filter that was read wrongly."""
    network = small("torchvision", "resnet18")
    right = cilens.preprocess_of(network.transform)
    wrong = cilens.Preprocess.parse(str(right).replace("resample=bilinear", "resample=nearest"))
    explanation = PAPER(model_of(network, wrong), cilens.read_image(cat))
    wanted = by_hand(network, cat, explanation.segments)
    assert np.abs(explanation.influence - wanted).max() > 10 * TOLERANCE


def test_a_processor_that_resizes_tensors_is_close(cat):
    """PyTorch rounds some values otherwise than Pillow, by one of 255."""
    torch.manual_seed(0)
    network = hugging_face_network("ViT", ending="")
    network.module.eval()
    explanation = PAPER(model_of(network), cilens.read_image(cat))
    wanted = by_hand(network, cat, explanation.segments)
    np.testing.assert_allclose(explanation.influence, wanted, atol=1e-3)


def test_names_of_classes_come_with_the_network():
    config = small("hugging face", "ViT").module.config
    assert tuple(config.id2label.values()) == NAMES


def test_a_network_says_which_output_is_meant(cat):
    network = small("hugging face", "ViT")
    model = cilens.TorchModel(network.module, cilens.preprocess_of(network.transform))
    with pytest.raises(cilens.ModelError, match="state output='logits'"):
        cilens.explain(model, cilens.read_image(cat))


def test_statistics_are_the_ones_of_the_weights():
    p = cilens.preprocess_of(small("torchvision", "resnet18").transform)
    assert (p.mean, p.std) == tuple(map(tuple, STATS))
