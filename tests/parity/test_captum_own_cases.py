"""Captum's own FeatureAblation cases: its models and inputs, through both."""

from __future__ import annotations

import pytest
import torch
from captum.testing.helpers import basic_models as models

from captum_both import agree

ONE = torch.tensor([[20.0, 50.0, 30.0]])
TWO = torch.tensor([[20.0, 50.0, 30.0], [10.0, 40.0, 20.0]])
FIRST, SECOND, THIRD = (
    torch.tensor(rows)
    for rows in (
        [[23.0, 100.0, 0.0], [20.0, 50.0, 30.0]],
        [[20.0, 50.0, 30.0], [0.0, 100.0, 0.0]],
        [[0.0, 100.0, 10.0], [2.0, 10.0, 3.0]],
    )
)
IMAGE = torch.arange(16.0).reshape(1, 1, 4, 4)
QUARTERS = torch.tensor([[0, 0, 1, 1], [0, 0, 1, 1], [2, 2, 3, 3], [2, 2, 3, 3]])[None, None]


@pytest.mark.parametrize(
    ("inputs", "options"),
    [
        (ONE, {}),
        (ONE, {"feature_mask": torch.tensor([[0, 0, 1]])}),
        (ONE, {"feature_mask": torch.tensor([[80, 50, 80]]), "baselines": 4}),
        (ONE.int(), {"feature_mask": torch.tensor([[0, 0, 1]])}),
        (TWO, {"feature_mask": torch.tensor([[0, 0, 1], [1, 1, 0]])}),
        (TWO, {"baselines": torch.tensor([[1.0, 2.0, 3.0]])}),
    ],
)
def test_rows(inputs, options):
    model = models.BasicModel_MultiLayer()

    def forward(rows, *more):
        return model(rows.float(), *more)

    agree(forward, inputs, target=0, **options)
    agree(forward, inputs, target=0, additional_forward_args=inputs * 2, **options)


@pytest.mark.parametrize("target", [0, [0, 1], torch.tensor([1, 0]), None])
def test_targets(target):
    agree(models.BasicModel_MultiLayer(), TWO, target=target)


@pytest.mark.parametrize("target", [(1, 0, 1), [(1, 0, 1), (0, 1, 1)]])
def test_targets_in_more_dimensions(target):
    extra = (None, True)
    agree(models.BasicModel_MultiLayer(), TWO, target=target, additional_forward_args=extra)


@pytest.mark.parametrize("options", [{}, {"baselines": True}, {"baselines": False}])
def test_truth_values(options):
    inputs = torch.tensor([[True, False, True], [False, False, True]])
    agree(models.BasicModelBoolInput(), inputs, target=0, **options)


@pytest.mark.parametrize("inputs", [(FIRST, SECOND, THIRD), (FIRST[:1], SECOND[:1], THIRD[:1])])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"baselines": (2, 3.0, 4)},
        {"baselines": (2, torch.tensor([[1.0, 2.0, 3.0]]), 0.5)},
        {
            "feature_mask": tuple(
                torch.tensor(mask) for mask in ([[1, 1, 1]], [[0, 1, 2]], [[0, 0, 2]])
            )
        },
    ],
)
def test_several_inputs(inputs, options):
    model = models.BasicModel_MultiLayer_MultiInput()
    agree(model, inputs, target=1, additional_forward_args=3, **options)


@pytest.mark.parametrize("options", [{}, {"feature_mask": QUARTERS}, {"baselines": 1.5}])
@pytest.mark.parametrize("target", [0, None])
def test_convolution(options, target):
    agree(models.BasicModel_ConvNet_One_Conv(), IMAGE, target=target, **options)
    images = (IMAGE, 100 * torch.ones(1, 1, 4, 4))
    mask = options.get("feature_mask")
    more = {name: (given, given) for name, given in options.items()}
    if mask is not None:
        more["feature_mask"] = (mask, mask + 2)
    agree(models.BasicModel_ConvNet_One_Conv(), images, target=target, **more)


@pytest.mark.parametrize("sparse", [[1, 7, 2, 4, 5, 3, 6], [1], []])
def test_inputs_of_other_lengths(sparse):
    inputs = (TWO, torch.tensor(sparse))
    agree(models.BasicModelWithSparseInputs(), inputs, steps=(1,))
