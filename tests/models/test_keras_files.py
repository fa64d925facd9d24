"""A .keras file is loaded without running code from it, or refused in one line."""

from __future__ import annotations

import json
import pickle
import zipfile

import numpy as np
import PIL.Image
import pytest

import cilens
from cilens.cli import main
from cilens.errors import CilensError, FileError, InputError, MissingDependencyError
from cilens.models.keras.config import check_safe
from keras_networks import PLAIN, P, images, keras, means, network


@pytest.fixture
def saved(network_weights, tmp_path):
    model = network(network_weights(3, 4))
    path = tmp_path / "net.keras"
    model.save(path)
    return cilens.KerasModel(model, P), path


def refused(path, error: type[CilensError], message: str) -> None:
    with pytest.raises(error, match=message) as caught:
        cilens.load_model(path, preprocess=PLAIN)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    assert len(str(caught.value)) < 400 + len(str(path))


def test_a_file_is_the_model_that_was_saved(saved):
    model, path = saved
    loaded = cilens.load_model(path, preprocess=P, class_names=list("abcd"), activation="softmax")
    assert isinstance(loaded, cilens.KerasModel)
    assert (loaded.path, loaded.class_names) == (str(path), ("a", "b", "c", "d"))
    logits = cilens.load_model(path, preprocess=P)
    np.testing.assert_array_equal(logits(images(3)), model(images(3)))


def test_copies_read_the_file_again(saved):
    _, path = saved
    loaded = cilens.load_model(path, preprocess=P)
    assert len(pickle.dumps(loaded)) < 1000
    copy = pickle.loads(pickle.dumps(loaded))
    np.testing.assert_array_equal(copy(images(3)), loaded(images(3)))


def test_nothing_stated_says_what_to_state(saved):
    with pytest.raises(
        InputError,
        match=r"becomes its input 'picture' \(float32\), \(\?, 8, 8, 3\): state .*size=8x8,.*NHWC",
    ):
        cilens.load_model(saved[1])


def test_code_in_a_file_is_never_run(tmp_path):
    layers = [
        keras.Input((8, 8, 3)),
        keras.layers.Lambda(lambda x: x * 2),
        keras.layers.GlobalAveragePooling2D(),
    ]
    path = tmp_path / "net.keras"
    keras.Sequential(layers).save(path)
    message = r"has 'Lambda', which is Python code, and .*pass cilens\.KerasModel\("
    refused(path, FileError, message)
    keras.config.enable_unsafe_deserialization()
    try:
        assert keras.saving.load_model(path, compile=False)
        refused(path, FileError, message)
    finally:
        keras.src.saving.serialization_lib.global_state.set_global_attribute(
            "safe_mode_saving", None
        )


def test_layers_of_others_are_named(tmp_path):
    class Own(keras.layers.Layer):
        def call(self, pictures):
            return pictures

    path = tmp_path / "net.keras"
    means(Own()).save(path)
    refused(
        path,
        FileError,
        "has 'Own', which is not Keras' own part of .*: import what defines it, load",
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is empty"),
        (b"no network", "download or save it anew"),
        (b"\x89HDF\r\n\x1a\n", r"it is an HDF5 file, .*save it as \.keras"),
        (b"\x1c\x00\n\x00TFL3" + bytes(60), r"it is a TFLite file: .*\.tflite"),
        (b"\x08\x08\x12\x06cilens:", r"it is an ONNX file: .*\.onnx"),
    ],
)
def test_files_of_another_kind(tmp_path, content, message):
    path = tmp_path / "net.keras"
    path.write_bytes(content)
    refused(path, FileError, f"is not a Keras file, or a damaged one: {message}$")


def test_zip_archives_that_are_no_model(saved, tmp_path):
    whole = saved[1].read_bytes()
    path = tmp_path / "cut.keras"
    path.write_bytes(whole[: len(whole) // 2])
    refused(path, FileError, "is not a Keras file, or a damaged one: File is not a zip file")
    path.write_bytes(whole[:300] + b"\xff" * 40 + whole[340:])
    refused(path, FileError, "is not a Keras file, or a damaged one: Bad CRC-32")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps([]))
    refused(path, FileError, r"or a damaged one: it lacks model\.weights\.h5: save it anew")
    refused(tmp_path / "none.keras", FileError, "cannot be read: No such file")


@pytest.mark.parametrize("suffix", ["h5", "HDF5"])
def test_the_old_format_is_refused_unread(suffix):
    with pytest.raises(InputError, match=r"can hold Python code.* save it as \.keras, or pass"):
        cilens.load_model(f"net.{suffix}")


def test_versions_of_keras_that_run_code():
    check_safe("3.14.0")
    check_safe("4.0.0.dev1")
    with pytest.raises(MissingDependencyError, match=r"needs Keras 3\.14 or later, .* 3\.13\.2: "):
        check_safe("3.13.2")


def test_the_command_line_explains_with_a_file(saved, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    pixels = (images(1)[0] * 255).astype(np.uint8)
    PIL.Image.fromarray(pixels).save("small.png")
    command = ["explain", "small.png", "--model", "net.keras", "--activation", "softmax", "--json"]
    assert main([*command, "--preprocess", str(P), "--segmenter", "grid:rows=2,columns=2"]) == 0
    told = json.loads(capsys.readouterr().out)
    wanted = saved[0](pixels[None] / np.float32(255))[0].argmax()
    assert told[0]["predicted"]["index"] == wanted
    assert main(command) != 0
    assert "does not say how an image becomes its input" in capsys.readouterr().err
