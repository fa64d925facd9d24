"""`cilens.captum` gives what captum's FeatureAblation gives, wherever that can be called."""

from __future__ import annotations

import inspect

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from captum.attr import FeatureAblation
from captum.attr import visualization as viz

from captum_both import agree
from cilens.captum import ContextualImportance

torch.manual_seed(0)
NETWORK = torch.nn.Sequential(
    torch.nn.Conv2d(3, 4, 3, padding=1),
    torch.nn.ReLU(),
    torch.nn.AdaptiveAvgPool2d(4),
    torch.nn.Flatten(),
    torch.nn.Linear(64, 5),
).eval()
LINEAR = torch.nn.Linear(4, 3).eval()
IMAGES = torch.rand(3, 3, 12, 10)
ROWS = torch.tensor([[20.0, 50.0, 30.0, -4.0], [10.0, 40.0, 20.0, 2.5]])
GRID = (torch.arange(12)[:, None] // 4 * 2 + torch.arange(10) // 5)[None, None]
OWN = torch.stack([GRID[0], GRID[0].flip(1), torch.full_like(GRID[0], 7)])


def products(first, second, third=None, scale=1.0):
    """Answer for each example from two or three inputs."""
    total = (first * scale).sum(dim=1) * second.reshape(len(second), -1).sum(dim=1)
    return total if third is None else total + third.sum(dim=1)


def test_the_signature_is_captums():
    def named(of):
        parameters = inspect.signature(of.attribute).parameters.values()
        return [(one.name, one.default) for one in parameters if one.name != "kwargs"]

    assert named(ContextualImportance) == named(FeatureAblation)


@pytest.mark.parametrize("images", [IMAGES, IMAGES[:1]], ids=["batch", "single"])
@pytest.mark.parametrize("target", [2, (2,), torch.tensor(2), None], ids=repr)
def test_images_with_a_mask_shared_by_pixels_and_channels(images, target):
    agree(NETWORK, images, target=target, feature_mask=GRID)


@pytest.mark.parametrize(
    "target", [[0, 4, 2], [(0,), (4,), (2,)], torch.tensor([0, 4, 2])], ids=repr
)
def test_a_target_for_each_example(target):
    agree(NETWORK, IMAGES, target=target, feature_mask=GRID)


CHANNELS = torch.tensor([5, 0, 5]).reshape(1, 3, 1, 1)


@pytest.mark.parametrize(
    "mask", [OWN, OWN.expand(3, 3, 12, 10), CHANNELS], ids=["own", "full", "channels"]
)
def test_masks_of_other_shapes(mask):
    agree(NETWORK, IMAGES, target=1, feature_mask=mask)


@pytest.mark.parametrize(
    "baselines",
    [0, 0.5, 1, IMAGES.flip(0), IMAGES[:1] / 2, (0.25,), (IMAGES.flip(2),)],
    ids=lambda one: type(one).__name__,
)
def test_baselines(baselines):
    agree(NETWORK, IMAGES, target=1, feature_mask=GRID, baselines=baselines)


@pytest.mark.parametrize("mask", [None, torch.tensor([[0, 1, 1, 5]]), torch.tensor([[0, 0, 0, 9]])])
@pytest.mark.parametrize("target", [1, [0, 2], None])
def test_rows_of_numbers(mask, target):
    agree(LINEAR, ROWS, target=target, feature_mask=mask)
    agree(LINEAR, ROWS[:1], target=target if target != [0, 2] else [2], feature_mask=mask)


def test_every_number_of_an_image_is_a_feature_without_a_mask():
    agree(NETWORK, IMAGES[:2, :, :3, :4], steps=(7,), target=0)


@pytest.mark.parametrize("masked", [False, True])
def test_several_inputs(masked):
    inputs = (ROWS, torch.rand(2, 2, 3), ROWS.double() / 7)
    mask = (torch.tensor([[0, 0, 1, 1]]), torch.tensor([[[1, 2, 3]]]), torch.tensor([[0, 4, 4, 0]]))
    baselines = (1, torch.rand(2, 2, 3), 0.5)
    agree(products, inputs, feature_mask=mask if masked else None, baselines=baselines)


def test_additional_arguments_go_along():
    third = torch.rand(2, 5)
    inputs = (ROWS, ROWS.sqrt().nan_to_num(1))
    agree(products, inputs, additional_forward_args=(third, 3.0))
    agree(products, inputs, additional_forward_args=third)
    agree(products, inputs, additional_forward_args=(None, torch.tensor(2.0)))


@pytest.mark.parametrize("mask", [None, torch.tensor([[0, 0, 1, 1]])])
@pytest.mark.parametrize(
    "function",
    [
        lambda rows: rows.sum(),
        lambda rows: rows.sum().reshape(1),
        lambda rows: rows.sum().item(),
        lambda rows: rows.sum(dim=0),
        lambda rows: rows.sum(dim=0)[None],
    ],
    ids=["scalar", "one", "float", "fixed", "fixed row"],
)
def test_one_answer_for_the_whole_batch(function, mask):
    if function(ROWS).__class__ is float:  # captum 0.9 fails on its own promise
        ours = ContextualImportance(function).attribute(ROWS, feature_mask=mask)
        assert (ours.shape, ours.dtype) == ((1, 4), torch.float64)
        return
    agree(function, ROWS, steps=(1,), feature_mask=mask)


@pytest.mark.parametrize("dtype", [torch.int64, torch.int32, torch.float64])
def test_other_types_of_numbers(dtype):
    agree(lambda rows: (rows * rows).sum(dim=1), ROWS.to(dtype))


def test_outputs_of_more_dimensions():
    agree(lambda rows: rows[:, :, None] * ROWS[0], ROWS, target=(1, 2))
    agree(lambda rows: rows[:, :, None] * ROWS[0], ROWS, target=[(1, 2), (0, 3)])


def test_progress_is_counted(capsys):
    ContextualImportance(LINEAR).attribute(ROWS, target=0, show_progress=True)
    assert capsys.readouterr().err.endswith("\rContextualImportance: 5 of 5 rows\n")


def test_captums_figure_takes_it():
    found = ContextualImportance(NETWORK).attribute(IMAGES, target=1, feature_mask=GRID)
    attribution, image = (part[0].permute(1, 2, 0).numpy() for part in (found, IMAGES))
    figure, _ = viz.visualize_image_attr(
        attribution, image, method="blended_heat_map", sign="all", use_pyplot=False
    )
    assert figure.axes
    plt.close(figure)


def test_it_needs_no_gradients_and_records_none():
    found = ContextualImportance(LINEAR).attribute(ROWS.clone().requires_grad_(), target=0)
    assert not found.requires_grad
    expected = (LINEAR.weight[0] * ROWS).detach().numpy()
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-5)
