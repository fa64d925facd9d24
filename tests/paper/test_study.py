"""What a study is about, and what it refuses."""

from __future__ import annotations

import gzip
import json

import numpy as np
import pytest

import cilens
from cilens.datasets.mnist import load_mnist
from cilens.errors import CilensError, FileError, InputError
from cilens.paper.study import open_study, unit


def test_images_are_spread_over_the_split(study):
    assert study.chosen.tolist() == [place * 10_000 // 12 for place in range(12)]
    np.testing.assert_array_equal(study.images[1], cilens.read_image("mnist:833"))
    assert len(study.explanations) == 12
    assert open_study(count=10_000).chosen.tolist() == list(range(10_000))


def test_what_the_numbers_depend_on_is_stated(study):
    settings = study.settings()
    assert settings["images"] == 12
    assert settings["model"]["name"] == "digits"
    assert len(settings["model"]["sha256"]) == 64
    assert settings["training_split"] is False
    assert not study.is_authors


def test_the_example_is_right_and_unsure(study):
    labels = load_mnist()[1]
    for index in (study.example, study.even_example):
        assert study.scores[index].argmax() == labels[index]
        assert study.scores[index].max() < 0.7
    assert study.even_example % 2 == 0


def test_the_authors_network_is_recognised(authors):
    assert authors.is_authors
    assert authors.name == "authors.onnx"
    assert authors.golden["fig7a"]["test_index"] == 82
    assert len(authors.train[0]) == 60_000


def test_numbers_alone_are_data_enough(tmp_path):
    (tmp_path / "paper").mkdir()
    (tmp_path / "paper" / "golden.json").write_text(json.dumps({"a": 1}))
    study = open_study(data=tmp_path, count=1)
    assert (study.golden, study.train) == ({"a": 1}, None)
    assert study.settings()["golden"] != open_study(count=1).settings()["golden"]


def test_damaged_data_is_refused(tmp_path):
    with pytest.raises(FileError, match=r"or golden.json .*it has neither"):
        open_study(data=tmp_path)
    (tmp_path / "golden.json").write_text("{")
    with pytest.raises(FileError, match=r"golden.json cannot be read as JSON"):
        open_study(data=tmp_path)
    with gzip.open(tmp_path / "train-images-idx3-ubyte.gz", "wb") as file:
        file.write(bytes([0, 0, 8, 3]) + bytes(12))
    with pytest.raises(CilensError):
        open_study(data=tmp_path)


@pytest.mark.parametrize("count", [0, -3, 10_001])
def test_images_that_are_not_there_are_refused(count):
    with pytest.raises(InputError, match="must be 1 … 10000; got"):
        open_study(count=count)


def test_other_networks_are_refused():
    with pytest.raises(CilensError, match="28 x 28"):
        open_study("imagenet")
    with pytest.raises(InputError, match="unknown model 'digit'; did you mean 'digits'"):
        open_study("digit")
    with pytest.raises(FileError, match="cannot be read"):
        open_study("nowhere.onnx")


@pytest.mark.parametrize(("size", "classes"), [((28, 28), 3), ((32, 32), 10)])
def test_a_network_of_other_sizes_or_classes_is_refused(tmp_path, size, classes):
    onnx = pytest.importorskip("onnx")
    helper, proto = onnx.helper, onnx.TensorProto
    pixels = size[0] * size[1]
    nodes = [
        helper.make_node("Flatten", ["images"], ["flat"]),
        helper.make_node("MatMul", ["flat", "w"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["scores"], axis=1),
    ]
    weights = [helper.make_tensor("w", proto.FLOAT, [pixels, classes], np.zeros(pixels * classes))]
    taken = helper.make_tensor_value_info("images", proto.FLOAT, ["n", 1, *size])
    given = helper.make_tensor_value_info("scores", proto.FLOAT, ["n", classes])
    graph = helper.make_graph(nodes, "g", [taken], [given], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    preprocess = cilens.Preprocess(size, channels=1, fit="stretch").to_json()
    helper.set_model_props(model, {"cilens.preprocess": preprocess})
    onnx.save(model, tmp_path / "other.onnx")
    with pytest.raises(InputError, match=f"other.onnx looks at .* and has {classes} classes"):
        open_study(tmp_path / "other.onnx")


def test_pixels_are_those_of_read_image():
    images = load_mnist()[0][:3]
    for place, image in enumerate(unit(images)):
        np.testing.assert_array_equal(image, cilens.read_image(f"mnist:{place}"))
