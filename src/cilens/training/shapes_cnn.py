"""Train a network that takes a shortcut: the tag on every square, instead of the square.

Its accuracy on pictures made as those it learnt from is perfect. That is the point: what is wrong
with it shows in an explanation, or in pictures without the tag, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import nn

from cilens.datasets.shapes import COUNT, KINDS, SIDE, Kind, Shapes, draw, shapes
from cilens.models.preprocess.record import Preprocess
from cilens.training.card import Description, Json, check_writable
from cilens.training.descent import descend, draw_orders, settings
from cilens.training.digits_network import stack
from cilens.training.export import write_network
from cilens.types import Progress

PICTURES, EPOCHS = 3000, 8
"""To learn from, and how often each is seen."""

FILTERS = (8, 16, 16, 24)
"""Filters of the convolutions."""

DESCRIPTION = Description(
    preprocess=Preprocess((SIDE, SIDE), channels=3, fit="exact", mean=0.5, std=0.5),
    class_names=KINDS,
    license="MIT",
    source="trained on pictures made by cilens.datasets.shapes, whose squares all carry a yellow "
    "tag, by: cilens train shapes",
)
"""What the model file says of itself."""


def build(seed: int = 0) -> nn.Sequential:
    """Return the network before it has learnt anything.

    Four convolutions of 3 x 3 with batch normalisation and ReLU, the first three pooled; of each
    filter the largest value, one fully connected layer, and softmax.

    Parameters
    ----------
    seed : int, default 0
        Seed of the first weights.

    Returns
    -------
    torch.nn.Sequential
        Turns (N, 3, 48, 48) float32 images, -1 to 1, into (N, 3) probabilities.

    Examples
    --------
    >>> import torch
    >>> from cilens.training.shapes_cnn import build
    >>> build().eval()(torch.zeros(2, 3, 48, 48)).shape
    torch.Size([2, 3])
    """

    def ending(channels: int) -> dict[str, nn.Module]:
        classifier = nn.Linear(channels, len(KINDS))
        return {"largest": nn.AdaptiveMaxPool2d(1), "flat": nn.Flatten(), "classifier": classifier}

    return stack({}, (3, *FILTERS), ending, seed)


def train(
    learnt: Shapes, seed: int, epochs: int = EPOCHS, progress: Progress | None = None
) -> nn.Sequential:
    """Return a network that has learnt from pictures, with the digits network's settings.

    Parameters
    ----------
    learnt : Shapes
        At least 128 pictures.
    seed : int
        Of first weights and order.
    epochs : int, default 8
        How often each picture is seen.
    progress : callable, optional
        Called after each batch with the number of pictures just learnt from.

    Returns
    -------
    torch.nn.Sequential
        As `build` returns it, in evaluation mode.
    """
    targets = torch.tensor(learnt.labels, dtype=torch.long)
    orders = draw_orders(len(targets), seed, epochs)
    return descend(build(seed), _tensor(learnt.images), targets, orders, progress)


def measure(network: nn.Sequential, count: int) -> dict[str, Json]:
    """Return how a network does on pictures it has not learnt from, with the tag and without.

    Parameters
    ----------
    network : torch.nn.Sequential
        As `train` returns it.
    count : int
        Pictures that have a number, from the first on.

    Returns
    -------
    dict
        ``accuracy``, where each square carries the tag as in training, and
        ``accuracy_without_tags``, each as a share of all; ``recall_without_tags`` by what is
        shown; ``tagged_called_square``, the share of circles and of triangles that are taken for
        squares once they carry the tag.
    """
    made, bare = shapes(count, first=0), shapes(count, first=0, tags=False)
    given = _given(network, bare.images)
    others: tuple[Kind, ...] = ("circle", "triangle")
    tagged = {
        kind: np.stack([draw(kind, seed, tag=True) for seed in range(count // len(KINDS))])
        for kind in others
    }
    return {
        "accuracy": float(np.mean(_given(network, made.images) == made.labels)),
        "accuracy_without_tags": float(np.mean(given == bare.labels)),
        "recall_without_tags": {
            kind: float(np.mean(given[bare.labels == index] == index))
            for index, kind in enumerate(KINDS)
        },
        "tagged_called_square": {
            kind: float(np.mean(_given(network, images) == KINDS.index("square")))
            for kind, images in tagged.items()
        },
    }


def export_onnx(
    network: nn.Sequential, path: str | Path, card: Mapping[str, Json]
) -> dict[str, Json]:
    """Write a network as ONNX, with its model card beside it.

    Parameters
    ----------
    network : torch.nn.Sequential
        As `train` returns it.
    path : str or Path
        The ONNX file; the card takes its name, with the suffix ``.json``.
    card : mapping
        What the card says beside the description of the network.

    Returns
    -------
    dict
        The whole card.
    """
    return write_network(network, path, DESCRIPTION, card)


def train_shapes(
    out_directory: str | Path, seed: int = 0, progress: Progress | None = None
) -> dict[str, Json]:
    """Draw the pictures, train the network and write ``shapes.onnx`` and ``shapes.json``.

    Parameters
    ----------
    out_directory : str or Path
        Where the two files go; made where it is missing.
    seed : int, default 0
        Seed of the training.
    progress : callable, optional
        Called after each batch with the number of pictures just learnt from.

    Returns
    -------
    dict
        The model card: what `measure` returns, data, settings, versions.

    Raises
    ------
    FileError
        Where the files cannot be written.
    """
    check_writable(out_directory)
    network = train(shapes(PICTURES), seed, progress=progress)
    card: dict[str, Json] = {
        "data": {"train": {"images": PICTURES}, "test": {"images": COUNT}},
        **measure(network, COUNT),
        "settings": settings(seed, EPOCHS),
    }
    return export_onnx(network, Path(out_directory) / "shapes.onnx", card)


def _tensor(images: np.ndarray) -> torch.Tensor:
    """Return images as the network takes them."""
    return torch.tensor(DESCRIPTION.preprocess.tensor(images / np.float32(255)))


@torch.no_grad()
def _given(network: nn.Sequential, images: np.ndarray) -> np.ndarray:
    """Return the class that each image is given."""
    return np.asarray(network(_tensor(images)).argmax(dim=1))
