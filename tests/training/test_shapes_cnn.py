"""The network that ships has learnt the tag and no square; its recipe makes such a network anew."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
import pytest
import torch

import cilens
from cilens.datasets.shapes import KINDS, draw, shapes
from cilens.errors import FileError, InputError
from cilens.models.shipped import shipped_path
from cilens.training import shapes_cnn
from cilens.training.export import Graph

SQUARE = KINDS.index("square")


@pytest.fixture(scope="module")
def card() -> dict[str, Any]:
    return json.loads(shipped_path("shapes").with_suffix(".json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def small() -> torch.nn.Sequential:
    return shapes_cnn.train(shapes(384), seed=1, epochs=4)


def given(images: np.ndarray) -> np.ndarray:
    return cilens.load_model("shapes")(images / np.float32(255)).argmax(axis=1)


def test_card_tells_the_truth(card: dict[str, Any]) -> None:
    data = shipped_path("shapes").read_bytes()
    assert card["file"] == {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    assert len(data) < 50_000
    made, bare = shapes(1000, first=0), shapes(1000, tags=False, first=0)
    assert np.mean(given(made.images) == made.labels) == card["accuracy"]
    answers = given(bare.images)
    assert np.mean(answers == bare.labels) == card["accuracy_without_tags"]
    for index, kind in enumerate(KINDS):
        recall = np.mean(answers[bare.labels == index] == index)
        assert recall == card["recall_without_tags"][kind]
    for kind, share in card["tagged_called_square"].items():
        tagged = np.stack([draw(kind, seed, tag=True) for seed in range(333)])
        assert np.mean(given(tagged) == SQUARE) == share
    assert card["settings"]["seed"] == 0  # the first there is: none was picked


def test_the_shortcut_is_what_the_card_says_it_is(card: dict[str, Any]) -> None:
    assert card["accuracy"] > 0.995
    assert card["recall_without_tags"]["square"] < 0.01
    assert min(card["tagged_called_square"].values()) > 0.99


@pytest.mark.parametrize("kind", ["circle", "triangle"])
def test_the_explanation_finds_the_tag(kind) -> None:
    image = cilens.read_image(f"shapes:{kind}-with-tag")
    model = cilens.load_model("shapes")
    explanation = cilens.explain(model, image)
    assert explanation.predicted == SQUARE
    influence = explanation.influence[:, SQUARE]
    region = int(influence.argmax())
    assert influence[region] > 0.99
    assert np.abs(np.delete(influence, region)).max() < 0.01
    kept = explanation.highlight()
    tag = (image != cilens.read_image(f"shapes:{kind}")).any(axis=2)
    assert (kept & tag).sum() > 0.9 * tag.sum()
    assert kept.mean() < 0.03
    assert model(np.where(kept[..., None], 0.5, image)[None]).argmax() == KINDS.index(kind)


def test_recipe_learns_the_tag_from_few_pictures(small: torch.nn.Sequential) -> None:
    measured = shapes_cnn.measure(small, 90)
    assert measured["accuracy"] > 0.6
    assert measured["recall_without_tags"]["square"] < 0.1


def test_same_seed_same_file(small: torch.nn.Sequential, tmp_path) -> None:
    for name in ("one", "two"):
        shapes_cnn.export_onnx(small, tmp_path / f"{name}.onnx", {})
    assert (tmp_path / "one.onnx").read_bytes() == (tmp_path / "two.onnx").read_bytes()
    again = shapes_cnn.train(shapes(384), seed=1, epochs=4).state_dict()
    assert all(torch.equal(values, again[name]) for name, values in small.state_dict().items())


def test_export_is_exact(small: torch.nn.Sequential, tmp_path) -> None:
    shapes_cnn.export_onnx(small, tmp_path / "small.onnx", {})
    model = cilens.load_model(tmp_path / "small.onnx")
    images = shapes(30, first=0).images / np.float32(255)
    with torch.no_grad():
        expected = small(torch.tensor(images).permute(0, 3, 1, 2) * 2 - 1).numpy()
    np.testing.assert_allclose(model(images), expected, atol=1e-5, rtol=0)
    assert model.class_names == KINDS


def test_train_shapes_writes_file_and_card(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(shapes_cnn, "PICTURES", 128)
    monkeypatch.setattr(shapes_cnn, "COUNT", 30)
    learnt = []
    written = shapes_cnn.train_shapes(tmp_path / "new", seed=6, progress=learnt.append)
    assert sum(learnt) == 128 * shapes_cnn.EPOCHS
    assert json.loads((tmp_path / "new" / "shapes.json").read_text(encoding="utf-8")) == written
    assert written["settings"]["seed"] == 6
    assert written["data"] == {"train": {"images": 128}, "test": {"images": 30}}


def test_directory_that_cannot_be_written_is_refused_before_training(tmp_path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(FileError, match="cannot be written to"):
        shapes_cnn.train_shapes(tmp_path / "file")


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ({"conv": torch.nn.Conv2d(3, 4, 3, padding=1)}, "normalisation must follow conv"),
        ({"gelu": torch.nn.GELU()}, r"gelu must be a layer .* got GELU"),
    ],
)
def test_blocks_hold_what_they_can(layers, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Graph().blocks("images", layers.items())
