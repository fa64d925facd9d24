"""The network of conftest in Keras, and what it takes."""

from __future__ import annotations

import numpy as np

from cilens.models.keras.backend import keras_backend
from cilens.models.preprocess.record import Preprocess

with keras_backend():
    import keras

P = Preprocess((8, 8), layout="NHWC", scale=2, mean=(0.1, 0.2, 0.3), std=(1, 2, 3))
PLAIN = Preprocess((8, 8), layout="NHWC")


def images(rows: int, channels: int = 3) -> np.ndarray:
    return np.random.default_rng(rows).random((rows, 8, 8, channels), dtype=np.float32)


def network(weights, *before, ending: str | None = None, batch: int | None = None) -> keras.Model:
    """Return convolution, mean and linear layer with known weights; dropout is for training."""
    model = keras.Sequential(
        [
            keras.Input((8, 8, weights.kernel.shape[1]), batch_size=batch, name="picture"),
            *before,
            keras.layers.Conv2D(5, 3, activation="relu", use_bias=False, name="convolution"),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(len(weights.bias), activation=ending, name="linear"),
        ],
        name="net",
    )
    model.get_layer("convolution").set_weights([weights.kernel.transpose(2, 3, 1, 0)])
    model.get_layer("linear").set_weights([weights.linear, weights.bias])
    return model


def means(wrap) -> keras.Model:
    """Return whatever a function makes of the mean colours."""
    picture = keras.Input((8, 8, 3), name="picture")
    return keras.Model(picture, wrap(keras.layers.GlobalAveragePooling2D(name="mean")(picture)))
