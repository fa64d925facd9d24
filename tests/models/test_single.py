"""Networks that take one image at a time, though their files say any number, are asked so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import cilens
import tiny_onnx
from cilens.errors import CilensWarning
from keras_networks import keras

P = cilens.Preprocess((8, 8))
WEIGHTS = tiny_onnx.WEIGHTS
IMAGE = np.random.default_rng(1).random((8, 8, 3)).astype(np.float32)
METHOD = cilens.ContextualImportance(cilens.Grid(2, 2))


class Baked(torch.nn.Module):
    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return torch.softmax(images.reshape(1, 192) @ torch.from_numpy(WEIGHTS), dim=1)


def keras_baked() -> keras.Model:
    inside = keras.Input((8, 8, 3))
    flat = keras.ops.reshape(keras.ops.transpose(inside, (0, 3, 1, 2)), (1, 192))
    dense = keras.layers.Dense(3, activation="softmax", use_bias=False)
    model = keras.Model(inside, dense(flat))
    dense.set_weights([WEIGHTS])
    return model


def made(kind: str, folder: Path):
    if kind == "onnx":
        return cilens.load_model(tiny_onnx.write_baked(folder / "net.onnx"), preprocess=P)
    if kind == "keras":
        return cilens.KerasModel(keras_baked(), cilens.Preprocess((8, 8), layout="NHWC"))
    return cilens.TorchModel(Baked().eval(), P)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras' own
@pytest.mark.parametrize("kind", ["onnx", "torch", "keras"])
def test_it_is_asked_one_by_one_and_explained_as_its_function(kind: str, tmp_path: Path) -> None:
    def row_by_row(images: np.ndarray) -> np.ndarray:
        logits = images.transpose(0, 3, 1, 2).reshape(len(images), 192) @ WEIGHTS
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    with pytest.warns(CilensWarning, match="asked about one image at a time"):
        found = METHOD(made(kind, tmp_path), IMAGE)
    np.testing.assert_allclose(found.influence, METHOD(row_by_row, IMAGE).influence, atol=1e-5)
