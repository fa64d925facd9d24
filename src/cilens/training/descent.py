"""Stochastic gradient descent with the paper's settings, the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from cilens.datasets.mnist import DigitLabels, Digits
from cilens.errors import InputError
from cilens.training.card import Json
from cilens.training.digits_network import MeanImage, build
from cilens.training.export import layer
from cilens.types import Progress

LEARNING_RATE, MOMENTUM, L2, BATCH, EPOCHS = 0.01, 0.9, 1e-4, 128, 4
"""The paper's settings."""

_ROWS = 1000  # images in a batch when nothing is learnt


def train(
    images: Digits,
    labels: DigitLabels,
    seed: int,
    epochs: int = EPOCHS,
    progress: Progress | None = None,
) -> nn.Sequential:
    """Return the paper's network, trained with the paper's settings.

    Stochastic gradient descent, learning rate 0.01, momentum 0.9, L2 1e-4 on everything but the
    biases of convolutions and of the last layer, batches of 128 in an order drawn anew for each
    epoch, what does not fill a batch left out. Batch normalisation ends with the statistics of
    all training images instead of a running average, as the released weights do.

    Parameters
    ----------
    images : (N, 28, 28) uint8 array
        At least 128 of them.
    labels : (N,) uint8 array
        The digits, 0 to 9.
    seed : int
        Of first weights and order. The same seed gives the same weights, bit for bit, on the
        same machine with the same number of threads.
    epochs : int, default 4
        How often each image is seen.
    progress : callable, optional
        Called after each batch with the number of images just learnt from; `rows_to_learn` tells
        how many there will be.

    Returns
    -------
    torch.nn.Sequential
        As `build` returns it, in evaluation mode.

    Raises
    ------
    InputError
        Where images and labels do not match, or do not fill a batch.

    Examples
    --------
    >>> import torch
    >>> from cilens.datasets.mnist import load_mnist
    >>> from cilens.training.descent import train
    >>> images, labels = load_mnist("test")
    >>> network = train(images[:1280], labels[:1280], seed=0, epochs=1)
    >>> scores = network(torch.tensor(images[-500:, None]).float())
    >>> bool((scores.argmax(dim=1).numpy() == labels[-500:]).mean() > 0.5)
    True
    """
    if len(images) < BATCH or len(images) != len(labels):
        raise InputError(
            f"training needs at least {BATCH} images and as many labels; "
            f"got {len(images)} images and {len(labels)} labels"
        )
    network = build(seed)
    layer(network, "mean", MeanImage).image.copy_(torch.tensor(images.mean(axis=0)))
    data = torch.tensor(images).unsqueeze(1)
    orders = draw_orders(len(data), seed, epochs)
    return descend(network, data, torch.tensor(labels, dtype=torch.long), orders, progress)


def descend(
    network: nn.Sequential,
    data: Tensor,
    targets: Tensor,
    orders: Sequence[Tensor],
    progress: Progress | None = None,
) -> nn.Sequential:
    """Teach a network with the paper's settings; see `train`.

    Parameters
    ----------
    network : torch.nn.Sequential
        Its last layer is the softmax, its normalisations are called ``norm`` and something. It
        is changed in place.
    data : (N, channels, height, width) tensor
        Images, as the network takes them.
    targets : (N,) int64 tensor
        Their classes.
    orders : sequence of (N,) int64 tensors
        In which each epoch sees them; see `draw_orders`.
    progress : callable, optional
        Called after each batch with the number of images just learnt from.

    Returns
    -------
    torch.nn.Sequential
        The network, in evaluation mode.
    """
    with _deterministic():
        _descend(network, data, targets, orders, progress)
        _settle(network, data)
    return network.eval()


def draw_orders(images: int, seed: int, epochs: int) -> list[Tensor]:
    """Return an order of the images for each epoch.

    Parameters
    ----------
    images : int
        How many there are.
    seed : int
        Seed of the orders.
    epochs : int
        How often each is seen.

    Returns
    -------
    list of (images,) int64 tensors
        Permutations.

    Examples
    --------
    >>> from cilens.training.descent import draw_orders
    >>> [sorted(order.tolist()) for order in draw_orders(3, seed=0, epochs=2)]
    [[0, 1, 2], [0, 1, 2]]
    """
    generator = torch.Generator().manual_seed(seed)
    return [torch.randperm(images, generator=generator) for _ in range(epochs)]


def rows_to_learn(images: int, epochs: int = EPOCHS) -> int:
    """Return how many images a training learns from, all epochs together.

    Parameters
    ----------
    images : int
        How many there are.
    epochs : int, default 4
        How often each is seen.

    Returns
    -------
    int
        What the calls of a training's `progress` add up to.

    Examples
    --------
    >>> from cilens.training.descent import rows_to_learn
    >>> rows_to_learn(60000)
    239616
    """
    return epochs * (images // BATCH * BATCH)


def settings(seed: int, epochs: int) -> dict[str, Json]:
    """Return what a model card says of a training."""
    return {
        "seed": seed,
        "epochs": epochs,
        "batch": BATCH,
        "learning_rate": LEARNING_RATE,
        "momentum": MOMENTUM,
        "l2": L2,
        "threads": torch.get_num_threads(),
    }


def _descend(
    network: nn.Sequential,
    data: Tensor,
    targets: Tensor,
    orders: Sequence[Tensor],
    progress: Progress | None,
) -> None:
    """Learn from the images in each of these orders, batch by batch."""
    logits = network[:-1].train()
    spared = [p for name, p in network.named_parameters() if _is_spared(name)]
    others = [p for name, p in network.named_parameters() if not _is_spared(name)]
    groups: list[dict[str, object]] = [{"params": others, "weight_decay": L2}, {"params": spared}]
    optimiser = torch.optim.SGD(groups, lr=LEARNING_RATE, momentum=MOMENTUM)
    whole = rows_to_learn(len(data), epochs=1)
    for order in orders:
        for start in range(0, whole, BATCH):
            rows = order[start : start + BATCH]
            optimiser.zero_grad()
            torch.autograd.backward(cross_entropy(logits(data[rows].float()), targets[rows]))
            optimiser.step()
            if progress is not None:
                progress(len(rows))


def _is_spared(name: str) -> bool:
    """Return whether L2 spares the parameter: as in MATLAB, it does not spare a norm's offset."""
    return name.endswith(".bias") and not name.startswith("norm")


@torch.no_grad()
def _settle(network: nn.Sequential, data: Tensor) -> None:
    """Give each normalisation the mean and variance of all images, those before it settled."""
    network.eval()
    for index, norm in enumerate(network):
        if not isinstance(norm, nn.BatchNorm2d):
            continue
        before = network[:index]
        total = square = torch.zeros(norm.num_features, dtype=torch.float64)
        count = 0
        for rows in torch.split(data, _ROWS):
            values = before(rows.float()).double()
            total = total + values.sum(dim=(0, 2, 3))
            square = square + values.square().sum(dim=(0, 2, 3))
            count += values.numel() // norm.num_features
        mean = total / count
        norm.running_mean = mean.float()
        norm.running_var = (square / count - mean.square()).float()


@contextmanager
def _deterministic() -> Iterator[None]:
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before)
