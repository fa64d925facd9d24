"""A name or a path becomes a model; whatever else is refused with what there is."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

import cilens
from cilens.datasets.mnist import load_mnist
from cilens.errors import FileError, InputError
from cilens.models import load_model, model_names
from cilens.models.onnx.model import OnnxModel
from cilens.models.preprocess.record import Preprocess
from cilens.models.torch.model import TorchModel

P = Preprocess((8, 8))
IMAGES = np.random.default_rng(0).random((2, 8, 8, 3), dtype=np.float32)


@pytest.mark.parametrize("shipped", model_names(), ids=lambda shipped: shipped.name)
def test_what_is_shipped_is_what_is_said(shipped) -> None:
    model = load_model(shipped.name)
    assert model.preprocess.size == shipped.size
    assert model.preprocess.channels == shipped.channels
    assert len(model.class_names) == shipped.classes
    scores = model(np.zeros((2, *shipped.size, shipped.channels), np.float32))
    assert scores.shape == (2, shipped.classes)
    np.testing.assert_allclose(scores.sum(axis=1), 1, atol=1e-3)


def test_digits_reads_digits() -> None:
    images, labels = load_mnist("test")
    scores = load_model("digits")(images[:500, :, :, None] / np.float32(255))
    assert (scores.argmax(axis=1) == labels[:500]).mean() > 0.97


def test_imagenet_sees_what_photographs_show(shared_data: Path) -> None:
    model, right = load_model("imagenet"), 0
    photographs = sorted((shared_data / "imagenet").glob("*.jpg"))[::20]
    for path in photographs:
        view = model.view(cilens.read_image(path, channels=3))
        right += int(model(view.image[None]).argmax() == int(path.name[:3]))
    assert right >= 0.7 * len(photographs)


def test_photographs_that_do_not_fit_the_digits_are_told_of_imagenet() -> None:
    message = (
        r"wants 28 x 28 pixels with 1 channel; got 300 x 451 with 3 channels; for photographs load "
        r"the 'imagenet' model \(--model imagenet\)$"
    )
    with pytest.raises(InputError, match=message):
        load_model("digits").view(np.zeros((300, 451, 3)))


def test_a_path_by_its_suffix(write_onnx: Callable, tmp_path: Path) -> None:
    assert isinstance(load_model(Path(write_onnx()), preprocess=P), OnnxModel)
    program = torch.export.export(torch.nn.Flatten().eval(), (torch.zeros(2, 3, 8, 8),))
    torch.export.save(program, tmp_path / "net.pt2")
    assert isinstance(load_model(tmp_path / "net.pt2", preprocess=P, trust=True), TorchModel)


def test_what_is_stated_reaches_the_model(write_onnx: Callable) -> None:
    path = write_onnx(ending=("Softmax",), outputs={"logits": ["n", 4], "softmax": ["n", 4]})
    names = ("a", "b", "c", "d")
    model = load_model(
        path, preprocess=P, class_names=list(names), output="logits", activation="sigmoid"
    )
    assert model == OnnxModel(path, P, names, "logits", "sigmoid")


@pytest.mark.parametrize("kind", [str, Path])
def test_names_from_a_file(write_onnx: Callable, tmp_path: Path, kind: type) -> None:
    file = tmp_path / "names.txt"
    file.write_text("a\nb\nc\nd\n")
    model = load_model(write_onnx(), preprocess=P, class_names=kind(file))
    assert model.class_names == ("a", "b", "c", "d")


def test_a_shipped_model_can_be_told_other_names() -> None:
    names = [f"digit {i}" for i in range(10)]
    assert load_model("digits", class_names=names).class_names == tuple(names)
    with pytest.raises(InputError, match="network's output: 10; got 2"):
        load_model("digits", class_names=["a", "b"])


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            "digit",
            r"'digit'; did you mean 'digits'\? \(known: digits, shapes, imagenet, FILE",
        ),
        ("ImageNet", r"unknown model 'ImageNet'; did you mean 'imagenet'\?"),
        (
            "net.h5",
            (
                r"must end in one of \.onnx, \.keras, \.tflite, \.pt2, \.ts, \.pt, \.safetensors; "
                r"got 'net\.h5'"
            ),
        ),
    ],
)
def test_other_names_are_refused(source: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        load_model(source)


@pytest.mark.parametrize(
    ("suffix", "way"),
    [
        ("pkl", r"SklearnModel\(.* or cilens\.TorchModel\("),
        ("pickle", r"SklearnModel\(.* or cilens\.TorchModel\("),
        ("joblib", r"SklearnModel\(classifier, shape, scale\)$"),
        ("pth", r"TorchModel\("),
        ("PTH", r"TorchModel\("),
        ("ckpt", r"TorchModel\("),
    ],
)
def test_pickles_are_refused_unread(tmp_path: Path, suffix: str, way: str) -> None:
    for path in (tmp_path / f"net.{suffix}", tmp_path / f"none.{suffix}"):
        (tmp_path / f"net.{suffix}").write_bytes(b"\x80")
        with pytest.raises(FileError, match=rf"a pickle by its suffix.*pass cilens\.{way}"):
            load_model(path)


def test_a_file_that_is_missing() -> None:
    with pytest.raises(FileError, match=r"none\.onnx cannot be read: No such file or directory"):
        load_model("none.onnx")


def test_importing_models_loads_no_framework() -> None:
    script = (
        "import sys, cilens.models; print({'torch', 'onnxruntime', 'keras'} & set(sys.modules))"
    )
    for code, loaded in ((script, "set()"), (f"import onnxruntime; {script}", "{'onnxruntime'}")):
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == loaded
