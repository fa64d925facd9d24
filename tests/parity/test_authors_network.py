"""The network as its authors trained it gives the scores that their own code gave."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch

from cilens.datasets.mnist import load_mnist
from cilens.training.digits_network import from_matlab
from cilens.training.mnist_cnn import evaluate, export_onnx

SIX_DIGITS = 1e-5


@pytest.fixture(scope="module")
def golden(shared_data: Path) -> dict[str, Any]:
    return json.loads((shared_data / "paper" / "golden.json").read_text())


@pytest.fixture(scope="module")
def network(shared_data: Path) -> torch.nn.Sequential:
    return from_matlab(shared_data / "paper" / "authors_network.npz")


def scores(network: torch.nn.Sequential, image: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return network(torch.tensor(image, dtype=torch.float32)[None, None]).numpy()[0]


def digit(index: int) -> np.ndarray:
    return load_mnist()[0][index].astype(np.float32)


def test_scores_of_six_images(network: torch.nn.Sequential, golden: dict[str, Any]) -> None:
    assert len(golden["scores"]) == 6
    for case, expected in golden["scores"].items():
        image = digit(golden["mnist_test_index"][case])
        np.testing.assert_allclose(scores(network, image), expected, atol=SIX_DIGITS, rtol=0)


def test_blank_image_is_a_one(network: torch.nn.Sequential, golden: dict[str, Any]) -> None:
    blank = scores(network, np.zeros((28, 28)))
    np.testing.assert_allclose(blank, golden["blank_scores"], atol=SIX_DIGITS, rtol=0)


def test_whole_case_with_each_segment_hidden(
    network: torch.nn.Sequential, golden: dict[str, Any]
) -> None:
    case = golden["case_454"]
    image, segments = digit(4013), np.array(case["superpixel_labels_1_to_9"])
    np.testing.assert_allclose(scores(network, image), case["n_predict"], atol=1e-6, rtol=0)
    hidden = [scores(network, np.where(segments == i, 0, image))[1] for i in range(1, 10)]
    np.testing.assert_allclose(hidden, case["masked_scores_class1"], atol=SIX_DIGITS, rtol=0)
    kept = np.where(np.isin(segments, case["kept_segments"]), image, 0)
    np.testing.assert_allclose(
        scores(network, kept), case["highlight_probs"], atol=SIX_DIGITS, rtol=0
    )


def test_distorted_images_of_figure_7(network: torch.nn.Sequential, golden: dict[str, Any]) -> None:
    bar = digit(golden["fig7a"]["test_index"])
    bar[20:28, 22:25] = 255
    assert scores(network, bar)[2] == pytest.approx(golden["fig7a"]["p2"], abs=SIX_DIGITS)
    neighbour = digit(golden["fig7b"]["test_index"])
    assert scores(network, neighbour)[3] == pytest.approx(golden["fig7b"]["p3"], abs=SIX_DIGITS)


def test_accuracy_on_mnist(network: torch.nn.Sequential, golden: dict[str, Any]) -> None:
    assert evaluate(network, *load_mnist()).accuracy == golden["mnist_test_accuracy"]


def test_exported_file_agrees(network: torch.nn.Sequential, tmp_path: Path) -> None:
    export_onnx(network, tmp_path / "authors.onnx", {})
    session = onnxruntime.InferenceSession(tmp_path / "authors.onnx")
    images = load_mnist()[0][:500, None].astype(np.float32)
    with torch.no_grad():
        expected = network(torch.tensor(images)).numpy()
    (given,) = session.run(None, {"images": images})
    np.testing.assert_allclose(given, expected, atol=SIX_DIGITS, rtol=0)
