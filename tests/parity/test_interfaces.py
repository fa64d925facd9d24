"""Functions written for other packages work in cilens, and cilens in theirs."""

from __future__ import annotations

import numpy as np
import PIL.Image
import pytest
import torch
from lime.lime_image import LimeImageExplainer

import cilens

quantus = pytest.importorskip("quantus")
SHAPE = (12, 12)
DIGITS = np.stack([cilens.read_image(f"mnist:{index}").transpose(2, 0, 1) for index in range(3)])
LABELS = np.array([7, 2, 1])
GRID = cilens.ContextualImportance(cilens.Grid(4, 4))


@pytest.fixture(scope="module")
def network() -> torch.nn.Module:
    torch.manual_seed(0)
    layers = torch.nn.Conv2d(1, 4, 5, stride=2), torch.nn.ReLU(), torch.nn.Flatten()
    return torch.nn.Sequential(*layers, torch.nn.Linear(576, 10)).eval()


def explain(model, inputs, targets, **_):
    def asked(images):
        with torch.inference_mode():
            return model(torch.from_numpy(images.transpose(0, 3, 1, 2).copy())).softmax(dim=1)

    inputs = np.clip(inputs, 0, 1)  # noise of Quantus leaves the range of pixels
    images = [cilens.as_image(image, channels_first=True) for image in inputs]
    pairs = zip([GRID(asked, image) for image in images], targets, strict=True)
    return np.stack([explanation.saliency(int(target))[None] for explanation, target in pairs])


@pytest.mark.parametrize(
    "metric",
    [
        quantus.PixelFlipping(features_in_step=28, perturb_baseline="mean", disable_warnings=True),
        quantus.Sparseness(disable_warnings=True),
        quantus.RegionPerturbation(patch_size=7, regions_evaluation=5, disable_warnings=True),
    ],
    ids=lambda metric: type(metric).__name__,
)
def test_quantus_takes_it_as_explain_func(network, metric):
    given = {"model": network, "x_batch": DIGITS, "y_batch": LABELS, "device": "cpu"}
    asked = metric(**given, explain_func=explain)
    before = metric(**given, a_batch=explain(network, DIGITS, LABELS))
    np.testing.assert_allclose(asked, before)
    random = metric(**given, a_batch=np.random.default_rng(0).random(DIGITS.shape))
    assert np.abs(np.subtract(asked, random)).max() > 1e-4


def test_quantus_explains_again_and_again(network):
    metric = quantus.MaxSensitivity(nr_samples=2, lower_bound=0.1, disable_warnings=True)
    given = {"model": network, "x_batch": DIGITS, "y_batch": LABELS, "device": "cpu"}
    found = metric(**given, explain_func=explain)
    assert len(found) == 3
    assert np.isfinite(found).all()
    assert min(found) > 0


def test_a_function_written_for_lime_is_a_model():
    def predict_fn(images):
        bright = images[:, :6].mean(axis=(1, 2, 3))
        return np.column_stack([bright, 1 - bright])

    image, halves = np.ones((*SHAPE, 3)), cilens.Grid(rows=2, columns=1)
    explanation = cilens.explain(predict_fn, image, method=cilens.ContextualImportance(halves))
    np.testing.assert_allclose(explanation.influence[:, 0], [1, 0], atol=1e-12)
    theirs = LimeImageExplainer(random_state=0).explain_instance(
        image, predict_fn, segmentation_fn=halves, hide_color=0, num_samples=50
    )
    weights = dict(theirs.local_exp[0])
    assert weights[0] > 0.5
    assert abs(weights[1]) < 0.1


@pytest.mark.usefixtures("unchecked")
def test_images_of_other_kinds_are_explained_alike():
    def model(images):
        assert images.dtype == np.uint8
        bright = images[:, :6, :, 0].mean(axis=(1, 2)) / 255
        return np.stack([bright, 1 - bright], axis=1)

    pixels = np.random.default_rng(0).integers(0, 256, (*SHAPE, 3)).astype(np.uint8)
    picture, tensor = PIL.Image.fromarray(pixels), torch.from_numpy(pixels)
    turned = cilens.as_image(tensor.permute(2, 0, 1), channels_first=True)
    explained = [cilens.explain(model, one, method=GRID) for one in (picture, tensor, turned)]
    wanted = cilens.explain(model, pixels, method=GRID)
    assert np.abs(wanted.influence).max() > 0.01
    for explanation in explained:
        np.testing.assert_array_equal(explanation.influence, wanted.influence)
