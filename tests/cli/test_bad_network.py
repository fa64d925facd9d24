"""Networks that are none, or that break their promise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

STATED = ["--preprocess", "size=28x28,channels=1,scale=255"]


def network(path: Path, nodes: list[onnx.NodeProto], weights: list[np.ndarray]) -> Path:
    """Write an ONNX file that reads (N, 1, 28, 28) images and gives (N, 2) "scores"."""
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["n", 1, 28, 28])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", 2])],
        [numpy_helper.from_array(weight, f"w{index}") for index, weight in enumerate(weights)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)
    return path


def linear(path: Path, value: float) -> Path:
    nodes = [
        helper.make_node("Flatten", ["images"], ["flat"]),
        helper.make_node("MatMul", ["flat", "w0"], ["scores"]),
    ]
    return network(path, nodes, [np.full((784, 2), value, np.float32)])


def test_network_that_answers_nan(run, tmp_path: Path) -> None:
    model = linear(tmp_path / "nan.onnx", np.nan)
    run("explain", "mnist:0", "--model", model, *STATED).refused("scores must be finite", code=1)


def test_network_without_probabilities(run, tmp_path: Path) -> None:
    model = linear(tmp_path / "logits.onnx", 1.0)
    ran = run("explain", "mnist:0", "--model", model, *STATED)
    ran.refused("scores must lie in the output range", "softmax", code=1)
    given = ["explain", "mnist:0", "--model", model, *STATED, "--json"]
    assert run(*given, "--activation", "softmax").code == 0
    (record,) = run(*given, "--output-range", "0", "200000").json()
    assert record["output_range"] == [0, 200_000]
    assert record["predicted"]["name"] == "0"


def test_target_beyond_the_classes_of_a_network_without_names(run, tmp_path: Path) -> None:
    model = linear(tmp_path / "two.onnx", 0.0)
    given = ["explain", "mnist:0", "--model", model, *STATED, "--target"]
    assert run(*given, "1").code == 0
    run(*given, "2").refused("0 … 1; got 2", code=1)
    run(*given, "cat").refused("the classes have no names")


def test_file_that_is_no_network(run, tmp_path: Path) -> None:
    path = tmp_path / "bad.onnx"
    path.write_bytes(b"hello")
    run("explain", "mnist:0", "--model", path, *STATED).refused("bad.onnx")
