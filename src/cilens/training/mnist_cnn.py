"""Train the paper's network on MNIST, test it, and write it as ONNX with its model card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Int64
from torch import nn

from cilens.datasets.mnist import CLASSES, DigitLabels, Digits, class_counts, load_mnist
from cilens.models.preprocess.record import Preprocess
from cilens.training.card import Description, Json, check_writable
from cilens.training.descent import EPOCHS, settings, train
from cilens.training.digits_network import SIDE
from cilens.training.export import write_network
from cilens.types import Progress

DESCRIPTION = Description(
    preprocess=Preprocess((SIDE, SIDE), channels=1, fit="exact", scale=255.0),
    class_names=tuple(str(digit) for digit in range(CLASSES)),
    license="MIT",
    source="the network of https://doi.org/10.1007/978-3-030-82017-6_6, trained on MNIST "
    "(Y. LeCun and C. Cortes, CC BY-SA 3.0) by: cilens train digits",
)
"""What the model file says of itself."""

_ROWS = 1000  # images asked about at once


@dataclass(frozen=True)
class Evaluation:
    """How a network did on images whose digits are known.

    Attributes
    ----------
    accuracy : float
        The share of images given their own digit, 0 to 1.
    confusion : (10, 10) int64 array
        How many images of each digit (row) were given each digit (column).
    """

    accuracy: float
    confusion: Int64[np.ndarray, "10 10"]


def evaluate(network: nn.Sequential, images: Digits, labels: DigitLabels) -> Evaluation:
    """Return how well a network knows digits.

    Parameters
    ----------
    network : torch.nn.Sequential
        As `build`, `train` or `from_matlab` returns it; put into evaluation mode.
    images : (N, 28, 28) uint8 array
        What it is asked about.
    labels : (N,) uint8 array
        What they show, 0 to 9.

    Returns
    -------
    Evaluation
        Accuracy and confusion matrix.
    """
    network.eval()
    with torch.no_grad():
        batches = torch.split(torch.tensor(images).unsqueeze(1), _ROWS)
        given = torch.cat([network(batch.float()).argmax(dim=1) for batch in batches]).numpy()
    confusion = np.zeros((CLASSES, CLASSES), np.int64)
    np.add.at(confusion, (labels, given), 1)
    return Evaluation(float(np.mean(given == labels)), confusion)


def export_onnx(
    network: nn.Sequential, path: str | Path, card: Mapping[str, Json]
) -> dict[str, Json]:
    """Write a network as ONNX, with its model card beside it.

    The file reads (N, 1, 28, 28) float32 images, 0 to 255, and gives (N, 10) probabilities.

    Parameters
    ----------
    network : torch.nn.Sequential
        As `train` or `from_matlab` returns it.
    path : str or Path
        The ONNX file; the card takes its name, with the suffix ``.json``.
    card : mapping
        What the card says beside the description of the network.

    Returns
    -------
    dict
        The whole card.

    Raises
    ------
    FileError
        Where the files cannot be written.
    """
    return write_network(network, path, DESCRIPTION, card)


def train_digits(
    data_directory: str | Path,
    out_directory: str | Path,
    seed: int = 0,
    progress: Progress | None = None,
) -> dict[str, Json]:
    """Train the digits network on MNIST and write ``digits.onnx`` and ``digits.json``.

    Parameters
    ----------
    data_directory : str or Path
        Where the four IDX files of MNIST are, packed with gzip or not.
    out_directory : str or Path
        Where the two files go; made where it is missing.
    seed : int, default 0
        Seed of the training.
    progress : callable, optional
        Called after each batch with the number of images just learnt from; `rows_to_learn` tells
        how many there will be.

    Returns
    -------
    dict
        The model card: data, accuracy on the test split, confusion matrix, settings, versions.

    Raises
    ------
    FileError
        Where MNIST is missing or damaged, or the files cannot be written.
    """
    check_writable(out_directory)
    train_images, train_labels = load_mnist("train", data_directory)
    test_images, test_labels = load_mnist("test", data_directory)
    network = train(train_images, train_labels, seed, progress=progress)
    result = evaluate(network, test_images, test_labels)
    card: dict[str, Json] = {
        "data": {
            "train": {"images": len(train_images), "counts": class_counts(train_labels).tolist()},
            "test": {"images": len(test_images), "counts": class_counts(test_labels).tolist()},
        },
        "accuracy": result.accuracy,
        "confusion_matrix": result.confusion.tolist(),
        "settings": settings(seed, EPOCHS),
    }
    return export_onnx(network, Path(out_directory) / "digits.onnx", card)
