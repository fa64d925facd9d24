"""The digits network that ships is as good as its card claims, and can be made anew."""

from __future__ import annotations

import hashlib
import json
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from cilens.datasets.mnist import class_counts, load_mnist
from cilens.errors import FileError
from cilens.models.preprocess.record import Preprocess
from cilens.training import mnist_cnn
from cilens.training.digits_network import build

SHIPPED = Path(str(resources.files("cilens.models"))) / "shipped" / "data"


@pytest.fixture(scope="module")
def card() -> dict[str, Any]:
    return json.loads((SHIPPED / "digits.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def small_network() -> torch.nn.Sequential:
    images, labels = load_mnist()
    return mnist_cnn.train(images[:1280], labels[:1280], seed=0, epochs=1)


def ask(path: Path, images: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(path)
    return session.run(["scores"], {"images": images[:, None].astype(np.float32)})[0]


def test_shipped_network_has_the_accuracy_its_card_claims(card: dict[str, Any]) -> None:
    images, labels = load_mnist()
    given = ask(SHIPPED / "digits.onnx", images).argmax(axis=1)
    confusion = np.zeros((10, 10), int)
    np.add.at(confusion, (labels, given), 1)
    assert (given == labels).mean() == card["accuracy"] >= 0.985
    assert confusion.tolist() == card["confusion_matrix"]


def test_card_describes_the_shipped_file(card: dict[str, Any]) -> None:
    data = (SHIPPED / "digits.onnx").read_bytes()
    assert card["file"] == {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    assert len(data) < 150_000
    assert card["data"]["test"]["counts"] == class_counts(load_mnist()[1]).tolist()
    assert sum(card["data"]["train"]["counts"]) == card["data"]["train"]["images"] == 60000
    settings = {"epochs": 4, "batch": 128, "learning_rate": 0.01, "momentum": 0.9, "l2": 1e-4}
    assert settings.items() <= card["settings"].items()
    assert {"seed", "threads"} <= card["settings"].keys()
    assert {"python", "numpy", "torch", "onnx"} <= card["versions"].keys()
    assert "MNIST" in card["source"]


def test_shipped_file_says_how_it_is_asked(card: dict[str, Any]) -> None:
    session = onnxruntime.InferenceSession(SHIPPED / "digits.onnx")
    metadata = session.get_modelmeta().custom_metadata_map
    preprocess = Preprocess.from_json(metadata["cilens.preprocess"])
    assert preprocess == Preprocess((28, 28), channels=1, fit="exact", scale=255.0)
    assert json.loads(preprocess.to_json()) == card["preprocess"]
    assert json.loads(metadata["cilens.class_names"]) == list("0123456789")
    assert metadata["cilens.license"] == card["license"] == "MIT"
    assert metadata["cilens.source"] == card["source"]
    (entry,), (answer,) = session.get_inputs(), session.get_outputs()
    assert (entry.name, entry.type, entry.shape) == ("images", "tensor(float)", ["N", 1, 28, 28])
    assert (answer.name, answer.shape) == ("scores", ["N", 10])


def test_shipped_graph_has_the_papers_layers_and_no_others() -> None:
    model = onnx.load(SHIPPED / "digits.onnx")
    assert " ".join(node.op_type for node in model.graph.node) == (
        "Sub Conv Relu MaxPool Conv Relu MaxPool Conv Relu Flatten Gemm Softmax"
    )
    assert [entry.version for entry in model.opset_import] == [17]


def test_batch_size_is_free() -> None:
    images = load_mnist()[0][:7]
    rows = [ask(SHIPPED / "digits.onnx", image[None])[0] for image in images]
    np.testing.assert_allclose(ask(SHIPPED / "digits.onnx", images), rows, atol=1e-6)
    assert ask(SHIPPED / "digits.onnx", images[:0]).shape == (0, 10)


def test_evaluation_counts_by_true_and_given_digit(small_network: torch.nn.Sequential) -> None:
    images, labels = load_mnist()
    result = mnist_cnn.evaluate(small_network, images[-1500:], labels[-1500:])
    assert result.confusion.sum(axis=1).tolist() == class_counts(labels[-1500:]).tolist()
    assert result.accuracy == np.trace(result.confusion) / 1500


def test_export_is_exact_and_the_same_each_time(
    small_network: torch.nn.Sequential, tmp_path: Path
) -> None:
    images = load_mnist()[0][:200]
    for name in ("one", "two"):
        mnist_cnn.export_onnx(small_network, tmp_path / f"{name}.onnx", {"accuracy": 0.5})
    assert (tmp_path / "one.onnx").read_bytes() == (tmp_path / "two.onnx").read_bytes()
    assert json.loads((tmp_path / "one.json").read_text())["accuracy"] == 0.5
    with torch.no_grad():
        expected = small_network(torch.tensor(images[:, None]).float()).numpy()
    np.testing.assert_allclose(ask(tmp_path / "one.onnx", images), expected, atol=1e-5, rtol=0)


def test_train_digits_writes_file_and_card(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def short(images: np.ndarray, labels: np.ndarray, seed: int, **rest: Any) -> Any:
        return build(seed).eval()

    monkeypatch.setattr(mnist_cnn, "train", short)
    card = mnist_cnn.train_digits(shared_data / "mnist", tmp_path / "new", seed=6)
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [
        "digits.json",
        "digits.onnx",
    ]
    assert json.loads((tmp_path / "new" / "digits.json").read_text()) == card
    assert card["settings"]["seed"] == 6
    images, labels = load_mnist()
    given = ask(tmp_path / "new" / "digits.onnx", images).argmax(axis=1)
    assert (given == labels).mean() == pytest.approx(card["accuracy"], abs=3e-4)


def test_directory_that_cannot_be_written_is_refused_before_training(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(FileError, match="cannot be written to"):
        mnist_cnn.train_digits(tmp_path / "no mnist here", tmp_path / "file")


def test_no_mnist(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="train-images-idx3-ubyte is missing"):
        mnist_cnn.train_digits(tmp_path, tmp_path / "out")
