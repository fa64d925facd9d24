"""The graph computes what the network in torch does, with fewer layers."""

from __future__ import annotations

from collections import Counter

import numpy as np
import onnxruntime
import pytest
import torch
from torch import nn

from cilens.errors import InputError
from cilens.training.export import onnx_file
from cilens.training.lite_graph import lite_graph


def test_graph_computes_what_the_network_does(lite: nn.Module) -> None:
    images = 3 * torch.randn(4, 3, 4, 4, generator=torch.Generator().manual_seed(3))
    images = images.repeat_interleave(8, dim=2).repeat_interleave(8, dim=3)
    with torch.no_grad():
        expected = lite(images).softmax(dim=1).numpy()
    assert np.ptp(expected, axis=0).max() > 0.01  # a thousand times the tolerance
    session = onnxruntime.InferenceSession(onnx_file(lite_graph(lite), (3, 32, 32), 3, {}))
    (given,) = session.run(None, {"images": images.numpy()})
    np.testing.assert_allclose(given, expected, atol=1e-5, rtol=0)


def test_graph_is_minimal(lite: nn.Module) -> None:
    kinds = Counter(node.op_type for node in lite_graph(lite).nodes)
    assert kinds == {
        "Conv": 1 + 2 + 3 + 3 + 3 + 1,
        "Clip": 1 + 1 + 2 + 2 + 2 + 1,
        "Add": 1,
        "GlobalAveragePool": 1,
        "Flatten": 1,
        "Gemm": 1,
        "Softmax": 1,
    }


def test_each_half_weight_has_one_cast(lite: nn.Module) -> None:
    graph = lite_graph(lite, half_from=40)
    halves = [weight.name for weight in graph.weights if weight.name.endswith(".half")]
    assert halves
    assert Counter(node.op_type for node in graph.nodes)["Cast"] == len(halves)


def test_network_of_another_kind() -> None:
    with pytest.raises(InputError, match="must have a Conv2d called _conv_stem; got None"):
        lite_graph(nn.Sequential())
