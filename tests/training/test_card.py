"""A model and its card appear together, or not at all."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from cilens.errors import FileError
from cilens.models.preprocess.record import Preprocess
from cilens.training.card import Description, check_writable, write_model

COIN = Description(Preprocess((8, 8), 1, scale=255), ("heads", "Zähl"), "MIT", "an example")


def test_card_has_file_versions_and_description(tmp_path: Path) -> None:
    card = write_model(tmp_path / "coin.onnx", b"weights", COIN, {"matrix": [[1, 2], [3, 4]]})
    text = (tmp_path / "coin.json").read_text(encoding="utf-8")
    assert json.loads(text) == card
    assert "  [1, 2],\n  [3, 4]\n" in text
    assert card["name"] == "coin"
    assert card["file"] == {"bytes": 7, "sha256": hashlib.sha256(b"weights").hexdigest()}
    assert card["classes"] == 2
    assert card["preprocess"]["scale"] == 255.0
    assert (tmp_path / "coin.onnx").read_bytes() == b"weights"


def test_metadata_is_text(tmp_path: Path) -> None:
    metadata = COIN.metadata()
    assert Preprocess.from_json(metadata["cilens.preprocess"]) == COIN.preprocess
    assert json.loads(metadata["cilens.class_names"]) == ["heads", "Zähl"]
    assert (metadata["cilens.license"], metadata["cilens.source"]) == ("MIT", "an example")


def test_nothing_is_left_when_the_card_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        write_model(tmp_path / "coin.onnx", b"weights", COIN, {"no JSON": {1, 2}})
    assert list(tmp_path.iterdir()) == []


def test_old_model_survives_a_failure(tmp_path: Path) -> None:
    (tmp_path / "coin.onnx").write_bytes(b"old")
    (tmp_path / "coin.json").mkdir()
    with pytest.raises(FileError, match=r"coin\.json cannot be written"):
        write_model(tmp_path / "coin.onnx", b"new", COIN, {})
    assert (tmp_path / "coin.onnx").read_bytes() == b"old"


def test_writable_directory_is_left_empty(tmp_path: Path) -> None:
    check_writable(tmp_path / "a" / "b")
    assert list((tmp_path / "a" / "b").iterdir()) == []
    (tmp_path / "file").touch()
    with pytest.raises(FileError, match="cannot be written to"):
        check_writable(tmp_path / "file" / "below")
