"""What `cilens.captum` adds to Captum: shares of a range, and errors that say what must hold."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from cilens.captum import ContextualImportance
from cilens.errors import InputError, ModelError

ROWS = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def total(rows):
    return rows.sum(dim=1)


def attribute(function=total, inputs=ROWS, output_range=None, **options):
    return ContextualImportance(function, output_range).attribute(inputs, **options)


def test_attributions_are_what_each_feature_adds():
    assert torch.equal(attribute(), ROWS)
    assert torch.equal(attribute(baselines=1.0), ROWS - 1)


def test_numbers_of_other_types_stay_exact():
    whole = torch.tensor([[2**24 + 1], [3]])
    seen = []

    def function(rows, counts):
        seen.append(counts.clone())
        return rows.sum(dim=1).double() + counts[:, 0]

    found = attribute(function, (ROWS, whole))
    assert torch.equal(found[1], whole.double())
    assert torch.equal(seen[0], whole)


def test_a_range_makes_them_shares():
    assert torch.allclose(attribute(output_range=(0.0, 20.0)), ROWS / 20)
    with pytest.raises(ModelError, match=r"in the output range \(0, 10\); class 1 reached 15"):
        attribute(output_range=(0.0, 10.0))


def test_each_call_replaces_so_many_features():
    asked = []

    def counted(rows):
        asked.append(len(rows))
        return total(rows)

    attribute(counted, perturbations_per_eval=2)
    assert asked == [2, 4, 2, 2, 2]  # the batch, its features, and both of the first two alone


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"inputs": torch.tensor(1.0)}, r"first dimension is the batch, .*; got \(\)"),
        ({"inputs": ROWS[:0]}, r"at least one number; got \(0, 3\)"),
        ({"inputs": ROWS + 1j}, "must be real numbers; got complex"),
        ({"inputs": torch.tensor([[2**53 + 1]])}, r"below 2\*\*53"),
        ({"feature_mask": ROWS}, r"must hold whole numbers; got torch\.float32"),
        ({"feature_mask": torch.arange(2)}, r"input's shape, \(2, 3\), or .*; got \(2,\)"),
        ({"feature_mask": (torch.arange(3),) * 2}, "one for each of the 1 inputs; got 2"),
        ({"baselines": (0, 1)}, "one for each of the 1 inputs; got 2"),
        ({"baselines": torch.zeros(4)}, r"a baseline must have its input's shape.* got \(4,\)"),
        ({"baselines": 0.5, "inputs": ROWS.int()}, r"type, torch\.int32, can hold; got .* \[0\.5"),
        ({"baselines": "black"}, "expected a tensor or a number; got str"),
        ({"perturbations_per_eval": 0}, "perturbations_per_eval must be at least 1; got 0"),
        ({"target": 1}, r"pick from the output, \(2,\), whose first dimension is the batch; got 1"),
        ({"function": lambda rows: rows, "target": [1]}, "each of the 2 examples; got 1"),
        ({"function": torch.sum, "perturbations_per_eval": 2}, "state perturbations_per_eval=1"),
        ({"function": lambda rows: rows, "feature_mask": torch.eye(2, 3).long()}, "has 6 for 2"),
        ({"function": lambda rows: None}, "expected a tensor or a number; got NoneType"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said(options, message):
    with pytest.raises(InputError, match=message):
        attribute(**options)


def test_answers_must_be_finite():
    with pytest.raises(ModelError, match="scores must be finite"):
        attribute(lambda rows: total(rows).log(), -ROWS)


def test_without_torch_the_message_has_the_command():
    script = """
import sys
sys.modules["torch"] = None
import cilens
try:
    import cilens.captum
except cilens.MissingDependencyError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == 'cilens.captum needs torch: pip install "cilens[torch]"\n'
