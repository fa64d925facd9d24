"""What is written computes what torch computes."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import nn

from cilens.errors import InputError
from cilens.training.export import Graph, fold, layer, onnx_file


def random_layers(bias: bool, groups: int = 1) -> tuple[nn.Conv2d, nn.BatchNorm2d]:
    generator = torch.Generator().manual_seed(11)
    convolution = nn.Conv2d(4, 8, 3, stride=2, padding=0, bias=bias, groups=groups)
    norm = nn.BatchNorm2d(8).eval()
    with torch.no_grad():
        for values in (*convolution.parameters(), *norm.parameters(), norm.running_mean):
            values.copy_(torch.randn(values.shape, generator=generator))
        norm.running_var.copy_(torch.rand(8, generator=generator) + 0.1)
    return convolution, norm


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("groups", [1, 4])
def test_folded_convolution_is_convolution_then_norm(bias: bool, groups: int) -> None:
    convolution, norm = random_layers(bias, groups)
    data = torch.randn(2, 4, 9, 9, generator=torch.Generator().manual_seed(1))
    weight, offset = (torch.tensor(values) for values in fold(convolution, norm))
    folded = nn.functional.conv2d(data.double(), weight, offset, stride=2, groups=groups)
    expected = norm.double()(convolution.double()(data.double()))
    torch.testing.assert_close(folded, expected, atol=1e-12, rtol=0)


@pytest.mark.parametrize(("half_from", "tolerance"), [(None, 1e-5), (1, 3e-2)])
def test_file_computes_what_torch_does(half_from: int | None, tolerance: float) -> None:
    convolution, norm = random_layers(bias=False)
    classifier = nn.Linear(8 * 4 * 4, 3)
    graph = Graph(half_from)
    data = graph.convolution("conv", "images", (convolution, norm), pads=[0, 1, 1, 0])
    graph.classifier(data, classifier)
    file = onnx_file(graph, (4, 8, 8), 3, {"key": "value"})
    images = torch.randn(5, 4, 8, 8, generator=torch.Generator().manual_seed(2))
    padded = nn.functional.pad(images, (1, 0, 0, 1))  # left, right, top, bottom
    with torch.no_grad():
        expected = classifier(norm(convolution(padded)).flatten(1)).softmax(1).numpy()
    session = onnxruntime.InferenceSession(file)
    (given,) = session.run(None, {"images": images.numpy()})
    np.testing.assert_allclose(given, expected, atol=tolerance, rtol=0)
    assert session.get_modelmeta().custom_metadata_map == {"key": "value"}


def test_only_large_weights_are_halved() -> None:
    graph = Graph(half_from=10)
    assert graph.weight("small", np.ones(9)) == "small"
    assert graph.weight("large", np.ones(10)) == "large"
    stored = {weight.name: weight.data_type for weight in graph.weights}
    half, single = onnx.TensorProto.FLOAT16, onnx.TensorProto.FLOAT
    assert stored == {"small": single, "large.half": half}
    assert [(node.op_type, list(node.output)) for node in graph.nodes] == [("Cast", ["large"])]


def test_broken_graph_is_refused() -> None:
    graph = Graph()
    graph.node("Relu", "scores", ["nothing"])
    with pytest.raises(onnx.checker.ValidationError):
        onnx_file(graph, (1, 2, 2), 2, {})


def test_layer_that_is_not_there() -> None:
    network = nn.Sequential()
    network.add_module("conv", nn.Conv2d(1, 1, 1))
    assert layer(network, "conv", nn.Conv2d) is network[0]
    with pytest.raises(InputError, match="must have a Linear called conv; got Conv2d"):
        layer(network, "conv", nn.Linear)
    with pytest.raises(InputError, match="called dense; got None"):
        layer(network, "dense", nn.Linear)
