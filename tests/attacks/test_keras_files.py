"""Keras files that try to harm: code, other files, pickles and bombs, in every place there is.

Where Keras of today still falls for it, the test shows that too. The numbers are those of the
attacks as they were published; Keras has closed them one by one, and cilens does not rely on it.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import cilens
from cilens.errors import CilensError, FileError
from keras_networks import keras

P = cilens.Preprocess((8, 8), layout="NHWC")
L = keras.layers


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    return tmp_path / "mark"


def save(path: Path, *layers: Any) -> Path:
    keras.Sequential([keras.Input((8, 8, 3)), *layers, L.Flatten(), L.Dense(2)]).save(path)
    return path


def rewrite(path: Path, change: Callable[[str, bytes], bytes], **added: bytes) -> Path:
    with zipfile.ZipFile(path) as file:
        entries = {name: file.read(name) for name in file.namelist()}
    with zipfile.ZipFile(path, "w") as file:
        for name, data in entries.items():
            file.writestr(name, change(name, data))
        for name, data in added.items():
            file.writestr(name, data)
    return path


def configured(path: Path, change: Callable[[Any], object]) -> Path:
    """Write a .keras file with a change in its config.json."""

    def changed(name: str, data: bytes) -> bytes:
        if name == "config.json":
            config = json.loads(data)
            change(config)
            return json.dumps(config).encode()
        return data

    return rewrite(save(path), changed)


def refused(path: Path, message: str) -> None:
    with pytest.raises(FileError, match=message) as caught:
        cilens.load_model(path, preprocess=P)
    told = str(caught.value)
    assert str(path) in told
    assert "\n" not in told
    assert told.isprintable()


def layer(config: Any) -> Any:
    """Return the config of the Dense layer."""
    return config["config"]["layers"][-1]["config"]


def function(module: str | None, name: str, **more: object) -> dict[str, object]:
    made = {"module": module, "class_name": "function", "config": name, "registered_name": name}
    return made | more


def part(module: str | None, name: str, /, **config: object) -> dict[str, object]:
    return {"module": module, "class_name": name, "config": config, "registered_name": None}


PLACES: dict[str, Callable[[Any, object], object]] = {
    "activation": lambda config, evil: layer(config).update(activation=evil),
    "initializer": lambda config, evil: layer(config).update(kernel_initializer=evil),
    "regularizer": lambda config, evil: layer(config).update(kernel_regularizer=evil),
    "dtype": lambda config, evil: layer(config).update(dtype=evil),
    "unknown key": lambda config, evil: layer(config).update(anything=[{"deep": [evil]}]),
    "layer": lambda config, evil: config["config"]["layers"].insert(1, evil),
    "model": lambda config, evil: (config.clear(), config.update(evil)),
    "build_config": lambda config, evil: config.update(build_config={"input_shape": evil}),
    "inner compile_config": lambda config, evil: config["config"]["layers"][-1].update(
        compile_config={"loss": evil}
    ),
}

CODE = {
    "CVE-2024-3660, a lambda": part(None, "__lambda__", value="4wEAAAA"),
    "CVE-2024-3660, a Lambda": part("keras.layers", "Lambda", function="4wEAAAA"),
    "CVE-2025-1550, any module": function("os", "system"),
    "CVE-2025-1550, builtins": function("builtins", "exec"),
    "CVE-2025-8747, get_file": function("keras.utils", "get_file"),
    "CVE-2025-8747, inside": function("keras.src.utils.file_utils", "get_file"),
    "switching safe mode off": function("keras.config", "enable_unsafe_deserialization"),
    "the same as a class": part("keras.config", "enable_unsafe_deserialization"),
    "CVE-2025-9906, no module": {"class_name": "function", "config": "exec"},
    "CVE-2025-49655, TorchModuleWrapper": part("keras.layers", "TorchModuleWrapper", module="a"),
    "under its inner name": part("keras.src.utils.torch_utils", "TorchModuleWrapper", module="a"),
    "CVE-2025-12058, StringLookup": part("keras.layers", "StringLookup", vocabulary="/etc/passwd"),
    "IntegerLookup": part("keras.layers", "IntegerLookup", vocabulary="file:///etc/passwd"),
    "TextVectorization": part("keras.layers", "TextVectorization", vocabulary="/etc/passwd"),
    "IndexLookup": part("keras.src.layers.preprocessing.index_lookup", "IndexLookup"),
    "TFSMLayer": part("keras.layers", "TFSMLayer", filepath="/tmp"),
    "JaxLayer": part("keras.layers", "JaxLayer", call_fn="a"),
    "FlaxLayer": part("keras.layers", "FlaxLayer", module="a"),
    "FeatureSpace": part("keras.utils", "FeatureSpace"),
    "a typespec": {"class_name": "__typespec__", "config": [], "spec_name": "a"} | {"module": "os"},
    "a text of 4 GB": part(None, "__numpy__", value=["a"], dtype="S4000000000"),
    "an array of objects": part(None, "__numpy__", value=["a"], dtype="object"),
    "another's": part("mine", "Own") | {"registered_name": "mine>Own"},
    "registered as Keras'": part("keras.layers", "Dense") | {"registered_name": "mine>Own"},
    "a module's deserialize": function("keras.activations", "deserialize"),
    "no name": part("keras.layers", "") | {"class_name": ["Dense"]},
    "an operation that calls": part("keras.src.ops.core", "Map") | {"module": "os.path"},
    "a path as module": part("keras.layers/../os", "system"),
    "a module inside of layers": part("keras.layers.core.lambda_layer", "Lambda"),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("code", CODE)
def test_what_does_more_than_compute(tmp_path: Path, code: str, place: str) -> None:
    path = configured(tmp_path / "net.keras", lambda config: PLACES[place](config, CODE[code]))
    refused(path, r"which is |which reads|which runs|which calls|has no name")


def test_a_layer_that_reads_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("password\nhunter2\n")
    evil = part("keras.layers", "StringLookup", vocabulary=str(secret))
    path = configured(tmp_path / "net.keras", lambda found: PLACES["layer"](found, evil))
    refused(path, "has 'StringLookup', which reads a file that the model names")


def test_code_that_works_where_safe_mode_is_off(tmp_path: Path, mark: Path) -> None:
    """And for the process as a whole: cilens has its own switch, which nobody turns."""
    code = f"(__import__('pathlib').Path({str(mark)!r}).touch(), images)[1]"
    path = tmp_path / "net.keras"
    save(path, L.Lambda(eval(f"lambda images: {code}"), output_shape=(8, 8, 3)))
    mark.unlink(missing_ok=True)
    keras.config.enable_unsafe_deserialization()
    try:
        keras.saving.load_model(path, compile=False)(np.zeros((1, 8, 8, 3)))
        assert mark.exists()
        mark.unlink()
        refused(path, "has 'Lambda', which is Python code")
    finally:
        keras.src.saving.serialization_lib.global_state.set_global_attribute(
            "safe_mode_saving", None
        )
    assert not mark.exists()


def test_the_deepest_of_configs(tmp_path: Path) -> None:
    path = save(tmp_path / "net.keras")
    deep = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    refused(rewrite(path, lambda name, data: deep if name == "config.json" else data), "damaged")


# ---- archives


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("../mark", "which is no plain name"),
        ("assets/../../mark", "which is no plain name"),
        ("/mark", "which is no plain name"),
        ("assets/vocabulary.txt", "is no part of a network of images"),
        ("model.weights.npz", "is no part of a network of images"),
    ],
)
def test_entries_beside_the_network(tmp_path: Path, name: str, message: str) -> None:
    path = rewrite(save(tmp_path / "net.keras"), lambda _, data: data, **{name: b"a"})
    refused(path, message)


def test_weights_that_are_a_pickle(tmp_path: Path) -> None:
    path = save(tmp_path / "net.keras")
    with zipfile.ZipFile(path) as file:
        config = file.read("config.json")
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("config.json", config)
        file.writestr("model.weights.npz", b"a")
    refused(path, r"it lacks model\.weights\.h5")


def test_entries_that_unpack_to_more(tmp_path: Path) -> None:
    path = save(tmp_path / "net.keras")
    with zipfile.ZipFile(path) as file:
        entries = {name: file.read(name) for name in file.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in entries.items():
            more = bytes(100 * 2**20) if name == "config.json" else b""
            file.writestr(name, data + more.replace(b"\0", b" "))
    refused(path, r"declares 104,\d{3},\d{3} bytes in a file of .*; at most .* and 64 MiB")


# ---- weights


def reweighted(path: Path, change: Callable[[h5py.File], object]) -> Path:
    def changed(name: str, data: bytes) -> bytes:
        if name == "model.weights.h5":
            content = io.BytesIO(data)
            with h5py.File(content, "a") as file:
                change(file)
            return content.getvalue()
        return data

    return rewrite(save(path), changed)


def external(file: h5py.File) -> None:
    file["layers/other"] = h5py.ExternalLink("/etc/passwd", "/")


def soft(file: h5py.File) -> None:
    file["layers/other"] = h5py.SoftLink("/layers")


def loop(file: h5py.File) -> None:
    file["layers/other"] = file["layers"]


def raw(file: h5py.File) -> None:
    file.create_dataset("a", (10,), "uint8", external=[("/etc/passwd", 0, 10)])


def virtual(file: h5py.File) -> None:
    layout = h5py.VirtualLayout((10,), "uint8")
    layout[:] = h5py.VirtualSource("/etc/passwd", "a", (10,))
    file.create_virtual_dataset("a", layout)


def hollow(file: h5py.File) -> None:
    file.create_dataset("a", (10**5, 10**5), "float32", chunks=(100, 100))


def packed(file: h5py.File) -> None:
    file.create_dataset("a", data=np.zeros((5000, 5000), np.float32), compression="gzip")


def texts(file: h5py.File) -> None:
    file.create_dataset("a", data=["a", "b"], dtype=h5py.string_dtype())


def references(file: h5py.File) -> None:
    file.create_dataset("a", (2,), h5py.ref_dtype)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (external, r"lead elsewhere \('/layers/?other', ExternalLink\)"),
        (soft, r"lead elsewhere \('/layers/?other', SoftLink\)"),
        (loop, "lead elsewhere .*, a second link to one place"),
        (raw, "lead elsewhere .*, a virtual or external array"),
        (virtual, "lead elsewhere .*, a virtual or external array"),
        (hollow, r"declares weights of 40,000,\d{3},\d{3} bytes in .* at most .* are read"),
        (packed, r"declares weights of 100,\d{3},\d{3} bytes in .* at most .* are read"),
        (texts, "are no array of numbers"),
        (references, "are no array of numbers"),
    ],
)
def test_weights_that_are_elsewhere_or_nowhere(
    tmp_path: Path, change: Callable, message: str
) -> None:
    refused(reweighted(tmp_path / "net.keras", change), message)


def test_a_model_of_more_weights_than_its_file(tmp_path: Path) -> None:
    """Keras makes all of them, by chance, before it reads any: 3 TB of them here."""
    path = configured(tmp_path / "net.keras", lambda config: layer(config).update(units=4 * 10**9))
    refused(path, r"is of a model with 3,08\d,\d{3},\d{3},\d{3} bytes of weights, and holds")


def test_damaged_bytes_are_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "net.keras")
    whole = path.read_bytes()
    chance = np.random.default_rng(0)
    for share in np.linspace(0, 0.99, 10):
        path.write_bytes(whole[: int(share * len(whole))])
        with pytest.raises(CilensError):
            cilens.load_model(path, preprocess=P)
    for _ in range(20):
        data = bytearray(whole)
        for place in chance.integers(0, len(data), 5):
            data[place] = chance.integers(256)
        path.write_bytes(data)
        with contextlib.suppress(CilensError):
            cilens.load_model(path, preprocess=P)


# ---- what is everybody's still loads


def test_layers_of_all_kinds(tmp_path: Path) -> None:
    images = keras.Input((8, 8, 3))
    x = L.Conv2D(4, 3, kernel_regularizer="l2", kernel_constraint="max_norm")(images)
    x = keras.ops.cast(L.BatchNormalization()(x) * 2 + 1, "float32")[:, 1:]
    x = L.Activation(keras.activations.gelu)(keras.ops.relu(x))
    base = keras.Sequential([keras.Input((5, 6, 4)), L.Flatten(), L.Dense(4)])
    x = L.Dense(3, activation="softmax", dtype="mixed_float16")(base(x))
    path = tmp_path / "net.keras"
    model = keras.Model(images, x)
    model.compile(keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(0.1, 10)), "mse")
    model.save(path)
    scores = cilens.load_model(path, preprocess=P)(np.ones((2, 8, 8, 3), np.float32))
    np.testing.assert_allclose(scores.sum(axis=1), 1, atol=1e-2)
    assert "imported_by_attack" not in sys.modules


def test_a_loss_of_ones_own_does_not_matter(tmp_path: Path) -> None:
    path = configured(
        tmp_path / "net.keras",
        lambda config: config.update(compile_config={"loss": function("mine", "loss")}),
    )
    assert cilens.load_model(path, preprocess=P).path == str(path)
