"""What a model file says of itself is read exactly, or refused with its name."""

from __future__ import annotations

import pytest

from cilens.errors import FileError
from cilens.models.metadata import read_names, read_preprocess
from cilens.models.preprocess.record import Preprocess


def test_what_is_absent_is_nothing() -> None:
    assert read_preprocess({}, "a.onnx") is None
    assert read_names({}, "a.onnx") == ()


def test_preprocess_is_read_back() -> None:
    p = Preprocess((28, 28), 1, scale=255)
    assert read_preprocess({"cilens.preprocess": p.to_json()}, "a.onnx") == p


@pytest.mark.parametrize("text", ["{", '{"sise": [1, 1]}', "3"])
def test_preprocess_that_is_wrong_names_the_file(text: str) -> None:
    with pytest.raises(FileError, match=r"a\.onnx: cilens\.preprocess in its metadata: "):
        read_preprocess({"cilens.preprocess": text}, "a.onnx")


@pytest.mark.parametrize("text", ["cat,dog", '"cat"', "[1, 2]", "{}"])
def test_names_that_are_wrong_name_the_file(text: str) -> None:
    with pytest.raises(FileError, match=r"a\.onnx: cilens\.class_names .* JSON list of texts"):
        read_names({"cilens.class_names": text}, "a.onnx")
