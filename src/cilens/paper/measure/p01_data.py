"""P1 and P2: the data and the network, as they are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Integer

from cilens.datasets.mnist import DigitLabels, Digits, class_counts
from cilens.paper.onnx_file import Network
from cilens.paper.verdicts import Found, Measured, average, missing

TEST_COUNTS = (980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009)
"""Test images of each digit, 0 to 9."""

TRAIN_COUNTS = (5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949)
"""Training images of each digit."""

LAYERS = (
    ("Conv", (8, 1, 3, 3)),
    ("Relu", ()),
    ("MaxPool", (2, 2)),
    ("Conv", (16, 8, 3, 3)),
    ("Relu", ()),
    ("MaxPool", (2, 2)),
    ("Conv", (32, 16, 3, 3)),
    ("Relu", ()),
    ("Gemm", (10, 1568)),
    ("Softmax", ()),
)
"""The network of the paper's code: kinds of layer with the shape of their weights or window.
Normalisation has been folded into the convolutions; the text has a third MaxPool."""


def data(
    test: tuple[Digits, DigitLabels], train: tuple[Digits, DigitLabels] | None = None
) -> Found:
    """Compare MNIST with what is known of it.

    Parameters
    ----------
    test, train : (images, labels)
        The splits, raw.

    Returns
    -------
    dict of str to Measured
    """
    return {
        "shape": Measured(float(_wrong_sizes(*test, 10_000)), len(test[0])),
        "counts": Measured(float(_wrong_counts(test[1], TEST_COUNTS)), len(test[0])),
        "train": missing("the training split does not ship: name its directory with --data")
        if train is None
        else Measured(
            float(_wrong_sizes(*train, 60_000) + _wrong_counts(train[1], TRAIN_COUNTS)),
            len(train[0]),
        ),
    }


def network(
    scores: Float[np.ndarray, "images classes"],
    labels: Integer[np.ndarray, " images"],
    layers: Network | None,
    card: Mapping[str, Any] | None,
) -> Found:
    """Compare a network with the paper's.

    Parameters
    ----------
    scores : (images, classes) float array
        For the whole test split.
    labels : (images,) int array
        The digits shown.
    layers : Network or None
        As read from its file, where that can be read.
    card : mapping or None
        The model card beside the file, where there is one.

    Returns
    -------
    dict of str to Measured
    """
    epochs = (card or {}).get("settings", {}).get("epochs")
    return {
        "layers": missing("layers are read from ONNX files only")
        if layers is None
        else Measured(float(wrong_layers(layers))),
        "accuracy": average(scores.argmax(axis=1) == labels, len(scores)),
        "epochs": missing("no model card beside the network's file says how it was trained")
        if epochs is None
        else Measured(float(epochs), note="as the model card states; not trained anew here"),
    }


def wrong_layers(layers: Network) -> int:
    """Count the places where a network's layers are not those of the paper's code.

    Examples
    --------
    >>> wrong_layers(Network((), {})) == len(LAYERS)
    True
    """
    found = [_described(layers, at) for at in range(len(layers.layers))]
    shown = [layer for layer in found if layer[0] not in ("Sub", "Flatten")]
    pairs = zip(shown, LAYERS, strict=False)
    return sum(one != other for one, other in pairs) + abs(len(shown) - len(LAYERS))


def read_card(path: Path) -> Mapping[str, Any] | None:
    """Read the model card beside a network's file, if there is one that can be read.

    Examples
    --------
    >>> read_card(Path("nowhere.onnx"))
    """
    try:
        card = json.loads(path.with_suffix(".json").read_bytes())
    except (OSError, ValueError):
        return None
    return card if isinstance(card, dict) else None


def _described(layers: Network, at: int) -> tuple[str, tuple[int, ...]]:
    layer = layers.layers[at]
    weight = layers.weight(layer)
    if layer.kind == "MaxPool":
        return layer.kind, layer.numbers.get("kernel_shape", ())
    return layer.kind, () if weight is None else weight.shape


def _wrong_sizes(images: Digits, labels: DigitLabels, count: int) -> int:
    return (
        (images.shape != (count, 28, 28))
        + (labels.shape != (count,))
        + (images.dtype != np.uint8)
        + (labels.dtype != np.uint8)
    )


def _wrong_counts(labels: DigitLabels, counts: tuple[int, ...]) -> int:
    return int((class_counts(labels) != np.array(counts)).sum())
